"""The steps of one stage, with their metrics, validations and checkpoints."""

import contextlib
import dataclasses
import math
import pathlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh

from vep_cli.errors import VepError
from vep_cli.inference.prefetch import made_ahead
from vep_cli.model.output_type import OutputType
from vep_cli.training.batches import Batch
from vep_cli.training.checkpoints import Progress, save_checkpoint
from vep_cli.training.dataset import Dataset
from vep_cli.training.metrics_log import MetricsLog
from vep_cli.training.parameter_roles import for_inference
from vep_cli.training.pieces import Split
from vep_cli.training.settings import StageSettings, TrainSettings
from vep_cli.training.step import (
    Means,
    Measures,
    TrainState,
    Validation,
    compiled_step,
    compiled_validation,
    shardings,
)
from vep_cli.training.stop_signals import StopSignal, stop_signals

Record = dict[str, Any]
"""A line of metrics."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """What all stages of a run share.

    Attributes:
        settings: What is trained and how.
        checkpoints: Folder of checkpoints.
        dataset: Where batches come from.
        track_means: Of the heads of genome tracks.
        mesh: The devices.
        metrics: Where metrics go.
        say: Is told what is worth keeping on the screen.
        advance: Is told every line of metrics.
    """

    settings: TrainSettings
    checkpoints: pathlib.Path
    dataset: Dataset
    track_means: Means
    mesh: Mesh
    metrics: MetricsLog
    say: Callable[[str], None]
    advance: Callable[[Mapping[str, Any]], None]

    def record(self, record: Record) -> None:
        """Keep a line of metrics, and tell it."""
        self.metrics.add(record)
        self.advance(record)


def run_stage(run: Run, index: int, state: TrainState) -> tuple[TrainState, int | None]:
    """Run what is left of a stage.

    Args:
        run: The run.
        index: Of the stage.
        state: Before the first step that is left.

    Returns:
        The state after the last step, and the signal that interrupted it or None. Either is on the disk.

    Raises:
        VepError: There is no batch, or the losses are no numbers any more.
    """
    stage = run.settings.stages[index]
    done = int(state.stage_step)
    if done == stage.steps:
        return state, None
    run.say(f"stage {stage.name!r}: {stage.steps - done:,} steps of {stage.batch} x {stage.window:,} bp")
    # Targets are made when they are first asked for, which may take hours: outside of `stop_signals`.
    run.dataset.batch(stage, done)
    validation = _Validation.of(run, stage)
    with stop_signals() as stop, _batches(run, stage, done) as batches:
        return _run_steps(run, index, state, batches, validation, stop), stop.number


def _run_steps(
    run: Run,
    index: int,
    state: TrainState,
    batches: Iterator[Batch],
    validation: "_Validation | None",
    stop: StopSignal,
) -> TrainState:
    settings, stage = run.settings.run, run.settings.stages[index]
    step = compiled_step(run.settings.model.config, stage, run.track_means, settings.ema, run.mesh)
    state = jax.device_put(state, shardings(run.mesh)[0])
    meter, clock = (
        _Meter(run, stage),
        _CheckpointClock(settings.checkpoint_minutes, settings.checkpoint_every),
    )
    for number, batch in enumerate(batches, int(state.stage_step) + 1):
        state, measures = step(state, batch)
        meter.add(measures)
        is_last = number == stage.steps
        if is_last or number % settings.log_every == 0:
            meter.flush(number, int(state.step))
        if validation is not None and (is_last or number % settings.validate_every == 0):
            run.record(validation.measure(state, number))
        if is_last or stop.number is not None or clock.is_due(number):
            meter.flush(number, int(state.step))
            _save(run, index, state)
        if stop.number is not None:
            break
    return state


def _save(run: Run, index: int, state: TrainState) -> None:
    progress = Progress(
        stage=index,
        stage_step=int(state.stage_step),
        step=int(state.step),
        metrics_bytes=run.metrics.synced_bytes(),
    )
    save_checkpoint(run.checkpoints, state, progress)


@contextlib.contextmanager
def _batches(run: Run, stage: StageSettings, first: int) -> Iterator[Iterator[Batch]]:
    """Iterate over the batches of the steps from the first on, made while the steps before them run."""
    made = (_on_devices(run, stage, step, Split.TRAIN) for step in range(first, stage.steps))
    with made_ahead(made, depth=1, cancel=lambda: None) as batches:
        yield batches


def _on_devices(run: Run, stage: StageSettings, step: int, split: Split) -> Batch:
    """Return a batch on the devices, without the targets that the stage does not train."""
    batch = run.dataset.batch(stage, step, split)
    targets = {output: values for output, values in batch.targets.items() if stage.weight(output)}
    junctions = batch.junctions if stage.weight(OutputType.SPLICE_JUNCTIONS) else None
    kept = batch._replace(targets=targets, junctions=junctions)
    placed: Batch = jax.device_put(kept, shardings(run.mesh)[1])
    return placed


class _Meter:
    """Averages the measures of the steps since the last line of metrics."""

    def __init__(self, run: Run, stage: StageSettings) -> None:
        self._run = run
        self._stage = stage
        self._measures: list[Measures] = []
        self._since = time.monotonic()

    def add(self, measures: Measures) -> None:
        """Take a step's measures, and wait for those of the step before: no more is under way than a step."""
        if self._measures:
            self._measures[-1].total.block_until_ready()
        self._measures.append(measures)

    def flush(self, stage_step: int, step: int) -> None:
        """Record the averages, if there are steps that no line has yet.

        Raises:
            VepError: The loss is no number.
        """
        if not self._measures:
            return
        measured: list[Measures] = jax.device_get(self._measures)
        seconds = time.monotonic() - self._since
        bases = len(measured) * self._stage.batch * self._stage.window
        loss = float(np.mean([one.total for one in measured]))
        if not math.isfinite(loss):
            raise VepError(
                f"the loss is {loss} at step {step} (stage {self._stage.name!r}, step {stage_step})",
                remedy="train anew with a lower learning_rate or a longer warmup",
            )
        self._run.record(
            {
                "kind": "train",
                "stage": self._stage.name,
                "stage_step": stage_step,
                "stage_steps": self._stage.steps,
                "step": step,
                "loss": loss,
                "losses": _mean_losses([one.losses for one in measured]),
                "gradient_norm": float(np.mean([one.gradient_norm for one in measured])),
                "learning_rate": float(measured[-1].learning_rate),
                "bases_per_second": round(bases / seconds),
            }
        )
        self._measures = []
        self._since = time.monotonic()


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Validation:
    """Measures the losses of a stage's validation batches."""

    run: Run
    stage: StageSettings
    losses: Validation

    @classmethod
    def of(cls, run: Run, stage: StageSettings) -> "_Validation | None":
        """Return it, or None where the settings or the data have no validation."""
        pieces = run.settings.data.pieces
        if not run.settings.run.validate_every or not any(one.split is Split.VALIDATION for one in pieces):
            return None
        run.dataset.batch(stage, 0, Split.VALIDATION)
        config = run.settings.model.config
        return cls(run=run, stage=stage, losses=compiled_validation(config, stage, run.track_means, run.mesh))

    def measure(self, state: TrainState, stage_step: int) -> Record:
        """Return the line of metrics of a validation."""
        params = for_inference(state.best)
        batches = range(self.run.settings.run.validation_batches)
        found = [
            self.losses(params, _on_devices(self.run, self.stage, number, Split.VALIDATION))
            for number in batches
        ]
        losses = _mean_losses(jax.device_get(found))
        return {
            "kind": "validation",
            "stage": self.stage.name,
            "stage_step": stage_step,
            "step": int(state.step),
            "loss": sum(self.stage.weight(OutputType(output)) * loss for output, loss in losses.items()),
            "losses": losses,
        }


class _CheckpointClock:
    """Says when the next checkpoint is due."""

    def __init__(self, minutes: float, every: int) -> None:
        self._seconds = 60 * minutes
        self._every = every
        self._last = time.monotonic()

    def is_due(self, step: int) -> bool:
        """Say so, and begin to wait for the one after."""
        by_steps = self._every > 0 and step % self._every == 0
        if not by_steps and time.monotonic() - self._last < self._seconds:
            return False
        self._last = time.monotonic()
        return True


def _mean_losses(measured: list[dict[OutputType, Any]]) -> dict[str, float]:
    return {str(output): float(np.mean([one[output] for one in measured])) for output in measured[0]}
