import gzip
import pathlib

import pytest

from vep_cli.errors import AnnotationError
from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.splice_site_table import read_splice_sites

INTRONS = "Chromosome\tStart\tEnd\tStrand\nchr1\t150\t200\t+\nchr1\t230\t300\t+\nchr2\t40\t50\t-\n"
STARTS = (
    "Chromosome\tStart\tStrand\tliver\tbrain\nchr1\t150\t+\t1\t0\nchr1\t230\t+\t0.0\t0.5\nchr2\t40\t-\t1\t1\n"
)
ENDS = "Chromosome\tEnd\tStrand\tliver\tbrain\nchr2\t50\t-\t1\t\nchr1\t300\t+\t1\t1\nchr1\t200\t+\t1\t1\n"
EXPECTED = {
    # The introns [150, 200) and [230, 300) on '+', and [40, 50) on '-', whose donor is at the right.
    "chr1": [[149, 229], [200, 300], [], []],
    "chr2": [[], [], [50], [39]],
}


def write(path: pathlib.Path, text: str) -> pathlib.Path:
    path.write_text(text)
    return path


def read(*paths: pathlib.Path) -> dict[str, list[list[int]]]:
    positions = read_splice_sites(paths).positions
    return {name: [bases.tolist() for bases in lists] for name, lists in positions.items()}


@pytest.mark.parametrize("compressed", [False, True])
def test_a_table_of_introns(tmp_path: pathlib.Path, compressed: bool) -> None:
    path = tmp_path / "introns"
    path.write_bytes(gzip.compress(INTRONS.encode()) if compressed else INTRONS.encode())
    assert read(path) == EXPECTED


def test_tables_of_starts_and_of_ends(tmp_path: pathlib.Path) -> None:
    starts, ends = write(tmp_path / "starts.tsv", STARTS), write(tmp_path / "ends.tsv", ENDS)
    assert read(starts, ends) == read(ends, starts) == EXPECTED
    assert read(starts) == {"chr1": [[149, 229], [], [], []], "chr2": [[], [], [], [39]]}


def test_a_gene_annotation_says_the_same_as_the_table_of_its_introns(tmp_path: pathlib.Path) -> None:
    lines = [
        f'{chromosome}\t.\texon\t{start + 1}\t{end}\t.\t{strand}\t.\tgene_id "A"; transcript_id "A1";\n'
        for chromosome, strand, exons in (
            ("chr1", "+", [(100, 150), (200, 230), (300, 310)]),
            ("chr2", "-", [(50, 60), (30, 40)]),
        )
        for start, end in exons
    ]
    annotation = read_gtf(write(tmp_path / "genes.gtf", "".join(lines)))
    positions = annotation.splice_sites.positions
    assert {name: [bases.tolist() for bases in lists] for name, lists in positions.items()} == EXPECTED


def test_rows_that_no_tissue_has_are_no_sites(tmp_path: pathlib.Path) -> None:
    table = STARTS + "chr1\t77\t+\t0.0\t0\nchr1\t78\t+\t\t\nchr1\t79\t+\t0\t1e-3\n"
    assert read(write(tmp_path / "starts.tsv", table))["chr1"][0] == [78, 149, 229]


def test_further_columns_may_be_words(tmp_path: pathlib.Path) -> None:
    table = "Strand\tgene\tEnd\tChromosome\n+\tBRCA1\t200\tchr1\n\n"
    assert read(write(tmp_path / "ends.tsv", table)) == {"chr1": [[], [200], [], []]}


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("Chromosome\tStart\n", "Strand"),
        ("chrom\tStart\tStrand\n", "Chromosome"),
        ("Chromosome\tStrand\n", "Start or End"),
        ("\n", "Chromosome, Strand, Start or End"),
    ],
)
def test_absent_columns_are_named(tmp_path: pathlib.Path, header: str, missing: str) -> None:
    path = write(tmp_path / "sites.tsv", header)
    with pytest.raises(AnnotationError, match=rf"sites\.tsv:1: .*no column {missing}") as caught:
        read(path)
    assert "0-based" in caught.value.remedy


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("chr1\tx\t2\t+\n", "invalid literal"),
        ("chr1\t1\t\t+\n", "invalid literal"),
        ("chr1\t1\t9\t.\n", "the strand is"),
        ("chr1\t0\t9\t+\n", "no base is left"),
        ("chr1\t5\n", "2 columns where the first line has 4"),
        (f"chr1\t5\t{10**30}\t+\n", "no contig is as long"),
    ],
)
def test_malformed_rows_name_file_and_line(tmp_path: pathlib.Path, row: str, message: str) -> None:
    path = write(tmp_path / "sites.tsv", INTRONS + row)
    with pytest.raises(AnnotationError, match=rf"sites\.tsv:5: not a table of splice sites: {message}"):
        read(path)


def test_a_tissue_may_have_two_columns_and_an_edge_may_not(tmp_path: pathlib.Path) -> None:
    header, row = "Chromosome\tStrand\tStart\tliver\tliver", "chr1\t+\t9\t0\t2"
    found = read(write(tmp_path / "sites.tsv", f"{header}\n{row}\n"))
    assert list(found) == ["chr1"]
    twice = header.replace("liver", "Start", 1)
    with pytest.raises(AnnotationError, match="two columns Start"):
        read(write(tmp_path / "sites.tsv", f"{twice}\n{row}\n"))


@pytest.mark.parametrize("content", ["", "Chromosome\tStart\tStrand\n", STARTS.partition("chr1")[0]])
def test_a_table_without_sites_is_refused(tmp_path: pathlib.Path, content: str) -> None:
    with pytest.raises(AnnotationError, match=r"sites\.tsv: no splice site"):
        read(write(tmp_path / "sites.tsv", content))


@pytest.mark.parametrize("content", [gzip.compress(INTRONS.encode())[:-9], b"\x1f\x8b\xff", b"\xff\xfe"])
def test_unreadable_files_are_refused(tmp_path: pathlib.Path, content: bytes) -> None:
    path = tmp_path / "sites.tsv"
    path.write_bytes(content)
    with pytest.raises(AnnotationError, match=r"sites\.tsv"):
        read(path)


def test_a_folder_is_told_without_the_systems_number(tmp_path: pathlib.Path) -> None:
    with pytest.raises(AnnotationError, match=r": not a table of splice sites: Is a directory(?m:$)"):
        read(tmp_path)


def test_one_bad_table_among_several_is_named(tmp_path: pathlib.Path) -> None:
    good = write(tmp_path / "starts.tsv", STARTS)
    with pytest.raises(AnnotationError, match=r"none\.tsv"):
        read(good, tmp_path / "none.tsv")
