"""`vep explain`: what lies behind the scores of one variant."""

import pathlib
import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from vep_cli.cli import options
from vep_cli.cli.runs import begin, score_settings
from vep_cli.errors import VcfError

if TYPE_CHECKING:
    from vep_cli.explanation import Explanation


@click.command()
@click.argument("variant", metavar="VARIANT")
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object (docs/explain.md).")
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    metavar="N",
    help="Tell of the N strongest scores of each scorer and gene, and, except in JSON, of N genes.",
)
@options.track_selection
@options.scoring_inputs
@options.ensemble
@options.calibration
@options.alleles
@options.window
@options.window_mode
@options.device
@options.precision
@options.quiet
@click.pass_obj
def explain(
    command: str | None,
    /,
    variant: str,
    as_json: bool,
    top: int,
    quiet: bool,
    weights: tuple[pathlib.Path, ...],
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> None:
    """Tell what lies behind each score of one VARIANT, which is scored as `vep score` does.

    VARIANT is CHROM:POS:REF:ALT, CHROM:POS:REF>ALT or CHROM-POS-REF-ALT with VCF's 1-based position.
    Shown are the variant as it is scored, the window, how ALT is aligned to REF, and for each scorer its
    formula, the positions it reads, and REF, ALT and score of the strongest tracks.

    \b
    Examples:
      vep explain chr6:32039081:C:G --tissue liver
      vep explain 6-32039081-C-G --scorer RNA_SEQ --top 10
      vep explain 'chr6:32039081:C>G' --json | jq '.scorers[].rows[].scores[]'
    """
    begin(quiet=quiet)
    from vep_cli import explain as explaining
    from vep_cli import pipeline
    from vep_cli.cli import report
    from vep_cli.genome.variant_text import parse_variant

    record = parse_variant(variant)
    settings = score_settings(variant, weights, output="-", command=command or "", devices="1", **choices)
    prepared = pipeline.prepare(settings)
    report.describe(prepared, quiet=quiet)
    explanation = explaining.explain(prepared, record, top=top)
    if as_json or explanation.window is not None:
        click.echo(_written(explanation, as_json=as_json, genes=top), nl=False)
    if explanation.problem is not None:
        raise VcfError(f"{variant} has no score: {explanation.problem}", remedy=explanation.remedy)


def _written(explanation: "Explanation", *, as_json: bool, genes: int) -> str:
    from vep_cli.writers.explanation_json import explanation_json
    from vep_cli.writers.explanation_text import explanation_text

    if as_json:
        return explanation_json(explanation)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    return explanation_text(explanation, genes=genes, terminal_width=width)
