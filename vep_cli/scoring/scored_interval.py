"""What became of each interval: its scores, or a coded reason why it has none."""

import dataclasses
import enum
from collections.abc import Mapping

from vep_cli.genome.interval import Interval
from vep_cli.scoring.interval_scorer import IntervalScores


class IntervalStatus(enum.StrEnum):
    """What became of one interval."""

    PASS = "PASS"
    MALFORMED = "MALFORMED"
    UNKNOWN_CONTIG = "UNKNOWN_CONTIG"
    OFF_CONTIG = "OFF_CONTIG"
    TOO_LONG = "TOO_LONG"
    NO_GENE = "NO_GENE"


INTERVAL_REASONS: Mapping[IntervalStatus, str] = {
    IntervalStatus.PASS: "scored",
    IntervalStatus.MALFORMED: "the line is not a BED line",
    IntervalStatus.UNKNOWN_CONTIG: "the contig is not in the reference FASTA",
    IntervalStatus.OFF_CONTIG: "the interval reaches past the end of the contig",
    IntervalStatus.TOO_LONG: "the interval is longer than the window",
    IntervalStatus.NO_GENE: "no gene that a chosen track reads starts round its centre",
}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScoredInterval:
    """One interval as given, and its scores.

    Attributes:
        title: How the table calls it: `chr6:100-200:.`, 0-based and half-open, or `line 7` for a line
            that holds no interval.
        name: Its name in the BED file, or ''.
        status: PASS where it has scores, else why not.
        window: What was predicted; None where nothing was.
        scores: One entry per scorer; empty unless the status is PASS.
    """

    title: str
    name: str
    status: IntervalStatus
    window: Interval | None = None
    scores: tuple[IntervalScores, ...] = ()
