"""The figure, drawn; the only entrance to the modules that need matplotlib."""

import textwrap

from matplotlib.patches import Rectangle

from vep_cli.plot import style
from vep_cli.plot.axes import Page, bare, edge, label_panel, mark_variant, number_positions, show_positions
from vep_cli.plot.content import Arcs, ContactChange, FigureContent, Panel, Signal
from vep_cli.plot.draw_contacts import draw_contacts, draw_zoom
from vep_cli.plot.draw_genes import draw_genes
from vep_cli.plot.draw_junctions import draw_junctions
from vep_cli.plot.draw_signals import draw_difference, draw_signal
from vep_cli.plot.layout import Box, Layout, make_layout
from vep_cli.plot.saving import check_dots
from vep_cli.plot.sheet import Sheet, blank_page, file_of, own_style
from vep_cli.plot.wording import MINUS, subtitle, variant_title

_LETTERS_PER_MILLIMETRE = 0.92
"""Of the notes."""

_LEGEND = (
    (-44.0, "both", style.BOTH),
    (-33.0, "REF only", style.REFERENCE),
    (-17.0, "ALT only", style.ALTERNATE),
)
"""Millimetres from the right edge, words and colours."""


def drawn(content: FigureContent, sheet: Sheet, *, with_difference: bool = True) -> bytes:
    """Return a figure as a file's bytes, the same every time.

    Args:
        content: What it shows.
        sheet: What it is drawn on.
        with_difference: Whether signals have a strip of ALT - REF under them.

    Raises:
        UsageError: A PNG of that many dots cannot be.
    """
    notes = _wrapped(content.notes, sheet.width)
    layout = make_layout(content, note_lines=len(notes), with_difference=with_difference)
    if sheet.form == "png":
        check_dots(sheet.width, layout.height, sheet.dots_per_inch)
    with own_style():
        page = blank_page(sheet, layout.height)
        _draw(page, layout, content, notes)
        return file_of(page, sheet)


def _draw(page: Page, layout: Layout, content: FigureContent, notes: list[str]) -> None:
    _draw_title(page, content)
    _draw_axis(page, layout.axis, content)
    if layout.genes is not None:
        draw_genes(page, layout.genes, content)
    for panel, box, strip in layout.panels:
        _draw_panel(page, panel, box, strip, content)
    for number, (panel, box) in enumerate(layout.contacts):
        _draw_contact_panel(page, panel, box, content, is_first=number == 0)
    _mark_variant(page, layout.axis, content)
    for line, words in enumerate(notes):
        top = layout.notes + style.NOTE_LINE * line
        page.text(2.0, top, words, fontsize=style.SMALL_SIZE - 0.5, color=style.FAINT)


def _draw_title(page: Page, content: FigureContent) -> None:
    page.text(2.0, 2.0, variant_title(content.variant), fontsize=style.TITLE_SIZE, fontweight="bold")
    genes_and_tissues = subtitle(content.touched, [panel.track for panel in content.panels])
    page.text(2.0, 6.6, genes_and_tissues, fontsize=style.LABEL_SIZE, color=style.FAINT)
    for offset, words, colour in _LEGEND:
        left = page.width + offset
        x, y = page.place(left, 4.6)
        page.figure.add_artist(
            Rectangle((x, y), 2.2 / page.width, 1.7 / page.height, facecolor=colour, linewidth=0)
        )
        page.text(left + 3, 2.6, words, fontsize=style.LABEL_SIZE)


def _draw_axis(page: Page, box: Box, content: FigureContent) -> None:
    """Draw what lies under all panels: the axis, and where no base is known."""
    axes = page.axes(box)
    show_positions(axes, content.shown)
    number_positions(axes, content.shown.chromosome)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.patch.set_visible(False)
    for stretch in content.unknown:
        axes.axvspan(edge(stretch.start), edge(stretch.end), facecolor=style.UNKNOWN, linewidth=0, zorder=-2)


def _mark_variant(page: Page, box: Box, content: FigureContent) -> None:
    """Draw over all panels where the variant is, if it is in what is shown."""
    if content.variant.interval.overlaps(content.shown):
        axes = page.axes(box)
        bare(axes)
        show_positions(axes, content.shown)
        mark_variant(axes, content.variant)


def _draw_panel(page: Page, panel: Panel, box: Box, strip: Box | None, content: FigureContent) -> None:
    label_panel(page, panel.track, box)
    match panel.drawn:
        case Arcs():
            draw_junctions(page, box, panel.drawn, content.shown)
        case Signal():
            draw_signal(page, box, panel.drawn, content.shown)
            if strip is not None:
                draw_difference(page, strip, panel.drawn, content.shown)


def _draw_contact_panel(
    page: Page, panel: Panel, box: Box, content: FigureContent, *, is_first: bool
) -> None:
    change = panel.drawn
    if not isinstance(change, ContactChange):
        raise TypeError("only contact maps have an axis of their own")
    label_panel(page, panel.track, box)
    page.text(2.0, box.top + 8.4, f"ALT {MINUS} REF", fontsize=style.SMALL_SIZE)
    if is_first:
        draw_zoom(page, box, change, content.shown)
    axes = draw_contacts(page, box, change)
    number_positions(axes, content.shown.chromosome)
    mark_variant(axes, content.variant)


def _wrapped(notes: tuple[str, ...], width: float) -> list[str]:
    letters = int(width * _LETTERS_PER_MILLIMETRE)
    return [line for note in notes for line in textwrap.wrap(note, letters)]
