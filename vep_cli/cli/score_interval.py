"""`vep score-interval`: the genes of intervals, without a variant."""

import pathlib
from typing import Any

import click

from vep_cli.bundled import weights_folder
from vep_cli.cli import options
from vep_cli.cli.runs import begin
from vep_cli.genome.registry import resolve_genome
from vep_cli.settings import DEFAULT_INTERVAL_WIDTH, IntervalScoreSettings


@click.command("score-interval")
@click.argument("source", metavar="INTERVALS", type=click.Path(allow_dash=True))
@options.table_output
@click.option(
    "--width",
    type=click.IntRange(min=1),
    default=DEFAULT_INTERVAL_WIDTH,
    show_default=True,
    metavar="BP",
    help="Score the genes of which a transcript starts within so many bases round the interval's centre.",
)
@click.option(
    "--aggregation",
    type=click.Choice(["mean", "sum"]),
    default="mean",
    show_default=True,
    help="What is made of the predictions at a gene's exon bases.",
)
@options.track_selection
@options.genome
@options.fasta
@options.gtf
@options.organism
@options.weights
@options.window
@options.device
@options.quiet
def score_interval(
    source: str,
    quiet: bool,
    weights: pathlib.Path | None,
    genome_name: str | None,
    fasta: pathlib.Path | None,
    gtf: pathlib.Path | None,
    organism: str | None,
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> None:
    """Score the genes round the centre of each interval, without a variant.

    INTERVALS is a BED file (0-based, half-open; plain, gzip or bgzip), `-` for one on standard input, or a
    region as samtools writes it: chr6:32000001-32001000 is 1-based with both ends included. The network
    sees --window bases round the centre of each. Every interval gets rows with scores, or one row whose
    status says why not.

    Without --modality, there are scores of all that is predicted base by base or bin by bin: everything but
    contact maps and splice junctions. The official software scores RNA_SEQ alone.

    \b
    Examples:
      vep score-interval chr6:32038327-32041644 --modality RNA_SEQ --tissue liver
      vep score-interval promoters.bed --genome hg38 --modality RNA_SEQ --width 10001 -o scores.tsv.gz
      vep score-interval genes.bed --modality CAGE --aggregation sum -o scores.tsv
    """
    begin(quiet=quiet)
    from vep_cli import interval_pipeline
    from vep_cli.cli import report

    genome = resolve_genome(name=genome_name, fasta=fasta, gtf=gtf, organism=organism)
    folder = weights or weights_folder()
    settings = IntervalScoreSettings(source=source, genome=genome, weights=folder, **choices)
    prepared = interval_pipeline.prepare_intervals(settings)
    report.describe_intervals(prepared, quiet=quiet)
    report.summarise_intervals(interval_pipeline.run_intervals(prepared), quiet=quiet)
