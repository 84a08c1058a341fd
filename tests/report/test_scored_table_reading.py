"""A tidy table, read back."""

import pytest

from vep_cli.errors import VcfError
from vep_cli.report.scored_allele import Details, ReportedRecord
from vep_cli.report.scored_table import read_records
from vep_cli.writers.tidy import COLUMNS

ATAC = "CenterMaskScorer(requested_output=ATAC, width=501, aggregation_type=DIFF_LOG2_SUM)"
ACTIVE = "CenterMaskScorer(requested_output=ATAC, width=501, aggregation_type=ACTIVE_SUM)"
HEAD = "\t".join(COLUMNS) + "\n"


def row(variant: str, **cells: str) -> str:
    values = {"variant_id": variant, "status": "PASS"} | cells
    return "\t".join(values.get(column, "") for column in COLUMNS) + "\n"


def atac(variant: str, raw: str, track: str = "t", scorer: str = ATAC) -> str:
    return row(variant, output_type="ATAC", variant_scorer=scorer, raw_score=raw, track_name=track)


def read(*lines: str) -> list[ReportedRecord]:
    return list(read_records(iter((HEAD, *lines)), "scores.tsv"))


def test_an_allele() -> None:
    line = row(
        "chr1:100:A>C",
        output_type="RNA_SEQ",
        variant_scorer="GeneMaskLFCScorer(requested_output=RNA_SEQ)",
        raw_score="-0.5",
        quantile_score="-0.99",
        ref_value="10",
        alt_value="6",
        raw_score_sd="0.1",
        gene_id="ENSG01",
        gene_name="TNF",
        track_name="a b",
        biosample_name="liver",
        ontology_curie="UBERON:0002107",
        allele_flags="MANY_N&CONTIG_EDGE",
    )
    (found,) = read(line)
    (allele,) = found.alleles
    assert (allele.chromosome, allele.position, allele.reference, allele.alternate) == ("chr1", 100, "A", "C")
    assert (allele.status, allele.flags) == ("PASS", ("MANY_N", "CONTIG_EDGE"))
    score = allele.scores["RNA_SEQ"]
    assert (score.modality, score.raw, score.consequence) == ("RNA_SEQ", -0.5, "expression_loss")
    assert score.details() == Details(
        gene_id="ENSG01",
        gene="TNF",
        track="a b",
        biosample="liver",
        ontology="UBERON:0002107",
        reference=10.0,
        alternate=6.0,
        quantile=-0.99,
        spread=0.1,
    )


@pytest.mark.parametrize(
    ("variant", "place"),
    [
        ("HLA-A*01:01:01:01:500:A>C", ("HLA-A*01:01:01:01", 500, "A", "C")),
        ("chr1:5:A>A]chr2:7]", ("chr1", 5, "A", "A]chr2:7]")),
        ("chr1:5:A><DUP:TANDEM>", ("chr1", 5, "A", "<DUP:TANDEM>")),
        ("line 17", ("", 0, "", "")),
    ],
)
def test_places(variant: str, place: tuple[str, int, str, str]) -> None:
    allele = read(row(variant))[0].alleles[0]
    assert (allele.chromosome, allele.position, allele.reference, allele.alternate) == place


def test_rows_of_one_allele_stand_together() -> None:
    found = read(
        atac("chr1:1:A>C", "0.25", "x"),
        atac("chr1:1:A>C", "-0.5", "y"),
        row("chr1:1:A><DEL>", status="SYMBOLIC"),
        atac("chr1:2:A>C", "0.125", "x"),
    )
    alleles = [record.alleles[0] for record in found]
    assert [one.status for one in alleles] == ["PASS", "SYMBOLIC", "PASS"]
    assert [one.scores["ATAC"].raw for one in alleles if one.scores] == [-0.5, 0.125]


def test_a_record_that_is_there_twice_is_two_alleles() -> None:
    rows = atac("chr1:1:A>C", "0.25", "x"), atac("chr1:1:A>C", "0.5", "y")
    assert len(read(*rows, *rows)) == 2
    assert len(read(*[row("chr1:1:A>*", status="SPANNING_DELETION")] * 3)) == 3


def test_levels_and_missing_scores_are_left_out() -> None:
    (found,) = read(
        atac("chr1:1:A>C", "9", scorer=ACTIVE), atac("chr1:1:A>C", ""), atac("chr1:1:A>C", "x", "z")
    )
    assert found.alleles[0].scores == {}
    assert found.unreadable == 1


def test_junctions_are_told_as_in_a_vcf() -> None:
    line = row(
        "chr1:1:A>C",
        output_type="SPLICE_JUNCTIONS",
        variant_scorer="SpliceJunctionScorer()",
        raw_score="2",
        junction_Start="99",
        junction_End="200",
    )
    score = read(line)[0].alleles[0].scores["SPLICE_JUNCTIONS"]
    assert score.details().junction == "100-200"
    assert score.consequence == "splice_junction_change"


def test_quoted_cells() -> None:
    (found,) = read(atac("chr1:1:A>C", "1").replace("\tt\t", '\t"a ""b"""\t'))
    assert found.alleles[0].scores["ATAC"].details().track == 'a "b"'


@pytest.mark.parametrize("text", ["", "gene\tscore\nTNF\t1\n"])
def test_another_table_is_refused(text: str) -> None:
    with pytest.raises(VcfError, match="no column variant_id"):
        list(read_records(iter(text.splitlines(keepends=True)), "other.tsv"))


def test_a_row_that_was_cut_short_is_refused() -> None:
    with pytest.raises(VcfError) as refused:
        read(atac("chr1:1:A>C", "1"), "chr1:2:A>C\tchr1:0-1")
    assert (refused.value.line, str(refused.value.path)) == (3, "scores.tsv")


def test_a_row_that_cannot_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # csv refuses cells of more than 128 kB, if they are quoted.
    with pytest.raises(VcfError, match="cannot be read"):
        read(row('"' + "x" * 200_000 + '"'))
