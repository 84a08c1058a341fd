import gzip
import os
import pathlib
import shutil
from collections.abc import Callable

import numpy as np
import pysam
import pytest
import toy_genome
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.errors import FastaError
from vep_cli.genome import reference as reference_module
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference

# Longer than two BGZF blocks of 65,280 bytes, so that reads cross their borders.
LENGTHS = {"chr1": 150_000, "chr2": 61}
SMALL = {"chr1": "ACGTacgtNNRY", "chr2": "GGGG"}


def random_genome() -> dict[str, str]:
    generator = np.random.default_rng(0)
    return {name: "".join(generator.choice(list("ACGTacgtN"), length)) for name, length in LENGTHS.items()}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return toy_genome.write_genome(tmp_path_factory.mktemp("large") / "genome.fa", random_genome())


@pytest.fixture(scope="module")
def large_bgzipped(large: pathlib.Path) -> pathlib.Path:
    return toy_genome.compress_genome(large)


@pytest.fixture
def small(tmp_path: pathlib.Path) -> pathlib.Path:
    return toy_genome.write_genome(tmp_path / "small.fa", SMALL, width=5)


@pytest.fixture
def bgzipped(tmp_path: pathlib.Path) -> pathlib.Path:
    return toy_genome.compress_genome(toy_genome.write_genome(tmp_path / "genome.fa", random_genome()))


def interval(start: int, end: int, chromosome: str = "chr1") -> Interval:
    return Interval(chromosome=chromosome, start=start, end=end)


def fetch(path: pathlib.Path, wanted: Interval) -> str:
    with Reference(path) as reference:
        return reference.fetch(wanted)


def test_lengths_are_in_file_order(small: pathlib.Path) -> None:
    with Reference(small) as reference:
        assert list(reference.lengths.items()) == [("chr1", 12), ("chr2", 4)]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        pytest.param(0, 4, "ACGT", id="line"),
        pytest.param(3, 7, "TACG", id="across lines, in upper case"),
        pytest.param(8, 12, "NNRY", id="ambiguity codes are kept"),
        pytest.param(-3, 2, "NNNAC", id="before the beginning"),
        pytest.param(10, 15, "RYNNN", id="after the end"),
        pytest.param(-2, 14, "NNACGTACGTNNRYNN", id="past both ends"),
        pytest.param(-9, -5, "NNNN", id="wholly before"),
        pytest.param(12, 15, "NNN", id="wholly after"),
        pytest.param(5, 5, "", id="nothing"),
    ],
)
def test_fetch_by_hand(small: pathlib.Path, start: int, end: int, expected: str) -> None:
    assert fetch(small, interval(start, end)) == expected


def test_strand_is_not_looked_at(small: pathlib.Path) -> None:
    assert fetch(small, Interval(chromosome="chr1", start=0, end=4, strand="-")) == "ACGT"


@given(start=st.integers(-100, 150_100), width=st.integers(0, 1000))
def test_plain_bgzip_and_samtools_agree(
    large: pathlib.Path, large_bgzipped: pathlib.Path, start: int, width: int
) -> None:
    wanted = interval(start, start + width)
    inside = max(start, 0), min(start + width, LENGTHS["chr1"])
    with pysam.FastaFile(str(large)) as samtools:
        middle = samtools.fetch("chr1", *inside).upper() if inside[0] < inside[1] else ""
    found = fetch(large, wanted)
    assert found == fetch(large_bgzipped, wanted)
    assert found.strip("N") == middle.strip("N")
    assert len(found) == width


@pytest.mark.parametrize("whole_block", [False, True])
def test_reads_cross_compressed_blocks(large_bgzipped: pathlib.Path, whole_block: bool) -> None:
    start, end = (0, 150_000) if whole_block else (64_000, 66_000)
    assert fetch(large_bgzipped, interval(start, end)) == random_genome()["chr1"][start:end].upper()


