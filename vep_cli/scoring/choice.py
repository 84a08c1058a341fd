"""Which scorers a run uses: the recommended ones that its predictions and its annotation allow."""

import dataclasses
from collections.abc import Mapping

from vep_cli.errors import UsageError
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.scorer import Scorer


@dataclasses.dataclass(frozen=True, kw_only=True)
class Choice:
    """The scorers of a run.

    Attributes:
        scorers: In the official order; never empty.
        left_out: Name of each recommended scorer of the chosen outputs that cannot be used, and why.
    """

    scorers: tuple[Scorer, ...]
    left_out: Mapping[str, str]

    @property
    def outputs(self) -> tuple[OutputType, ...]:
        """What the scorers read, in the order of `OutputType`."""
        return tuple(output for output in OutputType if any(s.output_type is output for s in self.scorers))

    def read_by_a_scorer(self, tracks: TrackTable) -> TrackTable:
        """Return the tracks that some scorer reads; predicting others would be work for nothing."""
        return tracks.where(lambda track: track.output_type in self.outputs)


def choose_scorers(organism: str, *, outputs: frozenset[OutputType], has_annotation: bool) -> Choice:
    """Return the recommended scorers that can be used.

    Args:
        organism: 'human' or 'mouse'.
        outputs: What is predicted.
        has_annotation: Whether there is a gene annotation.

    Raises:
        UsageError: None can be used.
    """
    fitting = [scorer for scorer in recommended(organism) if scorer.output_type in outputs]
    without_genes = () if has_annotation else [s for s in fitting if s.needs_annotation]
    scorers = tuple(scorer for scorer in fitting if scorer not in without_genes)
    if not scorers:
        raise UsageError(
            f"no scorer reads {', '.join(sorted(outputs))}" + (" without genes" if without_genes else ""),
            remedy="give a gene annotation with --gtf" if without_genes else "choose another --modality",
        )
    return Choice(
        scorers=scorers, left_out={s.name: "needs a gene annotation (--gtf)" for s in without_genes}
    )
