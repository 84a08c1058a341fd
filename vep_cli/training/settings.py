"""A training configuration: the TOML file as frozen records, one for each table."""

import dataclasses
import pathlib
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from vep_cli.errors import UsageError, reason
from vep_cli.model.output_type import OutputType
from vep_cli.model.precision import Precision
from vep_cli.training.data_settings import DataSettings, data_settings
from vep_cli.training.model_settings import ModelSettings, model_settings
from vep_cli.training.toml_tables import read_record, tables_of

JUNCTION_WEIGHT = 0.2
"""Weight of the junctions' loss where a stage names no weights (MODEL_SPEC section 9)."""

_KEYS = ("model", "data", "stage", "run", "weights")


@dataclasses.dataclass(frozen=True, kw_only=True)
class StageSettings:
    """One stage of training: so many steps at one window; stages run in the order of the file.

    Attributes:
        name: Unique among the stages, in metrics and messages.
        window: Base pairs of each window, a multiple of what a pair position holds (2,048).
        batch: Windows per step; a multiple of the number of devices.
        steps: How many.
        learning_rate: The highest, reached after `warmup` steps; then a cosine down to the lowest.
        warmup: Steps over which the learning rate rises from 0.
        final_fraction: The lowest learning rate over the highest one.
        weight_decay: Of kernels and matrices alone, times the learning rate.
        clip_norm: Length that the gradient is cut to where it is longer.
        copies: Edited copies of each piece that are read too, the first ones of those there are.
        output_weights: Outputs to train on, by name, and the weights of their losses. Empty: all that there
            are targets of, at 1, junctions at 0.2.
        splice_site_weight: Weight, in the losses of splice sites and their usage, of bases that are a
            splice site with a probability above 0.1; they are 1 in 1,000.
        near_sites: Part of the windows that are drawn to hold a splice site, at any place of theirs.
        shift: Whether windows start anywhere, or at multiples of their length.
        reverse_complement: Whether every second window is turned round.
        precision: Of activations; parameters and what is summed stay in float32.
    """

    name: str
    window: int
    batch: int
    steps: int
    learning_rate: float
    warmup: int = 0
    final_fraction: float = 0.01
    weight_decay: float = 0.0
    clip_norm: float = 1.0
    copies: int = 0
    output_weights: Mapping[str, float] = dataclasses.field(default_factory=dict)
    splice_site_weight: float = 1.0
    near_sites: float = 0.0
    shift: bool = True
    reverse_complement: bool = True
    precision: Precision = Precision.FLOAT32

    def goes_on_as(self, other: "StageSettings", done: int) -> bool:
        """Say whether the first `done` steps of `other` are those of this stage.

        Another number of steps is another schedule, unless the learning rate never falls.
        """
        if self.final_fraction < 1 or done > other.steps:
            return self == other
        return dataclasses.replace(self, steps=other.steps) == other

    def __post_init__(self) -> None:
        """Reject values that no training can have."""
        _check_least(self, {"window": 1, "batch": 1, "steps": 1, "warmup": 0, "copies": 0})
        _check_least(self, {"weight_decay": 0, "splice_site_weight": 0})
        _check_positive(self, ("learning_rate", "clip_norm"))
        if not 0 <= self.final_fraction <= 1:
            raise ValueError(f"final_fraction is {self.final_fraction}, not from 0 to 1")
        if not 0 <= self.near_sites <= 1:
            raise ValueError(f"near_sites is {self.near_sites}, not from 0 to 1")
        if self.precision is Precision.TF32:
            raise ValueError("precision tf32 is for scoring; train in float32 or bfloat16")
        for output, weight in self.output_weights.items():
            if output not in list(OutputType):
                raise ValueError(f"output_weights has {output!r}, which is none of {', '.join(OutputType)}")
            if not weight > 0:
                raise ValueError(
                    f"output_weights has {output} = {weight}; leave out what is not to be trained"
                )

    def weight(self, output: OutputType) -> float:
        """Return the weight of an output's loss; 0 for one that this stage leaves out."""
        if self.output_weights:
            return self.output_weights.get(output, 0.0)
        return JUNCTION_WEIGHT if output is OutputType.SPLICE_JUNCTIONS else 1.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunSettings:
    """What a run keeps and tells, `[run]`.

    Attributes:
        log_every: Steps between two lines of training metrics.
        validate_every: Steps between two validations; 0 for none.
        validation_batches: Batches of each validation, always the same ones.
        checkpoint_minutes: Time between two checkpoints, which is what a crash costs at most.
        checkpoint_every: Steps between two checkpoints, besides; 0 for none.
        ema: Decay per step of the average of parameters that is validated and exported in the place of the
            last ones; 0 for none.
    """

    log_every: int = 20
    validate_every: int = 500
    validation_batches: int = 4
    checkpoint_minutes: float = 10.0
    checkpoint_every: int = 0
    ema: float = 0.0

    def __post_init__(self) -> None:
        """Reject values that no training can have."""
        _check_least(
            self, {"log_every": 1, "validate_every": 0, "validation_batches": 1, "checkpoint_every": 0}
        )
        _check_positive(self, ("checkpoint_minutes",))
        if not 0 <= self.ema < 1:
            raise ValueError(f"ema is {self.ema}, not from 0 to below 1")


