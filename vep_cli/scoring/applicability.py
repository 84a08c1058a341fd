"""Which alleles will have a score, told before anything is predicted."""

from collections.abc import Mapping, Sequence

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.labels import on_gene_strand
from vep_cli.scoring.polyadenylation import PolyadenylationScorer
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.splice_junctions import SpliceJunctionScorer

Tracks = Mapping[OutputType, tuple[Track, ...]]
"""The chosen tracks by what they are predicted by."""


def will_score(
    scorers: Sequence[Scorer],
    tracks: Tracks,
    variant: Variant,
    interval: Interval,
    annotation: Annotation | None,
) -> bool:
    """Return whether some scorer has a number for the variant, where all predictions are finite.

    It may be wrong where `depends_on_prediction`: then some alleles have no score though this says so.

    Args:
        scorers: Those of the run.
        tracks: Those of the run.
        variant: A variant inside the window.
        interval: The window.
        annotation: Genes, for the scorers that need them.
    """
    if any(not scorer.needs_annotation for scorer in scorers):
        return True  # they read what lies round the variant, which every window has
    return any(
        _has_number(scorer, tracks[scorer.output_type], variant, interval, annotation) for scorer in scorers
    )


def depends_on_prediction(scorers: Sequence[Scorer]) -> bool:
    """Return whether it may take the prediction to know that an allele has no score.

    That is where all scorers go by genes, and one of them by the introns that the network finds.
    """
    return all(scorer.needs_annotation for scorer in scorers) and any(map(_goes_by_introns, scorers))


def _has_number(
    scorer: Scorer,
    tracks: tuple[Track, ...],
    variant: Variant,
    interval: Interval,
    annotation: Annotation | None,
) -> bool:
    rows = tuple(row for row in scorer.rows(variant, interval, annotation) if not row.is_empty)
    if isinstance(scorer, PolyadenylationScorer) or _goes_by_introns(scorer):
        return bool(rows)  # of these, tracks of both strands have scores
    return bool(on_gene_strand(rows, tracks).any())


def _goes_by_introns(scorer: Scorer) -> bool:
    return isinstance(scorer, SpliceJunctionScorer)
