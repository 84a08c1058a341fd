import gzip
import os
import pathlib
from collections.abc import Callable

import pysam
import pytest

from vep_cli.errors import FastaError
from vep_cli.genome.fasta_index import (
    Compression,
    build_index,
    fasta_compression,
    has_current_index,
    index_paths,
    recompress_as_bgzip,
)

# Columns: name, bases, byte of the first base, bases a line, bytes a line. chr1's bases begin after
# the 6 bytes of ">chr1\n" and take 5 + 5 + 3 bytes, so ">chr2\n" is at byte 19 and its bases at 25.
FASTA = b">chr1\nACGT\nACGT\nAC\n>chr2\nGGG\n"
FAI = "chr1\t10\t6\t4\t5\nchr2\t3\t25\t3\t4\n"


@pytest.fixture
def plain(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "genome.fa"
    path.write_bytes(FASTA)
    return path


@pytest.fixture
def gzipped(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "gzipped.fa.gz"
    path.write_bytes(gzip.compress(FASTA))
    return path


@pytest.fixture
def bgzipped(tmp_path: pathlib.Path, plain: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "genome.fa.gz"
    pysam.tabix_compress(str(plain), str(path))
    return path


def ignore(done: int, total: int) -> None:
    del done, total


def test_compression_is_told_from_the_content(
    plain: pathlib.Path, gzipped: pathlib.Path, bgzipped: pathlib.Path
) -> None:
    misnamed = gzipped.rename(gzipped.with_suffix(".fa"))
    assert fasta_compression(plain) is Compression.PLAIN
    assert fasta_compression(misnamed) is Compression.GZIP
    assert fasta_compression(bgzipped) is Compression.BGZF


def test_empty_file_is_plain(tmp_path: pathlib.Path) -> None:
    (tmp_path / "empty.fa").write_bytes(b"")
    assert fasta_compression(tmp_path / "empty.fa") is Compression.PLAIN


def test_file_that_cannot_be_read_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(FastaError, match="No such file") as caught:
        fasta_compression(tmp_path / "absent.fa")
    assert caught.value.path == tmp_path / "absent.fa"


def test_gzip_is_refused_with_the_command_that_helps(gzipped: pathlib.Path) -> None:
    with pytest.raises(FastaError, match="compressed with gzip") as caught:
        index_paths(gzipped)
    assert f"gunzip -c {gzipped} | bgzip" in str(caught.value.remedy)


def test_index_names(plain: pathlib.Path, bgzipped: pathlib.Path) -> None:
    assert [path.name for path in index_paths(plain)] == ["genome.fa.fai"]
    assert [path.name for path in index_paths(bgzipped)] == ["genome.fa.gz.fai", "genome.fa.gz.gzi"]


@pytest.mark.parametrize("kind", ["plain", "bgzipped"])
def test_index_is_built_whole_and_leaves_nothing_else(kind: str, request: pytest.FixtureRequest) -> None:
    fasta: pathlib.Path = request.getfixturevalue(kind)
    assert not has_current_index(fasta)
    before = set(fasta.parent.iterdir())
    build_index(fasta)
    assert has_current_index(fasta)
    assert index_paths(fasta)[0].read_text() == FAI
    assert set(fasta.parent.iterdir()) == before | set(index_paths(fasta))
    with pysam.FastaFile(str(fasta)) as reader:
        assert reader.fetch("chr1", 3, 9) == "TACGTA"
        assert reader.fetch("chr2") == "GGG"


def test_index_older_than_the_sequence_is_not_current(plain: pathlib.Path) -> None:
    build_index(plain)
    modified = plain.stat().st_mtime
    os.utime(plain, (modified + 60, modified + 60))
    assert not has_current_index(plain)


def test_bgzip_index_needs_both_files(bgzipped: pathlib.Path) -> None:
    build_index(bgzipped)
    bgzipped.with_name("genome.fa.gz.gzi").unlink()
    assert not has_current_index(bgzipped)


def test_malformed_fasta_leaves_no_index(plain: pathlib.Path) -> None:
    plain.write_bytes(b">chr1\nACGT\nAC\nACGT\n")
    with pytest.raises(FastaError, match="cannot be indexed") as caught:
        build_index(plain)
    assert caught.value.path == plain
    assert list(plain.parent.iterdir()) == [plain]


def test_folder_that_is_not_writable_is_told(plain: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Permissions do not bind a superuser, so the answer of the system is replaced instead.
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(FastaError, match="not writable") as caught:
        build_index(plain)
    assert f"samtools faidx {plain}" in str(caught.value.remedy)


def test_recompressed_sequence_is_the_same_and_can_be_indexed(
    gzipped: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    destination = tmp_path / "made.fa.gz"
    reports: list[tuple[int, int]] = []
    recompress_as_bgzip(gzipped, destination, progress=lambda done, total: reports.append((done, total)))
    assert gzip.decompress(destination.read_bytes()) == FASTA
    assert fasta_compression(destination) is Compression.BGZF
    assert reports[-1] == (gzipped.stat().st_size, gzipped.stat().st_size)
    build_index(destination)
    assert destination.with_name("made.fa.gz.fai").read_text() == FAI


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: data[:-9], id="truncated"),
        pytest.param(lambda data: data[:12] + b"\xff\xff\xff" + data[15:], id="overwritten"),
        pytest.param(lambda data: FASTA, id="not gzip"),
    ],
)
def test_damaged_gzip_leaves_no_file(
    gzipped: pathlib.Path, tmp_path: pathlib.Path, damage: Callable[[bytes], bytes]
) -> None:
    gzipped.write_bytes(damage(gzipped.read_bytes()))
    with pytest.raises(FastaError, match="cannot be recompressed"):
        recompress_as_bgzip(gzipped, tmp_path / "made.fa.gz", progress=ignore)
    assert list(tmp_path.iterdir()) == [gzipped]
