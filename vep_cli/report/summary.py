"""Everything that a report tells, gathered in one pass over the records, in memory that does not grow."""

from collections.abc import Iterable

from vep_cli.report.bounded_counts import BoundedCounts
from vep_cli.report.histogram import Histogram
from vep_cli.report.positions import Places
from vep_cli.report.scored_allele import ReportedAllele, ReportedRecord, ReportedScore
from vep_cli.report.scorer_words import MODALITIES
from vep_cli.report.strongest import Strongest
from vep_cli.report.wording import clipped

_MOST_SCORERS = 50


class ScorerSummary:
    """What one scorer said of the alleles, by its strongest score for each.

    Attributes:
        name: The scorer.
        modality: What it reads.
        consequences: Alleles by the word that their score is told in.
        histogram: The scores.
        places: The strongest of them along the chromosomes.
        strongest: The strongest of them, with their variants.
    """

    def __init__(self, name: str, modality: str, *, top: int) -> None:
        """Begin with nothing.

        Args:
            name: The scorer.
            modality: What it reads.
            top: How many of the strongest scores are kept.
        """
        self.name = clipped(name)
        self.modality = clipped(modality)
        self.consequences = BoundedCounts()
        self.histogram = Histogram()
        self.places = Places()
        self.strongest = Strongest(top)

    def add(self, allele: ReportedAllele, score: ReportedScore) -> None:
        """Take an allele's strongest score into account."""
        self.consequences.add(score.consequence)
        self.histogram.add(score.raw)
        self.places.add(allele.chromosome, allele.position, score.raw)
        self.strongest.add(allele, score)

    @property
    def is_signed(self) -> bool:
        """Whether a score says gain or loss."""
        words = (name for name, _ in self.consequences.in_order(()))
        return self.histogram.smallest < 0 or any(word.endswith(("_gain", "_loss")) for word in words)


class Summary:
    """Counts that add up: alleles = the sum of `statuses`.

    Attributes:
        records: Records of the file, lines that are none included.
        statuses: Alleles by what became of them.
        flags: Alleles by what to know about their scores; one can have several.
        unreadable: Scores that are not written as they should be.
        stray: Scores of alleles that their records do not have.
        unlisted: Scores of further scorers than a report has room for.
    """

    def __init__(self, *, top: int) -> None:
        """Begin with nothing.

        Args:
            top: How many of the strongest scores of a scorer are kept.
        """
        self.records = 0
        self.statuses = BoundedCounts()
        self.flags = BoundedCounts()
        self.unreadable = 0
        self.stray = 0
        self.unlisted = 0
        self._top = top
        self._scorers: dict[str, ScorerSummary] = {}

    @property
    def alleles(self) -> int:
        """ALT alleles of the records; a line that is no record counts as one."""
        return self.statuses.total()

    @property
    def scorers(self) -> list[ScorerSummary]:
        """The scorers in the order of the modalities, those of one as they came."""
        order = {modality: number for number, modality in enumerate(MODALITIES)}
        return sorted(self._scorers.values(), key=lambda one: order.get(one.modality, len(order)))

    def add(self, record: ReportedRecord) -> None:
        """Take a record into account."""
        self.records += 1
        self.unreadable += record.unreadable
        self.stray += record.stray
        for allele in record.alleles:
            self.statuses.add(allele.status)
            for flag in allele.flags:
                self.flags.add(flag)
            for name, score in allele.scores.items():
                self._add_score(name, allele, score)

    def _add_score(self, name: str, allele: ReportedAllele, score: ReportedScore) -> None:
        scorer = self._scorers.get(name)
        if scorer is None:
            if len(self._scorers) == _MOST_SCORERS:
                self.unlisted += 1
                return
            scorer = self._scorers[name] = ScorerSummary(name, score.modality, top=self._top)
        scorer.add(allele, score)


def summarised(records: Iterable[ReportedRecord], *, top: int) -> Summary:
    """Return what there is to tell of records.

    Args:
        records: Read once.
        top: How many of the strongest scores of a scorer are kept.
    """
    summary = Summary(top=top)
    for record in records:
        summary.add(record)
    return summary
