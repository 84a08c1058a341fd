import dataclasses
import math
import urllib.parse

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_scores import (
    ATAC,
    ATAC_ACTIVE,
    POLYADENYLATION,
    RNA,
    SCORERS,
    gene,
    junction_scores,
    scored_allele,
    scores,
)

from vep_cli.genome.alleles import AlleleFlag, AlleleStatus
from vep_cli.scoring.scored_record import ScoredAllele
from vep_cli.writers.limits import Limits
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
        "Junction": "",
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


def test_an_intron_is_named_by_its_first_and_last_base() -> None:
    # Bases 60 to 69 of a 0-based half-open 60..70 are the 61st to the 70th.
    made = junction_scores([[1.5, 2]], (gene(name="A"), 60))
    (entry,) = entries([scored_allele("G", made)], Limits(top=1))
    assert (entry["Gene"], entry["Junction"], entry["Raw"]) == ("A", "61-70", "2")


def test_a_modality_is_summed_up_by_its_own_scorer() -> None:
    expression = scores(RNA, [[-0.25]], genes=(gene(),))
    shift = scores(POLYADENYLATION, [[3.0]], genes=(gene(),))
    told, strongest, _ = info_fields([scored_allele("G", expression, shift)])
    assert [entry.split("|")[3] for entry in told.split(",")] == ["RNA_SEQ", "POLYADENYLATION"]
    assert strongest == "VE_RNA_SEQ=-0.25"
    (line,) = (line for line in header_lines((RNA, POLYADENYLATION)) if "ID=VE_RNA_SEQ," in line)
    assert "positive: more in ALT" in line


def test_values_stand_at_the_place_of_their_allele() -> None:
    alleles = [
        scored_allele("G", scores(ATAC, [[0.5]])),
        scored_allele("*", status=AlleleStatus.SPANNING_DELETION),
        scored_allele("T", scores(RNA, [[2.0]], genes=(gene(),))),
    ]
    told, *fields = info_fields(alleles)
    assert [entry.split("|")[0] for entry in told.removeprefix("VE=").split(",")] == ["G", "T"]
    assert fields == [
        "VE_ATAC=0.5,.,.",
        "VE_RNA_SEQ=.,.,2",
        "VE_STATUS=PASS,SPANNING_DELETION,PASS",
    ]


def test_nothing_scored_leaves_the_status_alone() -> None:
    assert info_fields([scored_allele("<DEL>", status=AlleleStatus.SYMBOLIC)]) == ["VE_STATUS=SYMBOLIC"]


def entries(alleles: list[ScoredAllele], limits: Limits) -> list[dict[str, str]]:
    """Return the fields of each entry of VE."""
    found = [field for field in info_fields(alleles, limits) if field.startswith("VE=")]
    return [
        dict(zip(ENTRY_FIELDS, entry.split("|"), strict=True))
        for field in found
        for entry in field.removeprefix("VE=").split(",")
    ]


def test_limits_choose_the_entries_and_nothing_else() -> None:
    alleles = [
        scored_allele("G", scores(ATAC, [[0.25, -2, 1]]), scores(RNA, [[0.125]], genes=(gene(),))),
        scored_allele("T", scores(ATAC, [[0.5, 0.5, 0.25]])),
    ]
    raw = {
        limits: [(entry["Allele"], float(entry["Raw"])) for entry in entries(alleles, limits)]
        for limits in (Limits(top=2), Limits(all_tracks=True), Limits(min_score=0.5), Limits(min_score=9.0))
    }
    assert list(raw.values()) == [
        [("G", -2), ("G", 1), ("G", 0.125), ("T", 0.5), ("T", 0.5)],
        [("G", -2), ("G", 1), ("G", 0.25), ("G", 0.125), ("T", 0.5), ("T", 0.5), ("T", 0.25)],
        [("G", -2), ("G", 1), ("T", 0.5), ("T", 0.5)],
        [],
    ]
    for limits in raw:
        rest = [field for field in info_fields(alleles, limits) if not field.startswith("VE=")]
        assert rest == ["VE_ATAC=-2,0.5", "VE_RNA_SEQ=0.125,.", "VE_STATUS=PASS,PASS"]


def test_equal_tracks_are_in_their_order() -> None:
    alleles = [scored_allele("G", scores(ATAC, [[0.5, 1, -1]]))]
    assert [entry["Track"] for entry in entries(alleles, Limits(top=3))] == [
        "track%201",
        "track%202",
        "track%200",
    ]


def test_a_gene_has_one_entry_however_many_introns_it_has() -> None:
    one, other = gene(name="A"), gene(name="B")
    made = junction_scores([[1, 4], [2, 3], [5, 0]], (one, 10), (other, 20), (one, 30))
    found = entries([scored_allele("G", made)], Limits(top=1))
    assert [(entry["Gene"], entry["Raw"]) for entry in found] == [("A", "5"), ("B", "3")]


def test_polyadenylation_is_told_by_tracks_of_the_gene_s_strand() -> None:
    made = scores(POLYADENYLATION, [[1, 9]], strands="+-", genes=(gene("+"),))
    assert [entry["Raw"] for entry in entries([scored_allele("G", made)], Limits(all_tracks=True))] == ["1"]


def test_quantiles() -> None:
    ranked = dataclasses.replace(scores(ATAC, [[0.5, -1]]), quantile=np.array([[0.75, NAN]], np.float32))
    found = entries([scored_allele("G", ranked)], Limits(all_tracks=True))
    assert [(entry["Raw"], entry["Quantile"]) for entry in found] == [("-1", "."), ("0.5", "0.75")]


def test_flags_stand_at_the_place_of_their_allele() -> None:
    one, other = tuple(AlleleFlag)[:2]
    alleles = [
        scored_allele("G", scores(ATAC, [[0.5]]), flags=(one, other)),
        scored_allele("*", status=AlleleStatus.SPANNING_DELETION),
        scored_allele("T", scores(ATAC, [[0.5]]), flags=(other,)),
    ]
    assert info_fields(alleles)[-1] == f"VE_FLAG={one}&{other},.,{other}"
    assert not any(field.startswith("VE_FLAG") for field in info_fields(alleles[1:2]))


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
        "##INFO=<ID=VE_FLAG",
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
    "line",
    [
        "##INFO=<ID=VE,Number=.>",
        "##INFO=<Number=A,Type=Float,ID=VE_RNA_SEQ>",
        "##INFO=<ID=VE_FLAG>",
        "##vep_cli_version=0",
    ],
)
def test_our_header_lines_whatever_their_order(line: str) -> None:
    assert is_our_header_line(line + "\n")


def test_a_description_defines_nothing() -> None:
    assert not is_our_header_line('##INFO=<Number=1,Description="see ,ID=VE,",ID=OTHER>')


@pytest.mark.parametrize(
    ("info", "left"),
    [
        (".", []),
        ("", []),
        (";", []),
        ("DP=1;VE=G|x,T|y;VE_ATAC=1,2;VE_STATUS=PASS;AF=0.5", ["DP=1", "AF=0.5"]),
        ("VE_STATUS=PASS;VE_FLAG=A&B,.", []),
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
    assert not set(escaped) & {",", ";", "=", "|", "&", "\x7f", *map(chr, range(33))}
    assert urllib.parse.unquote(escaped) == text


def test_escapes_are_those_of_the_specification() -> None:
    assert escape("a b;c=50%,d|e&f\t") == "a%20b%3Bc%3D50%25%2Cd%7Ce%26f%09"
