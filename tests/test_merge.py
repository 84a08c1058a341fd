"""Shards: whatever their number and order, merged they are the bytes of one run."""

import gzip
import itertools
import pathlib
from collections.abc import Callable, Sequence

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_inputs import CONTIGS, Outcome, Run, assert_refused, vcf

from vep_cli.errors import UsageError
from vep_cli.genome.vcf_record import parse_record
from vep_cli.sharding import block_of, parse_shard

ATAC = ("--modality", "ATAC", "--quiet")
RECORDS = (
    "chr2 3000 . C A,<DEL>,G 50 PASS DP=3",
    "chr2 3001 . C CGG",
    "chr2 3002 . A T",
    "chr2 3100 . C G",
    "chr2 3200 . C T",
)
SUFFIXES = (".vcf", ".vcf.gz", ".tsv", ".tsv.gz", ".parquet")


@given(st.integers(0, 40), st.integers(1, 50))
def test_every_record_is_in_one_shard(count: int, shards: int) -> None:
    lines = [f"chr1\t{position}\t.\tA\tC\t.\t.\t.\n" for position in range(count)]
    records = [parse_record(line, number) for number, line in enumerate(lines)]
    blocks = [block_of(parse_shard(f"{number}/{shards}"), lines) for number in range(1, shards + 1)]
    assert list(itertools.chain(*(block.of(iter(records)) for block in blocks))) == records
    sizes = [block.end - block.start for block in blocks]
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize(
    "text", ["0/2", "3/2", "1", "1/0", "-1/2", "a/b", "1/2/3", "1 / 2", "", "1/9999999999"]
)
def test_what_is_no_shard(text: str) -> None:
    with pytest.raises(UsageError, match="is no shard"):
        parse_shard(text)


