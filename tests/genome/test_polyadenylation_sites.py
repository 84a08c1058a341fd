import gzip
import pathlib

import pytest

from vep_cli.errors import AnnotationError
from vep_cli.genome import polyadenylation
from vep_cli.genome.annotation import Gene
from vep_cli.genome.polyadenylation import read_polyadenylation_sites

TABLE = (
    "Chromosome\tStart\tEnd\tpas_strand\tgene_id\n"
    "chr1\t390\t391\t+\tG1.9\n"
    "chr1\t220\t221\t+\tG1.9\n"
    "chr1\t250\t251\t-\tG1.9\n"
    "chr2\t70\t71\t-\tG2\n"
)


def make_gene(gene_id: str, strand: str) -> Gene:
    return Gene(gene_id=gene_id, name="", gene_type="", chromosome="chr1", start=0, end=500, strand=strand)


def write(path: pathlib.Path, text: str) -> pathlib.Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize("compressed", [False, True])
def test_sites_keep_their_order_and_lose_the_version(tmp_path: pathlib.Path, compressed: bool) -> None:
    path = tmp_path / "sites.tsv"
    path.write_bytes(gzip.compress(TABLE.encode()) if compressed else TABLE.encode())
    sites = read_polyadenylation_sites(path)
    assert sites.of_gene(make_gene("G1.2", "+")).tolist() == [390, 220]
    assert sites.of_gene(make_gene("G1", "-")).tolist() == [250]
    assert sites.of_gene(make_gene("G2.1", "-")).tolist() == [70]


@pytest.mark.parametrize(("gene_id", "strand"), [("G2.1", "+"), ("G1.1", "."), ("G3", "+")])
def test_genes_without_sites(tmp_path: pathlib.Path, gene_id: str, strand: str) -> None:
    sites = read_polyadenylation_sites(write(tmp_path / "sites.tsv", TABLE))
    assert sites.of_gene(make_gene(gene_id, strand)).tolist() == []


def test_absent_columns_are_named(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path / "sites.tsv", TABLE.replace("pas_strand", "strand"))
    with pytest.raises(AnnotationError, match=r"sites\.tsv:1: no column pas_strand"):
        read_polyadenylation_sites(path)


@pytest.mark.parametrize("row", ["chr1\tx\t2\t+\tG1\n", "chr1\t5\n", "\t\t\n", f"chr1\t{10**30}\t2\t+\tG1\n"])
def test_malformed_rows_name_file_and_line(tmp_path: pathlib.Path, row: str) -> None:
    path = write(tmp_path / "sites.tsv", TABLE + row)
    with pytest.raises(AnnotationError, match=r"sites\.tsv:6: not a site"):
        read_polyadenylation_sites(path)


@pytest.mark.parametrize(
    "content", [gzip.compress(TABLE.encode())[:-9], b"\x1f\x8b\xff", b"\xff\xfe", b"", b"a" * 200_000]
)
def test_unreadable_files_are_refused(tmp_path: pathlib.Path, content: bytes) -> None:
    path = tmp_path / "sites.tsv"
    path.write_bytes(content)
    with pytest.raises(AnnotationError, match=r"sites\.tsv"):
        read_polyadenylation_sites(path)


def test_missing_file_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(AnnotationError, match=r"none\.tsv: .*: No such file or directory(?m:$)"):
        read_polyadenylation_sites(tmp_path / "none.tsv")


@pytest.mark.parametrize("compressed", [False, True])
def test_what_is_larger_than_any_table_is_refused_before_it_is_in_memory(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, compressed: bool
) -> None:
    path = tmp_path / "sites.tsv"
    rows = TABLE + "chr3\t1\t2\t+\tG3\n" * 100
    path.write_bytes(gzip.compress(rows.encode()) if compressed else rows.encode())
    monkeypatch.setattr(polyadenylation, "_MAX_BYTES", len(rows))
    assert len(read_polyadenylation_sites(path).of_gene(make_gene("G3", "+"))) == 100
    monkeypatch.setattr(polyadenylation, "_MAX_BYTES", len(rows) - 1)
    with pytest.raises(AnnotationError, match=rf"sites\.tsv: holds more than {len(rows) - 1:,} bytes"):
        read_polyadenylation_sites(path)