def test_neighbours_are_read_once(small: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference_module, "_BLOCK", 8)
    with Reference(small) as opened:
        (name, length), *_ = opened.lengths.items()
        whole = opened.fetch(Interval(chromosome=name, start=0, end=length))
        read = []
        direct = Reference._read
        monkeypatch.setattr(
            Reference, "_read", lambda self, *place: read.append(place[1:]) or direct(self, *place)
        )
        for start in range(length - 2):
            assert opened.fetch(Interval(chromosome=name, start=start, end=start + 2)) == whole[start:][:2]
    # The blocks, each once, and the intervals that reach from one into the next.
    blocks = [(start, min(start + 8, length)) for start in range(0, length, 8)]
    across = [(start - 1, start + 1) for start in range(8, length, 8)]
    assert sorted(read) == sorted([*blocks, *(place for place in across if place[1] < length)])


def test_damage_elsewhere_in_a_block_is_not_told(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "cut.fa"
    path.write_text(">chr1\n" + "ACGT" * 10_000 + "\n")
    pysam.faidx(str(path))
    with Reference(path) as opened:
        path.write_text(path.read_text()[:20_000])
        # The file ends at base 19,994, within the block from 16,384 on.
        assert opened.fetch(Interval(chromosome="chr1", start=19_000, end=19_004)) == "ACGT"
        with pytest.raises(FastaError, match="chr1:20001-20004"):
            opened.fetch(Interval(chromosome="chr1", start=20_000, end=20_004))


def test_windows_line_ends_and_a_missing_last_newline(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "windows.fa"
    path.write_bytes(b">chr1 described\r\nACGT\r\nGG")
    pysam.faidx(str(path))
    assert fetch(path, interval(2, 6)) == "GTGG"


def test_unknown_contig_is_named(small: pathlib.Path) -> None:
    with pytest.raises(FastaError, match="no contig is named 'chr9'") as caught:
        fetch(small, interval(0, 1, "chr9"))
    assert caught.value.path == small


@pytest.mark.parametrize("name", ["absent.fa", "."])
def test_what_is_no_file_is_told(tmp_path: pathlib.Path, name: str) -> None:
    with pytest.raises(FastaError, match="no such file"):
        Reference(tmp_path / name)


def test_missing_fai_is_told_with_the_command(small: pathlib.Path) -> None:
    small.with_name("small.fa.fai").unlink()
    with pytest.raises(FastaError, match=r"has no index \(small\.fa\.fai\)") as caught:
        Reference(small)
    assert f"samtools faidx {small}" in str(caught.value.remedy)


def test_missing_gzi_is_told(bgzipped: pathlib.Path) -> None:
    bgzipped.with_name("genome.fa.gz.gzi").unlink()
    with pytest.raises(FastaError, match=r"has no index \(genome\.fa\.gz\.gzi\)"):
        Reference(bgzipped)


def test_bgzip_without_its_suffix_is_told(bgzipped: pathlib.Path) -> None:
    # pyfaidx goes by the name, and would read compressed bytes as bases.
    renamed = bgzipped.with_name("other.fa")
    for suffix in ("", ".fai", ".gzi"):
        shutil.copy(f"{bgzipped}{suffix}", f"{renamed}{suffix}")
    with pytest.raises(FastaError, match="its name does not say so") as caught:
        Reference(renamed)
    assert "other.fa.gz" in str(caught.value.remedy)


def test_old_index_is_no_fault(small: pathlib.Path) -> None:
    # A checkout gives files any age; the contents decide.
    os.utime(small.with_name("small.fa.fai"), (0, 0))
    assert fetch(small, interval(0, 4)) == "ACGT"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"chr1": "ACGTACGTACGTACGT", "chr2": "GGGG"}, id="a contig has grown"),
        pytest.param({"chr1": "ACGTACGTACGT", "chr3": "GGGG"}, id="another last contig"),
        pytest.param({"chr8": "ACGTACGTACGT", "chr2": "GGGG"}, id="another first contig"),
        pytest.param({"chr1": "ACGT"}, id="a contig less"),
    ],
)
def test_index_of_another_fasta_is_refused(small: pathlib.Path, other: dict[str, str]) -> None:
    index = small.with_name("small.fa.fai").read_text()
    toy_genome.write_genome(small, other, width=5)
    small.with_name("small.fa.fai").write_text(index)
    with pytest.raises(FastaError, match="does not belong"):
        Reference(small)


