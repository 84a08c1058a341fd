"""`vep weights`: look at weights folders, check them, and make one of the official weights."""

import pathlib
from collections.abc import Iterator
from typing import Any

import click

from vep_cli.accepted_terms import require_accepted_terms
from vep_cli.bundled import weights_folder
from vep_cli.cli.workflow_order import WorkflowOrder
from vep_cli.model.config import ModelConfig
from vep_cli.model.official_terms import FOLDS, HOW_TO_OBTAIN
from vep_cli.model.tracks import ORGANISMS, count_by_output
from vep_cli.model.weights_folder import CARD, WeightsFolder, open_weights

_PATH = click.Path(path_type=pathlib.Path)

_REPORT_WIDTH = 12


@click.group(cls=WorkflowOrder)
def weights() -> None:
    """Look at weights folders, check them, and import the official weights.

    \b
    Example:
      vep weights info
      vep score input.vcf --weights alphagenome -o scored.vcf.gz
    """


@weights.command(short_help="Print what weights are.")
@click.argument("folder", required=False, type=_PATH)
def info(folder: pathlib.Path | None) -> None:
    """Print what the weights in FOLDER are; without FOLDER, the bundled ones.

    \b
    Example:
      vep weights info
    """
    opened = open_weights(folder or weights_folder())
    for name, value in _facts(opened):
        click.echo(f"{name:<{_REPORT_WIDTH}}{value}")


@weights.command(short_help="Check every file and array of weights.")
@click.argument("folder", required=False, type=_PATH)
def verify(folder: pathlib.Path | None) -> None:
    """Check every file and array of the weights in FOLDER; without FOLDER, of the bundled ones.

    \b
    Example:
      vep weights verify alphagenome
    """
    # Imported here because it imports jax, which `--help` must not wait for.
    from vep_cli.model.verification import verify_weights

    opened = verify_weights(folder or weights_folder())
    _calibration_of(opened)
    click.echo(f"{opened.path}: whole; {_title(opened)}, sha256 {opened.sha256}")


@weights.command(short_help="Explain how to obtain the official weights.")
def official() -> None:
    """Explain how to obtain the official AlphaGenome weights, and their licence.

    \b
    Example:
      vep weights official
    """
    click.echo(HOW_TO_OBTAIN, nl=False)


@weights.command(name="import", short_help="Make a weights folder of the official checkpoint.")
@click.argument("checkpoint", type=click.Path(path_type=pathlib.Path, exists=True))
@click.option("-o", "--output", type=_PATH, required=True, metavar="DIR", help="Weights folder to make.")
@click.option(
    "--metadata",
    type=_PATH,
    multiple=True,
    metavar="FILE",
    help="Official track metadata (.textproto or .textproto.gz) of one organism; repeat it for the "
    "other.  [default: those of the installed package alphagenome_research]",
)
@click.option(
    "--dtype",
    type=click.Choice(["float32", "bfloat16"]),
    default="float32",
    show_default=True,
    help="How to store parameters; bfloat16 halves the file and rounds to 8 bits.",
)
@click.option("--fold", type=click.Choice(FOLDS), help="Which checkpoint it is.  [default: as its path says]")
@click.option("--accept-terms", is_flag=True, help="You accept the terms of the weights; needed once.")
def import_official(accept_terms: bool, **choices: Any) -> None:  # noqa: ANN401 - passed on by name
    """Make a weights folder of the official CHECKPOINT, an Orbax folder.

    How to get one, and the track metadata: vep weights official. A .safetensors file of the PyTorch
    port alphagenome-pytorch is read too. Nothing is left behind if anything is wrong.

    \b
    Example:
      vep weights import CHECKPOINT -o alphagenome --metadata HUMAN --metadata MOUSE --accept-terms
    """
    # Imported here because it imports jax, which `--help` must not wait for.
    from vep_cli.model.weights_import import ImportSettings, import_weights

    require_accepted_terms(accept=accept_terms)
    opened = import_weights(ImportSettings(**choices), ModelConfig.alphagenome())
    click.echo(f"imported {_title(opened)}: {opened.path}", err=True)


def _title(opened: WeightsFolder) -> str:
    manifest = opened.manifest
    return f"{manifest.name} {manifest.version}, {manifest.parameter_count:,} parameters"


def _calibration_of(opened: WeightsFolder) -> str:
    """Return what the weights' calibration is of, after checking it; 'no' where there is none."""
    # Imported here because it imports jax, which `--help` must not wait for.
    from vep_cli.chosen_calibration import choose_calibration

    calibration = choose_calibration([opened], None)
    return "no: scores have no quantiles" if calibration is None else str(calibration.made_of)


def _facts(opened: WeightsFolder) -> Iterator[tuple[str, str]]:
    manifest, config = opened.manifest, opened.config
    yield "folder", str(opened.path)
    yield "model", f"{manifest.name} {manifest.version}"
    yield "licence", manifest.licence
    yield "trained", "yes" if manifest.trained else "NO: random numbers, the scores mean nothing"
    yield "parameters", f"{manifest.parameter_count:,} ({opened.parameters_path.stat().st_size:,} bytes)"
    yield "sha256", opened.sha256
    yield "encoder", f"{config.encoder_channels[0]} to {config.trunk_channels} channels"
    yield "transformer", f"{config.tower_blocks} blocks, {config.attention_heads} heads"
    yield "windows", f"multiples of {config.pair_size:,} bp up to {config.max_length:,} bp"
    for organism in ORGANISMS:
        counts = count_by_output([track for track in opened.tracks if track.organism == organism])
        yield organism, ", ".join(f"{output} {count}" for output, count in counts.items()) or "nothing"
    yield "calibrated", _calibration_of(opened)
    yield "card", str(opened.path / CARD)
