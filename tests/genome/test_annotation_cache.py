import gzip
import logging
import pathlib
from collections.abc import Callable
from typing import IO

import numpy as np
import pytest

from vep_cli.errors import AnnotationError
from vep_cli.genome import annotation_cache
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.annotation_cache import read_annotation
from vep_cli.genome.gtf import read_gtf

GTF = (
    'chr1\t.\tgene\t101\t200\t.\t+\t.\tgene_id "A"; gene_type "lncRNA"; gene_name "AA";\n'
    'chr1\t.\texon\t101\t150\t.\t+\t.\tgene_id "A"; transcript_id "A1";\n'
    'chr1\t.\texon\t171\t200\t.\t+\t.\tgene_id "A"; transcript_id "A1";\n'
    'chrX\t.\tgene\t301\t400\t.\t-\t.\tgene_id "longer.1";\n'
)
GFF3 = (
    "##gff-version 3\n"
    "chr1\t.\tgene\t101\t200\t.\t+\t.\tID=A;gene_type=lncRNA;gene_name=AA\n"
    "chr1\t.\tmRNA\t101\t200\t.\t+\t.\tID=A1;Parent=A\n"
    "chr1\t.\texon\t101\t150\t.\t+\t.\tParent=A1\n"
    "chr1\t.\texon\t171\t200\t.\t+\t.\tParent=A1\n"
    "chrX\t.\tgene\t301\t400\t.\t-\t.\tID=longer.1\n"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("VEP_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache" / "annotation"


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "genes.gtf"
    path.write_text(GTF)
    return path


@pytest.fixture
def no_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: pathlib.Path) -> Annotation:
        raise AssertionError(f"{path} was parsed")

    monkeypatch.setattr(annotation_cache, "read_gtf", refuse)
    monkeypatch.setattr(annotation_cache, "read_gff3", refuse)


def assert_equal(found: Annotation, expected: Annotation) -> None:
    assert found.genes == expected.genes
    for name in annotation_cache._ARRAY_COLUMNS:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert splice_sites(found) == splice_sites(expected)


def splice_sites(annotation: Annotation) -> dict[str, list[list[int]]]:
    positions = annotation.splice_sites.positions
    return {name: [bases.tolist() for bases in lists] for name, lists in positions.items()}


def test_second_reading_does_not_parse(path: pathlib.Path, request: pytest.FixtureRequest) -> None:
    first = read_annotation(path)
    request.getfixturevalue("no_parsing")
    second = read_annotation(path)
    assert_equal(first, read_gtf(path))
    assert_equal(second, first)
    assert [type(value) for value in (second.genes[0].start, second.genes[0].name)] == [int, str]


def test_entry_follows_the_content_not_the_name(
    path: pathlib.Path, folder: pathlib.Path, request: pytest.FixtureRequest
) -> None:
    read_annotation(path)
    path.write_text(GTF.replace("AA", "BB"))
    assert read_annotation(path).genes[0].name == "BB"
    assert len(list(folder.iterdir())) == 2
    request.getfixturevalue("no_parsing")
    moved = path.rename(path.with_name("moved.txt"))
    assert read_annotation(moved).genes[0].name == "BB"


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("content", [GTF, GFF3])
def test_format_is_recognised_by_content(
    tmp_path: pathlib.Path, path: pathlib.Path, content: str, compressed: bool
) -> None:
    other = tmp_path / "genes"
    other.write_bytes(gzip.compress(content.encode()) if compressed else content.encode())
    found, expected = read_annotation(other), read_gtf(path)
    assert found.genes == expected.genes
    np.testing.assert_array_equal(found.exon_start, expected.exon_start)
    # The only intron is between the exons 101-150 and 171-200.
    assert splice_sites(found)["chr1"] == splice_sites(expected)["chr1"] == [[149], [170], [], []]


def damage_by_cutting(entry: pathlib.Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-50])


def damage_by_overwriting(entry: pathlib.Path) -> None:
    entry.write_bytes(b"no archive")


def damage_by_flipping(entry: pathlib.Path) -> None:
    content = bytearray(entry.read_bytes())
    content[len(content) // 2] ^= 0xFF
    entry.write_bytes(content)


def damage_by_emptying(entry: pathlib.Path) -> None:
    entry.write_bytes(b"")


def damage_by_losing_a_column(entry: pathlib.Path) -> None:
    np.savez(entry, gene_id=np.array(["A"]))


def damage_by_pickling(entry: pathlib.Path) -> None:
    with np.load(entry) as columns:
        np.savez(entry, **{**columns, "name": np.array(["AA", ""], object)})


def damage_by_dropping_a_gene(entry: pathlib.Path) -> None:
    with np.load(entry) as columns:
        np.savez(entry, **{**columns, "name": np.array(["AA"])})


@pytest.mark.parametrize(
    "damage",
    [
        damage_by_cutting,
        damage_by_overwriting,
        damage_by_flipping,
        damage_by_emptying,
        damage_by_losing_a_column,
        damage_by_pickling,
        damage_by_dropping_a_gene,
    ],
)
def test_damaged_entry_is_made_anew(
    path: pathlib.Path,
    folder: pathlib.Path,
    damage: Callable[[pathlib.Path], None],
    caplog: pytest.LogCaptureFixture,
    request: pytest.FixtureRequest,
) -> None:
    expected = read_annotation(path)
    (entry,) = folder.iterdir()
    damage(entry)
    assert_equal(read_annotation(path), expected)
    assert "is damaged and is made anew" in caplog.text
    request.getfixturevalue("no_parsing")
    assert_equal(read_annotation(path), expected)


def test_folder_that_cannot_be_written_is_done_without(
    path: pathlib.Path, folder: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder.parent.write_text("a file where the folder should be")
    with caplog.at_level(logging.INFO):
        assert_equal(read_annotation(path), read_gtf(path))
    assert "not cached" in caplog.text


def test_half_written_entry_is_removed(
    path: pathlib.Path, folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_the_disk(content: IO[bytes], **columns: np.ndarray) -> None:
        content.write(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", fill_the_disk)
    assert_equal(read_annotation(path), read_gtf(path))
    assert list(folder.iterdir()) == []


def test_nothing_but_the_entry_is_left_behind(path: pathlib.Path, folder: pathlib.Path) -> None:
    read_annotation(path)
    assert [entry.suffix for entry in folder.iterdir()] == [".npz"]


def test_unreadable_files_are_refused_and_not_cached(tmp_path: pathlib.Path, folder: pathlib.Path) -> None:
    with pytest.raises(AnnotationError, match=r"none\.gtf"):
        read_annotation(tmp_path / "none.gtf")
    cut = tmp_path / "cut.gtf.gz"
    cut.write_bytes(gzip.compress(GTF.encode())[:20])
    with pytest.raises(AnnotationError, match="not GTF"):
        read_annotation(cut)
    assert not folder.exists()
