"""Where on the page everything goes, in millimetres from the top left corner."""

import dataclasses
from collections.abc import Iterable

from vep_cli.plot import style
from vep_cli.plot.content import Arcs, ContactChange, FigureContent, Panel


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of the page.

    Attributes:
        top: From the top of the page to its upper edge.
        height: Of itself.
    """

    top: float
    height: float

    @property
    def bottom(self) -> float:
        """From the top of the page to its lower edge."""
        return self.top + self.height


@dataclasses.dataclass(frozen=True, kw_only=True)
class Layout:
    """The page.

    Attributes:
        genes: Of the gene models; None without any.
        panels: Of each panel along the shared axis, from the top.
        strips: Of the difference of each of them; None where none is drawn.
        axis: What stands above the shared axis: all of these.
        contacts: Of each contact map, which has an axis of its own.
        notes: Where the notes begin.
        height: Of the page.
    """

    genes: Box | None
    panels: tuple[tuple[Panel, Box, Box | None], ...]
    axis: Box
    contacts: tuple[tuple[Panel, Box], ...]
    notes: float
    height: float


def make_layout(content: FigureContent, *, note_lines: int, with_difference: bool) -> Layout:
    """Return where everything goes.

    Args:
        content: What is shown.
        note_lines: Lines of notes at the foot.
        with_difference: Whether signals have a strip of ALT - REF under them.
    """
    top = style.TOP
    genes = None
    if content.has_annotation:
        rows = max((gene.row for gene in content.genes), default=0) + 1
        genes = Box(top=top, height=style.GENE_ROW * rows)
        top = genes.bottom + style.GAP
    panels = []
    for panel in _along_axis(content.panels):
        box = Box(top=top, height=style.ARCS if isinstance(panel.drawn, Arcs) else style.SIGNAL)
        strip = None
        if with_difference and not isinstance(panel.drawn, Arcs):
            strip = Box(top=box.bottom + style.GAP / 4, height=style.STRIP)
        panels.append((panel, box, strip))
        top = (strip or box).bottom + style.GAP
    axis = Box(top=style.TOP, height=max(top - style.GAP, style.TOP + style.GENE_ROW) - style.TOP)
    contacts = []
    top = axis.bottom + style.AXIS
    for panel in content.panels:
        if isinstance(panel.drawn, ContactChange):
            box = Box(top=top + style.ZOOM, height=style.CONTACTS)
            contacts.append((panel, box))
            top = box.bottom + style.AXIS
    height = top + style.NOTE_LINE * (note_lines + 1)
    return Layout(
        genes=genes, panels=tuple(panels), axis=axis, contacts=tuple(contacts), notes=top, height=height
    )


def _along_axis(panels: Iterable[Panel]) -> list[Panel]:
    return [panel for panel in panels if not isinstance(panel.drawn, ContactChange)]
