"""A scored VCF, read back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scored_files import COLUMNS, DEFINITIONS, entry, header_of, record, scored_vcf, ve

from vep_cli.errors import VcfError
from vep_cli.genome.vcf_record import parse_record
from vep_cli.report.scored_allele import Details, ReportedRecord
from vep_cli.report.scored_vcf import read_records
from vep_cli.writers.vcf_info import ENTRY_FIELDS


def read(*lines: str) -> list[ReportedRecord]:
    header = header_of(scored_vcf())
    return list(read_records((parse_record(line, 1) for line in lines), header))


def only(line: str) -> ReportedRecord:
    (found,) = read(line)
    return found


def test_header() -> None:
    header = header_of(scored_vcf())
    assert header.provenance == (
        ("version", "1.2.3"),
        ("weights", "toy 1 sha256:00"),
        ("warning", "the weights 'toy' are RANDOM NUMBERS"),
    )
    assert header.lengths == {"chr1": 12000}
    assert header.samples == 0
    assert [header.fields[name] for name in ENTRY_FIELDS] == list(range(len(ENTRY_FIELDS)))


@pytest.mark.parametrize(
    ("columns", "samples"), [("\tFORMAT", 0), ("\tFORMAT\tS1", 1), ("\tFORMAT\tA\tB\tC", 3)]
)
def test_samples_are_counted(columns: str, samples: int) -> None:
    header = DEFINITIONS + COLUMNS.rstrip("\n") + columns + "\n"
    assert header_of(header).samples == samples


def test_contig_lengths_in_either_order_of_the_keys() -> None:
    lines = "##contig=<length=5,ID=a>\n##contig=<ID=b,assembly=x,length=7>\n##contig=<ID=c>\n"
    assert header_of(lines + DEFINITIONS + COLUMNS).lengths == {"a": 5, "b": 7}


@pytest.mark.parametrize(
    "header",
    [
        "",
        '##INFO=<ID=VE_STATUS,Number=A,Type=String,Description="PASS">\n',
        # Another program's field of the same name.
        '##INFO=<ID=VE,Number=.,Type=String,Description="Format: Allele|Consequence">\n',
    ],
)
def test_a_file_without_scores_is_refused(header: str) -> None:
    with pytest.raises(VcfError, match="no scores of vep") as refused:
        header_of(header + COLUMNS)
    assert refused.value.exit_code == 1
    assert "vep score toy.vcf" in str(refused.value.remedy)


def test_entries_of_another_version_are_refused() -> None:
    with pytest.raises(VcfError, match="no Raw"):
        header_of(DEFINITIONS.replace("|Raw|", "|Value|") + COLUMNS)


def test_an_allele() -> None:
    line = record(
        "chr1:100:A:C",
        "DP=3",
        ve(
            entry("C", "ATAC", 0.25, Biosample="liver", Ontology="UBERON:0002107", REF="10", ALT="12"),
            entry(
                "C", "RNA_SEQ", -0.5, Gene="TNF", Gene_ID="ENSG01.7", Track="a b", Quantile="0.99", SD="0.1"
            ),
            entry("C", "RNA_SEQ", 0.25, Gene="LTA"),
        ),
        "VE_STATUS=PASS",
        "VE_FLAG=MANY_N&CONTIG_EDGE",
        identifier="rs1",
    )
    (allele,) = only(line).alleles
    assert (allele.chromosome, allele.position, allele.identifier) == ("chr1", 100, "rs1")
    assert (allele.reference, allele.alternate, allele.status) == ("A", "C", "PASS")
    assert allele.flags == ("MANY_N", "CONTIG_EDGE")
    # Of RNA_SEQ the strongest by magnitude.
    assert {name: one.raw for name, one in allele.scores.items()} == {"ATAC": 0.25, "RNA_SEQ": -0.5}
    assert allele.scores["RNA_SEQ"].consequence == "rna_seq_loss"
    assert allele.scores["RNA_SEQ"].details() == Details(
        gene="TNF", gene_id="ENSG01.7", track="a b", quantile=0.99, spread=0.1
    )
    assert allele.scores["ATAC"].details() == Details(
        biosample="liver", ontology="UBERON:0002107", reference=10.0, alternate=12.0
    )


def test_scores_go_to_their_alleles() -> None:
    line = record(
        "chr1:100:A:C,<DEL>,G",
        ve(entry("C", "ATAC", 0.25), entry("G", "ATAC", -0.5)),
        "VE_STATUS=PASS,SYMBOLIC,PASS",
        "VE_FLAG=.,.,MANY_N",
    )
    alleles = only(line).alleles
    assert [one.status for one in alleles] == ["PASS", "SYMBOLIC", "PASS"]
    assert [one.flags for one in alleles] == [(), (), ("MANY_N",)]
    assert [{name: found.raw for name, found in one.scores.items()} for one in alleles] == [
        {"ATAC": 0.25},
        {},
        {"ATAC": -0.5},
    ]


@settings(deadline=None)
@given(name=st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_names_come_back_as_they_were(name: str) -> None:
    # What `escape` does to the letters that VCF needs for itself is undone, whatever letters those are.
    line = record("chr1:100:A:C", ve(entry("C", "ATAC", 1, Gene=name, Track=name, Biosample=name)))
    details = only(line).alleles[0].scores["ATAC"].details()
    assert (details.gene, details.track, details.biosample) == (name, name, name)


def test_a_modality_whose_entries_were_left_out_has_its_strongest_score() -> None:
    line = record(
        "chr1:100:A:C,G",
        ve(entry("C", "ATAC", 0.25)),
        "VE_ATAC=0.25,-0.01",
        "VE_SPLICE_SITES=.,0.02",
        "VE_STATUS=PASS,PASS",
    )
    first, second = only(line).alleles
    assert {name: one.consequence for name, one in first.scores.items()} == {"ATAC": "atac_gain"}
    assert {name: (one.raw, one.consequence) for name, one in second.scores.items()} == {
        "ATAC": (-0.01, "accessibility_loss"),
        "SPLICE_SITES": (0.02, "splice_site_change"),
    }
    assert second.scores["ATAC"].details() == Details()


def test_values_of_other_numbers_than_the_alleles_go_to_nobody() -> None:
    line = record("chr1:100:A:C", "VE_ATAC=0.25,0.5", "VE_STATUS=PASS,SYMBOLIC")
    (allele,) = only(line).alleles
    assert (allele.status, dict(allele.scores)) == ("(none)", {})


def test_what_is_damaged_is_counted() -> None:
    line = record(
        "chr1:100:A:C",
        ve(entry("C", "ATAC", "high"), "C|half", entry("C", "ATAC", "inf"), entry("G", "ATAC", 1)),
    )
    found = only(line)
    assert (found.unreadable, found.stray) == (3, 1)
    assert found.alleles[0].scores == {}


def test_a_line_that_is_no_record_is_one_malformed_allele() -> None:
    (allele,) = only("chr1\tx\t.\tA\tC,G\t.\t.\t.\n").alleles
    assert (allele.status, allele.chromosome, dict(allele.scores)) == ("MALFORMED", "", {})
