"""`vep calibrate`: give weights the background that quantiles are ranks in."""

import pathlib
from typing import Any

import click

from vep_cli.bundled import weights_folder
from vep_cli.cli import options
from vep_cli.cli.runs import begin, score_settings


@click.command()
@click.argument("source", metavar="BACKGROUND", type=click.Path())
@options.weights
@options.calibration_output
@options.track_selection
@options.scoring_inputs
@options.alleles
@options.window
@options.device
@options.devices
@options.precision
@options.quiet
def calibrate(
    source: str,
    calibration_output: pathlib.Path | None,
    quiet: bool,
    weights: pathlib.Path | None,
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> None:
    """Score the variants in BACKGROUND and keep how their scores are distributed.

    From then on, scores of the same weights have a quantile: their rank among those of BACKGROUND, which
    should be common variants, tens of thousands of them, of the whole genome (docs/calibration.md). It is
    kept in the weights folder, or in a file for --calibration.

    \b
    Examples:
      vep calibrate common.vcf.gz --weights alphagenome --genome hg38
      vep calibrate common.vcf.gz -o common.safetensors
    """
    begin(quiet=quiet)
    from vep_cli import calibrate as making
    from vep_cli import pipeline
    from vep_cli.cli import report
    from vep_cli.genome.vcf_reader import check_source

    folder = weights or weights_folder()
    prepared = pipeline.prepare(score_settings(source, (folder,), output="-", quantiles=False, **choices))
    check_source(source)
    making.check_target(prepared, calibration_output)
    report.describe(prepared, quiet=quiet)
    with report.progress(quiet=quiet) as after_record:
        statistics, made = making.calibrate(prepared, calibration_output, after_record=after_record)
    report.summarise(statistics, quiet=quiet)
    report.say_calibrated(made, calibration_output or folder, quiet=quiet)
