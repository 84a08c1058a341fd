import math
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_scores import ATAC, ATAC_ACTIVE, POLYADENYLATION, RNA, SCORERS, gene, scored_allele, scores

from vep_cli.genome.alleles import AlleleStatus
from vep_cli.writers.vcf_info import (
    ENTRY_FIELDS,
    escape,
    header_lines,
    info_fields,
    is_our_header_line,
    without_our_fields,
)

NAN = math.nan


def test_one_entry_of_the_strongest_track() -> None:
    (entry, strongest, status) = info_fields([scored_allele("G", scores(ATAC, [[0.25, -0.5]]))])
    cells = dict(zip(ENTRY_FIELDS, entry.removeprefix("VE=").split("|"), strict=True))
    assert cells == {
        "Allele": "G",
        "Consequence": "accessibility_loss",
        "Modality": "ATAC",
        "Scorer": "ATAC",
        "Gene_ID": "",
        "Gene": "",
        "Track": "track%201",
        "Biosample": "liver",
        "Ontology": "UBERON:0002107",
        "REF": "1",
        "ALT": "2",
        "Raw": "-0.5",
        "Quantile": "",
        "SD": "",
    }
    assert (strongest, status) == ("VE_ATAC=-0.5", "VE_STATUS=PASS")


def test_one_entry_per_gene_and_the_strongest_of_all_genes() -> None:
    raw = scores(RNA, [[0.25], [-0.75]], genes=(gene(name="A"), gene(name="B;C")))
    entry, strongest, _ = info_fields([scored_allele("G", raw)])
    assert [part.split("|")[5] for part in entry.removeprefix("VE=").split(",")] == ["A", "B%3BC"]
    assert strongest == "VE_RNA_SEQ=-0.75"


def test_a_modality_is_summed_up_by_its_own_scorer() -> None:
    expression = scores(RNA, [[-0.25]], genes=(gene(),))
    shift = scores(POLYADENYLATION, [[3.0]], genes=(gene(),))
    entries, strongest, _ = info_fields([scored_allele("G", expression, shift)])
    assert [entry.split("|")[3] for entry in entries.split(",")] == ["RNA_SEQ", "POLYADENYLATION"]
    assert strongest == "VE_RNA_SEQ=-0.25"
    (line,) = (line for line in header_lines((RNA, POLYADENYLATION)) if "ID=VE_RNA_SEQ," in line)
    assert "positive: more in ALT" in line


def test_values_stand_at_the_place_of_their_allele() -> None:
    alleles = [
        scored_allele("G", scores(ATAC, [[0.5]])),
        scored_allele("*", status=AlleleStatus.SPANNING_DELETION),
        scored_allele("T", scores(RNA, [[2.0]], genes=(gene(),))),
    ]
    entries, *fields = info_fields(alleles)
    assert [entry.split("|")[0] for entry in entries.removeprefix("VE=").split(",")] == ["G", "T"]
    assert fields == [
        "VE_ATAC=0.5,.,.",
        "VE_RNA_SEQ=.,.,2",
        "VE_STATUS=PASS,SPANNING_DELETION,PASS",
    ]


def test_nothing_scored_leaves_the_status_alone() -> None:
    assert info_fields([scored_allele("<DEL>", status=AlleleStatus.SYMBOLIC)]) == ["VE_STATUS=SYMBOLIC"]


def test_levels_are_not_in_a_vcf() -> None:
    assert info_fields([scored_allele("G", scores(ATAC_ACTIVE, [[9.0]]))]) == ["VE_STATUS=PASS"]


def test_missing_scores_are_passed_over() -> None:
    raw = scores(RNA, [[NAN, -0.5], [NAN, NAN]], genes=(gene(name="A"), gene(name="B")))
    entry, strongest, _ = info_fields([scored_allele("G", raw)])
    assert "|A|" in entry
    assert "|B|" not in entry
    assert strongest == "VE_RNA_SEQ=-0.5"


@pytest.mark.parametrize(
    ("raw", "text"), [(-0.0, "0"), (1e-12, "1e-12"), (1234567.0, "1.23457e+06"), (-2.0, "-2")]
)
def test_numbers(raw: float, text: str) -> None:
    assert f"VE_ATAC={text}" in info_fields([scored_allele("G", scores(ATAC, [[raw]]))])


def test_header_describes_the_fields_that_records_can_have() -> None:
    lines = header_lines(SCORERS)
    assert [line.partition(",")[0] for line in lines] == [
        "##INFO=<ID=VE",
        "##INFO=<ID=VE_ATAC",
        "##INFO=<ID=VE_RNA_SEQ",
        "##INFO=<ID=VE_SPLICE_SITES",
        "##INFO=<ID=VE_STATUS",
    ]
    assert f"Format: {'|'.join(ENTRY_FIELDS)}" in lines[0]
    assert "more in ALT" in lines[2]
    assert "more in ALT" not in lines[3]
    assert header_lines((ATAC_ACTIVE,))[1].startswith("##INFO=<ID=VE_STATUS")
    assert all(is_our_header_line(line) for line in lines)


@pytest.mark.parametrize(
    "line",
    [
        "##INFO=<ID=VEP,Number=1>",
        "##INFO=<ID=VE_OTHER,Number=1>",
        "##FORMAT=<ID=VE,Number=1>",
        "##contig=<ID=VE>",
        "##vep=v110",
        "##source=vep_cli",
    ],
)
def test_header_lines_of_others(line: str) -> None:
    assert not is_our_header_line(line)


@pytest.mark.parametrize(
    ("info", "left"),
    [
        (".", []),
        ("", []),
        (";", []),
        ("DP=1;VE=G|x,T|y;VE_ATAC=1,2;VE_STATUS=PASS;AF=0.5", ["DP=1", "AF=0.5"]),
        ("VE_STATUS=PASS", []),
        ("DB;VEP=1;VE_OTHER=2;MVE=3", ["DB", "VEP=1", "VE_OTHER=2", "MVE=3"]),
        ("DP=1;", ["DP=1"]),
        ("A=;=B;;C", ["A=", "=B", "", "C"]),
    ],
)
def test_our_fields_are_taken_out(info: str, left: list[str]) -> None:
    assert without_our_fields(info) == left


@given(st.text(st.characters(codec="utf-8")))
def test_escaped_text_has_no_reserved_letter_and_can_be_read_back(text: str) -> None:
    escaped = escape(text)
    assert not set(escaped) & set(",;=|&\t\r\n ")
    assert urllib.parse.unquote(escaped) == text


def test_escapes_are_those_of_the_specification() -> None:
    assert escape("a b;c=50%,d|e&f\t") == "a%20b%3Bc%3D50%25%2Cd%7Ce%26f%09"
