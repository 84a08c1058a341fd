"""Put labels on what came back from the device."""

import numpy as np
from jaxtyping import Bool, Float

from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.scorer import RowLabel, Scorer, Scores, Values


def labelled(scorer: Scorer, values: Values, rows: tuple[RowLabel, ...], tracks: tuple[Track, ...]) -> Scores:
    """Return the matrices without their padding, with their labels."""
    raw, reference, alternate = (
        without_padding(value, scorer.output_type, len(rows), tracks) for value in values[:3]
    )
    return Scores(scorer=scorer, rows=rows, tracks=tracks, raw=raw, reference=reference, alternate=alternate)


def without_padding(
    matrix: Float[np.ndarray, "padded_rows columns"],
    output_type: OutputType,
    row_count: int,
    tracks: tuple[Track, ...],
) -> Float[np.ndarray, "{row_count} tracks"]:
    """Return the rows that are not padding, and the columns of `tracks`.

    The network always predicts every class of splice sites, because they share one softmax; of all
    other outputs it predicts the chosen tracks alone.
    """
    is_whole_head = output_type is OutputType.SPLICE_SITES
    return matrix[:row_count, [track.index for track in tracks] if is_whole_head else slice(None)]


def without_opposite_strand(
    matrix: Float[np.ndarray, "rows tracks"], rows: tuple[RowLabel, ...], tracks: tuple[Track, ...]
) -> Float[np.ndarray, "rows tracks"]:
    """Return `matrix` with NaN where a track does not read the gene's strand, see `on_gene_strand`."""
    return np.where(on_gene_strand(rows, tracks), matrix, np.float32(np.nan))


def on_gene_strand(
    rows: tuple[RowLabel, ...], tracks: tuple[Track, ...]
) -> Bool[np.ndarray, "{len(rows)} {len(tracks)}"]:
    """Return where a track reads the strand of a row's gene (MODEL_SPEC section 7).

    A track without a strand reads both; one with a strand reads genes of that strand alone, and so none
    whose strand is not known. Rows without a gene are read by every track.
    """
    if all(row.gene is None for row in rows):
        return np.ones((len(rows), len(tracks)), bool)
    # A space is no track's strand: it stands for "has no gene".
    gene_strands = np.array([row.gene.strand if row.gene else " " for row in rows], "U1")[:, None]
    track_strands = np.array([track.strand for track in tracks], "U1")
    return np.asarray((gene_strands == " ") | (track_strands == ".") | (gene_strands == track_strands), bool)
