"""The `[model]` part of a training configuration: which network is trained, and what it predicts."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

from vep_cli.errors import UsageError, WeightsError
from vep_cli.model.config import OFFICIAL_WIDTHS, ModelConfig, make_heads
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable, read_tracks
from vep_cli.training.toml_tables import read_record

PRESETS: Mapping[str, ModelConfig] = {
    "alphagenome": ModelConfig.alphagenome(),
    "bundled": ModelConfig.bundled(OFFICIAL_WIDTHS),
    "toy": ModelConfig.toy(),
}
"""Sizes by name; the widths of their heads follow from the tracks."""

_SIZES = tuple(field for field in dataclasses.fields(ModelConfig) if field.name != "heads")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """Which network is trained.

    Attributes:
        config: Its sizes.
        tracks: What it predicts.
        seed: Of the parameters that training starts from, of the copies and of the order of windows.
        start: A weights folder of the same sizes and columns to start from, or None for random parameters.
    """

    config: ModelConfig
    tracks: TrackTable
    seed: int
    start: pathlib.Path | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Choices:
    """The keys of `[model]` that are no sizes of the network."""

    tracks: pathlib.Path
    preset: str | None = None
    seed: int = 0
    start: pathlib.Path | None = None
    head_widths: Mapping[str, int] = dataclasses.field(default_factory=dict)


def model_settings(table: Mapping[str, Any], folder: pathlib.Path) -> ModelSettings:
    """Read the `[model]` table.

    Its keys are `tracks`, `preset`, sizes as in a `config.json`, `seed`, `start` and `head_widths`. A size
    that stands beside a preset takes the place of the preset's.

    Args:
        table: The table.
        folder: What relative paths are relative to.

    Raises:
        UsageError: A key is missing, unknown or of another type, or the sizes do not go together.
        WeightsError: The track table cannot be read.
    """
    sizes = {field.name for field in _SIZES}
    others = {key: value for key, value in table.items() if key not in sizes}
    choices = read_record(_Choices, others, "[model]", folder)
    tracks = read_tracks(choices.tracks)
    widths = _head_widths(tracks, choices.head_widths)
    given = {key: _size(key, value) for key, value in table.items() if key in sizes}
    config = _config(choices.preset, given, widths)
    return ModelSettings(config=config, tracks=tracks, seed=choices.seed, start=choices.start)


def head_widths(tracks: TrackTable) -> dict[OutputType, int]:
    """Return the columns that each head needs for the tracks of all organisms."""
    widths = {output: 1 + max(track.index for track in named) for output, named in tracks.by_output.items()}
    if OutputType.SPLICE_SITES in widths:
        widths[OutputType.SPLICE_SITES] = 5  # the class "none" is no track
    if OutputType.SPLICE_JUNCTIONS in widths:
        widths[OutputType.SPLICE_JUNCTIONS] = -(-widths[OutputType.SPLICE_JUNCTIONS] // 2)  # of both strands
    return widths


def _head_widths(tracks: TrackTable, given: Mapping[str, int]) -> dict[OutputType, int]:
    widths = head_widths(tracks)
    for output, width in given.items():
        if output not in list(OutputType):
            raise UsageError(
                f"[model] head_widths has {output!r}", remedy=f"outputs are {', '.join(OutputType)}"
            )
        if width < widths.get(OutputType(output), 1):
            raise UsageError(
                f"[model] head_widths has {output} = {width}, the tracks need {widths[OutputType(output)]}",
                remedy="leave it out, or make it larger",
            )
        widths[OutputType(output)] = width
    return widths


def _size(key: str, value: object) -> Any:  # noqa: ANN401 - a field of ModelConfig
    if key == "encoder_channels" and isinstance(value, list) and all(type(item) is int for item in value):
        return tuple(value)
    if key == "splice_site_threshold" and type(value) in (int, float):
        return value
    if key not in ("encoder_channels", "splice_site_threshold") and type(value) is int:
        return value
    raise UsageError(f"[model] {key} is {value!r}", remedy="write it as in the config.json of weights")


def _config(preset: str | None, given: Mapping[str, Any], widths: Mapping[OutputType, int]) -> ModelConfig:
    heads = make_heads(widths)
    try:
        if preset is not None:
            return dataclasses.replace(_preset(preset), heads=heads, **given)
        for field in _SIZES:
            if field.default is dataclasses.MISSING and field.name not in given:
                raise UsageError(
                    f"[model] lacks {field.name!r}", remedy=f"add it, or preset = {' | '.join(PRESETS)}"
                )
        return ModelConfig(heads=heads, **given)
    except WeightsError as error:
        raise UsageError(f"[model]: {error.message}", remedy="change the sizes in [model]") from error


def _preset(name: str) -> ModelConfig:
    if name not in PRESETS:
        raise UsageError(f"[model] preset is {name!r}", remedy=f"it is one of {', '.join(PRESETS)}")
    return PRESETS[name]
