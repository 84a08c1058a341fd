"""An explanation for people: a few lines on the allele, then a paragraph for each scorer.

Coordinates are 1-based and closed, as samtools and genome browsers show them; where the package's own
0-based half-open ones are given too, it is said.
"""

import io
import math
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from vep_cli.explanation import Alignment, Explanation, RowExplanation, ScorerExplanation, TrackScore
from vep_cli.genome.interval import Interval
from vep_cli.genome.window import Window
from vep_cli.writers.consequence import consequence

_UNBROKEN = 10_000
"""Columns of a line that nothing has to fit into."""

_MOST_STRETCHES = 4
"""Stretches of a mask that are written out; a gene can have a hundred exons."""

_Facts = Iterator[tuple[str, str]]
"""What is said of something, each with its heading."""


def explanation_text(explanation: Explanation, *, genes: int, terminal_width: int | None) -> str:
    """Return the explanation as text.

    Args:
        explanation: What to tell.
        genes: Genes of each scorer to tell of, those with the strongest scores.
        terminal_width: Columns to fit into, with headings in bold; None for plain lines of any length.
    """
    console = Console(
        file=io.StringIO(),
        width=terminal_width or _UNBROKEN,
        force_terminal=terminal_width is not None,
        color_system=None if terminal_width is None else "standard",
        highlight=False,
    )
    with console.capture() as captured:
        console.print(Text(_title(explanation), style="bold"))
        console.print(_fact_table(_allele_facts(explanation)))
        for explained in explanation.scorers:
            _print_scorer(console, explained, genes)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _title(explanation: Explanation) -> str:
    record = explanation.record
    return f"{record.chromosome}:{record.position}:{record.reference}>{explanation.allele.text}"


def _allele_facts(explanation: Explanation) -> _Facts:
    allele, window, alignment = explanation.allele, explanation.window, explanation.alignment
    yield "status", explanation.problem or "PASS: scored"
    if window is None or alignment is None:
        return
    yield "scored as", str(window.variant)
    if allele.flags:
        yield "flags", ", ".join(allele.flags)
    yield "window", _window_line(window)
    yield "alignment", _alignment_line(alignment, window.interval.chromosome)
    for name, reason in explanation.left_out.items():
        yield "left out", f"{name}: {reason}"


def _window_line(window: Window) -> str:
    interval = window.interval
    return (
        f"{_place(interval)}, {interval.width:,} bp "
        f"(0-based half-open: {interval.chromosome} {interval.start} {interval.end})"
    )


def _alignment_line(alignment: Alignment, chromosome: str) -> str:
    if alignment.anchor is None:
        return "ALT is as long as REF: predictions are compared base by base"
    # 1-based, the anchor is the number of bases up to and with it.
    anchor = f"{chromosome}:{alignment.anchor + 1}"
    zero = f"ALT counts as zero at {_places(alignment.without_counterpart) or 'no base of the window'}"
    if alignment.deleted_bases:
        return f"ALT lacks {_bases(alignment.deleted_bases)} behind {anchor}; where aligned, {zero}"
    return (
        f"ALT has {_bases(alignment.inserted_bases)} more behind {anchor}; where aligned, this base takes "
        f"ALT's largest prediction at itself and these, and {zero}, which they push out of the window"
    )


def _bases(bases: str) -> str:
    shown = bases if len(bases) <= 20 else f"{bases[:10]}...{bases[-7:]}"
    return f"{shown} ({len(bases)} bp)" if len(bases) > 1 else shown


def _print_scorer(console: Console, explained: ScorerExplanation, genes: int) -> None:
    scorer = explained.scorer
    console.print()
    console.print(Text(f"{scorer.name}  {scorer.official_name}", style="bold"))
    console.print(_fact_table(_scorer_facts(explained)))
    rows = sorted(explained.rows, key=_strength, reverse=True)
    for row in rows[:genes]:
        console.print(_fact_table(_row_facts(row, scorer.output_type.resolution)))
        if row.strongest:
            console.print(_score_table(row.strongest, explained))
    if len(rows) > genes:
        console.print(f"  {len(rows) - genes} more of genes (--top)")


def _scorer_facts(explained: ScorerExplanation) -> _Facts:
    yield "formula", explained.scorer.formula
    if not explained.rows:
        yield "scores", "none: no gene there that this scorer counts"


def _row_facts(row: RowExplanation, resolution: int) -> _Facts:
    gene = row.label.gene
    if gene is not None:
        yield "gene", " ".join(filter(None, (gene.name, gene.gene_id, gene.gene_type, f"({gene.strand})")))
    bins = "" if resolution == 1 else f" in {row.width // resolution:,} bins of {resolution:,} bp"
    mask = f"{row.width:,} bp{bins}: {_places(row.regions)}"
    yield "mask", mask if row.regions else "nothing in the window"
    if not row.strongest:
        yield "scores", "none: no chosen track applies"


def _strength(row: RowExplanation) -> float:
    return max((abs(score.raw) for score in row.strongest), default=-1.0)


def _fact_table(facts: _Facts) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, min_width=11)
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(Text(f"  {name}"), Text(value))
    return table


def _score_table(scores: Sequence[TrackScore], explained: ScorerExplanation) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="italic")
    table.add_column("   ")
    for name in ("raw", "REF", "ALT"):
        table.add_column(name, justify="right", no_wrap=True)
    optional = [name for name in ("quantile", "spread") if getattr(scores[0], name) is not None]
    for name in optional:
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("consequence", "track"):
        table.add_column(name, overflow="fold")
    for score in scores:
        numbers = (score.raw, score.reference, score.alternate, *(getattr(score, name) for name in optional))
        word = consequence(explained.scorer, score.raw)
        table.add_row("", *map(_number, numbers), word, Text(_track(score)))
    return table


def _track(score: TrackScore) -> str:
    track, junction = score.track, score.junction
    strand = "" if track.strand == "." else f"({track.strand})"
    parts = (track.name, strand, track.biosample_name, f"intron {_place(junction)}" if junction else "")
    return " ".join(part for part in parts if part)


def _number(value: float) -> str:
    return f"{value + 0.0:.6g}" if math.isfinite(value) else "."  # adding 0 makes 0 of -0


def _places(regions: Sequence[Interval]) -> str:
    shown = ", ".join(map(_place, regions[:_MOST_STRETCHES]))
    more = len(regions) - _MOST_STRETCHES
    return f"{shown} and {more} more" if more > 0 else shown


def _place(interval: Interval) -> str:
    return f"{interval.chromosome}:{interval.start + 1}-{interval.end}"
