"""Processes that are killed by signals, and go on; every other moment is in test_resume.py."""

import gzip
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from toy_inputs import WINDOW, Run, ToyGenome, vcf

from vep_cli.model.weights_folder import WeightsFolder

CHILD = pathlib.Path(__file__).with_name("scoring_child.py")
RECORDS = tuple(f"chr2 {position} . C A" for position in range(3000, 3040))
SECONDS = 0.05
"""For each record; time enough to see how the journal grows, and to hit it."""
LONG = 60
"""Seconds after which a test fails that waits."""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def arguments(tmp_path: pathlib.Path, toy_genome: ToyGenome, toy_weights: WeightsFolder) -> list[str]:
    """What children and the run in peace are both called with, but for the output."""
    source = tmp_path / "in.vcf"
    source.write_text(vcf(*RECORDS))
    files = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf, "--weights", toy_weights.path)
    return [str(word) for word in ("score", source, *files, "--window", WINDOW, "--modality", "ATAC")]


@pytest.fixture
def whole(run: Run, arguments: list[str], tmp_path: pathlib.Path, counting_network: None) -> dict[str, bytes]:
    """The files that a run in peace leaves, by what is behind the output's name."""
    folder = tmp_path / "peace"
    folder.mkdir()
    assert run(*arguments, "-o", folder / "out.vcf.gz").status == 0
    return {entry.name: entry.read_bytes() for entry in folder.iterdir()}


@pytest.fixture
def output(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "cut" / "out.vcf.gz"
    path.parent.mkdir()
    return path


@pytest.fixture
def start(arguments: list[str], output: pathlib.Path, tmp_path: pathlib.Path) -> Start:
    """Start a child that scores to `output`."""
    environment = {
        **os.environ,
        "VEP_CONFIG_DIR": str(tmp_path / "config"),
        "VEP_CACHE_DIR": str(tmp_path / "cache"),
        "JAX_PLATFORMS": "cpu",
    }

    def call(*options: str, step: str = "", seconds: float = SECONDS) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, str(CHILD), str(seconds), step, *arguments, "-o", str(output), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )

    return call


def wait_for_journal(output: pathlib.Path, size: int) -> None:
    """Return when the journal is longer than it was."""
    path = output.with_name(f"{output.name}.journal")
    end = time.monotonic() + LONG
    while not path.exists() or path.stat().st_size <= size:
        assert time.monotonic() < end
        time.sleep(0.005)


def ended(child: "subprocess.Popen[str]") -> tuple[int, str]:
    """Wait for a child; return its exit status and what it said."""
    messages = child.communicate(timeout=LONG)[1]
    return child.returncode, messages


def left_by(output: pathlib.Path) -> dict[str, bytes]:
    return {entry.name: entry.read_bytes() for entry in output.parent.iterdir()}


def test_killed_by_every_signal_as_it_scores(
    start: Start, output: pathlib.Path, whole: dict[str, bytes]
) -> None:
    journal, size = output.with_name("out.vcf.gz.journal"), 1000
    for number, kind in enumerate((signal.SIGKILL, signal.SIGTERM, signal.SIGINT)):
        child = start(*(["--resume"] if number else []))
        wait_for_journal(output, size)
        child.send_signal(kind)
        status, messages = ended(child)
        assert list(left_by(output)) == [journal.name]
        size = journal.stat().st_size
        if kind == signal.SIGKILL:
            assert status == -kind
        else:
            assert status == 130
            assert f"in {journal}: the same command with --resume goes on behind them" in messages
            assert messages.endswith("vep: error: interrupted\n")
    status, messages = ended(start("--resume", seconds=0))
    assert "going on behind " in messages
    assert status == 0
    assert left_by(output) == whole


def test_killed_as_the_file_is_made(start: Start, output: pathlib.Path, whole: dict[str, bytes]) -> None:
    steps = (
        "after:vep_cli.writers.output_file:OutputFile.write",
        "after:vep_cli.writers.output_file:rename_durably",
        "before:vep_cli.journal.journal:Journal.remove",
    )
    for step in steps:
        assert ended(start("--resume", step=step, seconds=0))[0] == -signal.SIGKILL
        assert output.with_name("out.vcf.gz.journal").exists()
    assert ended(start("--resume", seconds=0))[0] == 0
    assert left_by(output) == whole


def test_full_disk(start: Start, output: pathlib.Path, whole: dict[str, bytes]) -> None:
    """A real one in small: the system lets no file of the process grow beyond a limit."""
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = len(gzip.decompress(whole["out.vcf.gz"])) // 2
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))
    try:
        child = start(seconds=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    status, messages = ended(child)
    assert status == 1
    assert f"{output}.journal: cannot be written: File too large" in messages
    assert output.with_name("out.vcf.gz.journal").stat().st_size == size  # to the last byte
    assert ended(start("--resume", seconds=0))[0] == 0
    assert left_by(output) == whole


def test_two_processes_with_one_output(
    start: Start, output: pathlib.Path, whole: dict[str, bytes], run: Run, arguments: list[str]
) -> None:
    child = start(seconds=0.2)
    wait_for_journal(output, 1000)
    for options in ((), ("--resume",)):
        refused = run(*arguments, "-o", output, *options)
        assert refused.status == 1
        assert f"{output}.journal: another process is writing this output" in refused.stderr
    assert ended(child)[0] == 0
    assert left_by(output) == whole
