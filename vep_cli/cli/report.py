"""What a run says on stderr: notes, warnings, progress and the closing summary."""

import contextlib
import pathlib
import sys
from collections.abc import Callable, Iterator, Sequence

import click
import jax

from vep_cli.bundled import weights_folder
from vep_cli.chosen_calibration import NOT_OF_ENSEMBLES
from vep_cli.genome.registry import DEMO, Genome
from vep_cli.interval_pipeline import Counts, IntervalPreparation
from vep_cli.model.selection import Selection
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.pipeline import Preparation, window_placement
from vep_cli.plot_pipeline import PlotPreparation
from vep_cli.prediction_pipeline import PredictPreparation
from vep_cli.scoring.calibration import Calibration
from vep_cli.scoring.scored_interval import INTERVAL_REASONS, IntervalStatus
from vep_cli.statistics import Statistics, counted

_BUNDLED = "bundled with vep-cli"


def describe(prepared: Preparation, *, quiet: bool) -> None:
    """Say what a run will use. A warning about the scores is never left out."""
    for warning in prepared.warnings:
        click.echo(f"vep: warning: {warning}", err=True)
    if quiet:
        return
    for line in _description(prepared):
        click.echo(f"vep: {line}", err=True)


def describe_intervals(
    prepared: IntervalPreparation | PlotPreparation | PredictPreparation, *, quiet: bool
) -> None:
    """Say what a run without variants of a VCF will use. A warning about it is never left out."""
    for warning in (prepared.weights.warning, prepared.selection.warning):
        if warning is not None:
            click.echo(f"vep: warning: {warning}", err=True)
    if quiet:
        return
    settings, weights = prepared.settings, [prepared.weights]
    for line in _model_lines(settings.genome, weights, prepared.selection):
        click.echo(f"vep: {line}", err=True)
    for line in _machine_lines(prepared.selection, [prepared.device], settings.window):
        click.echo(f"vep: {line}", err=True)


def summarise_intervals(counts: Counts, *, quiet: bool) -> None:
    """Say what became of every interval."""
    if quiet:
        return
    click.echo(f"vep: {counts.total()} intervals: {counts[IntervalStatus.PASS]} scored", err=True)
    for status in IntervalStatus:
        if status is not IntervalStatus.PASS and counts[status]:
            click.echo(f"vep:   {counts[status]} {status}: {INTERVAL_REASONS[status]}", err=True)


def summarise(statistics: Statistics, *, quiet: bool) -> None:
    """Say what became of every allele."""
    if not quiet:
        for line in statistics.lines():
            click.echo(f"vep: {line}", err=True)


def say_calibrated(made: Calibration, place: pathlib.Path, *, quiet: bool) -> None:
    """Say where a calibration is and what it is of."""
    if not quiet:
        tracks = sum(len(one.tracks) for one in made.distributions.values())
        click.echo(f"vep: calibrated {place}: {len(made.distributions)} scorers, {tracks} tracks", err=True)


@contextlib.contextmanager
def progress(*, quiet: bool, first: str = "loading the model") -> Iterator[Callable[[Statistics], None]]:
    """Draw a line of counts while records are scored, where stderr is a terminal.

    Args:
        quiet: Draw nothing.
        first: What is done before the first record.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda statistics: None
        return
    # Imported here: rich takes as long to import as everything else, and a pipe never draws.
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(first)
        yield lambda counts: bar.update(task, description=_progress_text(counts))


def _progress_text(counts: Statistics) -> str:
    return f"{counted(counts.records, 'record')}, {counts.scored} of {counts.alleles} alleles scored"


def _genome_line(genome: Genome) -> str:
    if genome.name == DEMO:
        return f"genome {DEMO} ({genome.organism}, {_BUNDLED})"
    return f"genome {genome.name or genome.fasta} ({genome.organism}, genes: {genome.gtf or 'none'})"


def _description(prepared: Preparation) -> Iterator[str]:
    settings, choice = prepared.settings, prepared.choice
    yield from _model_lines(settings.genome, prepared.weights, prepared.selection)
    if prepared.calibration is not None:
        yield f"quantiles among {prepared.calibration.made_of}"
    elif settings.quantiles and any(weights.calibration_path is not None for weights in prepared.weights):
        yield NOT_OF_ENSEMBLES
    yield from _machine_lines(prepared.selection, prepared.devices, settings.window)
    if settings.window_mode == "snapped":
        yield _grid_line(window_placement(settings).grid)
    for reason in dict.fromkeys(choice.left_out.values()):
        names = [name for name, its_reason in choice.left_out.items() if its_reason == reason]
        yield f"{'scorer' if len(names) == 1 else 'scorers'} {', '.join(names)} left out: {reason}"


def _grid_line(grid: int) -> str:
    return (
        f"windows snapped to a grid of {grid:,} bp: neighbours share one, a variant lies up to "
        f"{grid // 2:,} bp from its centre, and scores differ from those of centered windows (docs/engine.md)"
    )


def _model_lines(genome: Genome, models: Sequence[WeightsFolder], selection: Selection) -> Iterator[str]:
    yield _genome_line(genome)
    for weights in models:
        place = _BUNDLED if weights.path == weights_folder() else weights.path
        yield f"weights {weights.manifest.name} {weights.manifest.version} ({place})"
    for tissue in selection.tissues:
        terms = (f"{name} {curie}" for curie, name in zip(tissue.curies, tissue.names, strict=True))
        yield f"tissue {tissue.query!r}: {', '.join(terms)}"


def _machine_lines(selection: Selection, devices: Sequence[jax.Device], window: int) -> Iterator[str]:
    counts = selection.tracks.by_output
    yield f"tracks: {', '.join(f'{output} {len(tracks)}' for output, tracks in counts.items())}"
    number = f"{len(devices)} devices" if len(devices) > 1 else "device"
    yield f"{number} {devices[0].platform} ({devices[0].device_kind}), window {window:,} bp"
