"""`vep weights`: look at a weights folder."""

import pathlib
from collections.abc import Iterator

import click

from vep_cli.bundled import weights_folder
from vep_cli.model.tracks import ORGANISMS, count_by_output
from vep_cli.model.weights_folder import CARD, WeightsFolder, open_weights


@click.group()
def weights() -> None:
    """Look at a weights folder."""


@weights.command()
@click.argument("folder", required=False, type=click.Path(path_type=pathlib.Path))
def info(folder: pathlib.Path | None) -> None:
    """Print what the weights in FOLDER are; without FOLDER, the bundled ones.

    \b
    Example:
      vep weights info
    """
    opened = open_weights(folder or weights_folder())
    for name, value in _facts(opened):
        click.echo(f"{name:<12}{value}")


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
    yield "card", str(opened.path / CARD)