@dataclasses.dataclass(frozen=True, kw_only=True)
class WeightsSettings:
    """What the trained weights say of themselves, `[weights]`.

    Attributes:
        name: Of the model.
        version: Of the model.
        licence: Under which it may be used.
        card: A MODEL_CARD.md to put with it; None writes one of a few lines.
    """

    name: str = "vep-trained"
    version: str = "0.1.0"
    licence: str = "unspecified"
    card: pathlib.Path | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrainSettings:
    """A whole training.

    Attributes:
        text: The file as it is, which a run keeps a copy of.
        folder: What its relative paths are relative to.
        model: Sizes of the network, and what it predicts.
        data: What it learns from.
        stages: In the order in which they run.
        run: What is kept and told.
        weights: What the result says of itself.
    """

    text: str
    folder: pathlib.Path
    model: ModelSettings
    data: DataSettings
    stages: tuple[StageSettings, ...]
    run: RunSettings
    weights: WeightsSettings

    @property
    def total_steps(self) -> int:
        """Steps of all stages."""
        return sum(stage.steps for stage in self.stages)


def read_settings(path: pathlib.Path) -> TrainSettings:
    """Read a training configuration.

    Args:
        path: A TOML file; its relative paths are relative to its folder.

    Raises:
        UsageError: It cannot be read, or a key is missing, unknown or has a value that cannot be used;
            names file, key and remedy.
    """
    return read_settings_copy(path, path.parent)


def read_settings_copy(path: pathlib.Path, folder: pathlib.Path) -> TrainSettings:
    """Read a copy of a training configuration: its relative paths are relative to `folder`.

    Raises:
        UsageError: As of `read_settings`.
    """
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(
            f"the training configuration cannot be read: {reason(error)}",
            path=path,
            remedy="it is a TOML file, described in docs/training.md",
        ) from error
    try:
        return _settings(text, table, folder)
    except UsageError as error:
        if error.path is not None:
            raise
        raise UsageError(error.message, path=path, remedy=error.remedy) from error


def _settings(text: str, table: Mapping[str, Any], folder: pathlib.Path) -> TrainSettings:
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"there is no table [{key}]", remedy=f"the tables are {', '.join(_KEYS)}")
    for key in ("model", "data"):
        if not isinstance(table.get(key), Mapping):
            raise UsageError(f"the table [{key}] is missing", remedy=f"add [{key}], see docs/training.md")
    data, stages = data_settings(table["data"], folder), _stages(table, folder)
    _check_copies(stages, data.copies.count)
    return TrainSettings(
        text=text,
        folder=folder,
        model=model_settings(table["model"], folder),
        data=data,
        stages=stages,
        run=read_record(RunSettings, table.get("run", {}), "[run]", folder),
        weights=read_record(WeightsSettings, table.get("weights", {}), "[weights]", folder),
    )


def _stages(table: Mapping[str, Any], folder: pathlib.Path) -> tuple[StageSettings, ...]:
    entries = tables_of(table, "stage", "[stage]")
    stages = tuple(
        read_record(StageSettings, entry, f"[[stage]] {number}", folder)
        for number, entry in enumerate(entries, 1)
    )
    if not stages:
        raise UsageError("there is no stage of training", remedy="add a [[stage]]")
    names = [stage.name for stage in stages]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"two stages have the name {name!r}", remedy="give each [[stage]] its own name")
    return stages


def _check_copies(stages: Sequence[StageSettings], made: int) -> None:
    for stage in stages:
        if stage.copies > made:
            raise UsageError(
                f"[[stage]] {stage.name!r} reads {stage.copies} edited copies of a piece, there are {made}",
                remedy=f"write count = {stage.copies} below [data.copies], or lower copies of the stage",
            )


def _check_least(record: object, least: Mapping[str, int]) -> None:
    for name, bound in least.items():
        if getattr(record, name) < bound:
            raise ValueError(f"{name} is {getattr(record, name)}, it has to be {bound} or more")


def _check_positive(record: object, names: tuple[str, ...]) -> None:
    for name in names:
        if not getattr(record, name) > 0:
            raise ValueError(f"{name} is {getattr(record, name)}, it has to be above 0")
