"""What became of every record and every allele."""

import collections
import dataclasses
from typing import Any

from vep_cli.genome.alleles import REASONS, AlleleFlag, AlleleStatus
from vep_cli.scoring.scored_record import ScoredRecord

BAD_DATA = frozenset(
    {
        AlleleStatus.MALFORMED,
        AlleleStatus.REF_MISMATCH,
        AlleleStatus.UNKNOWN_CONTIG,
        AlleleStatus.OFF_CONTIG,
        AlleleStatus.NOT_FINITE,
    }
)
"""Reasons that say something is wrong: with the input, or with the choice of the genome or the weights."""


def counted(number: int, what: str) -> str:
    """Return `1 record` or `2 records`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


@dataclasses.dataclass
class Statistics:
    """Counts that add up: alleles = the sum of `statuses`.

    Attributes:
        records: Records read, malformed ones included.
        alleles: ALT alleles of them; a malformed record counts as one.
        statuses: Alleles by what became of them.
        flags: Scored alleles by what there is to know about their scores; one can have several.
        blank_lines: Blank lines of the input, which are no records.
    """

    records: int = 0
    alleles: int = 0
    statuses: collections.Counter[AlleleStatus] = dataclasses.field(default_factory=collections.Counter)
    flags: collections.Counter[AlleleFlag] = dataclasses.field(default_factory=collections.Counter)
    blank_lines: int = 0

    @classmethod
    def of(cls, scored: ScoredRecord) -> "Statistics":
        """Return the counts of one record."""
        counts = cls()
        counts.count(scored)
        return counts

    def count(self, scored: ScoredRecord) -> None:
        """Add one record."""
        self.records += 1
        self.alleles += len(scored.alleles)
        self.statuses.update(allele.allele.status for allele in scored.alleles)
        self.flags.update(flag for allele in scored.alleles for flag in allele.allele.flags)

    def __iadd__(self, other: "Statistics") -> "Statistics":
        """Add another run's counts."""
        self.records += other.records
        self.alleles += other.alleles
        self.statuses += other.statuses
        self.flags += other.flags
        self.blank_lines += other.blank_lines
        return self

    def to_json(self) -> dict[str, Any]:
        """Return the counts as JSON has them; blank lines are the input's and left out."""
        return {
            "records": self.records,
            "alleles": self.alleles,
            "statuses": dict(self.statuses),
            "flags": dict(self.flags),
        }

    @classmethod
    def from_json(cls, counts: dict[str, Any]) -> "Statistics":
        """Return the counts that `to_json` gave."""
        statuses = {AlleleStatus(name): number for name, number in counts["statuses"].items()}
        flags = {AlleleFlag(name): number for name, number in counts["flags"].items()}
        return cls(
            records=counts["records"],
            alleles=counts["alleles"],
            statuses=collections.Counter(statuses),
            flags=collections.Counter(flags),
        )

    @property
    def scored(self) -> int:
        """Alleles that have a score."""
        return self.statuses[AlleleStatus.PASS]

    @property
    def bad_data(self) -> int:
        """Alleles that were not scored because something is wrong with the input."""
        return sum(self.statuses[status] for status in BAD_DATA)

    def lines(self) -> list[str]:
        """Return the summary: the whole, the flags of what was scored, and each reason not to score."""
        blank = f" (blank lines left out: {self.blank_lines})" if self.blank_lines else ""
        records, alleles = counted(self.records, "record"), counted(self.alleles, "ALT allele")
        lines = [f"{records}, {alleles}: {self.scored} scored{blank}"]
        if self.flags:
            lines.append(f"  flags: {', '.join(f'{self.flags[f]} {f}' for f in AlleleFlag if self.flags[f])}")
        for status in AlleleStatus:
            if status is not AlleleStatus.PASS and self.statuses[status]:
                lines.append(f"  {self.statuses[status]} {status}: {REASONS[status]}")
        return lines
