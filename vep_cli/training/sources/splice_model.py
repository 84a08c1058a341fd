"""Splice sites as a teacher's networks see them, on the copy's own bases and on both strands.

The classes are of the exon's base beside the intron, as ours are.
"""

import concurrent.futures
import dataclasses
import functools
import os
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float32, UInt8

from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import OPPOSITE_CLASSES
from vep_cli.training.augmentation import one_hot, reverse_complement
from vep_cli.training.pieces import UNKNOWN_BASE
from vep_cli.training.sources.columns import identity
from vep_cli.training.sources.source import ColumnTargets, SequenceSource
from vep_cli.training.sources.splice_network import (
    CLASSES,
    CONFIG,
    Fold,
    SpliceNetwork,
    read_network,
    splice_probabilities,
)
from vep_cli.training.target_store import key_of, key_of_files

_DONOR, _ACCEPTOR = CLASSES.index("donor"), CLASSES.index("acceptor")


@dataclasses.dataclass(frozen=True, kw_only=True)
class SpliceModelSettings:
    """A `[[data.source]]` of the kind "splice_model".

    Attributes:
        weights: Folder of the networks; see `splice_network`.
        chunk: Bases that a network predicts at a time.
    """

    weights: pathlib.Path
    chunk: int = 100_000

    def __post_init__(self) -> None:
        """Reject a chunk without bases."""
        if self.chunk <= 0:
            raise ValueError(f"chunk = {self.chunk} is not positive")


class SpliceModelSource(SequenceSource):
    """The five classes of splice sites; an ensemble's mean."""

    output = OutputType.SPLICE_SITES

    def __init__(self, settings: SpliceModelSettings) -> None:
        """Read the networks.

        Raises:
            WeightsError: They cannot be read.
        """
        self._network, self._folds = read_network(settings.weights)
        self._chunk = settings.chunk
        files = [settings.weights / name for name in (CONFIG, *self._network.folds)]
        self.key = key_of("splice_model", 1, key_of_files(files))
        self._mixing = identity(self.output, len(OPPOSITE_CLASSES))

    def profiles(self, bases: UInt8[np.ndarray, " bases"]) -> Float32[np.ndarray, "bases 5"]:
        """Return donor and acceptor of '+', of '-', and none, of each base; beyond the sequence is N."""
        forward = self._probabilities(bases)[:, [_DONOR, _ACCEPTOR]]
        backward = self._probabilities(reverse_complement(bases))[::-1, [_DONOR, _ACCEPTOR]]
        sites = np.concatenate([forward, backward], axis=1)
        sites /= np.maximum(sites.sum(axis=1, keepdims=True), 1)
        return np.concatenate([sites, 1 - sites.sum(axis=1, keepdims=True)], axis=1)

    def targets(self, profiles: Float32[np.ndarray, "bases profiles"], organism: str) -> ColumnTargets:
        """Return the targets of a window, which the profiles are."""
        return self._mixing.targets(profiles, organism)

    def _probabilities(self, bases: UInt8[np.ndarray, " bases"]) -> Float32[np.ndarray, "bases 3"]:
        """Return the mean over the networks of what they find on '+'."""
        chunk = -(-min(self._chunk, len(bases)) // self._network.length_unit) * self._network.length_unit
        count = -(-len(bases) // chunk)
        context = self._network.context
        padded = np.full(count * chunk + 2 * context, UNKNOWN_BASE, np.uint8)
        padded[context : context + len(bases)] = bases
        chunks = [padded[start : start + chunk + 2 * context] for start in range(0, count * chunk, chunk)]
        # One network uses one core of a CPU.
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as threads:
            return np.concatenate(list(threads.map(self._mean, chunks)))[: len(bases)]

    def _mean(self, bases: UInt8[np.ndarray, " bases"]) -> Float32[np.ndarray, "middle 3"]:
        sequence = jnp.asarray(one_hot(bases))
        total = sum(np.asarray(_program(self._network)(fold, sequence)) for fold in self._folds)
        return np.asarray(total / len(self._folds), np.float32)


@functools.lru_cache(maxsize=4)
def _program(network: SpliceNetwork) -> "jax.stages.Wrapped":
    def probabilities(fold: Fold, sequence: jax.Array) -> jax.Array:
        """Return one network's probabilities."""
        return splice_probabilities(network, fold, sequence)

    return jax.jit(probabilities)
