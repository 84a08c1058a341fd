"""Training from a configuration to a weights folder, in steps that can be interrupted anywhere.

    opened folder -> dataset -> state (the last checkpoint's, or a new one) -> stage by stage -> weights

A batch is a function of the stage and the step alone, and a checkpoint is all that a step reads besides:
so a run that was interrupted ends with the very weights of one that was not.
"""

import dataclasses
import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np

from vep_cli.errors import UsageError
from vep_cli.model import parameters
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.weights_folder import open_weights
from vep_cli.training.checkpoints import last_progress, load_checkpoint
from vep_cli.training.dataset import Dataset, open_dataset
from vep_cli.training.export import export_weights
from vep_cli.training.metrics_log import MetricsLog
from vep_cli.training.model_settings import ModelSettings
from vep_cli.training.parameter_roles import for_training
from vep_cli.training.run_folder import CHECKPOINTS, METRICS, STAGES, WEIGHTS, opened_run_folder
from vep_cli.training.settings import TrainSettings
from vep_cli.training.stage_run import Run, run_stage
from vep_cli.training.step import Means, TrainState, begin_stage, make_batch_mesh


@runtime_checkable
class Listener(Protocol):
    """Whom a run tells how it goes."""

    def say(self, message: str) -> None:
        """Take a line that is worth keeping on the screen."""

    def advance(self, record: Mapping[str, Any]) -> None:
        """Take the metrics of the last steps, as they are in the file of metrics."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a run ended.

    Attributes:
        weights: The trained weights, or None where it was interrupted.
        signal: What interrupted it, or None.
        step: Steps done, of all stages.
    """

    weights: pathlib.Path | None
    signal: int | None
    step: int


OpenDataset = Callable[[TrainSettings, pathlib.Path, Callable[[str], None]], Dataset]


def open_settings_dataset(
    settings: TrainSettings, folder: pathlib.Path, report: Callable[[str], None]
) -> Dataset:
    """Return the dataset of the settings' `[data]`."""
    model = settings.model
    return open_dataset(settings.data, model.config, model.tracks, model.seed, folder, report)


def train(
    settings: TrainSettings,
    folder: pathlib.Path,
    devices: Sequence[jax.Device],
    listener: Listener,
    open_data: OpenDataset = open_settings_dataset,
) -> Outcome:
    """Train, or go on where an earlier call in the same folder ended.

    Args:
        settings: What to train, on what and how.
        folder: Where checkpoints, metrics and weights go.
        devices: Batches are shared out among them.
        listener: Is told how it goes.
        open_data: Opens the dataset.

    Raises:
        VepError: A file cannot be read or written, the folder is of another training, or the losses are no
            numbers any more.
    """
    check_settings(settings, len(devices))
    with opened_run_folder(folder, settings):
        dataset = open_data(settings, folder, listener.say)
        check_outputs(settings, dataset.outputs)
        state, stage, metrics_bytes = _first_state(settings, folder, listener)
        with MetricsLog(folder / METRICS, metrics_bytes) as metrics:
            run = Run(
                settings=settings,
                checkpoints=folder / CHECKPOINTS,
                dataset=dataset,
                track_means=track_means(settings.model),
                mesh=make_batch_mesh(list(devices)),
                metrics=metrics,
                say=listener.say,
                advance=listener.advance,
            )
            for index in range(stage, len(settings.stages)):
                if index > stage:
                    state = begin_stage(state.params, state.average, settings.stages[index], int(state.step))
                state, signal = run_stage(run, index, state)
                if signal is not None:
                    return Outcome(weights=None, signal=signal, step=int(state.step))
                if index + 1 < len(settings.stages):
                    _export_stage(folder, settings, index, state)
        export_weights(folder / WEIGHTS, state.best, settings.model, settings.weights)
        return Outcome(weights=folder / WEIGHTS, signal=None, step=int(state.step))


def _export_stage(folder: pathlib.Path, settings: TrainSettings, index: int, state: TrainState) -> None:
    """Write the weights after a stage that others follow, to be looked at; their name says what they are."""
    done, stages = index + 1, len(settings.stages)
    named = dataclasses.replace(settings.weights, name=f"{settings.weights.name}-stage-{done}-of-{stages}")
    export_weights(folder / STAGES / str(done), state.best, settings.model, named)


def check_settings(settings: TrainSettings, devices: int) -> None:
    """Reject stages that the network or the machine cannot run.

    Raises:
        UsageError: A window is of a length that the network does not take, or a batch cannot be shared out.
    """
    for stage in settings.stages:
        settings.model.config.check_length(stage.window)
        if stage.batch % devices:
            raise UsageError(
                f"stage {stage.name!r} has a batch of {stage.batch}, which {devices} devices cannot share",
                remedy="choose a multiple of the number of devices",
            )


def check_outputs(settings: TrainSettings, outputs: frozenset[OutputType]) -> None:
    """Reject stages that have nothing to learn.

    Raises:
        UsageError: A stage names an output that no source has targets of, or none that one has.
    """
    for stage in settings.stages:
        for output in stage.output_weights:
            if output not in outputs:
                raise UsageError(
                    f"stage {stage.name!r} trains {output}, but no [[data.source]] has targets of it",
                    remedy=f"there are targets of {', '.join(sorted(outputs))}",
                )
    for output in outputs - settings.model.config.outputs:
        raise UsageError(
            f"there are targets of {output}, but no tracks", remedy="add tracks to [model] tracks"
        )


def track_means(model: ModelSettings) -> Means:
    """Return the means of the genome tracks' non-zero values, which their targets are divided by."""
    heads = {head.output: head.width for head in model.config.heads if head.output in GENOME_TRACKS}
    return {
        output: jnp.asarray(model.tracks.nonzero_means(output, width)[: model.config.organisms])
        for output, width in heads.items()
    }


def initial_state(settings: TrainSettings) -> TrainState:
    """Return the state before the first step of the first stage."""
    params = for_training(_initial_parameters(settings.model))
    # Arrays of its own: a step uses up the state that it is given, and one array cannot be used up twice.
    average = jax.tree.map(jnp.copy, params) if settings.run.ema else None
    return begin_stage(params, average, settings.stages[0], 0)


def _initial_parameters(model: ModelSettings) -> dict[str, Any]:
    if model.start is None:
        return parameters.initialise(model.config, jax.random.key(model.seed))
    return parameters.load(open_weights(model.start).parameters_path, model.config)


def _first_state(
    settings: TrainSettings, folder: pathlib.Path, listener: Listener
) -> tuple[TrainState, int, int]:
    """Return the state to go on from, its stage, and the bytes of metrics to keep."""
    state = initial_state(settings)
    found = last_progress(folder / CHECKPOINTS)
    if found is None:
        values = sum(np.size(leaf) for leaf in jax.tree.leaves(state.params))
        listener.say(f"training {values:,} parameters for {settings.total_steps:,} steps")
        return state, 0, 0
    path, progress = found
    listener.say(f"going on after step {progress.step:,} of {settings.total_steps:,} ({path.name})")
    like = begin_stage(state.params, state.average, settings.stages[progress.stage], 0)
    return load_checkpoint(path, like), progress.stage, progress.metrics_bytes
