"""Binding of factors as their motifs have it, on the copy's own bases: mechanistic.

A factor sits where its motif is; that closed chromatin hides most sites is not modelled.
"""

import dataclasses
import pathlib
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float32, UInt8

from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable
from vep_cli.training.sources.columns import ALL_TRACKS, chosen_tracks, stranded
from vep_cli.training.sources.motif_files import motif_named, read_motifs
from vep_cli.training.sources.occupancy import occupancy, shifted, smoothed
from vep_cli.training.sources.source import ColumnTargets, SequenceSource
from vep_cli.training.target_store import key_of, key_of_files


@dataclasses.dataclass(frozen=True, kw_only=True)
class MotifSettings:
    """A `[[data.source]]` of the kind "motif".

    Attributes:
        motifs: File of motifs, in the text form of JASPAR or MEME.
        output: The head that it has targets of.
        motif: Name or identifier; not needed of a file with one motif.
        tracks: Weights of tracks, by patterns of their names; '+' tracks see the sites of '+', '-' tracks
            those of '-', the others both.
        value: Of the base at the middle of a site that is always occupied.
        threshold: Log odds over the best site's at which a site is occupied half of the time.
        temperature: Log odds, natural, that change the odds of being occupied by a factor of e.
        footprint: Standard deviation in bases of the peak at a site; 0 for the middle base alone.
        offset: Bases from the middle of a site to that of its peak, in the direction of its strand.
    """

    motifs: pathlib.Path
    output: OutputType
    motif: str = ""
    tracks: Mapping[str, float] = dataclasses.field(default_factory=lambda: ALL_TRACKS)
    value: float = 1.0
    threshold: float = 0.7
    temperature: float = 1.0
    footprint: int = 50
    offset: int = 0

    def __post_init__(self) -> None:
        """Reject what is no temperature, and no footprint."""
        if self.temperature <= 0 or self.footprint < 0:
            raise ValueError("temperature has to be positive, and footprint 0 or more")


class MotifSource(SequenceSource):
    """Profiles of '+' and '-'."""

    def __init__(self, settings: MotifSettings, tracks: TrackTable) -> None:
        """Read the motif.

        Raises:
            UsageError: It cannot be read, or a pattern names no track.
        """
        self._settings = settings
        self._motif = motif_named(read_motifs(settings.motifs), settings.motif, settings.motifs)
        self.output = settings.output
        described = dataclasses.asdict(settings) | {"motifs": key_of_files([settings.motifs]), "tracks": None}
        self.key = key_of("motif", 1, described)
        self._mixing = stranded(settings.output, chosen_tracks(tracks, settings.output, settings.tracks))

    def profiles(self, bases: UInt8[np.ndarray, " bases"]) -> Float32[np.ndarray, "bases 2"]:
        """Return the peaks at the sites of '+' and of '-'."""
        settings = self._settings
        occupied = occupancy(bases, self._motif, settings.threshold, settings.temperature)
        directions = (settings.offset, -settings.offset)
        strands = [
            shifted(smoothed(occupied[:, column], settings.footprint), distance)
            for column, distance in enumerate(directions)
        ]
        return np.stack(strands, axis=-1) * np.float32(settings.value)

    def targets(self, profiles: Float32[np.ndarray, "bases profiles"], organism: str) -> ColumnTargets:
        """Return the targets of a window from its profiles."""
        return self._mixing.targets(profiles, organism)
