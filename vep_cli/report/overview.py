"""The tables at the top of a report: what became of the alleles, and what the scorers said of them."""

from collections.abc import Iterable, Mapping

from vep_cli.genome.allele_flags import LONG
from vep_cli.genome.alleles import REASONS, AlleleFlag, AlleleStatus
from vep_cli.report.bounded_counts import OTHERS
from vep_cli.report.markup import Markup, element
from vep_cli.report.plots import bar
from vep_cli.report.scored_allele import NO_STATUS
from vep_cli.report.summary import ScorerSummary, Summary
from vep_cli.report.wording import share, shown_score

_STATUS_MEANINGS: Mapping[str, str] = {
    **{status.value: reason for status, reason in REASONS.items()},
    NO_STATUS: "the file has no status for the allele: added or changed after scoring",
}
FLAG_MEANINGS: Mapping[str, str] = {
    AlleleFlag.NORMALIZED: "scored trimmed and left-aligned, which is not how the record spells it",
    AlleleFlag.TANDEM_DUPLICATION: "bases inserted beside their like: which copy is new cannot be told",
    AlleleFlag.LONG_INDEL: f"REF and ALT differ by {LONG} bases or more: narrow masks compare other sequence",
    AlleleFlag.CONTIG_EDGE: "the window reaches past an end of the contig: less context than usual",
    AlleleFlag.MANY_N: "more than a tenth of the window is N: much less context than usual",
    AlleleFlag.SOME_NOT_FINITE: "some predictions were not finite: their scores are missing",
}
"""What to know about the scores of an allele, in short (docs/scores.md says more)."""


def statuses_table(summary: Summary) -> Markup:
    """Return the section of what became of the alleles; its counts add up to the alleles."""
    counts = summary.statuses.in_order([status.value for status in AlleleStatus])
    total = element(
        "tr",
        element("th", "all", scope="row"),
        element("td", f"{summary.alleles:,}", class_="number"),
        element("td", class_="number"),
        element("td", class_="picture"),
        element("td", "ALT alleles of the file", class_="meaning"),
    )
    return element(
        "section",
        element("h2", "What became of the alleles"),
        _counts_table("Status", counts, _STATUS_MEANINGS, whole=summary.alleles, foot=(total,)),
    )


def flags_table(summary: Summary) -> Markup:
    """Return the section of the flags, empty where no allele has any."""
    counts = summary.flags.in_order([flag.value for flag in AlleleFlag])
    if not counts:
        return Markup("")
    note = "An allele can have several flags, so these counts do not add up."
    return element(
        "section",
        element("h3", "What to know before relying on a score"),
        _counts_table("Flag", counts, FLAG_MEANINGS, whole=summary.alleles),
        element("p", note, class_="soft"),
    )


def scorers_table(summary: Summary) -> Markup:
    """Return the section of the scorers: how many alleles each scored, and its strongest scores."""
    heading = element("h2", "Scores", id="scores")
    if not summary.scorers:
        return element("section", heading, element("p", "No allele has a score."))
    head = _head(("Scorer", False), ("Alleles", True), ("Lowest", True), ("Highest", True))
    rows = (_scorer_row(scorer, number) for number, scorer in enumerate(summary.scorers, start=1))
    explanation = (
        "Of each allele and scorer the report has the strongest score: of all genes, tracks and tissues in "
        "the file the one of the largest magnitude. A positive score means more in ALT than in REF; where no "
        "score is below zero, it is the size of a change in whichever direction. Scores of different scorers "
        "have different scales and cannot be compared with each other."
    )
    return element(
        "section",
        heading,
        element("p", explanation),
        _scrolling("Scorers", element("table", head, element("tbody", *rows))),
    )


def consequences_table(scorer: ScorerSummary) -> Markup:
    """Return how many alleles have which consequence by a scorer."""
    counts = scorer.consequences.in_order(())
    most = max((count for _, count in counts), default=0)
    rows = (
        element(
            "tr",
            element("th", word, scope="row"),
            element("td", f"{count:,}", class_="number"),
            element("td", share(count, scorer.histogram.count), class_="number"),
            element("td", bar(count, most, _kind_of_word(word)), class_="picture"),
        )
        for word, count in counts
    )
    head = _head(("Consequence", False), ("Alleles", True), ("Share", True), ("", False))
    return _scrolling(f"Consequences by {scorer.name}", element("table", head, element("tbody", *rows)))


def _counts_table(
    name: str,
    counts: list[tuple[str, int]],
    meanings: Mapping[str, str],
    *,
    whole: int,
    foot: Iterable[Markup] = (),
) -> Markup:
    rows = (
        element(
            "tr",
            element("th", word, scope="row"),
            element("td", f"{count:,}", class_="number"),
            element("td", share(count, whole), class_="number"),
            element("td", bar(count, whole, "count"), class_="picture"),
            element("td", meanings.get(word, "further ones" if word == OTHERS else ""), class_="meaning"),
        )
        for word, count in counts
    )
    head = _head((name, False), ("Alleles", True), ("Share", True), ("", False), ("Meaning", False))
    table = element("table", head, element("tbody", *rows), element("tfoot", *foot))
    return _scrolling(name, table)


def _scorer_row(scorer: ScorerSummary, number: int) -> Markup:
    histogram = scorer.histogram
    return element(
        "tr",
        element("th", element("a", scorer.name, href=f"#scorer-{number}"), scope="row"),
        element("td", f"{histogram.count:,}", class_="number"),
        element("td", shown_score(histogram.smallest, is_signed=scorer.is_signed), class_="number"),
        element("td", shown_score(histogram.largest, is_signed=scorer.is_signed), class_="number"),
    )


def _head(*columns: tuple[str, bool]) -> Markup:
    cells = (
        element("th", text, scope="col", class_="number" if is_number else None)
        if text
        else element("td", class_="picture")
        for text, is_number in columns
    )
    return element("thead", element("tr", *cells))


def _scrolling(label: str, table: Markup) -> Markup:
    # Focusable, so that a table wider than the screen can be scrolled by keys.
    return element("div", table, class_="wide", role="region", aria_label=label, tabindex="0")


def _kind_of_word(word: str) -> str:
    for ending, kind in (("_gain", "gain"), ("_loss", "loss"), ("_change", "size")):
        if word.endswith(ending):
            return kind
    return "count"
