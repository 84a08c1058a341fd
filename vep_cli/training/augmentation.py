"""Windows and their targets as seen from the other strand (MODEL_SPEC section 5)."""

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from vep_cli.errors import UsageError
from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import OPPOSITE_CLASSES
from vep_cli.model.strand import strand_partners
from vep_cli.model.tracks import TrackTable
from vep_cli.training.edits import complement

_ONE_HOT = np.eye(5, 4, dtype=np.float32)


def one_hot(bases: UInt8[np.ndarray, " bases"]) -> Float32[np.ndarray, "bases 4"]:
    """Return one row per base with a 1 in the column of its code; zeros for N."""
    rows: np.ndarray = _ONE_HOT[bases]
    return rows


def reverse_complement(bases: UInt8[np.ndarray, " bases"]) -> UInt8[np.ndarray, " bases"]:
    """Return the codes of the other strand's bases, read in its direction."""
    return complement(bases)[::-1]


def column_partners(
    tracks: TrackTable, output: OutputType, organism: str, width: int
) -> Int64[np.ndarray, " {width}"]:
    """Return the column of the other strand, for each column of a head; padding is its own.

    Raises:
        UsageError: The organism has not as many '+' as '-' tracks of the output.
    """
    if output is OutputType.SPLICE_SITES:
        return np.array(OPPOSITE_CLASSES, np.int64)
    named = [track for track in tracks.by_output.get(output, ()) if track.organism == organism]
    partners = np.arange(width)
    try:
        places = strand_partners([track.strand for track in named])
    except ValueError as error:
        raise UsageError(
            f"the {organism} tracks of {output} cannot be reversed: {error}",
            remedy="give the track table a '-' track for each '+' track",
        ) from error
    columns = np.array([track.index for track in named], np.int64)
    partners[columns] = columns[places]
    return partners


def reversed_targets(
    output: OutputType,
    targets: Float32[np.ndarray, "*positions columns"],
    partners: Int64[np.ndarray, " columns"],
) -> Float32[np.ndarray, "*positions columns"]:
    """Return the targets of a window's reverse complement.

    Args:
        output: The head.
        targets: Of the window, by position (contact maps: by two) and column.
        partners: From `column_partners`.
    """
    swapped = targets[..., partners]
    if output is OutputType.CONTACT_MAPS:
        return swapped[::-1, ::-1]
    if output is not OutputType.DNASE:
        return swapped[::-1]
    # A cut between two bases is counted at the one to its right: on the other strand, that is the base to
    # its left. The cut after the window's last base is not in its targets.
    unknown = np.full_like(swapped[:1], np.nan)
    return np.concatenate([swapped[1:], unknown])[::-1]
