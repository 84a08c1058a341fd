"""Which scorers a run uses: those asked for, or the recommended ones that its data allow."""

import dataclasses
from collections.abc import Mapping, Sequence

from vep_cli.errors import UsageError
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.polyadenylation import PolyadenylationScorer
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.spelling import parse_scorer
from vep_cli.scoring.splice_junctions import SpliceJunctionScorer

_NO_SITES = PolyadenylationSites(start={})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Choice:
    """The scorers of a run.

    Attributes:
        scorers: As they were asked for, or in the official order; never empty.
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
    names: Sequence[str] = (),
) -> Choice:
    """Return the scorers asked for, or else the recommended ones that can be used.

    Args:
        organism: 'human' or 'mouse'.
        outputs: What is predicted.
        has_annotation: Whether there is a gene annotation.
        polyadenylation_sites: Sites of human genes, if there is a table of them.
        is_ensemble: Whether scores are averaged over several models.
        names: What was asked for, as `spelling.parse_scorer` takes it; none means the recommended.

    Raises:
        UsageError: One that was asked for does not exist or cannot be used, or none can.
    """
    available = _Available(
        organism=organism,
        outputs=outputs,
        has_annotation=has_annotation,
        sites=polyadenylation_sites,
        is_ensemble=is_ensemble,
    )
    return _named(names, available) if names else _recommended(available)


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Obstacle:
    """Why a scorer cannot be used, and what a user can do about it."""

    reason: str
    remedy: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Available:
    """What a run has for its scorers."""

    organism: str
    outputs: frozenset[OutputType]
    has_annotation: bool
    sites: PolyadenylationSites | None
    is_ensemble: bool

    def obstacle(self, scorer: Scorer) -> _Obstacle | None:
        """Return why the scorer cannot be used, None where it can."""
        is_polyadenylation = isinstance(scorer, PolyadenylationScorer)
        if is_polyadenylation and self.organism != "human":
            return _Obstacle(reason="is for human only", remedy="choose another --scorer")
        if scorer.needs_annotation and not self.has_annotation:
            return _Obstacle(reason="needs a gene annotation (--gtf)", remedy="give one with --gtf")
        if is_polyadenylation and self.sites is None:
            return _Obstacle(
                reason="needs a table of polyadenylation sites (--polya)", remedy="give one with --polya"
            )
        if isinstance(scorer, SpliceJunctionScorer) and self.is_ensemble:
            # Its rows are the introns that a model finds, and each model finds its own.
            return _Obstacle(
                reason="cannot be averaged over several --weights", remedy="give one --weights at a time"
            )
        return None


def _named(names: Sequence[str], available: _Available) -> Choice:
    parsed = (parse_scorer(name, polyadenylation_sites=available.sites or _NO_SITES) for name in names)
    scorers = tuple({scorer.official_name: scorer for scorer in parsed}.values())
    for scorer in scorers:
        if scorer.output_type not in available.outputs:
            raise UsageError(
                f"scorer {scorer.name} reads {scorer.output_type}, of which no track is chosen",
                remedy="see what is: vep tracks, with the same --organism, --modality and --tissue",
            )
        obstacle = available.obstacle(scorer)
        if obstacle is not None:
            raise UsageError(f"scorer {scorer.name} {obstacle.reason}", remedy=obstacle.remedy)
    return Choice(scorers=scorers, left_out={})


def _recommended(available: _Available) -> Choice:
    # Mouse has no POLYADENYLATION, which is worth a word only to one who gave a table for it.
    whose = available.organism if available.sites is None else "human"
    candidates = recommended(whose, polyadenylation_sites=available.sites or _NO_SITES)
    fitting = [scorer for scorer in candidates if scorer.output_type in available.outputs]
    obstacles = {scorer.name: available.obstacle(scorer) for scorer in fitting}
    left_out = {name: obstacle.reason for name, obstacle in obstacles.items() if obstacle is not None}
    scorers = tuple(scorer for scorer in fitting if scorer.name not in left_out)
    if not scorers:
        raise _none_of(available.outputs, left_out)
    return Choice(scorers=scorers, left_out=left_out)


def _none_of(outputs: frozenset[OutputType], left_out: Mapping[str, str]) -> UsageError:
    why = "; ".join(f"{name} {reason}" for name, reason in left_out.items())
    return UsageError(
        f"no scorer of {', '.join(sorted(outputs))} can be used" + (f": {why}" if why else ""),
        remedy="give what they need, or choose another --modality" if why else "choose another --modality",
    )
