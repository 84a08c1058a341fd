"""Copies of the pieces: as they are, and with random edits, each base with its place on the reference."""

import dataclasses
import functools
import pathlib
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Bool, Int32, UInt8

from vep_cli.genome.annotation_cache import read_annotation
from vep_cli.training.edits import NOWHERE, CopySettings, Edited, edit, substitution_rates, unedited, widened
from vep_cli.training.pieces import UNKNOWN_BASE, Piece, Split, read_bases
from vep_cli.training.target_store import key_of, key_of_bases, key_of_files, stored

LENGTH_UNIT = 2048
"""Copies are filled up with N to a multiple of this many bases."""

_FORMAT = 1
"""To be raised when the edits that a seed gives change."""

_LAYOUT = np.dtype([("bases", "u1"), ("reference", "<i4"), ("is_reversed", "?"), ("is_edited", "?")])


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Copy:
    """A piece's sequence, perhaps edited.

    Attributes:
        piece: Of which it is a copy.
        number: 0 for the piece as it is.
        key: Hash of the bases.
        rows: Per base: its code, its reference position (-1 for inserted bases and what fills up the
            end), whether it is of the reference's other strand, and whether it is edited.
    """

    piece: Piece
    number: int
    key: str
    rows: np.ndarray

    def __len__(self) -> int:
        """Return the number of bases, a multiple of `LENGTH_UNIT`."""
        return len(self.rows)

    @property
    def bases(self) -> UInt8[np.ndarray, " bases"]:
        """Codes of the bases: 0 to 3, 4 for N."""
        return np.ascontiguousarray(self.rows["bases"])

    @functools.cached_property
    def known_before(self) -> Int32[np.ndarray, " units"]:
        """How many bases but N there are before each multiple of `LENGTH_UNIT`, and in all."""
        per_unit = (self.rows["bases"] != UNKNOWN_BASE).reshape(-1, LENGTH_UNIT).sum(axis=1)
        return np.concatenate([[0], np.cumsum(per_unit)]).astype(np.int32)


def is_near_edit(copy: Copy, start: int, end: int, distance: int) -> Bool[np.ndarray, " bases"]:
    """Return which bases of a stretch of a copy are at most `distance` from an edit."""
    if copy.number == 0:
        return np.zeros(end - start, bool)
    first = max(start - distance, 0)
    flags = copy.rows["is_edited"][first : end + distance]
    return widened(flags, distance)[start - first : end - first]


def make_copies(pieces: Sequence[Piece], settings: CopySettings, cache: pathlib.Path) -> Iterator[Copy]:
    """Yield every piece as it is, and the edited copies of those to train on.

    Args:
        pieces: The pieces.
        settings: How they are edited.
        cache: Folder where copies are kept.

    Raises:
        FastaError: A sequence cannot be read.
        AnnotationError: The splice sites cannot be read.
    """
    for piece in pieces:
        bases = read_bases(piece)
        for number in range(1 + settings.count if piece.split is Split.TRAIN else 1):
            yield _copy(piece, bases, number, settings, cache)


def _copy(
    piece: Piece, bases: UInt8[np.ndarray, " bases"], number: int, settings: CopySettings, cache: pathlib.Path
) -> Copy:
    edits = _description(piece, settings) if number else None
    key = key_of("copy", _FORMAT, key_of_bases(bases), piece.start, number, edits)
    rows = stored(cache, key, lambda: _filled_up(_edited(piece, bases, number, settings)))
    return Copy(piece=piece, number=number, key=key_of_bases(rows["bases"]), rows=rows)


def _description(piece: Piece, settings: CopySettings) -> dict[str, object]:
    """Return what the edits of a piece depend on, which the number of copies is not."""
    described = dataclasses.asdict(settings) | {"count": None, "piece": piece.name}
    sites = settings.near_sites.get(piece.genome)
    return described | {"near_sites": None if sites is None else key_of_files([sites])}


def _edited(piece: Piece, bases: UInt8[np.ndarray, " bases"], number: int, settings: CopySettings) -> Edited:
    if number == 0:
        return unedited(bases, piece.start)
    # The name of the piece, not its place in the list: a piece that is added changes no other's copies.
    entropy = [settings.seed, number, *piece.name.encode()]
    sites = np.zeros(0, np.int64)
    if piece.genome in settings.near_sites:
        annotation = read_annotation(settings.near_sites[piece.genome])
        sites = np.concatenate(annotation.splice_sites.within(piece.interval)) - piece.start
    rates = substitution_rates(len(bases), sites, settings)
    return edit(bases, piece.start, rates, settings, np.random.default_rng(entropy))


def _filled_up(edited: Edited) -> np.ndarray:
    """Return the copy as it is kept, with N at its end up to a multiple of `LENGTH_UNIT`."""
    length = -(-len(edited.bases) // LENGTH_UNIT) * LENGTH_UNIT
    rows = np.zeros(length, _LAYOUT)
    rows["bases"], rows["reference"] = UNKNOWN_BASE, NOWHERE
    for name in _LAYOUT.names or ():
        rows[name][: len(edited.bases)] = getattr(edited, name)
    return rows
