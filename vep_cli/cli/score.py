"""`vep score`: the main job."""

import pathlib
import shlex
import sys
from typing import Any

import click

from vep_cli.bundled import weights_folder
from vep_cli.cli import options
from vep_cli.genome.registry import resolve_genome
from vep_cli.settings import ScoreSettings


@click.command()
@click.argument("source", metavar="INPUT", type=click.Path(allow_dash=True))
@options.output
@options.tissue
@options.modality
@options.genome
@options.fasta
@options.gtf
@options.organism
@options.weights
@options.window
@options.device
@options.batch_size
@options.quiet
def score(source: str, quiet: bool, weights: pathlib.Path | None, **choices: Any) -> None:  # noqa: ANN401
    """Score the effect of the variants in INPUT.

    INPUT is a VCF (plain, gzip or bgzip) or a BCF; `-` is standard input. Every ALT allele gets scores
    or a coded reason why not; records come out as they went in, in order.

    \b
    Examples:
      vep score input.vcf --tissue liver > scored.vcf
      vep score input.vcf.gz --tissue liver --tissue brain --modality RNA_SEQ -o scores.tsv
      bcftools view -f PASS input.bcf | vep score - --genome hg38 -o scored.vcf.gz
    """
    # Imported here, as in every command: the pipeline imports jax, which `--help` must not wait for.
    from vep_cli import pipeline
    from vep_cli.cli import report

    report.log_to_stderr()
    settings = _settings(source, weights or weights_folder(), **choices)
    prepared = pipeline.prepare(settings)
    report.describe(prepared, quiet=quiet)
    with report.progress(quiet=quiet) as after_record:
        statistics = pipeline.run(prepared, after_record=after_record)
    report.summarise(statistics, quiet=quiet)


def _settings(
    source: str,
    weights: pathlib.Path,
    *,
    genome_name: str | None,
    fasta: pathlib.Path | None,
    gtf: pathlib.Path | None,
    organism: str | None,
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> ScoreSettings:
    genome = resolve_genome(name=genome_name, fasta=fasta, gtf=gtf, organism=organism)
    command = shlex.join(["vep", *sys.argv[1:]])
    return ScoreSettings(source=source, weights=weights, genome=genome, command=command, **choices)
