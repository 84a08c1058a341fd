"""Trained parameters as a weights folder."""

import pathlib
import shutil
from collections.abc import Mapping
from typing import Any

from vep_cli.model import parameters
from vep_cli.model.tracks import write_tracks
from vep_cli.model.weights_folder import CARD, CONFIG, PARAMETERS, TRACKS, write_manifest
from vep_cli.training.model_settings import ModelSettings
from vep_cli.training.parameter_roles import for_inference
from vep_cli.training.settings import WeightsSettings


def export_weights(
    path: pathlib.Path, params: Mapping[str, Any], model: ModelSettings, settings: WeightsSettings
) -> None:
    """Write a weights folder; one that is there already is replaced.

    Args:
        path: The folder.
        params: Parameters of training.
        model: Sizes and tracks.
        settings: What the weights say of themselves.

    Raises:
        OSError: It cannot be written, or the model card cannot be read.
    """
    path.mkdir(parents=True, exist_ok=True)
    stored = for_inference(params)
    parameters.save(path / PARAMETERS, stored)
    (path / CONFIG).write_text(model.config.to_json(), encoding="utf-8")
    write_tracks(path / TRACKS, model.tracks)
    if settings.card is None:
        (path / CARD).write_text(_card(settings), encoding="utf-8")
    else:
        shutil.copyfile(settings.card, path / CARD)
    about = {field: getattr(settings, field) for field in ("name", "version", "licence")}
    write_manifest(path, **about, trained=True, parameter_count=parameters.count(stored))


def _card(settings: WeightsSettings) -> str:
    lines = (
        f"# {settings.name} {settings.version}",
        "",
        "Trained by `vep train`. Licence: " + settings.licence,
    )
    return "\n".join(lines) + "\n"
