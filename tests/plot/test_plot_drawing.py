"""Figures: what is in them is read back from the SVG, whose letters stay letters."""

import dataclasses
import itertools
import struct
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from toy_inputs import toy_tracks

pytest.importorskip("matplotlib")

from vep_cli.errors import UsageError
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.plot import style
from vep_cli.plot.content import Arcs, ContactChange, FigureContent, GeneModel, Panel, Signal
from vep_cli.plot.draw_contacts import corners
from vep_cli.plot.draw_junctions import labelled
from vep_cli.plot.draw_signals import difference_scale, signal_top
from vep_cli.plot.drawing import drawn
from vep_cli.plot.layout import make_layout
from vep_cli.plot.sheet import Sheet

SHOWN = Interval(chromosome="chr6", start=1_000_000, end=1_001_000)
SVG = Sheet(form="svg")
HOSTILE = r"$\frac{1}{<b>&amp;</b>\n%s</svg>"


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


def signal(reference: tuple[float, ...], alternate: tuple[float, ...], least_top: float = 0.0) -> Signal:
    edges = np.linspace(SHOWN.start, SHOWN.end, len(reference) + 1).astype(np.int64)
    before, after = floats(*reference), floats(*alternate)
    return Signal(
        edges=edges, reference=before, alternate=after, difference=after - before, least_top=least_top
    )


def arcs(*junctions: tuple[int, int, float, float]) -> Arcs:
    start, end, before, after = (
        np.array([junction[column] for junction in junctions], kind)
        for column, kind in enumerate((np.int64, np.int64, np.float32, np.float32))
    )
    return Arcs(start=SHOWN.start + start, end=SHOWN.start + end, reference=before, alternate=after)


def track(output: OutputType, **fields: str) -> Track:
    found = next(one for one in toy_tracks() if one.output_type is output)
    return dataclasses.replace(found, **fields)  # type: ignore[arg-type]


def panels() -> tuple[Panel, ...]:
    change = np.zeros((4, 4), np.float32)
    change[1, 2] = change[2, 1] = -0.25
    return (
        Panel(track=track(OutputType.SPLICE_JUNCTIONS), drawn=arcs((100, 300, 4, 8), (400, 600, 9, 9.1))),
        Panel(
            track=track(OutputType.RNA_SEQ, supervision="mechanistic"),
            drawn=signal((1, 2, 12), (1, 4, 9)),
        ),
        Panel(
            track=track(OutputType.CONTACT_MAPS),
            drawn=ContactChange(start=SHOWN.start - 2048, resolution=2048, difference=change),
        ),
    )


def gene(name: str = "GENE", row: int = 0, strand: str = "+") -> GeneModel:
    return GeneModel(
        name=name,
        strand=strand,
        start=SHOWN.start + 50,
        end=SHOWN.start + 900,
        exons=((SHOWN.start + 50, SHOWN.start + 200), (SHOWN.start + 600, SHOWN.start + 900)),
        is_protein_coding=row == 0,
        is_touched=row == 0,
        row=row,
    )


def content(**fields: object) -> FigureContent:
    values: dict[str, object] = {
        "variant": Variant(chromosome="chr6", position=1_000_501, reference_bases="C", alternate_bases="G"),
        "touched": ("GENE",),
        "shown": SHOWN,
        "has_annotation": True,
        "genes": (gene(), gene("OTHER", 1, "-")),
        "genes_left_out": 0,
        "panels": panels(),
        "unknown": (),
        "notes": ("Research use only.",),
        **fields,
    }
    return FigureContent(**values)  # type: ignore[arg-type]


def texts(of: FigureContent, *, with_difference: bool = True) -> list[str]:
    root = ElementTree.fromstring(drawn(of, SVG, with_difference=with_difference))
    return ["".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]


def test_everything_is_said() -> None:
    found = texts(content())
    for words in (
        "chr6:1,000,501 C>G",
        "GENE  \N{MIDDLE DOT}  liver",
        "GENE →",
        "← OTHER",
        "both",
        "REF only",
        "ALT only",
        "Splice junctions",
        "RNA-seq (+)",
        "liver",
        "mechanistic",
        "not trained",
        "Contact map",
        "Research use only.",
        "1,000,400",
        "position on chr6 (bp)",
    ):
        assert words in found, words
    # The largest prediction, the largest difference, and the contacts' -0.25 to 0.25.
    assert {"12", "±3.0", "0.25", "\N{MINUS SIGN}0.25"} <= set(found)
    # The junction that doubles has its reads beside it; the other hardly changes.
    assert {"4.0", "8.0"} <= set(found)
    assert "9.0" not in found


def test_the_difference_can_be_left_out() -> None:
    assert not any("±" in words for words in texts(content(), with_difference=False))


@pytest.mark.parametrize("name", [HOSTILE, "μ→中文", "", "a$b$c^2_x"])
def test_names_are_text_whatever_is_in_them(name: str) -> None:
    hostile = content(
        genes=(gene(name, strand="."),),
        touched=(name,),
        panels=(
            Panel(
                track=track(OutputType.ATAC, biosample_name=name, supervision=f"labels:{name}"),
                drawn=signal((1,), (2,)),
            ),
        ),
        notes=(name,),
    )
    found = texts(hostile)
    assert not name or name in found


