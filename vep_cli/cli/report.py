"""What a run says on stderr: notes, warnings, progress and the closing summary."""

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator

import click

from vep_cli.bundled import weights_folder
from vep_cli.genome.registry import DEMO, Genome
from vep_cli.pipeline import Preparation
from vep_cli.statistics import Statistics

_BUNDLED = "bundled with vep-cli"


class _StderrHandler(logging.Handler):
    """Prints each message of the package's loggers as the program's own."""

    def emit(self, record: logging.LogRecord) -> None:
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        click.echo(f"vep: {level}{record.getMessage()}", err=True)


def log_to_stderr(*, quiet: bool) -> None:
    """Show the package's messages, once each, however often a program calls `main`; quiet: warnings only."""
    package = logging.getLogger("vep_cli")
    package.setLevel(logging.INFO)
    package.handlers = [_StderrHandler(logging.WARNING if quiet else logging.INFO)]


def describe(prepared: Preparation, *, quiet: bool) -> None:
    """Say what a run will use. A warning about the weights is never left out."""
    for weights in prepared.weights:
        if weights.warning is not None:
            click.echo(f"vep: warning: {weights.warning}", err=True)
    if quiet:
        return
    for line in _description(prepared):
        click.echo(f"vep: {line}", err=True)


def summarise(statistics: Statistics, *, quiet: bool) -> None:
    """Say what became of every allele."""
    if not quiet:
        for line in statistics.lines():
            click.echo(f"vep: {line}", err=True)


@contextlib.contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[Statistics], None]]:
    """Draw a line of counts while records are scored, where stderr is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda statistics: None
        return
    # Imported here: rich takes as long to import as everything else, and a pipe never draws.
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("loading the model")
        yield lambda counts: bar.update(
            task, description=f"{counts.records} records, {counts.scored} of {counts.alleles} alleles scored"
        )


def _genome_line(genome: Genome) -> str:
    if genome.name == DEMO:
        return f"genome {DEMO} ({genome.organism}, {_BUNDLED})"
    return f"genome {genome.name or genome.fasta} ({genome.organism}, genes: {genome.gtf or 'none'})"


def _description(prepared: Preparation) -> Iterator[str]:
    settings, choice = prepared.settings, prepared.choice
    yield _genome_line(settings.genome)
    for weights in prepared.weights:
        place = _BUNDLED if weights.path == weights_folder() else weights.path
        yield f"weights {weights.manifest.name} {weights.manifest.version} ({place})"
    for tissue in prepared.selection.tissues:
        terms = (f"{name} {curie}" for curie, name in zip(tissue.curies, tissue.names, strict=True))
        yield f"tissue {tissue.query!r}: {', '.join(terms)}"
    counts = prepared.selection.tracks.by_output
    yield f"tracks: {', '.join(f'{output} {len(tracks)}' for output, tracks in counts.items())}"
    yield f"device {prepared.device.platform} ({prepared.device.device_kind}), window {settings.window:,} bp"
    for reason in dict.fromkeys(choice.left_out.values()):
        names = [name for name, its_reason in choice.left_out.items() if its_reason == reason]
        yield f"{'scorer' if len(names) == 1 else 'scorers'} {', '.join(names)} left out: {reason}"
