"""From predictions to what panels draw: columns, arcs and a map, each no finer than a figure can show."""

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from vep_cli.genome.interval import Interval
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable, one_strand
from vep_cli.plot.content import Arcs, ContactChange, Panel, Signal
from vep_cli.plot.prediction import ShownPrediction

COLUMNS = 700
"""Of a signal across the figure: 0.2 mm each at the width of a page."""

NEEDLE_COLUMNS = 350
"""Of splice sites, where one base stands alone and would not be seen."""

MAX_ARCS = 12
"""Strongest junctions to draw."""

MAX_CHANGED_ARCS = 6
"""Junctions to draw besides, of which the reads change most."""

_WEAKEST = 0.02
"""Part of the strongest junction that one has to have to be drawn."""

MIN_CONTACT_BINS = 128
"""Bins to show of a contact map, where the window has them: a gene alone would be two or three."""

LEAST_PROBABILITY = 0.05
"""What the axis of splice sites reaches up to at least: where there is none, what is left is noise."""

_NEEDLES = (OutputType.SPLICE_SITES, OutputType.SPLICE_SITE_USAGE)


def make_panel(
    track: Track, tracks: TrackTable, predicted: ShownPrediction, shown: Interval, contig_length: int
) -> Panel:
    """Return the panel of a track.

    Args:
        track: The track; of splice junctions, either strand's stands for both.
        tracks: What was predicted.
        predicted: The predictions.
        shown: What the figure shows.
        contig_length: Of its contig.
    """
    output = track.output_type
    if output is OutputType.SPLICE_JUNCTIONS:
        return Panel(track=track, drawn=_arcs(track, tracks, predicted, shown))
    pair = predicted.pairs[output]
    column = tracks.by_output[output].index(track)
    before, after = pair.reference[..., column], pair.alternate[..., column]
    if output is OutputType.CONTACT_MAPS:
        return Panel(track=track, drawn=contact_change(before, after, pair.start, shown, contig_length))
    edges = pair.start + output.resolution * np.arange(len(before) + 1)
    if output in _NEEDLES:
        sites = make_signal(before, after, edges, NEEDLE_COLUMNS)
        return Panel(track=track, drawn=dataclasses.replace(sites, least_top=LEAST_PROBABILITY))
    return Panel(track=track, drawn=make_signal(before, after, edges, COLUMNS))


def make_signal(
    reference: Float[np.ndarray, " bins"],
    alternate: Float[np.ndarray, " bins"],
    edges: Int[np.ndarray, " bins_and_one"],
    columns: int,
) -> Signal:
    """Return a signal of no more than so many columns, each of as many bins; the last may have fewer.

    A column has the largest of its bins, so that no peak is lost; NaN only where all are.
    """
    per_column = -(-len(reference) // columns)
    first = np.arange(0, len(reference), per_column)
    change = alternate - reference
    gained, lost = np.fmax.reduceat(change, first), np.fmin.reduceat(change, first)
    return Signal(
        edges=np.append(edges[first], edges[-1]),
        reference=np.fmax.reduceat(reference, first),
        alternate=np.fmax.reduceat(alternate, first),
        difference=np.where(gained >= -lost, gained, lost),
    )


def chosen_arcs(
    start: Int[np.ndarray, " junctions"],
    end: Int[np.ndarray, " junctions"],
    reference: Float[np.ndarray, " junctions"],
    alternate: Float[np.ndarray, " junctions"],
    shown: Interval,
) -> Arcs:
    """Return the junctions to draw of those that begin or end in what is shown, the strongest first.

    They are the strongest, by whichever allele has more reads, and besides them those that change most.
    """
    inside = ((start >= shown.start) & (start <= shown.end)) | ((end >= shown.start) & (end <= shown.end))
    strength = np.where(inside, np.maximum(reference, alternate), 0.0)
    strength[strength < _WEAKEST * strength.max(initial=0.0)] = 0.0
    change = np.where(strength > 0, np.abs(alternate - reference), 0.0)
    by_strength, by_change = (np.argsort(-values, kind="stable") for values in (strength, change))
    besides = by_change[~np.isin(by_change, by_strength[:MAX_ARCS])][:MAX_CHANGED_ARCS]
    chosen = np.isin(by_strength, np.concatenate([by_strength[:MAX_ARCS], besides]))
    kept = by_strength[chosen & (strength[by_strength] > 0)]
    return Arcs(start=start[kept], end=end[kept], reference=reference[kept], alternate=alternate[kept])


def contact_change(
    reference: Float[np.ndarray, "bins bins"],
    alternate: Float[np.ndarray, "bins bins"],
    start: int,
    shown: Interval,
    contig_length: int,
) -> ContactChange:
    """Return how the contacts change of what is shown, or of a wider stretch round it where that is short.

    Args:
        reference: Of the whole window.
        alternate: Of the whole window, not aligned to REF.
        start: First base of the window.
        shown: What the figure shows.
        contig_length: Of the contig. Bins that lie wholly beyond its ends are not shown.
    """
    resolution = OutputType.CONTACT_MAPS.resolution
    lowest, highest = (
        max(-start // resolution, 0),
        min(-(-(contig_length - start) // resolution), len(reference)),
    )
    first, last = (shown.start - start) // resolution, (shown.end - 1 - start) // resolution + 1
    wanted = min(max(last - first, MIN_CONTACT_BINS), highest - lowest)
    first = min(max((first + last - wanted) // 2, lowest), highest - wanted)
    part = slice(first, first + wanted)
    return ContactChange(
        start=start + first * resolution,
        resolution=resolution,
        difference=alternate[part, part] - reference[part, part],
    )


def _arcs(track: Track, tracks: TrackTable, predicted: ShownPrediction, shown: Interval) -> Arcs:
    if predicted.junctions is None:
        raise ValueError("splice junctions are drawn only where they were predicted")
    before, after = predicted.junctions
    tissues = [one.name for one in one_strand(tracks.by_output[OutputType.SPLICE_JUNCTIONS])]
    column = tissues.index(track.name)
    return chosen_arcs(before.start, before.end, before.counts[:, column], after.counts[:, column], shown)
