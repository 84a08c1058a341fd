"""Profiles of copies, from the disk or the source, and what of them a window of a copy sees."""

import pathlib
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float32, Int64

from vep_cli.genome.interval import Interval
from vep_cli.training.copies import Copy, is_near_edit
from vep_cli.training.edits import NOWHERE
from vep_cli.training.pieces import UNKNOWN_BASE, Piece
from vep_cli.training.sources.source import ReferenceSource, SequenceSource
from vep_cli.training.target_store import is_stored, key_of, stored

Profiled = ReferenceSource | SequenceSource


class ProfileStore:
    """Keeps profiles in half precision, two bytes per base and profile."""

    def __init__(self, folder: pathlib.Path, report: Callable[[str], None]) -> None:
        """Take the folder, and what is told of each array that has to be made."""
        self._folder = folder
        self._report = report
        self._opened: dict[str, np.ndarray] = {}

    def make(self, copies: Sequence[Copy], sources: Sequence[Profiled]) -> None:
        """Make the profiles that are not there yet, and report before each one."""
        pairs = [(source, copy) for source in sources for copy in copies if _has_profiles(source, copy)]
        missing = {_key(*pair): pair for pair in pairs if not is_stored(self._folder, _key(*pair))}
        for place, (source, copy) in enumerate(missing.values(), 1):
            self._report(
                f"targets {place}/{len(missing)}: {source.output} of {copy.piece.name}, copy {copy.number}"
            )
            self._kept(source, copy)

    def window(
        self, source: Profiled, copy: Copy, start: int, end: int
    ) -> Float32[np.ndarray, "bases profiles"] | None:
        """Return the profiles of a stretch of a copy; None if the source does not know its genome.

        Where the bases are N everything is unknown; of a source that knows places only, so is what has
        no place and what is near an edit.
        """
        if isinstance(source, SequenceSource):
            found = self._kept(source, copy)[start:end].astype(np.float32)
        elif not source.genome or source.genome == copy.piece.genome:
            found = self._gathered(source, copy, start, end)
        else:
            return None
        found[copy.rows["bases"][start:end] == UNKNOWN_BASE] = np.nan
        return found

    def _gathered(
        self, source: ReferenceSource, copy: Copy, start: int, end: int
    ) -> Float32[np.ndarray, "bases profiles"]:
        rows = copy.rows[start:end]
        is_known = (rows["reference"] != NOWHERE) & ~is_near_edit(copy, start, end, source.margin)
        if source.is_kept:
            interval, profiles = copy.piece.interval, self._kept(source, copy)
        else:
            interval = _span(copy.piece, rows)
            profiles = source.profiles(interval)
        places = np.where(is_known, rows["reference"] - interval.start, 0)
        found = profiles[places].astype(np.float32)
        is_reversed = rows["is_reversed"]
        found[is_reversed] = found[is_reversed][:, source.partners]
        found[~is_known] = np.nan
        return found

    def _kept(self, source: Profiled, copy: Copy) -> np.ndarray:
        key = _key(source, copy)
        if key not in self._opened:
            self._opened[key] = stored(self._folder, key, lambda: _profiles(source, copy))
        return self._opened[key]


def places_in_window(
    copy: Copy, start: int, end: int, margin: int
) -> tuple[Interval, Int64[np.ndarray, " span"]]:
    """Return where on the reference a window of a copy is, and the place in the window of each base there.

    Args:
        copy: The copy.
        start: First base of the window, counted from the copy's.
        end: The base after its last one.
        margin: Bases from an edit within which a base has no place, and neither has one that is there twice.

    Returns:
        The interval, and for each of its bases the place counted from `start`, -1 for none.
    """
    rows = copy.rows[start:end]
    interval = _span(copy.piece, rows)
    is_known = (rows["reference"] != NOWHERE) & ~rows["is_reversed"] & ~is_near_edit(copy, start, end, margin)
    places = np.full(interval.width, -1)
    places[rows["reference"][is_known] - interval.start] = np.flatnonzero(is_known)
    return interval, places


def _span(piece: Piece, rows: np.ndarray) -> Interval:
    """Return the reference interval that holds every base of a window."""
    reference = rows["reference"][rows["reference"] != NOWHERE]
    if not len(reference):
        return Interval(chromosome=piece.contig, start=piece.start, end=piece.start + 1)
    return Interval(chromosome=piece.contig, start=int(reference.min()), end=int(reference.max()) + 1)


def _has_profiles(source: Profiled, copy: Copy) -> bool:
    if isinstance(source, SequenceSource):
        return True
    return source.is_kept and source.genome in ("", copy.piece.genome)


def _key(source: Profiled, copy: Copy) -> str:
    if isinstance(source, SequenceSource):
        return key_of(source.key, copy.key)
    piece = copy.piece
    return key_of(source.key, piece.genome, piece.contig, piece.start, piece.end)


def _profiles(source: Profiled, copy: Copy) -> np.ndarray:
    """Return the profiles as they are kept."""
    if isinstance(source, SequenceSource):
        found = source.profiles(copy.bases)
    else:
        found = source.profiles(copy.piece.interval)
    return found.astype(np.float16)
