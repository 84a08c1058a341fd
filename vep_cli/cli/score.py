"""`vep score`: the main job."""

import pathlib
import time
from typing import TYPE_CHECKING, Any

import click

from vep_cli.cli import options
from vep_cli.cli.deciding_command import deciding_command
from vep_cli.cli.runs import begin, score_settings
from vep_cli.errors import VcfError

if TYPE_CHECKING:
    from vep_cli.statistics import Statistics


@click.command()
@click.argument("source", metavar="INPUT", type=click.Path(allow_dash=True))
@options.output
@options.top
@options.all_tracks
@options.min_score
@options.track_selection
@options.scoring_inputs
@options.ensemble
@options.calibration
@options.alleles
@options.window
@options.window_mode
@options.device
@options.devices
@options.precision
@options.part_of_input
@options.haplotypes
@options.resume
@options.strict
@options.stats
@options.quiet
@click.pass_obj
def score(
    command: str | None,
    /,
    source: str,
    strict: bool,
    stats: str | None,
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
      vep score input.vcf --top 5 --min-score 0.1 -o strongest.parquet
      vep score input.vcf --scorer ATAC --scorer ATAC:2001:L2_DIFF -o scores.tsv
      vep score input.vcf.gz --regions chr6:31000001-33000000,chr17 -o scored.vcf.gz
      vep score trio.vcf.gz --phased NA12878 -o scored.vcf.gz
      vep score candidates.vcf --phased NA12878 --phased-from phased.vcf.gz -o scored.tsv
      vep score input.vcf.gz --shard 2/8 --resume -o part2.vcf.gz
      bcftools view -f PASS input.bcf | vep score - --genome hg38 -o scored.vcf.gz
    """
    begin(quiet=quiet)
    # Imported here, as in every command: the pipeline imports jax, which `--help` must not wait for.
    from vep_cli import pipeline
    from vep_cli.cli import report
    from vep_cli.genome.vcf_reader import check_source
    from vep_cli.run_summary import check_summary, write_summary

    deciding = deciding_command(command or "", click.get_current_context())
    settings = score_settings(source, weights, command=deciding, **choices)
    prepared = pipeline.prepare(settings)
    check_source(source)
    check_summary(stats, settings)
    started = time.monotonic()
    report.describe(prepared, quiet=quiet)
    with report.progress(quiet=quiet) as after_record:
        statistics = pipeline.run(prepared, after_record=after_record)
    report.summarise(statistics, quiet=quiet)
    write_summary(stats, prepared, statistics, time.monotonic() - started)
    if strict and statistics.bad_data:
        raise _bad_data(statistics, source)


def _bad_data(statistics: "Statistics", source: str) -> VcfError:
    return VcfError(
        f"bad data kept {statistics.bad_data} of {statistics.alleles} alleles from a score (--strict)",
        path=source,
        remedy="VE_STATUS, or the status column, says which and why; the output is complete",
    )
