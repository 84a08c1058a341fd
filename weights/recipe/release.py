"""Put a finished training with its log, its evaluation and its card into the folder that vep-cli comes with.

Run from the repository, after training, calibration and evaluation; see README.md of this folder:
    python weights/recipe/release.py run evaluation -o weights
"""

import argparse
import json
import pathlib
import shutil
from collections.abc import Sequence
from typing import Any

from card import Facts, model_card, read_lines

from vep_cli.model.tracks import read_tracks
from vep_cli.model.weights_folder import (
    CALIBRATION,
    CARD,
    CONFIG,
    PARAMETERS,
    TRACKS,
    add_calibration,
    open_weights,
    write_manifest,
)
from vep_cli.scoring.calibration_file import read_calibration
from vep_cli.training.run_folder import CONFIG_COPY, METRICS, WEIGHTS
from vep_cli.training.settings import read_settings_copy

RECIPE = pathlib.Path(__file__).parent
LOG, EVALUATION = "training.jsonl", "evaluation.json"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the weights folder that the arguments name."""
    options = _parser().parse_args(arguments)
    release(options.run, options.evaluation, options.prepared, options.output, options.machine)


def release(
    run: pathlib.Path, evaluation: pathlib.Path, prepared: pathlib.Path, out: pathlib.Path, machine: str
) -> None:
    """Write the weights, their calibration, log, evaluation, card and manifest.

    Args:
        run: Folder of a finished training.
        evaluation: Folder of JSON files that the benchmarks printed.
        prepared: What `prepare.py` wrote.
        out: The weights folder; files of the same names are replaced.
        machine: What the training ran on, in words.
    """
    trained = open_weights(run / WEIGHTS)
    for name in (CONFIG, TRACKS, PARAMETERS):
        shutil.copyfile(trained.path / name, out / name)
    shutil.copyfile(run / METRICS, out / LOG)
    tables = _tables(evaluation)
    (out / EVALUATION).write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")
    facts = Facts(
        settings=read_settings_copy(run / CONFIG_COPY, RECIPE),
        tracks=read_tracks(out / TRACKS),
        parameters=trained.manifest.parameter_count,
        metrics=read_lines(out / LOG),
        evaluation=tables,
        provenance=json.loads((prepared / "provenance.json").read_text(encoding="utf-8")),
        calibration=_calibrated(trained.calibration_path),
        machine=machine,
    )
    (out / CARD).write_text(model_card(facts), encoding="utf-8")
    about = {field: getattr(trained.manifest, field) for field in ("name", "version", "licence")}
    write_manifest(out, **about, trained=True, parameter_count=facts.parameters)
    if trained.calibration_path is not None:
        copy = out / f".{CALIBRATION}.new"
        shutil.copyfile(trained.calibration_path, copy)
        add_calibration(out, copy)


def _tables(evaluation: pathlib.Path) -> dict[str, list[dict[str, Any]]]:
    tables: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(evaluation.glob("*.json")):
        tables |= json.loads(path.read_text(encoding="utf-8"))
    return tables


def _calibrated(path: pathlib.Path | None) -> str | None:
    return None if path is None else f"among {read_calibration(path).made_of}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("run", type=pathlib.Path, help="folder of a finished training")
    parser.add_argument("evaluation", type=pathlib.Path, help="folder of the benchmarks' JSON")
    parser.add_argument("--prepared", type=pathlib.Path, default=RECIPE / "prepared")
    parser.add_argument("--machine", default="two CPU cores")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    return parser


if __name__ == "__main__":
    main()