@pytest.fixture
def source(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "in.vcf"
    path.write_text(vcf(*RECORDS))
    return path


@pytest.fixture
def score(score_toy: Run, source: pathlib.Path, counting_network: None) -> Callable[..., Outcome]:
    def call(path: pathlib.Path, *options: str) -> Outcome:
        return score_toy(source, "-o", path, *ATAC, *options)

    return call


@pytest.fixture
def shards(score: Callable[..., Outcome], tmp_path: pathlib.Path) -> Callable[..., list[pathlib.Path]]:
    """Score the records in shards."""

    def call(count: int, suffix: str, *options: str) -> list[pathlib.Path]:
        paths = [tmp_path / f"part{number}of{count}{suffix}" for number in range(1, count + 1)]
        for number, path in enumerate(paths, start=1):
            assert score(path, "--shard", f"{number}/{count}", *options).status == 0
        return paths

    return call


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_merged_shards_are_the_whole(
    run: Run,
    score: Callable[..., Outcome],
    shards: Callable[..., Sequence[pathlib.Path]],
    tmp_path: pathlib.Path,
    suffix: str,
) -> None:
    whole, merged = tmp_path / f"whole{suffix}", tmp_path / f"merged{suffix}"
    assert score(whole).status == 0
    # More shards than records are fine: some are empty.
    for count, order in ((1, [0]), (2, [1, 0]), (3, [2, 0, 1]), (7, [6, 5, 4, 3, 2, 1, 0])):
        paths = shards(count, suffix)
        done = run("merge", *(paths[index] for index in order), "-o", merged)
        assert (done.status, done.stdout) == (0, "")
        assert done.stderr == f"vep: merged {count} shards: 5 records\n"
        assert merged.read_bytes() == whole.read_bytes()
    beside = {entry.name.removeprefix("whole") for entry in tmp_path.glob("whole*")}
    assert {entry.name.removeprefix("merged") for entry in tmp_path.glob("merged*")} == beside


def test_the_network_gives_the_same_whatever_its_neighbours(
    run: Run, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    """The real one, in windows that neighbours share: what is kept of REF for the next ends with a shard."""
    bases = CONTIGS["chr1"]
    source.write_text(
        vcf(*(f"chr1 {place} . {bases[place - 1]} {bases[place - 1]}GT" for place in (6000, 6009, 6018)))
    )
    options = (*ATAC, "--window-mode", "snapped")
    whole, merged, *parts = (tmp_path / f"{name}.vcf" for name in ("whole", "merged", "one", "two"))
    assert score_toy(source, *options, "-o", whole).status == 0
    for number, part in enumerate(parts, start=1):
        assert score_toy(source, *options, "-o", part, "--shard", f"{number}/2").status == 0
    assert run("merge", *parts, "-o", merged).status == 0
    assert merged.read_bytes() == whole.read_bytes()
    assert merged.read_text().count("VE_STATUS=PASS") == 3


def test_a_shard_says_what_it_is(shards: Callable[..., list[pathlib.Path]]) -> None:
    annotated, table, parquet = (shards(2, suffix)[1] for suffix in (".vcf.gz", ".tsv", ".parquet"))
    header = gzip.decompress(annotated.read_bytes()).decode()
    assert '##vep_cli_shard={"block": {"digest": ' in header
    assert '"end": 5, "shard": {"number": 2, "of": 2}, "start": 2, "total": 5}' in header
    assert b"vep_cli_shard" in pyarrow.parquet.read_schema(parquet).metadata
    # A TSV is a plain table.
    assert table.read_text().startswith("variant_id\t")
    assert '"number": 2' in pathlib.Path(f"{table}.shard.json").read_text()


def test_a_whole_table_has_no_description_of_a_shard(
    score: Callable[..., Outcome], shards: Callable[..., list[pathlib.Path]]
) -> None:
    first, _ = shards(2, ".tsv")
    assert score(first).status == 0
    assert not pathlib.Path(f"{first}.shard.json").exists()


class TestRefusals:
    def test_gap(self, run: Run, shards: Callable[..., list[pathlib.Path]], tmp_path: pathlib.Path) -> None:
        paths, merged = shards(3, ".vcf"), tmp_path / "merged.vcf"
        assert_refused(run("merge", paths[0], paths[2], "-o", merged), 2, "1 of 3 shards missing: 2/3")
        assert not merged.exists()

    def test_twice(self, run: Run, shards: Callable[..., list[pathlib.Path]], tmp_path: pathlib.Path) -> None:
        first, second = shards(2, ".vcf")
        copy = tmp_path / "copy.vcf"
        copy.write_bytes(first.read_bytes())
        refused = run("merge", first, second, copy, "-o", tmp_path / "merged.vcf")
        assert_refused(refused, 2, f"shard 1/2 is there twice: {first} and {copy}")

    def test_other_number(
        self, run: Run, shards: Callable[..., list[pathlib.Path]], tmp_path: pathlib.Path
    ) -> None:
        first, second = shards(2, ".vcf")[0], shards(3, ".vcf")[1]
        refused = run("merge", first, second, "-o", tmp_path / "merged.vcf")
        assert_refused(refused, 2, f"number of shards is 2 in {first}, and 3 in {second}")

    @pytest.mark.parametrize("suffix", [".vcf", ".tsv", ".parquet"])
    def test_other_settings(
        self, run: Run, shards: Callable[..., list[pathlib.Path]], tmp_path: pathlib.Path, suffix: str
    ) -> None:
        first = shards(2, suffix)[0].rename(tmp_path / f"first{suffix}")
        if suffix == ".tsv":
            (tmp_path / "part1of2.tsv.shard.json").rename(tmp_path / "first.tsv.shard.json")
        second = shards(2, suffix, "--top", "1")[1]
        refused = run("merge", second, first, "-o", tmp_path / f"merged{suffix}")
        assert_refused(refused, 2, f"top is 1 in {second}, and none in {first}")

    def test_other_input(
        self,
        run: Run,
        score: Callable[..., Outcome],
        shards: Callable[..., list[pathlib.Path]],
        source: pathlib.Path,
        tmp_path: pathlib.Path,
    ) -> None:
        first, second = shards(2, ".vcf")
        source.write_text(vcf(*RECORDS).replace("3100", "3101"))
        assert score(second, "--shard", "2/2").status == 0
        refused = run("merge", first, second, "-o", tmp_path / "merged.vcf")
        assert_refused(refused, 2, "the input's digest is ")

    def test_whole_output(self, run: Run, score: Callable[..., Outcome], tmp_path: pathlib.Path) -> None:
        for suffix in (".vcf", ".tsv", ".parquet"):
            path = tmp_path / f"whole{suffix}"
            assert score(path).status == 0
            refused = run("merge", path, "-o", tmp_path / f"merged{suffix}")
            assert_refused(refused, 1, f"{path}: this is not the output of a shard", "--shard")

    def test_unfinished(
        self, run: Run, shards: Callable[..., list[pathlib.Path]], tmp_path: pathlib.Path
    ) -> None:
        first, second = shards(2, ".vcf")
        journal = pathlib.Path(f"{second}.journal")
        journal.touch()
        refused = run("merge", first, second, "-o", tmp_path / "merged.vcf")
        assert_refused(refused, 1, f"{second}: the shard is not finished: {journal} is there", "--resume")

    @pytest.mark.parametrize("suffix", [".vcf", ".vcf.gz", ".tsv", ".parquet"])
    def test_cut(
        self, run: Run, shards: Callable[..., list[pathlib.Path]], tmp_path: pathlib.Path, suffix: str
    ) -> None:
        first, second = shards(2, suffix)
        content = first.read_bytes()
        # At the end of a line, where text looks whole; anywhere, where it does not.
        cut = (
            content[:-40] if suffix in (".vcf.gz", ".parquet") else content[: content[:-1].rindex(b"\n") + 1]
        )
        first.write_bytes(cut)
        merged = tmp_path / f"merged{suffix}"
        refused = run("merge", first, second, "-o", merged)
        assert_refused(refused, 1, f"{first}: the shard cannot be read", "copy it again")
        assert not merged.exists()

    def test_other_format(
        self, run: Run, shards: Callable[..., list[pathlib.Path]], tmp_path: pathlib.Path
    ) -> None:
        paths = shards(2, ".vcf")
        assert_refused(run("merge", *paths, "-o", tmp_path / "merged.tsv"), 2, "is of another format than")

    def test_missing_file(self, run: Run, tmp_path: pathlib.Path) -> None:
        for suffix in (".vcf", ".vcf.gz", ".parquet"):
            absent = tmp_path / f"absent{suffix}"
            refused = run("merge", absent, "-o", tmp_path / f"merged{suffix}")
            assert_refused(refused, 1, f"{absent}: there is no such file")

    def test_output_that_is_a_shard(self, run: Run, shards: Callable[..., list[pathlib.Path]]) -> None:
        paths = shards(2, ".vcf")
        assert_refused(run("merge", *paths, "-o", paths[0]), 2, "the output is one of the inputs")

    def test_shards_of_a_stream(self, score_toy: Run) -> None:
        refused = score_toy("-", "--shard", "1/2", *ATAC, stdin=vcf().encode())
        assert_refused(refused, 2, "--shard needs an input file")
        for option in (("--shard", "1/2"), ("--regions", "chr1")):
            assert_refused(score_toy("absent.vcf", *option, *ATAC), 1, "absent.vcf: cannot be opened")

    @pytest.mark.parametrize("text", ["no json", "[]", "{}", '{"block": {"shard": {}}}'])
    def test_damaged_description(
        self, run: Run, shards: Callable[..., list[pathlib.Path]], tmp_path: pathlib.Path, text: str
    ) -> None:
        first, second = shards(2, ".tsv")
        pathlib.Path(f"{first}.shard.json").write_text(text)
        refused = run("merge", first, second, "-o", tmp_path / "merged.tsv")
        assert_refused(refused, 1, f"{first}: the shard cannot be read")


def test_shards_of_other_devices_are_a_warning(
    run: Run, shards: Callable[..., list[pathlib.Path]], tmp_path: pathlib.Path
) -> None:
    first, second = shards(2, ".vcf")
    second.write_text(second.read_text().replace('"device": "cpu (cpu)"', '"device": "gpu (H100)"'))
    done = run("merge", first, second, "-o", tmp_path / "merged.vcf")
    assert done.status == 0
    assert f"{first} was made on cpu (cpu), {second} on gpu (H100)" in done.stderr


def test_merged_vcf_goes_to_standard_output_too(
    run: Run, score: Callable[..., Outcome], shards: Callable[..., list[pathlib.Path]], tmp_path: pathlib.Path
) -> None:
    whole = tmp_path / "whole.vcf"
    assert score(whole).status == 0
    assert run("merge", *shards(2, ".vcf"), "--quiet").stdout == whole.read_text()


def test_an_empty_input_has_empty_shards(
    run: Run,
    score: Callable[..., Outcome],
    shards: Callable[..., list[pathlib.Path]],
    source: pathlib.Path,
    tmp_path: pathlib.Path,
) -> None:
    source.write_text(vcf())
    whole, merged = tmp_path / "whole.vcf", tmp_path / "merged.vcf"
    assert score(whole).status == 0
    assert run("merge", *shards(2, ".vcf"), "-o", merged).status == 0
    assert merged.read_bytes() == whole.read_bytes()
