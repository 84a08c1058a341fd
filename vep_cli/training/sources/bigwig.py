"""Measured tracks, from bigWig files: coverage of every base, summed over bins where the head has bins."""

import csv
import dataclasses
import functools
import pathlib
import types
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float32

from vep_cli.errors import UsageError, VepError, reason
from vep_cli.genome.interval import Interval
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.training.sources.columns import mixing
from vep_cli.training.sources.source import ColumnTargets, ReferenceSource


@dataclasses.dataclass(frozen=True, kw_only=True)
class BigWigSettings:
    """A `[[data.source]]` of the kind "bigwig".

    Attributes:
        genome: Name of the assembly that the files are of.
        output: The head that it has targets of.
        files: File of a track, by the track's name, followed by ' +' or ' -' where tracks of both strands
            have one name.
        table: Tab-separated table with the columns name, strand and file, in the place of `files`; files are
            relative to its folder.
        missing_is_zero: Whether bases that a file has no value of are 0; otherwise they are unknown.
        scale: Factor of all values.
        margin: Bases from an edit within which a copy's targets are unknown.
    """

    genome: str
    output: OutputType
    files: Mapping[str, pathlib.Path] = dataclasses.field(default_factory=dict)
    table: pathlib.Path | None = None
    missing_is_zero: bool = True
    scale: float = 1.0
    margin: int = 200

    def __post_init__(self) -> None:
        """Reject files that are given twice, or not at all."""
        if bool(self.files) == (self.table is not None):
            raise ValueError("either files or table has to be given")


class BigWigSource(ReferenceSource):
    """One profile per file, read from the file whenever a window wants it: files are not copied."""

    is_kept = False
    key = ""

    def __init__(self, settings: BigWigSettings, tracks: TrackTable) -> None:
        """Find each track's file.

        Raises:
            UsageError: A name is no track's, a file is not there, or pybigtools is not installed.
        """
        self._settings = settings
        self._library = _library()
        self.output, self.genome, self.margin = settings.output, settings.genome, settings.margin
        files = settings.files if settings.table is None else _read_table(settings.table)
        chosen = [(_track_named(name, tracks, settings.output), path) for name, path in files.items()]
        for _, path in chosen:
            if not path.is_file():
                raise UsageError("no such file", path=path, remedy="check the files of [[data.source]]")
        self._paths = [path for _, path in chosen]
        rows = np.eye(len(chosen)).tolist()
        self._mixing = mixing(
            settings.output, [(track, row) for (track, _), row in zip(chosen, rows, strict=True)]
        )
        self.partners = np.array([_partner(number, chosen) for number in range(len(chosen))])

    def profiles(self, interval: Interval) -> Float32[np.ndarray, "bases profiles"]:
        """Return each file's value of each base.

        Raises:
            UsageError: A file is damaged or no bigWig, or does not have the contig.
        """
        return np.stack([self._values(path, interval) for path in self._paths], axis=-1)

    def targets(self, profiles: Float32[np.ndarray, "bases profiles"], organism: str) -> ColumnTargets:
        """Return the targets of a window from its profiles."""
        return self._mixing.targets(profiles, organism)

    def _values(self, path: pathlib.Path, interval: Interval) -> Float32[np.ndarray, " bases"]:
        try:
            values = self._opened(path).values(interval.chromosome, interval.start, interval.end, fillna=None)
        except Exception as error:  # the library raises types of its own
            raise UsageError(
                f"{interval} cannot be read: {reason(error)}",
                path=path,
                remedy="is it a bigWig of this genome, whole, with contigs named as the pieces'?",
            ) from error
        known = np.nan_to_num(values) if self._settings.missing_is_zero else values
        return np.asarray(known, np.float32) * np.float32(self._settings.scale)

    @functools.cache  # noqa: B019 - a source lives as long as the run
    def _opened(self, path: pathlib.Path) -> Any:  # noqa: ANN401 - the library has no types
        return self._library.open(str(path))


class _MissingLibraryError(VepError):
    """pybigtools is not installed."""


def _library() -> types.ModuleType:
    try:
        import pybigtools
    except ImportError as error:
        raise _MissingLibraryError(
            "bigWig files are read by pybigtools, which is not installed",
            remedy="install it: pip install 'vep-cli[train]'",
        ) from error
    library: types.ModuleType = pybigtools
    return library


def _read_table(path: pathlib.Path) -> dict[str, pathlib.Path]:
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines, delimiter="\t"))
        return {f"{row['name']} {row['strand']}": path.parent / row["file"] for row in rows}
    except (OSError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise UsageError(
            f"the table of bigWig files cannot be read: {reason(error)}",
            path=path,
            remedy="it is tab-separated, with the columns name, strand and file",
        ) from error


def _track_named(name: str, tracks: TrackTable, output: OutputType) -> Track:
    for track in tracks.by_output.get(output, ()):
        if f"{track.name} {track.strand}" == name:
            return track
    plain = [track for track in tracks.by_output.get(output, ()) if track.name == name]
    if len(plain) == 1:
        return plain[0]
    what = "names several tracks" if plain else "names no track"
    raise UsageError(
        f"{name!r} {what} of {output}",
        remedy="write the name as the track table has it, with ' +' or ' -' after it if two have it",
    )


def _partner(number: int, chosen: list[tuple[Track, pathlib.Path]]) -> int:
    """Return the file of the track of the other strand that has the same name; itself if there is none."""
    track = chosen[number][0]
    for other, (found, _) in enumerate(chosen):
        if (found.name, found.organism) == (track.name, track.organism) and other != number:
            return other
    return number
