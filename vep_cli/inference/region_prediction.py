"""Predictions of a region of the reference sequence: of that and no more."""

import dataclasses
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from vep_cli.genome.interval import Interval
from vep_cli.inference.contract import Network
from vep_cli.model.config import TOKEN_SIZE
from vep_cli.model.output_type import OutputType
from vep_cli.model.stretches import take
from vep_cli.model.tracks import TrackTable


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Predicted:
    """One output of a sequence, at places of the reference sequence.

    Attributes:
        start: First base of the first bin, on the chromosome; may lie before the chromosome's first base.
        values: [bins, tracks]; contact maps [bins, bins, tracks].
    """

    start: int
    values: Float[np.ndarray, "*bins tracks"]


def predict_region(
    network: Network, tracks: TrackTable, window: Interval, bases: str, region: Interval
) -> Mapping[OutputType, Predicted]:
    """Predict the bins that lie in a region, or reach into it.

    Contact maps are of the whole window; splice junctions, which are of two places each, are left out.

    Args:
        network: The network.
        tracks: What it predicts.
        window: What the network sees, not on '-'.
        bases: Its letters.
        region: A part of the window.
    """
    places = np.arange(region.start, region.end) - window.start
    is_read = np.zeros(window.width // TOKEN_SIZE, bool)
    is_read[places // TOKEN_SIZE] = True
    predictions = network.read(network.reference(bases), is_read)
    found: dict[OutputType, Predicted] = {}
    for output, its_tracks in tracks.by_output.items():
        if output is OutputType.CONTACT_MAPS:
            found[output] = Predicted(start=window.start, values=np.asarray(predictions[output], np.float32))
        elif output.resolution > 1:
            first, last = places[0] // output.resolution, places[-1] // output.resolution + 1
            start = window.start + int(first) * output.resolution
            values = np.asarray(predictions[output][first:last], np.float32)
            found[output] = Predicted(start=start, values=values)
        elif output is not OutputType.SPLICE_JUNCTIONS:
            values = np.asarray(take(predictions[output], jnp.asarray(places)), np.float32)
            # Splice sites come with all their classes, as they share one softmax.
            is_whole_head = output is OutputType.SPLICE_SITES
            columns = [track.index for track in its_tracks] if is_whole_head else slice(None)
            found[output] = Predicted(start=region.start, values=values[:, columns])
    return found
