"""`vep train`: weights from sequences and targets."""

import importlib.util
import pathlib

import click

from vep_cli.cli import options
from vep_cli.cli.runs import begin
from vep_cli.errors import UsageError


@click.command()
@click.argument("config", type=click.Path(path_type=pathlib.Path))
@options.run_folder
@options.device
@options.devices
@options.quiet
def train(config: pathlib.Path, run_folder: pathlib.Path, device: str, devices: str, quiet: bool) -> None:
    """Train a model as CONFIG says, a TOML file (docs/training.md), into a folder of its own.

    The folder gets metrics and checkpoints as it goes, and in the end the weights. A run that was
    interrupted, or killed, goes on where it was when the same command is given again.

    \b
    Examples:
      vep train config.toml -o run
      vep score input.vcf --weights run/weights
    """
    _check_installed()
    begin(quiet=quiet)
    from vep_cli.cli import train_report
    from vep_cli.inference.devices import choose_devices
    from vep_cli.training import trainer
    from vep_cli.training.settings import read_settings

    settings, chosen = read_settings(config), choose_devices(device, devices)
    with train_report.listener(settings.total_steps, quiet=quiet) as listener:
        outcome = trainer.train(settings, run_folder, chosen, listener)
    train_report.conclude(outcome, quiet=quiet)


def _check_installed() -> None:
    """Refuse to begin without what training alone needs.

    Raises:
        UsageError: It is not installed.
    """
    if importlib.util.find_spec("optax") is None:
        raise UsageError("training needs the package optax", remedy="pip install 'vep-cli[train]'")
