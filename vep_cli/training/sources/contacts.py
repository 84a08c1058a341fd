"""Contact maps by a rule: loops between convergent CTCF sites, domains within, and less across sites.

Cohesin that extrudes a loop stops at sites of CTCF that point towards each other (Rao et al., Cell 2014;
Fudenberg et al., Cell Reports 2016). Mechanistic, from the copy's own bases.
"""

import dataclasses
import pathlib
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float32, UInt8

from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable
from vep_cli.training.sources.columns import ALL_TRACKS, chosen_tracks, mixing
from vep_cli.training.sources.motif_files import motif_named, read_motifs
from vep_cli.training.sources.occupancy import occupancy
from vep_cli.training.sources.source import ColumnTargets, SequenceSource
from vep_cli.training.target_store import key_of, key_of_files

_BIN = OutputType.CONTACT_MAPS.resolution


@dataclasses.dataclass(frozen=True, kw_only=True)
class ContactSettings:
    """A `[[data.source]]` of the kind "contacts".

    Attributes:
        motifs: File with the motif of CTCF, in the text form of JASPAR or MEME.
        motif: Its name or identifier; not needed of a file with one motif.
        tracks: Weights of tracks, by patterns of their names.
        threshold: As of the kind "motif".
        temperature: As of the kind "motif".
        longest_loop: In bases.
        loop: Log-fold change between two anchors that are always occupied.
        domain: Log-fold change within such a loop.
        insulation: Log-fold change, taken away, across a site that is always occupied.
    """

    motifs: pathlib.Path
    motif: str = ""
    tracks: Mapping[str, float] = dataclasses.field(default_factory=lambda: ALL_TRACKS)
    threshold: float = 0.7
    temperature: float = 1.0
    longest_loop: int = 500_000
    loop: float = 1.0
    domain: float = 0.3
    insulation: float = 0.2


class ContactSource(SequenceSource):
    """Profiles are the occupancy of CTCF on '+' and on '-'."""

    output = OutputType.CONTACT_MAPS

    def __init__(self, settings: ContactSettings, tracks: TrackTable) -> None:
        """Read the motif.

        Raises:
            UsageError: It cannot be read, or a pattern names no track.
        """
        self._settings = settings
        self._motif = motif_named(read_motifs(settings.motifs), settings.motif, settings.motifs)
        parts = (self._motif.identifier, settings.motif, settings.threshold, settings.temperature)
        self.key = key_of("contacts", 1, key_of_files([settings.motifs]), parts)
        chosen = chosen_tracks(tracks, self.output, settings.tracks)
        self._mixing = mixing(self.output, [(track, (weight,)) for track, weight in chosen])

    def profiles(self, bases: UInt8[np.ndarray, " bases"]) -> Float32[np.ndarray, "bases 2"]:
        """Return the occupancy of '+' and '-' sites centred on each base."""
        return occupancy(bases, self._motif, self._settings.threshold, self._settings.temperature)

    def targets(self, profiles: Float32[np.ndarray, "bases profiles"], organism: str) -> ColumnTargets:
        """Return the map of a window; unknown for bins of which more than half is."""
        bins = profiles.reshape(-1, _BIN, 2)
        anchors = np.minimum(np.nansum(bins, axis=1), 1)
        values = contact_map(anchors, self._settings)
        is_unknown = np.isnan(bins[..., 0]).mean(axis=1) > 0.5
        values[is_unknown] = np.nan
        values[:, is_unknown] = np.nan
        weights = self._mixing.weights[organism][0]
        return ColumnTargets(columns=self._mixing.columns[organism], values=values[..., None] * weights)


def contact_map(anchors: Float32[np.ndarray, "P 2"], settings: ContactSettings) -> Float32[np.ndarray, "P P"]:
    """Return the log-fold changes of contacts between bins.

    Args:
        anchors: Occupancy of CTCF in each bin, on '+' and '-', at most 1.
        settings: How much loops, domains and sites matter.
    """
    place = np.arange(len(anchors))
    distance = place[None, :] - place[:, None]
    is_loop = (distance > 0) & (distance * _BIN <= settings.longest_loop)
    # A site of '+' points right: it is the left anchor.
    loops = np.where(is_loop, anchors[:, None, 0] * anchors[None, :, 1], 0)
    # The strongest loop round two bins: one anchor at or before the first, the other at or after the second.
    around = np.maximum.accumulate(loops, axis=0)
    around = np.maximum.accumulate(around[:, ::-1], axis=1)[:, ::-1]
    passed = np.cumsum(anchors.sum(axis=1))
    # Sites in bins strictly between the two.
    between = np.maximum(passed[None, :] - anchors.sum(axis=1)[None, :] - passed[:, None], 0)
    values = settings.loop * loops + settings.domain * around - settings.insulation * np.minimum(between, 1)
    upper = np.where(distance > 0, values, 0)
    return (upper + upper.T).astype(np.float32)
