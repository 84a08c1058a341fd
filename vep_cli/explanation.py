"""What lies behind the scores of one allele, as values: its window, how ALT is aligned, masks and numbers.

Masks and alignment are asked of the functions that the run itself uses; nothing is computed twice in
two ways. The writers of explanations only spell out what is here.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from vep_cli.genome.alleles import REASONS, Allele, AlleleStatus
from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.genome.window import Window
from vep_cli.model.tracks import Track
from vep_cli.scoring.indel_alignment import alternate_positions
from vep_cli.scoring.masks import NOWHERE
from vep_cli.scoring.regions import bin_regions
from vep_cli.scoring.scored_record import ScoredAllele
from vep_cli.scoring.scorer import RowLabel, Scorer, Scores
from vep_cli.statistics import BAD_DATA
from vep_cli.writers.limits import Limits, strongest


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """How predictions of ALT are lined up with those of REF, by the scorers whose formula says so.

    Attributes:
        inserted_bases: What ALT has more than REF; '' where it has not.
        deleted_bases: What REF has more than ALT; '' where it has not.
        anchor: 0-based last base that both alleles have. Where ALT inserts, it takes the largest of ALT's
            predictions at itself and at the inserted bases. None where the lengths are equal, and
            predictions are compared base by base.
        without_counterpart: REF bases of the window for which ALT has none and counts as zero: those that
            are deleted, and those that an insertion pushes out of the window.
    """

    inserted_bases: str
    deleted_bases: str
    anchor: int | None
    without_counterpart: tuple[Interval, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrackScore:
    """One number of a score matrix and what it was made of.

    Attributes:
        track: The track.
        junction: The intron, for the scorer that goes by introns.
        reference: The aggregated REF prediction.
        alternate: The aggregated ALT prediction.
        raw: The score.
        quantile: Its rank in the weights' calibration, NaN where that has no such track; None without one.
        spread: Its standard deviation over the models of an ensemble; None for one model.
    """

    track: Track
    junction: Interval | None
    reference: float
    alternate: float
    raw: float
    quantile: float | None
    spread: float | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RowExplanation:
    """What a scorer read and said of one gene, or, where it does not go by genes, at all.

    Attributes:
        label: The gene, if any.
        regions: The stretches of the chromosome that the scorer reads, ascending.
        strongest: The scores of largest magnitude, the largest first; none where no track applies.
    """

    label: RowLabel
    regions: tuple[Interval, ...]
    strongest: tuple[TrackScore, ...]

    @property
    def width(self) -> int:
        """Base pairs that the scorer reads."""
        return sum(region.width for region in self.regions)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScorerExplanation:
    """One scorer's answer.

    Attributes:
        scorer: The scorer.
        rows: One per gene in the order of its scores, or one; none where no gene is concerned.
    """

    scorer: Scorer
    rows: tuple[RowExplanation, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All there is to tell about one allele.

    Attributes:
        record: The variant as it was asked for.
        allele: What it was found to be; its status is final.
        reference_bases: What the reference sequence has in the place of REF; '' where REF is not within it.
        window: The sequences that were compared, or None where the allele cannot be scored.
        alignment: Of the window's predictions, or None without one.
        scorers: Those of the run, in order; none without a window.
        left_out: Recommended scorers that the run does without, and why.
        run: What the output's header says about a run, name and value.
    """

    record: VcfRecord
    allele: Allele
    reference_bases: str
    window: Window | None
    alignment: Alignment | None
    scorers: tuple[ScorerExplanation, ...]
    left_out: Mapping[str, str]
    run: tuple[tuple[str, str], ...]

    @property
    def problem(self) -> str | None:
        """Why the allele has no score, in words; None where it has."""
        return allele_problem(self.record, self.allele, self.reference_bases)

    @property
    def remedy(self) -> str | None:
        """What may be wrong with what was asked for, where an allele of bad data has no score."""
        return allele_remedy(self.allele)


def allele_problem(record: VcfRecord, allele: Allele, reference_bases: str) -> str | None:
    """Return why an allele cannot be scored, in words; None where it can.

    Args:
        record: The variant as it was asked for.
        allele: What it was found to be.
        reference_bases: What the reference sequence has in the place of REF.
    """
    status = allele.status
    if status is AlleleStatus.PASS:
        return None
    if status in (AlleleStatus.REF_MISMATCH, AlleleStatus.REF_N):
        place = f"{record.chromosome}:{record.position}"
        written = record.reference.upper()
        return f"{status}: REF is {written}, the reference has {reference_bases} at {place}"
    return f"{status}: {REASONS[status]}"


def allele_remedy(allele: Allele) -> str | None:
    """Return what may be wrong with what was asked for, of an allele of bad data; None of any other."""
    if allele.status not in BAD_DATA:
        return None
    return "is it of the genome build in use, its position 1-based? --genome and --fasta choose another"


def alignment_of(variant: Variant, interval: Interval) -> Alignment:
    """Return how ALT is lined up with REF in a window.

    Args:
        variant: The variant, which begins in the window.
        interval: The window, not on '-'.
    """
    shared = min(len(variant.reference_bases), len(variant.alternate_bases))
    compared = alternate_positions(np.arange(interval.width), variant, interval)
    return Alignment(
        inserted_bases=variant.alternate_bases[shared:],
        deleted_bases=variant.reference_bases[shared:],
        anchor=variant.start + shared - 1 if variant.length_change else None,
        without_counterpart=bin_regions(np.flatnonzero(compared == NOWHERE), interval, 1),
    )


def explain_scores(
    scored: ScoredAllele,
    window: Window,
    scorers: Iterable[Scorer],
    annotation: Annotation | None,
    *,
    top: int,
) -> tuple[ScorerExplanation, ...]:
    """Return what each scorer read and said.

    Args:
        scored: The allele with the scores of the run.
        window: What was predicted.
        scorers: Those of the run.
        annotation: The genes of the run.
        top: Scores to name of each scorer and gene, as `vep score` counts them.
    """
    scores = {one.scorer.official_name: one for one in scored.scores}
    return tuple(
        ScorerExplanation(
            scorer=scorer,
            rows=tuple(_rows(scorer, window, annotation, scores.get(scorer.official_name), top)),
        )
        for scorer in scorers
    )


def _rows(
    scorer: Scorer, window: Window, annotation: Annotation | None, scores: Scores | None, top: int
) -> Iterator[RowExplanation]:
    masks = scorer.masks(window.variant, window.interval, annotation)
    found = [] if scores is None else list(_strongest(scores, top))
    for label, regions in zip(masks.rows, scorer.regions(masks, window.interval), strict=True):
        of_gene = tuple(score for gene, score in found if gene == label.gene)
        yield RowExplanation(label=label, regions=regions, strongest=of_gene)


def _strongest(scores: Scores, top: int) -> Iterator[tuple[Gene | None, TrackScore]]:
    """Yield the strongest scores of each gene with the gene."""
    for row, column in zip(*strongest(scores, Limits(top=top)), strict=True):
        label, cell = scores.rows[row], (row, column)
        yield (
            label.gene,
            TrackScore(
                track=scores.tracks[column],
                junction=label.junction,
                reference=float(scores.reference[cell]),
                alternate=float(scores.alternate[cell]),
                raw=float(scores.raw[cell]),
                quantile=None if scores.quantile is None else float(scores.quantile[cell]),
                spread=None if scores.spread is None else float(scores.spread[cell]),
            ),
        )
