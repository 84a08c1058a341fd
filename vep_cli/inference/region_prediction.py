"""Predictions of a region of the reference sequence: of that and no more."""

import dataclasses
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from vep_cli.genome.interval import Interval
from vep_cli.inference.junction_list import JunctionList, list_junctions
from vep_cli.inference.junctions import arrays_of_sequence
from vep_cli.inference.predictor import Predictor
from vep_cli.model.config import TOKEN_SIZE
from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import SpliceSites
from vep_cli.model.stretches import take
from vep_cli.model.tracks import TrackTable
from vep_cli.scoring.scorer import Predictions


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Predicted:
    """One output of a sequence, at places of the reference sequence.

    Attributes:
        start: First base of the first bin, on the chromosome; may lie before the chromosome's first base.
        values: [bins, tracks]; contact maps [bins, bins, tracks].
    """

    start: int
    values: Float[np.ndarray, "*bins tracks"]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class RegionPrediction:
    """What the network says of a region of one sequence.

    Attributes:
        outputs: By output type, but of splice junctions.
        junctions: The splice junctions; None where they were not asked for.
    """

    outputs: Mapping[OutputType, Predicted]
    junctions: JunctionList | None


def predict_region(
    predictor: Predictor, tracks: TrackTable, window: Interval, bases: str, region: Interval
) -> RegionPrediction:
    """Predict the bins that lie in a region, or reach into it, and the splice junctions within it.

    Contact maps are of the whole window.

    Args:
        predictor: The network.
        tracks: What it predicts; of splice junctions, both strands.
        window: What the network sees, not on '-'.
        bases: Its letters.
        region: A part of the window.
    """
    places = np.arange(region.start, region.end) - window.start
    is_read = np.zeros(window.width // TOKEN_SIZE, bool)
    is_read[places // TOKEN_SIZE] = True
    predictions = predictor.read(predictor.reference(bases), is_read)
    junctions = None
    if OutputType.SPLICE_JUNCTIONS in tracks.by_output:
        sites = predictions[OutputType.SPLICE_JUNCTIONS]
        junctions = list_junctions(*_junctions(predictor, sites, places, window.width), window)
    outputs = _outputs(predictions, tracks, window, places)
    return RegionPrediction(outputs=outputs, junctions=junctions)


def _junctions(
    predictor: Predictor, sites: SpliceSites, places: Int[np.ndarray, " bases"], width: int
) -> tuple[Int[np.ndarray, "4 sites"], Float[np.ndarray, "sites sites columns"]]:
    """Return the sites among some bases, and the counts between them; see `list_junctions`."""
    own, _ = predictor.junctions(sites, sites, arrays_of_sequence(places, width), max_sites=None)
    return np.asarray(own.sites), np.asarray(own.counts, np.float32)


def _outputs(
    predictions: Predictions, tracks: TrackTable, window: Interval, places: Int[np.ndarray, " bases"]
) -> Mapping[OutputType, Predicted]:
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
            found[output] = Predicted(start=window.start + int(places[0]), values=values[:, columns])
    return found
