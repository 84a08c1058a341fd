"""Which stretch of the chromosome a figure shows."""

from collections.abc import Sequence

import numpy as np

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Gene
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window
from vep_cli.scoring.regions import bin_regions

DEFAULT_AROUND = 32_768
"""Base pairs that are shown of a variant in no gene, or in one that is longer."""

_SMALLEST = 2048
_MARGIN = 10
"""What is shown on either side of a gene is a part of the gene, one of so many."""


def default_extent(variant: Variant, genes: Sequence[Gene]) -> Interval:
    """Return what is worth showing of a variant: a gene that it touches, or what lies around it.

    Args:
        variant: The variant.
        genes: Those that it touches. The shortest that is protein-coding counts, or the shortest of all.
    """
    ranked = sorted(genes, key=lambda gene: (not gene.is_protein_coding, gene.interval.width))
    if not ranked or ranked[0].interval.width > DEFAULT_AROUND:
        return around(variant, DEFAULT_AROUND)
    start, end = min(ranked[0].start, variant.start), max(ranked[0].end, variant.end)
    body = Interval(chromosome=variant.chromosome, start=start, end=end)
    return body.resize(max(body.width + 2 * (body.width // _MARGIN), _SMALLEST))


def around(variant: Variant, width: int) -> Interval:
    """Return `width` base pairs round the middle of REF."""
    return variant.interval.resize(width)


def within(asked: Interval, window: Window, contig_length: int) -> Interval:
    """Return the part of an interval that is predicted of both alleles.

    Args:
        asked: What is to be shown.
        window: What the network sees. An insertion pushes its last bases out of ALT.
        contig_length: Of the contig, where the window may reach past its end.

    Raises:
        UsageError: No base of it is.
    """
    variant = window.variant
    start = max(asked.start, window.interval.start, 0)
    end = min(asked.end, window.interval.end - max(variant.length_change, 0), contig_length)
    if asked.chromosome != variant.chromosome or start >= end:
        seen = window.interval
        raise UsageError(
            f"nothing of {asked.chromosome}:{asked.start + 1}-{asked.end} is predicted round {variant}",
            remedy=f"show some of {seen.chromosome}:{max(seen.start, 0) + 1}-{min(seen.end, contig_length)}, "
            "or choose a larger --window",
        )
    return Interval(chromosome=asked.chromosome, start=start, end=end)


def unknown_stretches(window: Window, shown: Interval) -> tuple[Interval, ...]:
    """Return where none of the four bases is known of what is shown.

    Args:
        window: The variant and its window, not on '-'.
        shown: A part of the window.
    """
    letters = np.frombuffer(window.reference_bases.encode("ascii", "replace"), np.uint8)
    offset = shown.start - window.interval.start
    is_unknown = letters[offset : offset + shown.width] == ord("N")
    return bin_regions(np.flatnonzero(is_unknown), shown, 1)
