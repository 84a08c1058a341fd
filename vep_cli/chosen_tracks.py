"""The tracks of a run: those of its weights that its settings choose."""

from typing import Protocol, runtime_checkable

from vep_cli.genome.registry import Genome
from vep_cli.model.selection import Selection, select_tracks
from vep_cli.model.tissues import vocabulary
from vep_cli.model.tracks import TrackTable


@runtime_checkable
class TrackChoice(Protocol):
    """What the settings of every run have that choose tracks; see `settings.ScoreSettings`."""

    @property
    def genome(self) -> Genome:
        """Whose organism the tracks are of."""

    @property
    def modalities(self) -> tuple[str, ...]:
        """As users name them."""

    @property
    def tissues(self) -> tuple[str, ...]:
        """As users name them."""

    @property
    def ontologies(self) -> tuple[str, ...]:
        """Ontology identifiers, exactly."""

    @property
    def track_names(self) -> tuple[str, ...]:
        """Names, with '*' and '?'."""

    @property
    def strands(self) -> tuple[str, ...]:
        """Of '+', '-' and '.'."""


def choose_tracks(tracks: TrackTable, choice: TrackChoice) -> Selection:
    """Return the tracks that a run's settings choose.

    Args:
        tracks: What the weights predict, or what of it can be used.
        choice: The settings.

    Raises:
        UsageError: A name is unknown, or nothing is left.
    """
    return select_tracks(
        tracks,
        organism=choice.genome.organism,
        modalities=choice.modalities,
        tissues=choice.tissues,
        ontologies=choice.ontologies,
        track_names=choice.track_names,
        strands=choice.strands,
        terms=vocabulary(),
    )
