"""Runs that are cut off at every step and go on: whatever happens, the bytes are those of a run in peace.

`Killed` stands in for SIGKILL: what has been written stays as it is. Real signals are in
test_kill_and_resume.py.
"""

import errno
import gzip
import json
import os
import pathlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy_inputs import CountingNetwork, Outcome, Run, ToyGenome, assert_refused, vcf

from vep_cli import pipeline
from vep_cli.journal import journal, outputs
from vep_cli.model.output_type import OutputType
from vep_cli.writers import output_file

ATAC = ("--modality", "ATAC", "--quiet")
RECORDS = (
    "chr2 3000 . C A,<DEL>,G 50 PASS DP=3",
    "chr2 3001 . C CGG",
    "chr2 3002 . A T",
    "chr2 x . C A",
    "chr9 5 . C A",
    "chr2 3100 . C G",
)
WRITES = 1 + len(RECORDS)
"""The journal is begun, and grows with each record."""


class Killed(BaseException):
    """The end of the process."""


@pytest.fixture
def source(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "in.vcf"
    path.write_text(vcf(*RECORDS))
    return path


@pytest.fixture
def score(score_toy: Run, source: pathlib.Path, counting_network: None) -> Callable[..., Outcome]:
    """Score the records above to a file."""

    def call(path: pathlib.Path, *options: str) -> Outcome:
        return score_toy(source, "-o", path, *ATAC, *options)

    return call


def folder_of(path: pathlib.Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in path.parent.iterdir()}


@pytest.fixture
def places(tmp_path: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """A folder for a run in peace, and one for a run that is cut off."""
    folders = tmp_path / "peace", tmp_path / "cut"
    for folder in folders:
        folder.mkdir()
    return folders


def assert_killed(score: Callable[..., Outcome], path: pathlib.Path) -> None:
    with pytest.raises(Killed):
        score(path)


def fail_at(number: int, failure: BaseException, part: float) -> Callable[[int, memoryview], int]:
    """Return a function that writes, but for the call of that number, which writes a part and fails."""
    calls = iter(range(1 << 30))

    def write(file: int, data: memoryview) -> int:
        if next(calls) < number:
            return os.write(file, data)
        os.write(file, data[: int(part * len(data))])
        raise failure

    return write


@pytest.mark.parametrize("name", ["out.vcf", "out.tsv.gz", "out.parquet"])
def test_killed_after_every_write(
    score: Callable[..., Outcome],
    places: tuple[pathlib.Path, pathlib.Path],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    whole, cut = (folder / name for folder in places)
    assert score(whole).status == 0
    for number in range(WRITES):
        for part in (0.5, 1.0):
            with monkeypatch.context() as patch:
                patch.setattr(journal, "write_bytes", fail_at(number, Killed(), part))
                assert_killed(score, cut)
            assert not cut.exists()
            done = score(cut, "--resume")
            assert (done.status, done.stdout) == (0, "")
            assert folder_of(cut) == folder_of(whole)
            cut.unlink()


@pytest.mark.parametrize(
    ("module", "step"),
    [
        (output_file, "OutputFile.write"),
        (output_file, "rename_durably"),
        (pipeline, "index_output"),
        (journal, "Journal.remove"),
    ],
)
@pytest.mark.parametrize("is_done", [False, True])
def test_killed_while_the_file_is_made(
    score: Callable[..., Outcome],
    places: tuple[pathlib.Path, pathlib.Path],
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    step: str,
    is_done: bool,
) -> None:
    whole, cut = (folder / "out.vcf.gz" for folder in places)
    assert score(whole).status == 0
    owner = module
    *outer, name = step.split(".")
    for part in outer:
        owner = getattr(owner, part)
    original = getattr(owner, name)

    def killed(*arguments: object, **named: object) -> None:
        if is_done:
            original(*arguments, **named)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killed)
        assert_killed(score, cut)
    # A part of an output, as SIGKILL leaves it, is in nobody's way.
    (cut.parent / ".out.vcf.gz.part").write_bytes(b"part")
    network = pipeline.Predictor
    monkeypatch.setattr(pipeline, "Predictor", None)  # not needed: every record is done
    if (step, is_done) == ("Journal.remove", True):
        monkeypatch.setattr(pipeline, "Predictor", network)
    assert score(cut, "--resume").status == 0
    assert folder_of(cut) == folder_of(whole)


@given(data=st.data())
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_the_disk_has_lost(
    score: Callable[..., Outcome], places: tuple[pathlib.Path, pathlib.Path], data: st.DataObject
) -> None:
    whole, cut = (folder / "out.vcf" for folder in places)
    kept = places[0] / "kept"
    if not kept.exists():
        assert score(whole).status == 0
        kept.write_bytes(full_journal(score, cut))
    content = bytearray(kept.read_bytes())
    size = data.draw(st.integers(0, len(content)))
    end = data.draw(st.sampled_from([b"", b"\0" * 64, b"\xff" * 64]))
    outputs.journal_path(str(cut)).write_bytes(content[:size] + end)
    if size < len(journal.MAGIC) and end:
        assert score(cut, "--resume").status == 2  # it does not begin as a journal
        return
    assert score(cut, "--resume").status == 0
    assert cut.read_bytes() == whole.read_bytes()


def full_journal(score: Callable[..., Outcome], path: pathlib.Path) -> bytes:
    """Return the journal of a run that was killed when every record was in it."""

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outputs, "OutputFile", killed)
        assert_killed(score, path)
    return outputs.journal_path(str(path)).read_bytes()


def test_what_is_not_finite_is_counted_by_the_run_that_goes_on(
    score: Callable[..., Outcome], tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.vcf"

    def without_a_number(network: CountingNetwork, output: OutputType, bases: str) -> np.ndarray:
        return np.full((len(bases) // output.resolution, 2), np.nan, np.float32)

    monkeypatch.setattr(CountingNetwork, "_head", without_a_number)
    full_journal(score, path)
    done = score(path, "--resume", "--stats", str(tmp_path / "counts.json"))
    assert done.status == 0
    assert path.read_text().count("VE_STATUS=NOT_FINITE") == 3
    assert json.loads((tmp_path / "counts.json").read_text())["statuses"]["NOT_FINITE"] == 4


@pytest.mark.parametrize("number", range(WRITES))
def test_full_disk(
    score: Callable[..., Outcome],
    places: tuple[pathlib.Path, pathlib.Path],
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    whole, cut = (folder / "out.tsv" for folder in places)
    assert score(whole).status == 0
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with monkeypatch.context() as patch:
        patch.setattr(journal, "write_bytes", fail_at(number, full, 0.3))
        done = score(cut)
    assert_refused(done, 1, f"{cut}.journal: cannot be written: No space left on device", "free disk space")
    kept = max(number - 1, 0)
    assert [entry.name for entry in cut.parent.iterdir()] == (["out.tsv.journal"] if kept else [])
    records = "1 record" if kept == 1 else f"{kept} records"
    message = f"{records} done, in {cut}.journal: the same command with --resume goes on behind them"
    assert (message in done.stderr) == bool(kept)
    assert score(cut, "--resume").status == 0
    assert folder_of(cut) == folder_of(whole)


def test_full_disk_while_the_file_is_made(
    score: Callable[..., Outcome],
    places: tuple[pathlib.Path, pathlib.Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, cut = (folder / "out.vcf" for folder in places)
    assert score(whole).status == 0

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(output_file, "rename_durably", full)
        assert_refused(score(cut), 1, f"{cut}: cannot be written: No space left on device")
    assert [entry.name for entry in cut.parent.iterdir()] == ["out.vcf.journal"]
    assert score(cut, "--resume").status == 0
    assert folder_of(cut) == folder_of(whole)


class TestRefusals:
    @pytest.fixture
    def unfinished(
        self, score: Callable[..., Outcome], places: tuple[pathlib.Path, pathlib.Path]
    ) -> pathlib.Path:
        path = places[1] / "out.vcf"
        full_journal(score, path)
        return path

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (["--window", "6144"], "window was 4096, and is 6144"),
            (["--tissue", "liver"], "tissues was none, and is liver"),
            (["--top", "2"], "top was none, and is 2"),
            (["--alleles", "as-written"], "alleles was normalized, and is as-written"),
            (["--shard", "1/2"], "shard was none, and is 1/2 of 6 records"),
        ],
    )
    def test_other_settings(
        self, score: Callable[..., Outcome], unfinished: pathlib.Path, options: list[str], words: str
    ) -> None:
        before = folder_of(unfinished)
        refused = score(unfinished, "--resume", *options)
        assert_refused(refused, 2, f"{unfinished}.journal: the journal is of another run: {words}")
        assert folder_of(unfinished) == before

    def test_other_genes(
        self,
        score: Callable[..., Outcome],
        unfinished: pathlib.Path,
        toy_genome: ToyGenome,
        tmp_path: pathlib.Path,
    ) -> None:
        genes = tmp_path / "other.gtf"
        genes.write_text(toy_genome.gtf.read_text().replace("PLUS", "MINUS"))
        assert_refused(score(unfinished, "--resume", "--gtf", genes), 2, "annotation was ")

    def test_other_input(
        self, score: Callable[..., Outcome], unfinished: pathlib.Path, source: pathlib.Path
    ) -> None:
        before = folder_of(unfinished)
        source.write_text(vcf(*RECORDS).replace("3002", "3003"))
        assert_refused(score(unfinished, "--resume"), 2, "record 3 differs, see line 8")
        source.write_text(vcf(*RECORDS[:4]))
        assert_refused(score(unfinished, "--resume"), 2, "record 5 differs, the input ends before it")
        source.write_text(vcf(*RECORDS).replace("Depth", "Width"))
        assert_refused(score(unfinished, "--resume"), 2, "input header was ")
        assert folder_of(unfinished) == before

    @pytest.mark.parametrize("output", ["-", "/dev/null"])
    def test_stream(self, score_toy: Run, source: pathlib.Path, output: str) -> None:
        assert_refused(score_toy(source, "-o", output, "--resume", *ATAC), 2, "--resume needs an output file")


def test_what_is_done_is_said_and_counted(
    score_toy: Run,
    source: pathlib.Path,
    counting_network: None,
    score: Callable[..., Outcome],
    tmp_path: pathlib.Path,
) -> None:
    path, options = tmp_path / "out.vcf", ("--modality", "ATAC")
    summary = score_toy(source, *options).stderr.splitlines()[-5:]
    assert summary[0] == "vep: 6 records, 8 ALT alleles: 4 scored"
    content = full_journal(score, path)
    done = score_toy(source, "-o", path, "--resume", *options)
    assert f"vep: going on behind 6 records, in {path}.journal" in done.stderr
    assert done.stderr.splitlines()[-5:] == summary
    assert "no contig" not in done.stderr
    assert "no records" not in done.stderr
    outputs.journal_path(str(path)).write_bytes(content)
    anew = score_toy(source, "-o", path, *options)
    assert (
        f"vep: warning: 6 records of an unfinished run thrown away ({path}.journal); --resume" in anew.stderr
    )
    assert anew.stderr.splitlines()[-5:] == summary


def test_without_a_journal_it_begins_at_the_beginning(
    score: Callable[..., Outcome], places: tuple[pathlib.Path, pathlib.Path]
) -> None:
    whole, other = (folder / "out.vcf" for folder in places)
    assert score(whole).status == 0
    assert score(other, "--resume").status == 0
    assert folder_of(whole) == folder_of(other)
    assert score(other, "--resume").status == 0
    assert folder_of(whole) == folder_of(other)


def test_records_from_a_pipe_are_resumed(
    score_toy: Run, counting_network: None, places: tuple[pathlib.Path, pathlib.Path]
) -> None:
    whole, cut = (folder / "out.vcf" for folder in places)
    text = vcf(*RECORDS).encode()

    def score(path: pathlib.Path, *options: str, stdin: bytes = text) -> Outcome:
        return score_toy("-", "-o", path, *ATAC, *options, stdin=stdin)

    assert score(whole).status == 0
    full_journal(score, cut)
    assert score(cut, "--resume", stdin=gzip.compress(text)).status == 0
    assert folder_of(whole) == folder_of(cut)


@pytest.mark.usefixtures("counting_network")
def test_input_that_ends_in_the_middle_is_resumed_when_it_is_whole(
    score: Callable[..., Outcome], source: pathlib.Path, places: tuple[pathlib.Path, pathlib.Path]
) -> None:
    whole, cut = (folder / "out.vcf" for folder in places)
    assert score(whole).status == 0
    plain = source.read_bytes()
    source.write_bytes(gzip.compress(plain)[:-20])
    assert score(cut).status == 1
    source.write_bytes(gzip.compress(plain))
    assert score(cut, "--resume").status == 0
    assert folder_of(whole) == folder_of(cut)


def test_the_journal_is_beside_the_file_that_a_link_leads_to(
    score: Callable[..., Outcome], places: tuple[pathlib.Path, pathlib.Path]
) -> None:
    link, real = places[0] / "link.vcf", places[1] / "real.vcf"
    link.symlink_to(real)
    assert len(full_journal(score, link)) > len(journal.MAGIC)
    assert [entry.name for entry in places[1].iterdir()] == ["real.vcf.journal"]
    assert score(link, "--resume").status == 0
    assert [entry.name for entry in places[1].iterdir()] == ["real.vcf"]
    assert link.is_symlink()