def test_without_genes_without_panels_without_anything() -> None:
    assert "Genes" not in texts(content(has_annotation=False, genes=(), touched=()))
    bare = texts(content(genes=(), genes_left_out=0, touched=(), panels=(), notes=()))
    assert {"Genes", "none here", "in no gene"} <= set(bare)
    assert "4 more not drawn" in texts(content(genes_left_out=4))
    no_arcs = (Panel(track=track(OutputType.SPLICE_JUNCTIONS), drawn=arcs()),)
    assert "no junction is predicted here" in texts(content(panels=no_arcs))


def test_what_is_zero_or_not_finite_is_drawn() -> None:
    silent = Panel(track=track(OutputType.ATAC), drawn=signal((0, 0), (0, 0)))
    broken = Panel(track=track(OutputType.DNASE), drawn=signal((1, np.nan, np.inf), (np.nan, 3, 2)))
    flat = ContactChange(start=SHOWN.start, resolution=2048, difference=np.zeros((2, 2), np.float32))
    found = texts(content(panels=(silent, broken, Panel(track=track(OutputType.CONTACT_MAPS), drawn=flat))))
    assert {"1.0", "3.0"} <= set(found)


@pytest.mark.parametrize(
    ("reference", "alternate"),
    [("C", "CTTT"), ("CAAAA", "C"), ("C" * 2000, "C")],
    ids=["insertion", "deletion", "long"],
)
def test_insertions_and_deletions(reference: str, alternate: str) -> None:
    variant = Variant(
        chromosome="chr6", position=1_000_501, reference_bases=reference, alternate_bases=alternate
    )
    unknown = (Interval(chromosome="chr6", start=SHOWN.start, end=SHOWN.start + 10),)
    assert any("-bp " in words for words in texts(content(variant=variant, unknown=unknown)))


def test_a_variant_beside_what_is_shown_is_not_marked() -> None:
    def lines(position: int) -> int:
        variant = Variant(chromosome="chr6", position=position, reference_bases="C", alternate_bases="G")
        return drawn(content(variant=variant, panels=()), SVG).count(b"stroke-dasharray")

    assert lines(1_000_501) == lines(2_000_501) + 1


@pytest.mark.parametrize(("form", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_same_bytes_every_time(form: str, begins: bytes) -> None:
    first = drawn(content(), Sheet(form=form, dots_per_inch=60))
    assert first.startswith(begins)
    assert first == drawn(content(), Sheet(form=form, dots_per_inch=60))
    assert b"matplotlib v" not in first
    assert b"<dc:date>" not in first
    assert b"CreationDate" not in first


def test_size() -> None:
    picture = drawn(content(), Sheet(form="png", width=127.0, dots_per_inch=100))
    width, height = struct.unpack(">II", picture[16:24])
    layout = make_layout(content(), note_lines=1, with_difference=True)
    assert width == 500
    assert height == pytest.approx(layout.height / 25.4 * 100, abs=1)
    with pytest.raises(UsageError, match="too large"):
        drawn(content(panels=panels() * 100), Sheet(form="png", dots_per_inch=1200))


class TestLayout:
    def test_nothing_overlaps(self) -> None:
        layout = make_layout(content(panels=panels() * 2), note_lines=3, with_difference=True)
        assert layout.genes is not None
        boxes = [layout.genes]
        for _, box, strip in layout.panels:
            boxes += [box, strip] if strip else [box]
        boxes += [box for _, box in layout.contacts]
        assert all(upper.bottom <= lower.top for upper, lower in itertools.pairwise(boxes))
        assert layout.axis.top <= boxes[0].top
        assert layout.axis.bottom == layout.panels[-1][2].bottom  # type: ignore[union-attr]
        assert boxes[-1].bottom + style.AXIS <= layout.notes <= layout.height - 3 * style.NOTE_LINE
        # Two genes that overlap take two lines; junctions have no strip.
        assert layout.genes.height == 2 * style.GENE_ROW
        assert [strip is None for _, _, strip in layout.panels] == [True, False, True, False]

    def test_strips_take_room(self) -> None:
        heights = [
            make_layout(content(), note_lines=1, with_difference=strips).height for strips in (False, True)
        ]
        assert heights[1] - heights[0] == pytest.approx(style.STRIP + style.GAP / 4)


def test_scales() -> None:
    assert signal_top(signal((1, 2), (3, 2))) == 3
    assert signal_top(signal((0, 0), (0, 0))) == 1
    assert signal_top(signal((0.01, 0), (0, 0), least_top=0.05)) == 0.05
    assert difference_scale(signal((1, 2), (3, 2))) == 2
    # A difference of a thousandth of the signal does not fill the strip.
    assert difference_scale(signal((100, 2), (100.1, 2))) == pytest.approx(0.02 * 100.1)


def test_numbers_of_junctions_are_where_there_is_room() -> None:
    # The first two have one middle and nearly one height: that which changes more is written.
    close = arcs((100, 300, 8, 1), (98, 302, 5, 9), (600, 900, 3, 1), (400, 500, 2, 2))
    assert labelled(close, SHOWN) == [0, 2]


def test_a_pair_of_bins_stands_above_its_middle() -> None:
    change = ContactChange(start=1000, resolution=100, difference=np.zeros((3, 3), np.float32))
    across, up = corners(change)
    # Bins 0 and 2 begin at 1000 and 1200 (on the axis 0.5 more): 1100 is their middle, 100 half apart.
    assert (across[0, 2], up[0, 2]) == (1100.5, 100)
    assert (across[1, 1], up[1, 1]) == (1100.5, 0)
