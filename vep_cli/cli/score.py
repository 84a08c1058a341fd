"""`vep score`: the main job."""

import logging
import os
import pathlib
from typing import Any

import click

from vep_cli.bundled import weights_folder
from vep_cli.cli import options
from vep_cli.errors import VcfError
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
@options.polyadenylation
@options.organism
@options.ensemble
@options.alleles
@options.window
@options.device
@options.precision
@options.batch_size
@options.strict
@options.quiet
@click.pass_obj
def score(
    command: str | None,
    /,
    source: str,
    strict: bool,
    quiet: bool,
    weights: tuple[pathlib.Path, ...],
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> None:
    """Score the effect of the variants in INPUT.

    INPUT is a VCF (plain, gzip or bgzip) or a BCF; `-` is standard input. Every ALT allele gets scores
    or a coded reason why not; records come out as they went in, in order.

    \b
    Examples:
      vep score input.vcf --tissue liver > scored.vcf
      vep score input.vcf.gz --tissue liver --tissue brain --modality RNA_SEQ -o scores.tsv
      bcftools view -f PASS input.bcf | vep score - --genome hg38 -o scored.vcf.gz
    """
    _hush_jax()
    # Imported here, as in every command: the pipeline imports jax, which `--help` must not wait for.
    from vep_cli import pipeline
    from vep_cli.cli import report
    from vep_cli.genome.vcf_reader import check_source

    report.log_to_stderr(quiet=quiet)
    settings = _settings(source, weights or (weights_folder(),), command=command or "", **choices)
    prepared = pipeline.prepare(settings)
    check_source(source)
    report.describe(prepared, quiet=quiet)
    with report.progress(quiet=quiet) as after_record:
        statistics = pipeline.run(prepared, after_record=after_record)
    report.summarise(statistics, quiet=quiet)
    if strict and statistics.bad_data:
        raise VcfError(
            f"bad data kept {statistics.bad_data} of {statistics.alleles} alleles from a score (--strict)",
            path=source,
            remedy="VE_STATUS, or the status column, says which and why; the output is complete",
        )


def _hush_jax() -> None:
    """Keep jax's own messages off stderr: what a user has to know of them, we say."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for name in ("jax", "absl"):
        logging.getLogger(name).setLevel(logging.ERROR)


def _settings(
    source: str,
    weights: tuple[pathlib.Path, ...],
    *,
    genome_name: str | None,
    fasta: pathlib.Path | None,
    gtf: pathlib.Path | None,
    organism: str | None,
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> ScoreSettings:
    genome = resolve_genome(name=genome_name, fasta=fasta, gtf=gtf, organism=organism)
    return ScoreSettings(source=source, weights=weights, genome=genome, **choices)
