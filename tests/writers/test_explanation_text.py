import re

import pytest
from made_explanations import FULL, explained, unscored

from vep_cli.explanation import Explanation
from vep_cli.writers.explanation_text import explanation_text


def told(explanation: Explanation, genes: int = 3, width: int | None = None) -> str:
    return explanation_text(explanation, genes=genes, terminal_width=width)


def fact(text: str, name: str) -> str:
    found = re.search(rf"^  {name}  +(.*)$", text, re.MULTILINE)
    assert found is not None, text
    return found[1]


def words(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_variant_and_window() -> None:
    text = told(FULL)
    assert text.startswith("1:101:A>C\n")
    assert fact(text, "status") == "PASS: scored"
    assert fact(text, "scored as") == "chr1:100:A>C"
    assert fact(text, "flags") == "NORMALIZED"
    assert fact(text, "window") == "chr1:51-150, 100 bp (0-based half-open: chr1 50 150)"
    assert fact(text, "left out") == "POLYADENYLATION: needs a table"


@pytest.mark.parametrize(
    ("reference", "alternate", "parts"),
    [
        ("A", "C", ["ALT is as long as REF"]),
        # The anchor is position 100; bases 149 and 150 of the chromosome are the window's last.
        ("A", "AGG", ["GG (2 bp) more behind chr1:100;", "zero at chr1:149-150", "largest prediction"]),
        ("ACGT", "A", ["lacks CGT (3 bp) behind chr1:100;", "zero at chr1:101-103"]),
        ("A" + 30 * "C", "A", ["lacks CCCCCCCCCC...CCCCCCC (30 bp)"]),
        ("AC", "A", ["lacks C behind"]),
    ],
)
def test_alignment(reference: str, alternate: str, parts: list[str]) -> None:
    line = fact(told(explained(reference=reference, alternate=alternate)), "alignment")
    assert [part for part in parts if part not in line] == []


def test_scores_stand_under_their_headings() -> None:
    rows = words(told(FULL))
    heading = rows.index(["raw", "REF", "ALT", "quantile", "consequence", "track"])
    assert rows[heading + 1] == [
        "-0.5",
        "1",
        "2",
        "-0.25",
        "accessibility_loss",
        "track",
        "0",
        "(+)",
        "liver",
    ]
    assert ["raw", "REF", "ALT", "consequence", "track"] in rows
    assert "intron chr1:92-99" in told(FULL)
    assert "none: no gene there that this scorer counts" in told(FULL)


def test_strongest_genes_come_first_and_the_others_are_counted() -> None:
    names = re.findall(r"gene +(\w+) ENSG01\.7 lncRNA \(\+\)", told(FULL))
    assert names == ["STRONG", "WEAK", "NONE", "STRONG"]
    few = told(FULL, genes=1)
    assert re.findall(r"gene +([A-Z]+)", few) == ["STRONG", "STRONG"]
    assert few.count("2 more of genes (--top)") == 1


def test_long_masks_are_cut() -> None:
    text = told(FULL)
    assert "21 bp: chr1:51-60, chr1:71-75, chr1:81-81, chr1:91-91 and 1 more" in text
    assert "nothing in the window" in text


def test_plain_text_has_neither_codes_nor_broken_lines() -> None:
    text = told(FULL)
    assert "\x1b" not in text
    assert all(line == line.rstrip() for line in text.splitlines())
    assert sum("POLYADENYLATION: needs a table" in line for line in text.splitlines()) == 1


@pytest.mark.parametrize("width", [40, 72, 120])
def test_a_terminals_lines_fit_into_it(width: int) -> None:
    text = told(explained(*FULL.scorers, alternate="AGGGGGGGGGGGG"), width=width)
    assert "\x1b[1m" in text
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in text  # nothing is cut off to make it fit


def test_names_are_not_taken_for_markup() -> None:
    # rich would read [bold] as a style.
    found = told(explained(alternate="<DEL[bold]>"))
    assert found.startswith("1:101:A><DEL[bold]>\n")


def test_what_has_no_score_says_why() -> None:
    assert fact(told(unscored()), "status") == "REF_MISMATCH: REF is G, the reference has A at 1:101"
