"""What became of every record and every allele."""

import collections
import dataclasses
from typing import Any

from vep_cli.genome.alleles import REASONS, AlleleFlag, AlleleStatus
from vep_cli.genome.genotype import Copy
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


_CARRIED = {
    Copy.FIRST: "on 1",
    Copy.SECOND: "on 2",
    Copy.BOTH: "on both",
    Copy.UNPHASED: "unphased",
}


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
        haplotypes: Scored alleles that a sample carries, by the copy that has them.
        incomplete: Those of them with alleles round them that may be on that copy and were not applied.
        blank_lines: Blank lines of the input, which are no records.
    """

    records: int = 0
    alleles: int = 0
    statuses: collections.Counter[AlleleStatus] = dataclasses.field(default_factory=collections.Counter)
    flags: collections.Counter[AlleleFlag] = dataclasses.field(default_factory=collections.Counter)
    haplotypes: collections.Counter[Copy] = dataclasses.field(default_factory=collections.Counter)
    incomplete: int = 0
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
        scored_alleles = (one.allele for one in scored.alleles if one.allele.status is AlleleStatus.PASS)
        carried = [one.background for one in scored_alleles if one.background is not None]
        self.haplotypes.update(background.copy for background in carried)
        self.incomplete += sum(background.left_out > 0 for background in carried)

    def __iadd__(self, other: "Statistics") -> "Statistics":
        """Add another run's counts."""
        self.records += other.records
        self.alleles += other.alleles
        self.statuses += other.statuses
        self.flags += other.flags
        self.haplotypes += other.haplotypes
        self.incomplete += other.incomplete
        self.blank_lines += other.blank_lines
        return self

    def to_json(self) -> dict[str, Any]:
        """Return the counts as JSON has them; blank lines are the input's and left out.

        Haplotypes are there where an allele is on one.
        """
        on_haplotypes = {"haplotypes": dict(self.haplotypes), "incomplete_backgrounds": self.incomplete}
        return {
            "records": self.records,
            "alleles": self.alleles,
            "statuses": dict(self.statuses),
            "flags": dict(self.flags),
            **(on_haplotypes if self.haplotypes else {}),
        }

    @classmethod
    def from_json(cls, counts: dict[str, Any]) -> "Statistics":
        """Return the counts that `to_json` gave."""
        statuses = {AlleleStatus(name): number for name, number in counts["statuses"].items()}
        flags = {AlleleFlag(name): number for name, number in counts["flags"].items()}
        haplotypes = {Copy(name): number for name, number in counts.get("haplotypes", {}).items()}
        return cls(
            records=counts["records"],
            alleles=counts["alleles"],
            statuses=collections.Counter(statuses),
            flags=collections.Counter(flags),
            haplotypes=collections.Counter(haplotypes),
            incomplete=counts.get("incomplete_backgrounds", 0),
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
        if self.haplotypes:
            lines.append(f"  {self._on_haplotypes()}")
        for status in AlleleStatus:
            if status is not AlleleStatus.PASS and self.statuses[status]:
                lines.append(f"  {self.statuses[status]} {status}: {REASONS[status]}")
        return lines

    def _on_haplotypes(self) -> str:
        parts = [f"{self.haplotypes[copy]} {_CARRIED[copy]}" for copy in Copy if self.haplotypes[copy]]
        parts.append(f"{self.scored - self.haplotypes.total()} not carried, scored on the reference")
        if self.incomplete:
            parts.append(f"{self.incomplete} with alleles in the window that may be on that copy, left out")
        return f"haplotypes: {', '.join(parts)}"
