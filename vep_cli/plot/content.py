"""What a figure shows, as values: drawing them is another module's work, and needs another library.

All positions are 0-based and half-open; the axis alone counts from 1.
"""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float, Int

from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.tracks import Track


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Signal:
    """One track's predictions along what is shown, with ALT laid on REF's positions.

    Attributes:
        edges: First base of each column, and the end of the last, on the chromosome.
        reference: Largest prediction in each column, of REF; NaN where none is finite.
        alternate: The same of ALT.
        difference: ALT - REF, where it is largest in magnitude within each column.
        least_top: What the axis reaches up to at least.
    """

    edges: Int[np.ndarray, " columns_and_one"]
    reference: Float[np.ndarray, " columns"]
    alternate: Float[np.ndarray, " columns"]
    difference: Float[np.ndarray, " columns"]
    least_top: float = 0.0


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Arcs:
    """The splice junctions of one tissue, the strongest first.

    Attributes:
        start: First base of each intron.
        end: Base after its last.
        reference: Predicted reads across it, of REF.
        alternate: The same of ALT.
    """

    start: Int[np.ndarray, " junctions"]
    end: Int[np.ndarray, " junctions"]
    reference: Float[np.ndarray, " junctions"]
    alternate: Float[np.ndarray, " junctions"]

    @property
    def is_changed(self) -> Bool[np.ndarray, " junctions"]:
        """Whether the reads change by a tenth of the larger of the two or more."""
        larger = np.maximum(self.reference, self.alternate)
        return np.asarray(np.abs(self.alternate - self.reference) >= 0.1 * larger)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ContactChange:
    """How contacts change.

    Attributes:
        start: First base of the first bin.
        resolution: Base pairs per bin.
        difference: ALT - REF of each pair of bins.
    """

    start: int
    resolution: int
    difference: Float[np.ndarray, "bins bins"]

    @property
    def end(self) -> int:
        """Base after the last bin."""
        return self.start + len(self.difference) * self.resolution


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """One track.

    Attributes:
        track: What is predicted.
        drawn: The predictions, in the form in which they are drawn.
    """

    track: Track
    drawn: Signal | Arcs | ContactChange


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GeneModel:
    """A gene of what is shown.

    Attributes:
        name: Its symbol, or its identifier where it has none.
        strand: '+', '-' or '.'.
        start: First base.
        end: Base after the last one.
        exons: (first base, base after the last) of each stretch that is in an exon of some transcript.
        is_protein_coding: Whether it is.
        is_touched: Whether the variant lies in it.
        row: The line on which it is drawn, from the top, so that none hides another.
    """

    name: str
    strand: str
    start: int
    end: int
    exons: tuple[tuple[int, int], ...]
    is_protein_coding: bool
    is_touched: bool
    row: int


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class FigureContent:
    """A figure.

    Attributes:
        variant: The variant as it was predicted.
        touched: Names of the genes that it lies in, those that code for a protein first.
        shown: The stretch of the chromosome.
        has_annotation: Whether genes are known at all.
        genes: Those of what is shown for which there is room.
        genes_left_out: How many there are besides.
        panels: From the top.
        unknown: Stretches without a known base.
        notes: Sentences for the foot of the figure: what it is made of, and what to know about it.
    """

    variant: Variant
    touched: tuple[str, ...]
    shown: Interval
    has_annotation: bool
    genes: tuple[GeneModel, ...]
    genes_left_out: int
    panels: tuple[Panel, ...]
    unknown: tuple[Interval, ...]
    notes: tuple[str, ...]
