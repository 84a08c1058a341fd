"""One step of training, and one of validation, as programs for one device or several."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax.sharding import Mesh, NamedSharding, PartitionSpec, Sharding, SingleDeviceSharding
from jaxtyping import Array, Float, Float32, Int

from vep_cli.model.config import ModelConfig
from vep_cli.model.layers import Parameters
from vep_cli.model.output_type import OutputType
from vep_cli.model.shapes import Path, flatten, unflatten
from vep_cli.training.batches import Batch
from vep_cli.training.forward import Losses, batch_losses, total_loss
from vep_cli.training.optimisation import learning_rates, optimiser
from vep_cli.training.parameter_roles import cast_for_step, is_statistic, moved
from vep_cli.training.settings import StageSettings

STATISTICS_DECAY = 0.99
"""Of the moving averages of batch norms' statistics, per step."""

BATCH_AXIS = "batch"
"""The axis of the mesh, along which the windows of a batch are shared out."""

Means = Mapping[OutputType, Float[Array, "organisms columns"]]


class TrainState(NamedTuple):
    """All that one step hands to the next.

    Attributes:
        params: Parameters with moving averages in their batch norms, in float32.
        average: Moving average of `params`, or None where the run keeps none.
        moments: The optimiser's.
        step: Steps done, of all stages.
        stage_step: Steps done of this stage.
    """

    params: Mapping[str, Any]
    average: Mapping[str, Any] | None
    moments: Any
    step: Int[Array, ""]
    stage_step: Int[Array, ""]

    @property
    def best(self) -> Mapping[str, Any]:
        """The parameters to validate and export."""
        return self.params if self.average is None else self.average


class Measures(NamedTuple):
    """What one step tells.

    Attributes:
        losses: Of each output, before its weight.
        total: Their weighted sum.
        gradient_norm: Length of the gradient before it is cut.
        learning_rate: Of the step.
    """

    losses: Losses
    total: Float32[Array, ""]
    gradient_norm: Float32[Array, ""]
    learning_rate: Float32[Array, ""]


Step = Callable[[TrainState, Batch], tuple[TrainState, Measures]]
Validation = Callable[[Parameters, Batch], Losses]


def begin_stage(
    params: Mapping[str, Any], average: Mapping[str, Any] | None, stage: StageSettings, step: int
) -> TrainState:
    """Return the state before a stage's first step; the optimiser begins anew."""
    moments = optimiser(stage).init(_learnt(flatten(params)))
    return TrainState(
        params=params,
        average=average,
        moments=moments,
        step=jnp.asarray(step, jnp.int32),
        stage_step=jnp.zeros((), jnp.int32),
    )


def train_step(
    state: TrainState,
    batch: Batch,
    config: ModelConfig,
    stage: StageSettings,
    track_means: Means,
    average_decay: float,
) -> tuple[TrainState, Measures]:
    """Return the state after one batch.

    Args:
        state: The state before; its optimiser is the stage's.
        batch: Sequences and targets.
        config: Sizes of the network.
        stage: How the step is to go.
        track_means: Of the heads of genome tracks.
        average_decay: Of the state's `average`, if it has one.
    """
    batch = _in_float32(batch)

    def loss(params: Parameters) -> tuple[Float32[Array, ""], Losses]:
        cast = cast_for_step(params, stage.precision)
        losses = batch_losses(cast, batch, config, stage, track_means)
        return total_loss(losses, stage), losses

    (total, losses), tree = jax.value_and_grad(loss, has_aux=True)(state.params)
    leaves, gradients = flatten(state.params), flatten(tree)
    slopes = _learnt(gradients)
    updates, moments = optimiser(stage).update(slopes, state.moments, _learnt(leaves))
    learnt: dict[Path, Array] = dict(optax.apply_updates(_learnt(leaves), updates))
    changed = leaves | learnt | _moved_statistics(leaves, gradients, state.step)
    after = TrainState(
        params=unflatten(changed),
        average=_moved_average(state, changed, average_decay),
        moments=moments,
        step=state.step + 1,
        stage_step=state.stage_step + 1,
    )
    rate = jnp.asarray(learning_rates(stage)(state.stage_step), jnp.float32)
    return after, Measures(losses, total, optax.tree.norm(slopes), rate)


