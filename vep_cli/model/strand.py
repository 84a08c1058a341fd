"""Predictions of a '-' interval, from the reverse complement of its bases (MODEL_SPEC section 5)."""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable


def reverse_complement(sequence: Float[Array, "B S 4"]) -> Float[Array, "B S 4"]:
    """Return the one-hot bases of the other strand, read in its direction."""
    # A, C, G, T read backwards is T, G, C, A: each base's complement.
    return sequence[:, ::-1, ::-1]


def strand_partners(strands: Sequence[str]) -> Int[np.ndarray, " tracks"]:
    """Return, for each track, the track that is its counterpart on the other strand.

    The i-th '+' track and the i-th '-' track are each other's; a '.' track is its own.

    Args:
        strands: '+', '-' or '.' of each track.

    Raises:
        ValueError: There are not as many '+' as '-' tracks.
    """
    partners = np.arange(len(strands))
    forward = [index for index, strand in enumerate(strands) if strand == "+"]
    backward = [index for index, strand in enumerate(strands) if strand == "-"]
    if len(forward) != len(backward):
        raise ValueError(f"tracks of both strands come in pairs: {len(forward)=} {len(backward)=}")
    partners[forward], partners[backward] = backward, forward
    return partners


def with_partners(chosen: TrackTable, table: TrackTable) -> TrackTable:
    """Return the chosen tracks and those that are read for them on the other strand of an interval.

    Args:
        chosen: Some of `table`.
        table: All tracks that the weights predict.

    Raises:
        ValueError: An output has not as many '+' as '-' tracks of an organism.
    """
    of_output: dict[tuple[str, OutputType], list[Track]] = {}
    for track in table:
        of_output.setdefault((track.organism, track.output_type), []).append(track)
    wanted = set(chosen)
    for tracks in of_output.values():
        if wanted.isdisjoint(tracks):
            continue
        in_head_order = sorted(tracks, key=lambda track: track.index)
        partners = strand_partners([track.strand for track in in_head_order])
        pairs = zip(in_head_order, partners, strict=True)
        wanted |= {in_head_order[partner] for track, partner in pairs if track in wanted}
    return table.where(lambda track: track in wanted)


def reverse_complement_predictions(
    output: OutputType, predictions: Float[Array, "B *positions T"], partners: Int[np.ndarray, " T"]
) -> Float[Array, "B *positions T"]:
    """Return the predictions of the other strand's bases in the order of this one's.

    Args:
        output: What was predicted.
        predictions: Made from the reverse complement. Splice junctions, whose lists of sites
            `reverse_splice_sites` reorders, have as many donors as acceptors on each strand.
        partners: From `strand_partners`, of the prediction's columns.
    """
    swapped = predictions[..., partners]
    if output is OutputType.SPLICE_JUNCTIONS:
        return swapped
    if output is OutputType.CONTACT_MAPS:
        return swapped[:, ::-1, ::-1]
    reversed_positions = swapped[:, ::-1]
    if output is not OutputType.DNASE:
        return reversed_positions
    # A DNase cut lies between two bases and is counted at the one to its right, on either strand.
    return jnp.pad(reversed_positions, ((0, 0), (1, 0), (0, 0)))[:, :-1]


def reverse_splice_sites(positions: Int[Array, "B 4 K"], length: int) -> Int[Array, "B 4 K"]:
    """Return lists of splice sites as seen from the other strand of an interval of `length` bases.

    The lists of the two strands change places, positions count from the other end, and -1 stays.
    """
    mirrored = jnp.where(positions < 0, positions, length - 1 - positions)
    return mirrored[:, jnp.array([2, 3, 0, 1])]
