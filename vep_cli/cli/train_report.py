"""What `vep train` says on stderr: how far it is, how well it does, and how it ended."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import click

from vep_cli.training.trainer import Outcome

_SIGNALLED = 128
"""Added to a signal's number for the exit status, as shells do."""


class StderrListener:
    """Prints what a run says, and hands its metrics to a progress line."""

    def __init__(self, draw: Callable[[str], None], *, quiet: bool) -> None:
        """Take a function that draws the progress line anew."""
        self._draw = draw
        self._quiet = quiet

    def say(self, message: str) -> None:
        """Print a line."""
        if not self._quiet:
            click.echo(f"vep: {message}", err=True)

    def advance(self, record: Mapping[str, Any]) -> None:
        """Show metrics; those of a validation stay on the screen."""
        if record["kind"] == "validation":
            self.say(f"step {record['step']:,}: validation loss {record['loss']:.4f} ({_by_output(record)})")
            return
        place = f"{record['stage']} {record['stage_step']:,}/{record['stage_steps']:,}"
        speed = f"{record['bases_per_second'] / 1000:,.0f} kb/s"
        self._draw(f"{place}  loss {record['loss']:.4f}  {speed}")


@contextlib.contextmanager
def listener(total_steps: int, *, quiet: bool) -> Iterator[StderrListener]:
    """Tell how a run goes, with a progress bar where stderr is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield StderrListener(lambda line: None, quiet=quiet)
        return
    # Imported here: a pipe never draws.
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"preparing {total_steps:,} steps")
        yield StderrListener(lambda line: bar.update(task, description=line), quiet=quiet)


def conclude(outcome: Outcome, *, quiet: bool) -> None:
    """Say how a run ended.

    Raises:
        click.exceptions.Exit: It was interrupted; with the status that the signal has in shells.
    """
    if outcome.signal is not None:
        click.echo(
            f"vep: interrupted after step {outcome.step:,}; the same command goes on from there", err=True
        )
        raise click.exceptions.Exit(_SIGNALLED + outcome.signal)
    if not quiet:
        click.echo(f"vep: trained for {outcome.step:,} steps: {outcome.weights}", err=True)


def _by_output(record: Mapping[str, Any]) -> str:
    return ", ".join(f"{output} {loss:.4f}" for output, loss in record["losses"].items())
