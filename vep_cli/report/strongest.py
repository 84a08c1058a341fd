"""The strongest scores of a scorer: a bounded number of rows of its table."""

import dataclasses
import heapq

from vep_cli.report.scored_allele import Details, ReportedAllele, ReportedScore
from vep_cli.report.wording import clipped


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table: an allele and its strongest score.

    Attributes:
        number: How many scores came before, for the order of equally strong ones.
        chromosome: CHROM, as all text without its tail if it is long.
        position: POS, 1-based.
        identifier: ID.
        reference: REF.
        alternate: ALT.
        flags: What to know about the score.
        raw: The score.
        consequence: Its direction and kind.
        details: What it is of.
    """

    number: int
    chromosome: str
    position: int
    identifier: str
    reference: str
    alternate: str
    flags: str
    raw: float
    consequence: str
    details: Details


class Strongest:
    """Keeps the strongest scores, of equally strong ones those that came first."""

    def __init__(self, most: int) -> None:
        """Begin with nothing.

        Args:
            most: How many are kept, at least one.
        """
        self._most = most
        self._number = 0
        self._heap: list[tuple[float, int, Row]] = []

    def add(self, allele: ReportedAllele, score: ReportedScore) -> None:
        """Take a score into account."""
        strength = abs(score.raw)
        if len(self._heap) < self._most:
            heapq.heappush(self._heap, self._item(allele, score))
        elif strength > self._heap[0][0]:
            heapq.heapreplace(self._heap, self._item(allele, score))
        self._number += 1

    def rows(self) -> list[Row]:
        """Return the rows, the strongest first."""
        return [row for *_, row in sorted(self._heap, key=lambda item: (-item[0], -item[1]))]

    def _item(self, allele: ReportedAllele, score: ReportedScore) -> tuple[float, int, Row]:
        # The number makes items differ, so that rows are never compared.
        return abs(score.raw), -self._number, _row(self._number, allele, score)


def _row(number: int, allele: ReportedAllele, score: ReportedScore) -> Row:
    return Row(
        number=number,
        chromosome=clipped(allele.chromosome),
        position=allele.position,
        identifier=clipped(allele.identifier),
        reference=clipped(allele.reference),
        alternate=clipped(allele.alternate),
        flags=clipped(", ".join(allele.flags)),
        raw=score.raw,
        consequence=clipped(score.consequence),
        details=_clipped_details(score.details()),
    )


def _clipped_details(details: Details) -> Details:
    return dataclasses.replace(
        details,
        gene_id=clipped(details.gene_id),
        gene=clipped(details.gene),
        junction=clipped(details.junction),
        track=clipped(details.track),
        biosample=clipped(details.biosample),
        ontology=clipped(details.ontology),
    )
