"""`vep report`: a scored file as a page for people."""

import pathlib

import click

from vep_cli.cli import options


@click.command()
@click.argument("scored", metavar="SCORED", type=click.Path(allow_dash=True))
@options.page_output
@options.report_top
@options.quiet
def report(scored: str, output: str, top: int, quiet: bool) -> None:
    """Make a page of the scores in SCORED, to read, to send, to print.

    SCORED is what vep score wrote: a VCF (plain, bgzipped, or a BCF made of it), `-` for one on standard
    input, or a TSV. The page is one file that loads nothing: counts of alleles by status, the
    distribution of the scores of each scorer, the strongest in tables to sort and filter, and how the
    scores were made.

    \b
    Examples:
      vep report scored.vcf.gz -o report.html
      vep report scores.tsv --top 50 -o report.html
      vep score input.vcf --tissue liver | vep report - -o report.html
    """
    from vep_cli.cli.messages import log_to_stderr
    from vep_cli.report.page import page
    from vep_cli.report.scored_file import scored_file
    from vep_cli.report.summary import summarised
    from vep_cli.report.wording import counted
    from vep_cli.writers.output_file import OutputFile, check_output

    log_to_stderr(quiet=quiet)
    check_output(output, inputs=[pathlib.Path(scored)])
    with scored_file(scored) as opened:
        summary = summarised(opened.records, top=top)
        with OutputFile(output) as file:
            file.write(page(opened, summary))
    if not quiet:
        counts = f"{counted(summary.alleles, 'ALT allele')}: {summary.statuses['PASS']:,} scored"
        click.echo(f"vep: report on {counts}", err=True)
