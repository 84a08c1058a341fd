"""States of training on the disk: whole or not there, whenever the process is killed."""

import dataclasses
import json
import os
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import safetensors
import safetensors.numpy

from vep_cli.errors import UsageError, WeightsError
from vep_cli.training.step import TrainState
from vep_cli.whole_file import appearing_whole

KEPT = 2
"""Checkpoints that a run keeps: the last one, and one in case of the last one's being damaged."""

_PATTERN = "step_*.safetensors"
_PROGRESS = "progress"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a run stands.

    Attributes:
        stage: Index of the stage.
        stage_step: Steps done of it.
        step: Steps done of all stages.
        metrics_bytes: Length of the file of metrics; what is beyond was written by steps that are done again.
    """

    stage: int
    stage_step: int
    step: int
    metrics_bytes: int


def save_checkpoint(folder: pathlib.Path, state: TrainState, progress: Progress) -> pathlib.Path:
    """Write a state; older ones than the last `KEPT` are removed.

    Raises:
        OSError: It cannot be written; what was there before still is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _PATTERN.replace("*", f"{progress.step:09d}")
    leaves = {name: np.asarray(leaf, order="C") for name, leaf in _named(state).items()}
    metadata = {_PROGRESS: json.dumps(dataclasses.asdict(progress))}
    with appearing_whole(path) as part, part.open("wb") as file:
        file.write(safetensors.numpy.save(leaves, metadata=metadata))
        file.flush()
        os.fsync(file.fileno())
    for old in _saved(folder)[:-KEPT]:
        old.unlink()
    return path


def last_progress(folder: pathlib.Path) -> tuple[pathlib.Path, Progress] | None:
    """Return the newest checkpoint that can be read, or None where there is none."""
    for path in reversed(_saved(folder)):
        try:
            with safetensors.safe_open(path, framework="numpy") as file:
                return path, Progress(**json.loads(file.metadata()[_PROGRESS]))
        except (OSError, safetensors.SafetensorError, KeyError, TypeError, ValueError):
            continue
    return None


def load_checkpoint(path: pathlib.Path, like: TrainState) -> TrainState:
    """Read a state.

    Args:
        path: A checkpoint.
        like: A state of the same stage, whose leaves say what has to be there.

    Raises:
        UsageError: The checkpoint is of another training, or of another version of this program.
        WeightsError: It cannot be read.
    """
    expected = _named(like)
    try:
        found = safetensors.numpy.load_file(path)
    except (OSError, safetensors.SafetensorError) as error:
        raise WeightsError(f"the checkpoint cannot be read: {error}", path=path) from error
    shapes = {name: (leaf.shape, leaf.dtype) for name, leaf in found.items()}
    if shapes != {name: (leaf.shape, leaf.dtype) for name, leaf in expected.items()}:
        raise UsageError(
            "the checkpoint does not fit this training", path=path, remedy="train into another folder"
        )
    leaves = [jnp.asarray(found[name]) for name in expected]
    state: TrainState = jax.tree.unflatten(jax.tree.structure(like), leaves)
    return state


def _saved(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(folder.glob(_PATTERN))


def _named(state: TrainState) -> dict[str, jax.Array]:
    """Return the leaves in their order, by a name for each."""
    return {jax.tree_util.keystr(path): leaf for path, leaf in jax.tree_util.tree_leaves_with_path(state)}
