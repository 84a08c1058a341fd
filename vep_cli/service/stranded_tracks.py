"""Two tracks of one name, one for each strand, as one.

A gene is read by the track of its own strand; the other one has nothing to say of it. Clients ask, unless
told otherwise, for scores of genes with one column for both.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int64

from vep_cli.model.tracks import Track
from vep_cli.scoring.scorer import RowLabel


def merge(
    values: Float[np.ndarray, "layers rows columns"], rows: Sequence[RowLabel], tracks: Sequence[Track]
) -> tuple[Float[np.ndarray, "layers rows merged"], tuple[Track, ...]]:
    """Return scores with one column for the tracks of one name, said to be of either strand.

    A track without a strand that has the name of one with a strand is left out. Of genes on '+' the column
    has what the '+' track says, of all others what the '-' track says; NaN where there is no such track.

    Args:
        values: Scores, and their quantiles.
        rows: What each row is about: genes.
        tracks: What each column is about.
    """
    padded = np.concatenate([values, np.full((*values.shape[:2], 1), np.nan, values.dtype)], axis=-1)
    is_forward = np.array([row.gene is not None and row.gene.strand == "+" for row in rows], bool)
    forward, backward = (padded[..., _columns(tracks, strand)] for strand in "+-")
    merged = tuple(dataclasses.replace(track, strand=".") for track in _names(tracks).values())
    return np.where(is_forward[:, None], forward, backward), merged


def _names(tracks: Sequence[Track]) -> dict[str, Track]:
    """Return the track that stands for each name: the '+' one, where there is one."""
    stranded = {track.name for track in tracks if track.strand != "."}
    kept = [track for track in tracks if track.strand != "." or track.name not in stranded]
    own = {track.name: track for track in kept if track.strand != "-"}
    return own | {track.name: track for track in kept if track.name not in own}


def _columns(tracks: Sequence[Track], strand: str) -> Int64[np.ndarray, " merged"]:
    """Return the column that a strand's genes are read from, for each name; the last for none."""
    places = {(track.name, track.strand): place for place, track in enumerate(tracks)}
    read = [
        places.get((name, "." if track.strand == "." else strand), len(tracks))
        for name, track in _names(tracks).items()
    ]
    return np.array(read, np.int64)
