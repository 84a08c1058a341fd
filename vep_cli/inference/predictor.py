"""Sequences in, predictions of the chosen tracks out; the only place that calls the network."""

import copy
import dataclasses
import functools
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, UInt8

from vep_cli.inference.junctions import junctions_of_alleles, junctions_of_sequence
from vep_cli.model import network
from vep_cli.model.config import TOKEN_SIZE, ModelConfig
from vep_cli.model.incremental import (
    Activations,
    Encoded,
    encode_stretch,
    patched_tokens,
    predict_coarse,
    predict_tiles,
)
from vep_cli.model.layers import Parameters
from vep_cli.model.network import Trunk
from vep_cli.model.one_hot import letters_of
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.parameters import load, select_columns, with_track_means
from vep_cli.model.precision import Precision, cast_parameters
from vep_cli.model.splice_sites import SpliceSites
from vep_cli.model.stretches import Stretches, dense, places
from vep_cli.model.tiles import (
    Stretch,
    changed_stretch,
    decoded_tile,
    decoded_tiles,
    tiles_of_tokens,
    whole_sequence,
)
from vep_cli.model.tracks import ORGANISMS, TrackTable
from vep_cli.model.weights_folder import PARAMETERS, WeightsFolder, check_file
from vep_cli.scoring.scorer import Predictions
from vep_cli.scoring.splice_junctions import MAX_SITES, JunctionPredictions

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Allele:
    """What the network made of one allele's sequence.

    Attributes:
        letters: The sequence.
        reference: The encoder's activations of REF.
        patch: Those of the allele where they differ.
        trunk: The transformer's activations.
    """

    letters: UInt8[np.ndarray, " S"]
    reference: Activations
    patch: Encoded
    trunk: Trunk


