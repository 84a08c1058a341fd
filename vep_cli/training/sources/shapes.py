"""Peaks and stretches as one value per base."""

import enum

import numpy as np
from jaxtyping import Float32, Float64, Int64

from vep_cli.genome.interval import Interval


class Shape(enum.StrEnum):
    """How a peak falls off from its middle."""

    FLAT = "flat"
    TRIANGLE = "triangle"
    GAUSSIAN = "gaussian"


def fall_off(shape: Shape, distance: Float64[np.ndarray, " *shape"]) -> Float32[np.ndarray, " *shape"]:
    """Return a peak's height, 1 in its middle.

    Args:
        shape: Flat and triangular peaks end at a distance of 1, which is a gaussian's standard deviation.
        distance: From the middle, in widths of the peak.
    """
    match shape:
        case Shape.FLAT:
            height = np.where(distance <= 1, 1.0, 0.0)
        case Shape.TRIANGLE:
            height = np.maximum(1 - distance, 0)
        case _:
            height = np.exp(-0.5 * distance**2)
    return height.astype(np.float32)


def heights(
    points: Int64[np.ndarray, " points"], interval: Interval, shape: Shape, width: int
) -> Float32[np.ndarray, " bases"]:
    """Return the height, at each base, of the peak at the nearest of some points; 0 where there is none.

    Args:
        points: 0-based bases on the interval's chromosome, ascending.
        interval: Where.
        shape: Of the peaks.
        width: Bases; see `fall_off`.
    """
    if not len(points):
        return np.zeros(interval.width, np.float32)
    places = np.arange(interval.start, interval.end)
    after = np.searchsorted(points, places)
    right = points[np.minimum(after, len(points) - 1)]
    left = points[np.maximum(after - 1, 0)]
    distance = np.minimum(np.abs(places - left), np.abs(places - right))
    return fall_off(shape, distance / max(width, 1))


def flags_of_spans(
    start: Int64[np.ndarray, " spans"], end: Int64[np.ndarray, " spans"], interval: Interval
) -> Float32[np.ndarray, " bases"]:
    """Return 1 for each base of an interval that a span covers, 0 for the others.

    Args:
        start: 0-based first base of each span on the interval's chromosome.
        end: 0-based base after the last one.
        interval: Where.
    """
    steps = np.zeros(interval.width + 1, np.int64)
    np.add.at(steps, np.clip(start - interval.start, 0, interval.width), 1)
    np.add.at(steps, np.clip(end - interval.start, 0, interval.width), -1)
    return (np.cumsum(steps)[:-1] > 0).astype(np.float32)
