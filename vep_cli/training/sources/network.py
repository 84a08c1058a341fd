"""True distillation: what models that are trained already predict of the very windows of a batch."""

import dataclasses
import functools
import pathlib
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float32, Int64

from vep_cli.errors import UsageError
from vep_cli.model.config import ModelConfig
from vep_cli.model.network import predict
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.parameters import load, with_track_means
from vep_cli.model.tracks import ORGANISMS, Track, TrackTable
from vep_cli.model.weights_folder import PARAMETERS, WeightsFolder, check_file, open_weights
from vep_cli.training.sources.source import ColumnTargets, Teacher

_CLASSES = 5


@dataclasses.dataclass(frozen=True, kw_only=True)
class NetworkSettings:
    """A `[[data.source]]` of the kind "network".

    Attributes:
        weights: Weights folders, whose predictions are averaged.
        outputs: Heads that are taught, all but splice junctions; none means all that every teacher has.
    """

    weights: tuple[pathlib.Path, ...]
    outputs: tuple[OutputType, ...] = ()

    def __post_init__(self) -> None:
        """Reject no teacher, and junctions, whose sites a teacher would have to choose."""
        if not self.weights:
            raise ValueError("weights names no folder")
        if OutputType.SPLICE_JUNCTIONS in self.outputs:
            raise ValueError("splice junctions cannot be taught by a network; use the kind 'junctions'")


class _Loaded:
    """One teacher with its parameters."""

    def __init__(self, folder: WeightsFolder, outputs: frozenset[OutputType]) -> None:
        check_file(folder.path, folder.manifest, PARAMETERS)
        means = {
            head.output: folder.tracks.nonzero_means(head.output, head.width)
            for head in folder.config.heads
            if head.output in GENOME_TRACKS
        }
        self._params = with_track_means(load(folder.parameters_path, folder.config), means)
        self._program = _program(folder.config, outputs)

    def predict(self, sequence: Float32[np.ndarray, "B S 4"], organism: str) -> dict[OutputType, np.ndarray]:
        """Return every column of every head."""
        index = jnp.full(len(sequence), ORGANISMS.index(organism))
        predictions: dict[OutputType, Any] = self._program(self._params, jnp.asarray(sequence), index)
        return {output: np.asarray(values, np.float32) for output, values in predictions.items()}


class NetworkTeacher(Teacher):
    """The mean of some models, for the tracks that all of them and the student have."""

    def __init__(self, settings: NetworkSettings, tracks: TrackTable, model: ModelConfig) -> None:
        """Open the weights folders.

        Raises:
            WeightsError: A folder is damaged.
            UsageError: There is no head that all have.
        """
        folders = [open_weights(path) for path in settings.weights]
        shared = frozenset.intersection(model.outputs, *(folder.config.outputs for folder in folders))
        wanted = frozenset(settings.outputs) or shared - {OutputType.SPLICE_JUNCTIONS}
        if not wanted or wanted - shared:
            missing = ", ".join(sorted(wanted - shared)) or "any head of the student's"
            raise UsageError(
                f"the teachers do not all predict {missing}", remedy="correct outputs of [[data.source]]"
            )
        self.outputs = wanted
        self._teachers = [_Loaded(folder, wanted) for folder in folders]
        self._columns = {
            (output, organism): _shared_columns(
                output, organism, tracks, [folder.tracks for folder in folders]
            )
            for output in wanted
            for organism in ORGANISMS
        }

    def targets(
        self, sequence: Float32[np.ndarray, "B S 4"], organism: str
    ) -> Mapping[OutputType, ColumnTargets]:
        """Return the mean prediction of some windows of one organism."""
        predictions = [teacher.predict(sequence, organism) for teacher in self._teachers]
        targets = {}
        for output in sorted(self.outputs):
            own, *theirs = self._columns[output, organism]
            parts = [one[output][..., columns] for one, columns in zip(predictions, theirs, strict=True)]
            targets[output] = ColumnTargets(columns=own, values=np.stack(parts).mean(axis=0))
        return targets


@functools.lru_cache(maxsize=8)
def _program(config: ModelConfig, outputs: frozenset[OutputType]) -> "jax.stages.Wrapped":
    return jax.jit(functools.partial(predict, config=config, outputs=outputs))


def _shared_columns(
    output: OutputType, organism: str, tracks: TrackTable, others: list[TrackTable]
) -> list[Int64[np.ndarray, " columns"]]:
    """Return the columns of the tracks that all tables have, in each table, the first one's first."""
    if output is OutputType.SPLICE_SITES:
        return [np.arange(_CLASSES)] * (1 + len(others))
    tables = [
        {
            _identity(track): track.index
            for track in table.by_output.get(output, ())
            if track.organism == organism
        }
        for table in (tracks, *others)
    ]
    names = [name for name in tables[0] if all(name in table for table in tables)]
    return [np.array([table[name] for name in names], np.int64) for table in tables]


def _identity(track: Track) -> tuple[str, str]:
    return track.name, track.strand
