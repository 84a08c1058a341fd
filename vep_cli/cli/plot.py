"""`vep plot`: a figure of what is predicted round one variant."""

import pathlib
from typing import TYPE_CHECKING, Any

import click

from vep_cli.bundled import weights_folder
from vep_cli.cli import figure_options, options
from vep_cli.cli.runs import begin
from vep_cli.genome.registry import resolve_genome
from vep_cli.settings import PlotSettings

if TYPE_CHECKING:
    from vep_cli.plot.content import FigureContent


@click.command()
@click.argument("variant", metavar="VARIANT")
@figure_options.figure_output
@options.track_selection
@figure_options.around
@figure_options.shown_interval
@figure_options.panels
@figure_options.difference
@figure_options.figure_width
@figure_options.dots_per_inch
@options.genome
@options.fasta
@options.gtf
@options.splice_sites
@options.organism
@options.weights
@options.alleles
@options.window
@options.device
@options.precision
@options.quiet
def plot(
    variant: str,
    output: str | None,
    quiet: bool,
    difference: bool,
    width: int,
    dots_per_inch: int,
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> None:
    """Draw what is predicted of REF and of ALT round one VARIANT.

    VARIANT is CHROM:POS:REF:ALT, CHROM:POS:REF>ALT or CHROM-POS-REF-ALT with VCF's 1-based position.
    Shown are the genes, splice junctions as arcs, the signals of tracks with what either allele alone
    has in its colour, and how contacts change. Without --tissue, of the tissue that has most kinds of
    track. Needs matplotlib: pip install 'vep-cli[plot]'.

    \b
    Examples:
      vep plot chr6:32039081:C:G --tissue liver -o figure.pdf
      vep plot chr6:32039081:C:G --modality SPLICE_SITES --modality SPLICE_JUNCTIONS --tissue liver
      vep plot chr6:32039081:C:G --around 2000 --strand + --strand - -o figure.svg
    """
    begin(quiet=quiet)
    from vep_cli.cli import report
    from vep_cli.genome.variant_text import parse_variant
    from vep_cli.plot.saving import check_format, check_matplotlib, default_name
    from vep_cli.plot_pipeline import figure_content, prepare_plot

    record = parse_variant(variant)
    path = output or default_name(record)
    form = check_format(path)
    check_matplotlib()
    prepared = prepare_plot(_settings(path, **choices))
    report.describe_intervals(prepared, quiet=quiet)
    content = figure_content(prepared, record)
    _write(path, content, form, width, dots_per_inch, with_difference=difference)
    if not quiet:
        click.echo(f"vep: {path} is drawn", err=True)


def _write(
    path: str, content: "FigureContent", form: str, width: int, dots_per_inch: int, *, with_difference: bool
) -> None:
    # Imported here: these modules import matplotlib, which only figures need.
    from vep_cli.plot.drawing import drawn
    from vep_cli.plot.sheet import Sheet
    from vep_cli.writers.output_file import OutputFile

    sheet = Sheet(form=form, width=float(width), dots_per_inch=dots_per_inch)
    with OutputFile(path) as file:
        file.write(drawn(content, sheet, with_difference=with_difference))


def _settings(
    output: str,
    *,
    genome_name: str | None,
    fasta: pathlib.Path | None,
    gtf: pathlib.Path | None,
    organism: str | None,
    weights: pathlib.Path | None,
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> PlotSettings:
    genome = resolve_genome(name=genome_name, fasta=fasta, gtf=gtf, organism=organism)
    return PlotSettings(output=output, genome=genome, weights=weights or weights_folder(), **choices)
