"""Which scorers a run uses: the recommended ones that its predictions and its annotation allow."""

import dataclasses
from collections.abc import Mapping

from vep_cli.errors import UsageError
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.polyadenylation import PolyadenylationScorer
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.splice_junctions import SpliceJunctionScorer

_NO_SITES = PolyadenylationSites(start={})


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


def choose_scorers(
    organism: str,
    *,
    outputs: frozenset[OutputType],
    has_annotation: bool,
    polyadenylation_sites: PolyadenylationSites | None = None,
    is_ensemble: bool = False,
) -> Choice:
    """Return the recommended scorers that can be used.

    Args:
        organism: 'human' or 'mouse'.
        outputs: What is predicted.
        has_annotation: Whether there is a gene annotation.
        polyadenylation_sites: Sites of human genes, if there is a table of them.
        is_ensemble: Whether scores are averaged over several models.

    Raises:
        UsageError: None can be used.
    """
    candidates = recommended(organism, polyadenylation_sites=polyadenylation_sites or _NO_SITES)
    fitting = [scorer for scorer in candidates if scorer.output_type in outputs]
    reasons = {
        scorer.name: _reason_against(
            scorer,
            has_annotation=has_annotation,
            has_sites=polyadenylation_sites is not None,
            is_ensemble=is_ensemble,
        )
        for scorer in fitting
    }
    left_out = {name: reason for name, reason in reasons.items() if reason is not None}
    if polyadenylation_sites is not None and organism != "human":
        left_out["POLYADENYLATION"] = "is for human only"
    scorers = tuple(scorer for scorer in fitting if scorer.name not in left_out)
    if not scorers:
        why = "; ".join(f"{name} {reason}" for name, reason in left_out.items())
        raise UsageError(
            f"no scorer of {', '.join(sorted(outputs))} can be used" + (f": {why}" if why else ""),
            remedy="give what they need, or choose another --modality"
            if why
            else "choose another --modality",
        )
    return Choice(scorers=scorers, left_out=left_out)


def _reason_against(
    scorer: Scorer, *, has_annotation: bool, has_sites: bool, is_ensemble: bool
) -> str | None:
    if scorer.needs_annotation and not has_annotation:
        return "needs a gene annotation (--gtf)"
    if isinstance(scorer, PolyadenylationScorer) and not has_sites:
        return "needs a table of polyadenylation sites (--polya)"
    if isinstance(scorer, SpliceJunctionScorer) and is_ensemble:
        # Its rows are the introns that a model finds, and each model finds its own.
        return "cannot be averaged over several --weights"
    return None
