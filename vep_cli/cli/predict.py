"""`vep predict`: what is predicted of a region, as files for genome browsers."""

import pathlib
from typing import Any

import click

from vep_cli.bundled import weights_folder
from vep_cli.cli import options
from vep_cli.cli.runs import begin
from vep_cli.genome.registry import resolve_genome
from vep_cli.settings import PredictSettings


@click.command()
@click.argument("region", metavar="REGION")
@options.folder_output
@options.with_variant
@options.track_selection
@options.genome
@options.fasta
@options.organism
@options.weights
@options.alleles
@options.window
@options.device
@options.precision
@options.quiet
def predict(
    region: str,
    genome_name: str | None,
    fasta: pathlib.Path | None,
    organism: str | None,
    weights: pathlib.Path | None,
    quiet: bool,
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> None:
    """Write what is predicted of REGION as files that genome browsers open.

    REGION is written as samtools does, chr6:32030001-32050000, 1-based with both ends included. Each track
    becomes a bigWig file, each contact map a cooler file, of the window round REGION, and the splice
    junctions of a tissue a BED file, which IGV draws as arcs; tracks.tsv says which is which. With --variant
    there are two of each, of REF and of ALT, ALT laid on REF's positions. Needs pybigtools and, for contact
    maps, cooler: pip install 'vep-cli[export]'.

    \b
    Examples:
      vep predict chr6:32030001-32050000 --tissue liver -o liver
      vep predict chr6:32030001-32050000 --variant chr6:32039081:C:G --modality ATAC --tissue liver -o both
    """
    begin(quiet=quiet)
    from vep_cli.cli import report
    from vep_cli.prediction_pipeline import prepare_predict, run_predict

    genome = resolve_genome(name=genome_name, fasta=fasta, gtf=None, organism=organism)
    folder = weights or weights_folder()
    prepared = prepare_predict(PredictSettings(region=region, genome=genome, weights=folder, **choices))
    report.describe_intervals(prepared, quiet=quiet)
    files = run_predict(prepared)
    if not quiet:
        click.echo(f"vep: {prepared.settings.output}: {len(files)} files and tracks.tsv", err=True)
