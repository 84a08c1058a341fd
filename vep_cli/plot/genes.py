"""The genes of a figure, each on a line where none hides another."""

from collections.abc import Iterable, Sequence

import numpy as np

from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.interval import Interval
from vep_cli.plot.content import GeneModel
from vep_cli.plot.wording import shortened

MAX_ROWS = 4
_LETTERS_ACROSS = 84
"""Letters of a gene's name that fit side by side in the width of a figure."""
_ARROW = 3
"""Letters that the arrow beside a name takes up."""

_LONGEST_NAME = 24
_GAP = 0.01
"""Between genes on a line, as a part of what is shown."""


def gene_models(
    annotation: Annotation, shown: Interval, touched: Sequence[Gene]
) -> tuple[tuple[GeneModel, ...], int]:
    """Return the genes of a stretch that find room in `MAX_ROWS` lines, and the number of the others.

    Args:
        annotation: All genes.
        shown: The stretch.
        touched: The genes that the variant lies in, which come first, and then those that code for a
            protein.
    """
    here = [index for index, gene in enumerate(annotation.genes) if gene.interval.overlaps(shown)]
    ranked = sorted(
        here,
        key=lambda index: (
            annotation.genes[index] not in touched,
            not annotation.genes[index].is_protein_coding,
            annotation.genes[index].start,
        ),
    )
    lines: list[list[tuple[float, float]]] = [[] for _ in range(MAX_ROWS)]
    models = []
    for index in ranked:
        gene = annotation.genes[index]
        row = _place(_footprint(gene, shown), lines)
        if row is not None:
            models.append(_model(annotation, index, is_touched=gene in touched, row=row))
    return tuple(models), len(ranked) - len(models)


def gene_name(gene: Gene) -> str:
    """Return what a gene is called in a figure: short and printable, whatever the file has."""
    return shortened(gene.name or gene.gene_id, _LONGEST_NAME)


def exon_union(exons: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the stretches that some exons cover together, ascending; those that touch are one."""
    union: list[tuple[int, int]] = []
    for start, end in sorted(exons):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((start, end))
    return tuple(union)


def _model(annotation: Annotation, index: int, *, is_touched: bool, row: int) -> GeneModel:
    gene = annotation.genes[index]
    own = np.flatnonzero(annotation.transcript_gene[annotation.exon_transcript] == index)
    exons = zip(annotation.exon_start[own].tolist(), annotation.exon_end[own].tolist(), strict=True)
    return GeneModel(
        name=gene_name(gene),
        strand=gene.strand,
        start=gene.start,
        end=gene.end,
        exons=exon_union(exons),
        is_protein_coding=gene.is_protein_coding,
        is_touched=is_touched,
        row=row,
    )


def _footprint(gene: Gene, shown: Interval) -> tuple[float, float]:
    """Return from where to where a gene and its name, which is written over its middle, take up a line."""
    start, end = max(gene.start, shown.start), min(gene.end, shown.end)
    half = max(end - start, (len(gene_name(gene)) + _ARROW) * shown.width / _LETTERS_ACROSS) / 2
    return (start + end) / 2 - half, (start + end) / 2 + half + _GAP * shown.width


def _place(footprint: tuple[float, float], lines: list[list[tuple[float, float]]]) -> int | None:
    """Put a gene on the first line that has room for it, and return the line."""
    start, end = footprint
    for row, taken in enumerate(lines):
        if all(end <= other_start or start >= other_end for other_start, other_end in taken):
            taken.append(footprint)
            return row
    return None
