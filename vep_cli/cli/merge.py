"""`vep merge`: shards to a whole."""

import pathlib

import click

from vep_cli.cli import options


@click.command()
@click.argument("shards", metavar="SHARD...", nargs=-1, required=True)
@options.output
@options.quiet
def merge(shards: tuple[str, ...], output: str, quiet: bool) -> None:
    """Put together the outputs of vep score --shard I/N, given in any order.

    The result has the bytes of a run over the whole input. Shards that are missing, there twice, not
    finished, or of another input or other settings are refused.

    \b
    Examples:
      vep score input.vcf.gz --shard 1/2 -o part1.vcf.gz
      vep score input.vcf.gz --shard 2/2 -o part2.vcf.gz
      vep merge part1.vcf.gz part2.vcf.gz -o scored.vcf.gz
    """
    from vep_cli.cli.messages import log_to_stderr
    from vep_cli.merge import merge as merged
    from vep_cli.writers.formats import check_format
    from vep_cli.writers.output_file import check_output

    log_to_stderr(quiet=quiet)
    check_format(output)
    check_output(output, inputs=map(pathlib.Path, shards))
    count = merged(shards, output)
    if not quiet:
        click.echo(f"vep: merged {len(shards)} shards: {count} records", err=True)