class Predictor:
    """The network with its parameters on a device, narrowed to the chosen tracks."""

    def __init__(
        self,
        weights: WeightsFolder,
        tracks: TrackTable,
        *,
        organism: str,
        device: jax.Device,
        precision: Precision = Precision.FLOAT32,
    ) -> None:
        """Load the parameters.

        Args:
            weights: The model.
            tracks: What to predict; all of `organism`.
            organism: 'human' or 'mouse'.
            device: Where to run.
            precision: Number format of the network.

        Raises:
            WeightsError: The parameters are damaged or do not fit the model's configuration.
        """
        self._config = weights.config
        self._tracks = tracks
        self._device = device
        self._announced: set[int] = set()
        with jax.default_device(device):
            params = cast_parameters(_narrowed(weights, tracks), precision)
            self._params = jax.device_put(params, device)
        index = ORGANISMS.index(organism)
        self._programs_of = functools.partial(_programs, self._config, index, precision=precision)
        self._programs = self._programs_of(frozenset(tracks.by_output))

    def narrowed(self, tracks: TrackTable) -> "Predictor":
        """Return the network for some of its tracks; it shares all parameters but those of the heads.

        Raises:
            ValueError: One of the tracks is not among those that this network predicts.
        """
        if tracks == self._tracks:
            return self
        places = {
            output: [self._tracks.columns(output).index(column) for column in tracks.columns(output)]
            for output in tracks.by_output
        }
        own = copy.copy(self)
        own._tracks = tracks
        with jax.default_device(self._device):
            own._params = jax.device_put(select_columns(self._params, places), self._device)
        own._programs = self._programs_of(frozenset(tracks.by_output))
        return own

    def predict(self, sequences: Iterable[str]) -> Iterator[Predictions]:
        """Yield all predictions of each sequence, in order; of splice junctions, `SpliceSites`.

        Args:
            sequences: Bases; each of a length that the network takes.
        """
        for bases in sequences:
            everywhere = np.ones(len(bases) // TOKEN_SIZE, bool)
            yield whole(self.read(self.reference(bases), everywhere))

    def reference(self, bases: str) -> Allele:
        """Return the network's activations of a sequence, from scratch."""
        self._announce(len(bases))
        letters = letters_of(bases)
        sequence = self._on_device(letters)
        encoded = self._encode(sequence, whole_sequence(self._config, len(bases)))
        nothing = self._encode(sequence, changed_stretch(letters, letters, decoded_tile(len(bases))))
        trunk = self._programs.transform(self._params, encoded.activations[TOKEN_SIZE])
        return Allele(letters=letters, reference=encoded.activations, patch=nothing, trunk=trunk)

    def alternate(self, reference: Allele, bases: str) -> Allele:
        """Return the network's activations of a sequence of REF's length, from what differs from REF."""
        letters = letters_of(bases)
        changed = changed_stretch(reference.letters, letters, decoded_tile(len(bases)))
        patch = self._encode(self._on_device(letters), changed)
        tokens = self._programs.patch(reference.reference[TOKEN_SIZE], patch)
        trunk = self._programs.transform(self._params, tokens)
        return Allele(letters=letters, reference=reference.reference, patch=patch, trunk=trunk)

    def read(self, allele: Allele, is_read: Bool[np.ndarray, " tokens"]) -> Predictions:
        """Return an allele's predictions, where they are read.

        Args:
            allele: From `reference` or `alternate`.
            is_read: Which tokens of 128 bp are read of what is predicted per base.

        Returns:
            Coarser outputs whole, outputs per base as `Stretches` that hold the tokens that are read.
        """
        tile = decoded_tile(len(allele.letters))
        numbers, tiles = decoded_tiles(tiles_of_tokens(is_read))
        coarse: Predictions = self._programs.predict_coarse(self._params, allele.trunk)
        per_base: Predictions = self._programs.predict_tiles(
            self._params,
            allele.trunk.tokens,
            allele.reference,
            allele.patch,
            numbers,
            tiles,
            places(numbers[:tiles], tile, len(allele.letters)),
            tile=tile,
        )
        return {**coarse, **per_base}

    def junctions(
        self,
        reference: SpliceSites,
        alternate: SpliceSites,
        arrays: Mapping[str, np.ndarray],
        max_sites: int | None = MAX_SITES,
    ) -> tuple[JunctionPredictions, JunctionPredictions]:
        """Return the splice junctions of REF and ALT.

        Args:
            reference: From `predict` or `read`.
            alternate: Likewise.
            arrays: From `junctions.site_arrays`.
            max_sites: Sites of each list that count, the first ones; None for all.
        """
        head = self._params["heads"][OutputType.SPLICE_JUNCTIONS]
        pair: tuple[JunctionPredictions, JunctionPredictions] = self._programs.junctions(
            head, reference, alternate, dict(arrays), max_sites=max_sites
        )
        return pair

    def junctions_of_sequence(self, sites: SpliceSites) -> JunctionPredictions:
        """Return the splice junctions of one sequence, between all its sites.

        Args:
            sites: From `predict`.
        """
        head = self._params["heads"][OutputType.SPLICE_JUNCTIONS]
        junctions: JunctionPredictions = self._programs.junctions_of_sequence(head, sites)
        return junctions

    def _on_device(self, letters: UInt8[np.ndarray, " S"]) -> Array:
        sequence: Array = jax.device_put(letters[None], self._device)
        return sequence

    def _encode(self, sequence: Array, stretch: Stretch) -> Encoded:
        encoded: Encoded = self._programs.encode(
            self._params,
            sequence,
            np.int32(stretch.start),
            np.int32(stretch.tiles),
            tile=stretch.tile,
            capacity=stretch.capacity,
        )
        return encoded

    def _announce(self, width: int) -> None:
        """Say why the first sequence of a length takes longer than the others."""
        if width not in self._announced:
            self._announced.add(width)
            logger.info("compiling the network for windows of %d bp on %s", width, self._device.platform)


class _Programs:
    """The parts of the network, each compiled once for every shape that it is called with."""

    def __init__(
        self,
        config: ModelConfig,
        organism_index: int,
        outputs: frozenset[OutputType],
        precision: Precision,
    ) -> None:
        per_base = frozenset(output for output in outputs if output.resolution == 1)
        choice: dict[str, Any] = {"config": config, "organism_index": jnp.full(1, organism_index)}
        of_junctions: dict[str, Any] = {"config": config, "organism_index": organism_index}
        program = functools.partial(_compiled, precision)
        self.encode = program(encode_stretch, static=("tile", "capacity"))
        self.patch = program(patched_tokens)
        self.transform = program(functools.partial(network.transform, **choice))
        self.predict_coarse = program(functools.partial(predict_coarse, outputs=outputs - per_base, **choice))
        self.predict_tiles = program(
            functools.partial(predict_tiles, outputs=per_base, **choice), static=("tile",)
        )
        self.junctions = program(
            functools.partial(junctions_of_alleles, **of_junctions), static=("max_sites",)
        )
        self.junctions_of_sequence = program(functools.partial(junctions_of_sequence, **of_junctions))


def _compiled(
    precision: Precision, function: Callable[..., Any], static: tuple[str, ...] = ()
) -> Callable[..., Any]:
    """Return a compiled function whose products are those of a precision."""
    program = jax.jit(function, static_argnames=static)

    def call(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on
        with precision.products():
            return program(*arguments, **named)

    return call


@functools.lru_cache(maxsize=16)
def _programs(
    config: ModelConfig, organism_index: int, outputs: frozenset[OutputType], precision: Precision
) -> _Programs:
    """Return the programs of a network, the same ones every time, so that nothing is traced twice."""
    return _Programs(config, organism_index, outputs, precision)


def whole(predictions: Predictions) -> Predictions:
    """Return predictions that hold every token with arrays of all bases in place of stretches."""
    return {
        output: jax.tree.map(dense, tree, is_leaf=lambda node: isinstance(node, Stretches))
        for output, tree in predictions.items()
    }


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