@pytest.mark.parametrize(
    "index",
    [
        pytest.param(b"chr1\t12\n", id="too few columns"),
        pytest.param(b"chr1\tx\t6\t5\t6\n", id="no number"),
        pytest.param(b"\xff\xfe\x00", id="binary"),
        pytest.param(b"chr1\t12\t6\t5\t6\nchr1\t12\t6\t5\t6\n", id="a name twice"),
    ],
)
def test_damaged_fai_is_told(small: pathlib.Path, index: bytes) -> None:
    small.with_name("small.fa.fai").write_bytes(index)
    with pytest.raises(FastaError, match="cannot be opened") as caught:
        Reference(small)
    assert "samtools faidx" in str(caught.value.remedy)


def test_index_without_line_widths_is_told(small: pathlib.Path) -> None:
    small.with_name("small.fa.fai").write_text("chr1\t12\t6\t0\t0\n")
    with pytest.raises(FastaError, match="gave 0 bases, expected 1"):
        Reference(small)


@pytest.mark.parametrize("index", [b"", b"\x01" * 30])
def test_damaged_gzi_is_told(bgzipped: pathlib.Path, index: bytes) -> None:
    bgzipped.with_name("genome.fa.gz.gzi").write_bytes(index)
    with pytest.raises(FastaError, match="cannot be opened"):
        Reference(bgzipped)


def test_empty_fasta_is_told(tmp_path: pathlib.Path) -> None:
    for name in ("empty.fa", "empty.fa.fai"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(FastaError, match="has no sequence"):
        Reference(tmp_path / "empty.fa")


@pytest.mark.parametrize("missing", [2, 5, 8, 20])
def test_truncated_fasta_is_told_on_opening(small: pathlib.Path, missing: int) -> None:
    small.write_bytes(small.read_bytes()[:-missing])
    with pytest.raises(FastaError) as caught:
        Reference(small)
    assert "compare" in str(caught.value.remedy)


@pytest.mark.parametrize(
    "damage",
    [
        # The empty block that ends a BGZF file has 28 bytes; without it no base is lost.
        pytest.param(lambda data: data[:-40], id="cut in the last block"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut in the middle"),
        pytest.param(lambda data: data[:-400] + bytes(300) + data[-100:], id="overwritten"),
    ],
)
def test_damaged_bgzip_is_told_on_opening(bgzipped: pathlib.Path, damage: Callable[[bytes], bytes]) -> None:
    bgzipped.write_bytes(damage(bgzipped.read_bytes()))
    with pytest.raises(FastaError) as caught:
        Reference(bgzipped)
    assert "compare" in str(caught.value.remedy)


def test_damage_in_the_middle_is_told_when_read(bgzipped: pathlib.Path) -> None:
    data = bytearray(bgzipped.read_bytes())
    data[len(data) // 4] ^= 0xFF  # in the first of three blocks, after the first header line
    bgzipped.write_bytes(bytes(data))
    message = "cannot be (read|opened)|does not belong"
    with pytest.raises(FastaError, match=message):
        fetch(bgzipped, interval(0, 60_000))


def test_gzip_that_is_not_bgzip_is_told(small: pathlib.Path) -> None:
    small.write_bytes(gzip.compress(small.read_bytes()))
    with pytest.raises(FastaError, match="compressed with gzip") as caught:
        Reference(small)
    assert "bgzip" in str(caught.value.remedy)
