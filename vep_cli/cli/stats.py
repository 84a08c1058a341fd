"""`vep stats`: summaries of shards to one, and to MultiQC."""

import pathlib

import click

from vep_cli.cli import options
from vep_cli.errors import UsageError


@click.command()
@click.argument("summaries", metavar="SUMMARY...", nargs=-1, required=True)
@options.sum_output
@options.multiqc
def stats(summaries: tuple[str, ...], output: str, prefix: str | None) -> None:
    """Add up summaries of vep score --stats, such as those of an input's shards.

    The sum is a summary too. With --multiqc it is also written as MultiQC reads it: alleles by status as a
    bar graph, and columns of the general statistics.

    \b
    Examples:
      vep stats part1.json part2.json -o sample.json
      vep stats sample.json --multiqc multiqc/sample -o sample.sum.json
    """
    from vep_cli.multiqc import multiqc_documents
    from vep_cli.summaries import json_text, read_summary, total
    from vep_cli.writers.output_file import OutputFile, check_output

    sample = _sample(prefix)
    found = total([read_summary(path) for path in summaries])
    documents = {output: found.to_json()}
    if prefix is not None:
        documents |= {prefix + end: one for end, one in multiqc_documents(sample, found).items()}
    for path in documents:
        check_output(path, inputs=map(pathlib.Path, summaries))
    for path, document in documents.items():
        with OutputFile(path) as file:
            file.write(json_text(document))


def _sample(prefix: str | None) -> str:
    """Return the name that the files for MultiQC have in front, which is the sample's."""
    if prefix is not None and (prefix.endswith("/") or not pathlib.Path(prefix).name):
        raise UsageError(
            f"--multiqc {prefix} names no sample", remedy="end it in the sample's name: multiqc/sample"
        )
    return pathlib.Path(prefix or "").name
