"""`vep ism`: every single-base change of a stretch."""

import pathlib
from typing import Any

import click

from vep_cli.cli import figure_options, options
from vep_cli.cli.runs import begin, score_settings


@click.command()
@click.argument("stretch", metavar="REGION")
@options.table_output
@figure_options.logo
@figure_options.logo_panels
@options.mutated
@options.top
@options.min_score
@options.track_selection
@options.scoring_inputs
@options.ensemble
@options.calibration
@options.window
@options.device
@options.devices
@options.precision
@options.quiet
@click.pass_obj
def ism(
    command: str | None,
    /,
    stretch: str,
    logo: str | None,
    panels: int,
    mutated: int,
    quiet: bool,
    weights: tuple[pathlib.Path, ...],
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> None:
    """Score every single-base change of REGION (in-silico mutagenesis).

    REGION is written as samtools does, chr6:32039031-32039130, 1-based with both ends included; or it is a
    variant, CHROM:POS:REF:ALT, and the bases round it are changed. Each position has three changes, all
    seen in one window round the middle of REGION, so that they share what is computed of REF. The table
    has the columns of vep score. A logo needs matplotlib: pip install 'vep-cli[plot]'.

    \b
    Examples:
      vep ism chr6:32039031-32039130 --tissue liver --modality ATAC -o changes.tsv
      vep ism chr6:32039081:C:G --scorer SPLICE_SITES --logo logo.pdf -o changes.tsv.gz
      vep ism chr6:32039081:C:G --mutated 21 --window 16384 --track '*CTCF' --logo ctcf.png > changes.tsv
    """
    begin(quiet=quiet)
    from vep_cli import mutagenesis_pipeline as mutagenesis
    from vep_cli.cli import report

    interval = mutagenesis.stretch_of(stretch, mutated)
    settings = score_settings(stretch, weights, command=command or "", **choices)
    prepared = mutagenesis.prepare_mutagenesis(settings, interval, logo)
    report.describe(prepared, quiet=quiet)
    with report.progress(quiet=quiet) as after_record:
        counts, logos = mutagenesis.run_mutagenesis(
            prepared, interval, panels=panels if logo else 0, after_record=after_record
        )
    if logo:
        mutagenesis.write_logo(logo, logos, prepared)
    report.summarise(counts, quiet=quiet)
