"""Gene models: exons thick, introns thin with arrows that point along the strand, names above."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from vep_cli.genome.interval import Interval
from vep_cli.plot import style
from vep_cli.plot.axes import Page, bare, edge, show_positions
from vep_cli.plot.content import FigureContent, GeneModel
from vep_cli.plot.layout import Box

_BASELINE = 0.72
_HALF_EXON = 0.17
_ARROW_EVERY = 45
"""Arrows across the figure, at most."""


def draw_genes(page: Page, box: Box, content: FigureContent) -> Axes:
    """Draw the genes of what is shown, and say beside them how many there was no room for."""
    axes = page.axes(box)
    bare(axes)
    show_positions(axes, content.shown)
    axes.set_ylim(round(box.height / style.GENE_ROW), 0)
    for gene in content.genes:
        _draw_gene(axes, gene, content.shown)
    page.text(2.0, box.top + 0.5, "Genes", fontsize=style.LABEL_SIZE, fontweight="bold")
    if content.genes_left_out or not content.genes:
        words = f"{content.genes_left_out} more not drawn" if content.genes else "none here"
        page.text(2.0, box.top + 3.4, words, fontsize=style.SMALL_SIZE, color=style.FAINT)
    return axes


def _draw_gene(axes: Axes, gene: GeneModel, shown: Interval) -> None:
    colour = style.INK if gene.is_protein_coding else style.NON_CODING
    height = gene.row + _BASELINE
    start, end = max(gene.start, shown.start), min(gene.end, shown.end)
    axes.plot([edge(start), edge(end)], [height, height], color=colour, linewidth=0.6, solid_capstyle="butt")
    _draw_arrows(axes, gene, shown, height, colour)
    for first, last in gene.exons:
        if first < shown.end and last > shown.start:
            corner = (edge(first), height - _HALF_EXON)
            # An exon of a long gene may be narrower than a printer's dot; its outline is not.
            axes.add_patch(
                Rectangle(
                    corner, last - first, 2 * _HALF_EXON, facecolor=colour, edgecolor=colour, linewidth=0.3
                )
            )
    name = {"+": f"{gene.name} →", "-": f"← {gene.name}"}.get(gene.strand, gene.name)
    axes.text(
        _name_place(edge(start), edge(end), shown),
        gene.row + 0.02,
        name,
        ha="center",
        va="top",
        fontsize=style.SMALL_SIZE + 0.5,
        fontstyle="italic",
        fontweight="bold" if gene.is_touched else "normal",
        color=colour,
        clip_on=False,
    )


def _draw_arrows(axes: Axes, gene: GeneModel, shown: Interval, height: float, colour: str) -> None:
    if gene.strand == ".":
        return
    step = shown.width / _ARROW_EVERY
    places = np.arange(shown.start + step / 2, shown.end, step)
    free = [
        place
        for place in places
        if gene.start + step / 3 < place < gene.end - step / 3
        and not any(first - step / 4 < place < last + step / 4 for first, last in gene.exons)
    ]
    tip = 0.16 * step * (1 if gene.strand == "+" else -1)
    for place in map(edge, free):
        axes.plot(
            [place - tip, place + tip, place - tip],
            [height - 0.1, height, height + 0.1],
            color=colour,
            linewidth=0.5,
            solid_joinstyle="miter",
        )


def _name_place(start: float, end: float, shown: Interval) -> float:
    """Return the middle of a gene, moved inwards where its name would leave the figure."""
    margin = 0.04 * shown.width
    return min(max((start + end) / 2, edge(shown.start) + margin), edge(shown.end) - margin)
