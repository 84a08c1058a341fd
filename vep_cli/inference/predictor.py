"""Sequences in, predictions of the chosen tracks out; the only place that calls the network."""

import functools
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from vep_cli.genome.one_hot import one_hot
from vep_cli.inference.chunks import chunked
from vep_cli.inference.junctions import junctions_of_alleles
from vep_cli.model import network
from vep_cli.model.config import ModelConfig
from vep_cli.model.layers import Parameters
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.parameters import load, select_columns, with_track_means
from vep_cli.model.precision import Precision, cast_parameters
from vep_cli.model.splice_sites import SpliceSites
from vep_cli.model.tiled_network import needs_tiles, predict_to_compare_in_tiles
from vep_cli.model.tracks import ORGANISMS, TrackTable
from vep_cli.model.weights_folder import PARAMETERS, WeightsFolder, check_file
from vep_cli.scoring.scorer import Predictions
from vep_cli.scoring.splice_junctions import JunctionPredictions

logger = logging.getLogger(__name__)


class Predictor:
    """The network with its parameters on a device, narrowed to the chosen tracks."""

    def __init__(
        self,
        weights: WeightsFolder,
        tracks: TrackTable,
        *,
        organism: str,
        device: jax.Device,
        batch_size: int,
        precision: Precision = Precision.FLOAT32,
    ) -> None:
        """Load the parameters.

        Args:
            weights: The model.
            tracks: What to predict; all of `organism`.
            organism: 'human' or 'mouse'.
            device: Where to run.
            batch_size: Sequences per call of the device. It changes nothing but speed and memory:
                each sequence of a call is computed by itself.
            precision: Number format of the network.

        Raises:
            WeightsError: The parameters are damaged or do not fit the model's configuration.
        """
        outputs = frozenset(tracks.by_output)
        self._batch_size = batch_size
        self._compiled: set[int] = set()
        self._device = device
        with jax.default_device(device):
            params = cast_parameters(_narrowed(weights, tracks), precision)
            self._params = jax.device_put(params, device)
        self._dtype = precision.dtype
        self._junctions = jax.jit(
            functools.partial(
                junctions_of_alleles, config=weights.config, organism_index=ORGANISMS.index(organism)
            )
        )
        self._predict = jax.jit(
            functools.partial(
                _predict_each,
                config=weights.config,
                organism_index=ORGANISMS.index(organism),
                outputs=outputs,
            )
        )

    def predict(self, sequences: Iterable[str]) -> Iterator[Predictions]:
        """Yield the predictions of each sequence, in order; of splice junctions, `SpliceSites`.

        Args:
            sequences: Bases; all of one length that the network takes.
        """
        for batch in chunked(sequences, self._batch_size):
            self._announce(len(batch[0]))
            encoded = np.stack([one_hot(bases) for bases in batch])
            missing = self._batch_size - len(batch)
            padded = np.pad(encoded, ((0, missing), (0, 0), (0, 0)))
            on_device = jax.device_put(padded.astype(self._dtype), self._device)
            yield from self._predict(self._params, on_device)[: len(batch)]

    def junctions(
        self, reference: SpliceSites, alternate: SpliceSites, arrays: Mapping[str, np.ndarray]
    ) -> tuple[JunctionPredictions, JunctionPredictions]:
        """Return the splice junctions of REF and ALT.

        Args:
            reference: From `predict`.
            alternate: From `predict`.
            arrays: From `junctions.site_arrays`.
        """
        head = self._params["heads"][OutputType.SPLICE_JUNCTIONS]
        pair: tuple[JunctionPredictions, JunctionPredictions] = self._junctions(
            head, reference, alternate, dict(arrays)
        )
        return pair

    def _announce(self, width: int) -> None:
        """Say why the first sequence of a length takes longer than the others."""
        if width not in self._compiled:
            self._compiled.add(width)
            logger.info("compiling the network for windows of %d bp on %s", width, self._device.platform)


def _narrowed(weights: WeightsFolder, tracks: TrackTable) -> Parameters:
    check_file(weights.path, weights.manifest, PARAMETERS)
    config = weights.config
    means = {
        head.output: weights.tracks.nonzero_means(head.output, head.width)
        for head in config.heads
        if head.output in tracks.by_output and head.output in GENOME_TRACKS
    }
    params = with_track_means(load(weights.parameters_path, config), means)
    return select_columns(params, {output: tracks.columns(output) for output in tracks.by_output})


def _predict_each(
    params: Parameters,
    sequences: Float[Array, "batch S 4"],
    *,
    config: ModelConfig,
    organism_index: int,
    outputs: frozenset[OutputType],
) -> list[dict[OutputType, Any]]:
    """Return one dictionary per sequence.

    Sequences run one after the other in one program, because a convolution over a batch rounds
    differently than the same convolution over one sequence, and scores must not depend on what
    happened to be scored together.
    """
    organism = jnp.full(1, organism_index)
    in_tiles = needs_tiles(config, sequences.shape[1])
    predict = predict_to_compare_in_tiles if in_tiles else network.predict_to_compare

    def predict_one(sequence: Float[Array, "S 4"]) -> dict[OutputType, Any]:
        return _row(predict(params, sequence[None], organism, config, outputs), 0)

    together = jax.lax.map(predict_one, sequences)
    return [_row(together, row) for row in range(sequences.shape[0])]


def _row(predictions: Mapping[OutputType, Any], row: int) -> dict[OutputType, Any]:
    return {output: jax.tree.map(lambda values: values[row], tree) for output, tree in predictions.items()}
