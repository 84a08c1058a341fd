"""Labels of stretches, such as regulatory elements that are open in some cells, from a BED file."""

import dataclasses
import fnmatch
import functools
import pathlib
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float32

from vep_cli.errors import BedError
from vep_cli.genome.bed import read_bed
from vep_cli.genome.interval import Interval
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable
from vep_cli.training.sources.columns import ALL_TRACKS, chosen_tracks, mixing
from vep_cli.training.sources.shapes import Shape, fall_off
from vep_cli.training.sources.source import ColumnTargets, ReferenceSource
from vep_cli.training.target_store import key_of, key_of_files


@dataclasses.dataclass(frozen=True, kw_only=True)
class BedSettings:
    """A `[[data.source]]` of the kind "bed".

    Attributes:
        bed: File, plain or gzipped.
        genome: Name of the assembly whose coordinates it has.
        output: The head that it has targets of.
        tracks: Weights of tracks, by patterns of their names; a track's value is weight * value.
        names: Factors of the value, by patterns of the fourth column; the first that fits counts, and lines
            that none fits are left out.
        value: Of a base in a stretch, or in the middle of it.
        shape: "flat", or how the value falls off from the middle: "triangle" to 0 at the ends, "gaussian"
            with the ends at two standard deviations.
        background: Value of bases outside of all stretches.
        margin: Bases from an edit within which a copy's targets are unknown.
    """

    bed: pathlib.Path
    genome: str
    output: OutputType
    tracks: Mapping[str, float] = dataclasses.field(default_factory=lambda: ALL_TRACKS)
    names: Mapping[str, float] = dataclasses.field(default_factory=lambda: ALL_TRACKS)
    value: float = 1.0
    shape: Shape = Shape.FLAT
    background: float = 0.0
    margin: int = 200


class BedSource(ReferenceSource):
    """One profile, the same for both strands."""

    is_kept = True
    partners = np.zeros(1, np.int64)

    def __init__(self, settings: BedSettings, tracks: TrackTable) -> None:
        """Take the settings; the lines are read when they are needed.

        Raises:
            UsageError: A pattern names no track, or the file cannot be read.
        """
        self._settings = settings
        self.output, self.genome, self.margin = settings.output, settings.genome, settings.margin
        described = dataclasses.asdict(settings) | {"bed": key_of_files([settings.bed]), "tracks": None}
        self.key = key_of("bed", 1, described)
        chosen = chosen_tracks(tracks, settings.output, settings.tracks)
        self._mixing = mixing(settings.output, [(track, (weight,)) for track, weight in chosen])

    def profiles(self, interval: Interval) -> Float32[np.ndarray, "bases 1"]:
        """Return the value of each base, the highest where stretches overlap.

        Raises:
            BedError: A line is malformed.
        """
        settings = self._settings
        values = np.full(interval.width, settings.background, np.float32)
        for stretch, factor in self._stretches:
            if stretch.overlaps(interval):
                start, end = max(stretch.start, interval.start), min(stretch.end, interval.end)
                here = values[start - interval.start : end - interval.start]
                height = _heights(stretch, start, end, settings.shape) * factor * settings.value
                np.maximum(here, height.astype(np.float32), out=here)
        return values[:, None]

    def targets(self, profiles: Float32[np.ndarray, "bases profiles"], organism: str) -> ColumnTargets:
        """Return the targets of a window from its profiles."""
        return self._mixing.targets(profiles, organism)

    @functools.cached_property
    def _stretches(self) -> list[tuple[Interval, float]]:
        found = []
        for line in read_bed(str(self._settings.bed)):
            if line.interval is None:
                raise BedError(line.problem or "no interval", path=self._settings.bed, line=line.line_number)
            factors = [
                factor
                for pattern, factor in self._settings.names.items()
                if fnmatch.fnmatchcase(line.name, pattern)
            ]
            found += [(line.interval, factor) for factor in factors[:1]]
        return found


def _heights(stretch: Interval, start: int, end: int, shape: Shape) -> Float32[np.ndarray, " bases"]:
    """Return the heights, at the bases from start to end, of a peak as wide as the stretch."""
    half = stretch.width / 2
    distance = np.abs(np.arange(start, end) + 0.5 - (stretch.start + half)) / half
    return fall_off(shape, distance * (2 if shape is Shape.GAUSSIAN else 1))
