"""Predictions made from a window's reverse complement, brought into the order of the forward strand."""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np

from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import OPPOSITE_CLASSES
from vep_cli.model.strand import reverse_complement_predictions, reverse_splice_sites, strand_partners
from vep_cli.model.tracks import Track
from vep_cli.scoring.scorer import Predictions
from vep_cli.scoring.splice_junctions import JunctionPredictions


def in_forward_order(predictions: Predictions, tracks: Mapping[OutputType, tuple[Track, ...]]) -> Predictions:
    """Return predictions with bins ascending along the chromosome and tracks on their own strands.

    Args:
        predictions: Of the reverse complement. Splice junctions, which are not predicted yet, stay.
        tracks: The columns of each output, of both strands.

    Raises:
        ValueError: Tracks of an output are not of both strands.
    """
    return {
        output: values
        if output is OutputType.SPLICE_JUNCTIONS
        else reverse_complement_predictions(
            output, jnp.asarray(values)[None], _partners(output, tracks[output])
        )[0]
        for output, values in predictions.items()
    }


def junctions_in_forward_order(
    junctions: JunctionPredictions, tracks: tuple[Track, ...], width: int
) -> JunctionPredictions:
    """Return the junctions of a window of `width` bases, between sites counted from its start.

    Raises:
        ValueError: Tracks are not of both strands.
    """
    partners = strand_partners([track.strand for track in tracks])
    sites = reverse_splice_sites(jnp.asarray(junctions.sites)[None], width)[0]
    return JunctionPredictions(sites=sites, counts=jnp.asarray(junctions.counts)[..., partners])


def _partners(output: OutputType, tracks: tuple[Track, ...]) -> np.ndarray:
    # Of splice sites all classes are predicted, whichever tracks were chosen.
    if output is OutputType.SPLICE_SITES:
        return np.array(OPPOSITE_CLASSES)
    return strand_partners([track.strand for track in tracks])