def validation_losses(
    params: Parameters, batch: Batch, config: ModelConfig, stage: StageSettings, track_means: Means
) -> Losses:
    """Return the losses of a batch by parameters for inference, in the precision of the stage."""
    cast = cast_for_step(params, stage.precision)
    return batch_losses(cast, _in_float32(batch), config, stage, track_means)


def compiled_step(
    config: ModelConfig, stage: StageSettings, track_means: Means, average_decay: float, mesh: Mesh
) -> Step:
    """Return `train_step` as a program that shares a batch out among the devices of a mesh.

    Sums over the batch, those of batch norms among them, are of all devices' windows. The state is the
    same on each, and the one handed in is used up.
    """
    step = functools.partial(
        train_step, config=config, stage=stage, track_means=track_means, average_decay=average_decay
    )
    return jax.jit(step, donate_argnums=0, **_shared_out(mesh))


def compiled_validation(
    config: ModelConfig, stage: StageSettings, track_means: Means, mesh: Mesh
) -> Validation:
    """Return `validation_losses` as a program that shares a batch out among the devices of a mesh."""
    losses = functools.partial(validation_losses, config=config, stage=stage, track_means=track_means)
    return jax.jit(losses, **_shared_out(mesh))


def _shared_out(mesh: Mesh) -> dict[str, Any]:
    """Return the arguments of `jax.jit` for a program of a state and a batch; its results are everywhere."""
    everywhere, along = shardings(mesh)
    return {"in_shardings": (everywhere, along), "out_shardings": everywhere}


def make_batch_mesh(devices: list[jax.Device]) -> Mesh:
    """Return the devices as a mesh among which batches are shared out."""
    return Mesh(devices, (BATCH_AXIS,))


def shardings(mesh: Mesh) -> tuple[Sharding, Sharding]:
    """Return where the state lies, which is everywhere, and where batches do."""
    if mesh.size == 1:
        # Of a mesh of one, XLA:CPU makes a program that takes 14 times as long.
        alone = SingleDeviceSharding(mesh.devices.item())
        return alone, alone
    everywhere, along = PartitionSpec(), PartitionSpec(BATCH_AXIS)  # type: ignore[no-untyped-call]
    return NamedSharding(mesh, everywhere), NamedSharding(mesh, along)


def _learnt(leaves: Mapping[Path, Array]) -> dict[Path, Array]:
    return {path: leaf for path, leaf in leaves.items() if not is_statistic(path)}


def _moved_statistics(
    leaves: Mapping[Path, Array], gradients: Mapping[Path, Array], step: Array
) -> dict[Path, Array]:
    """Return the averages of statistics; a norm that no trained output depends on keeps its own."""
    paths = [path for path in leaves if is_statistic(path)]
    new = moved(
        {path: leaves[path] for path in paths},
        {path: gradients[path] for path in paths},
        step,
        STATISTICS_DECAY,
    )
    return {path: jnp.where(gradients[path].any(), new[path], leaves[path]) for path in paths}


def _moved_average(state: TrainState, changed: Mapping[Path, Array], decay: float) -> dict[str, Any] | None:
    """Return the average of what is learnt; statistics are averages already."""
    if state.average is None:
        return None
    averaged = moved(_learnt(flatten(state.average)), _learnt(changed), state.step, decay)
    return unflatten({**changed, **averaged})


def _in_float32(batch: Batch) -> Batch:
    wide: Batch = jax.tree.map(
        lambda leaf: leaf.astype(jnp.float32) if jnp.issubdtype(leaf.dtype, jnp.floating) else leaf, batch
    )
    return wide
