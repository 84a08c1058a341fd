"""`vep check`: what a run would do with an input, before it is begun."""

import pathlib
from typing import TYPE_CHECKING, Any

import click

from vep_cli.cli import options
from vep_cli.cli.runs import begin, score_settings
from vep_cli.errors import VcfError

if TYPE_CHECKING:
    from vep_cli.check.estimate import Estimate
    from vep_cli.check.inspection import Findings


@click.command()
@click.argument("source", metavar="INPUT", type=click.Path(allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object (docs/check.md).")
@click.option(
    "--estimate",
    "is_estimated",
    is_flag=True,
    help="Run the network on a variant or two of INPUT, and say how long all would take, and what memory.",
)
@options.track_selection
@options.scoring_inputs
@options.ensemble
@options.alleles
@options.window
@options.window_mode
@options.device
@options.devices
@options.precision
@options.regions
@options.quiet
def check(
    source: str,
    as_json: bool,
    is_estimated: bool,
    quiet: bool,
    weights: tuple[pathlib.Path, ...],
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> None:
    """Tell what `vep score` would do with INPUT, without running the network.

    Give it the options of the run. It says which alleles would be scored and why others would not, as
    the run would count them; which contigs go by another name or are not in the reference; whether REF
    and the genome build agree; whether records are out of order or repeated. Exit status 1 if bad data
    would keep an allele from a score, as with vep score --strict.

    \b
    Examples:
      vep check input.vcf --genome hg38
      vep check input.vcf.gz --tissue liver --estimate
      vep check input.vcf --json | jq '.statuses'
    """
    begin(quiet=quiet)
    from vep_cli import pipeline
    from vep_cli.check.estimate import estimate
    from vep_cli.check.inspection import inspect
    from vep_cli.cli import report
    from vep_cli.genome.vcf_reader import check_source

    prepared = pipeline.prepare(score_settings(source, weights, output="-", **choices))
    check_source(source)
    report.describe(prepared, quiet=quiet)
    with report.progress(quiet=quiet, first="reading the genes") as after_record:
        findings = inspect(prepared, after_record=after_record)
    measured = estimate(prepared, findings.sharing) if is_estimated else None
    click.echo(_written(findings, measured, as_json=as_json), nl=False)
    if findings.statistics.bad_data:
        raise _bad_data(findings)


def _written(findings: "Findings", measured: "Estimate | None", *, as_json: bool) -> str:
    from vep_cli.check.report_json import findings_json
    from vep_cli.check.report_text import findings_text

    return findings_json(findings, measured) if as_json else findings_text(findings, measured)


def _bad_data(findings: "Findings") -> VcfError:
    bad, alleles = findings.statistics.bad_data, findings.statistics.alleles
    return VcfError(
        f"bad data would keep {bad} of {alleles} alleles from a score",
        path=findings.source,
        remedy="the report says which and why; vep score would write the others' scores all the same",
    )
