"""Stretches of the window, a few per row of the result, as the index lists that the device reads."""

import numpy as np
from jaxtyping import Int64

from vep_cli.genome.annotation import Gene, GeneSpans, concatenated_ranges
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.scoring.indel_alignment import alternate_positions, inserted_positions
from vep_cli.scoring.masks import BlockLayout


def aligned_span_arrays(
    row_of_span: Int64[np.ndarray, " spans"],
    start: Int64[np.ndarray, " spans"],
    end: Int64[np.ndarray, " spans"],
    *,
    row_count: int,
    variant: Variant,
    interval: Interval,
) -> dict[str, np.ndarray]:
    """Return what a scorer reads of REF and, aligned to it, of ALT.

    Args:
        row_of_span: Row of the result that each stretch belongs to, ascending.
        start: First base of each stretch on the chromosome, inside `interval`.
        end: Base after the last one, not below `start`.
        row_count: Rows of the result.
        variant: The variant.
        interval: The window.

    Returns:
        `positions` and `alternate_positions` [blocks, BLOCK], what to read from REF and from ALT;
        `inserted_positions` [padded], what an insertion adds to its anchor; `row_of_block` [blocks];
        `length` [rows], the bases of each row.
    """
    positions = concatenated_ranges(start - interval.start, end - interval.start)
    layout = BlockLayout.of_rows(np.repeat(row_of_span, end - start), row_count)
    return {
        "positions": layout.blocks(positions),
        "alternate_positions": layout.blocks(alternate_positions(positions, variant, interval)),
        "inserted_positions": inserted_positions(variant, interval),
        "row_of_block": layout.row_of_block,
        "length": layout.length,
    }


def gene_bodies(genes: tuple[Gene, ...], interval: Interval) -> GeneSpans:
    """Return each gene's body, one stretch per gene, clipped to `interval` (empty where it lies outside)."""
    start = np.array([max(gene.start, interval.start) for gene in genes], np.int64)
    end = np.array([min(gene.end, interval.end) for gene in genes], np.int64)
    inside = start < end
    return GeneSpans(
        genes=genes,
        gene_of_span=np.arange(len(genes)),
        start=np.where(inside, start, interval.start),
        end=np.where(inside, end, interval.start),
    )
