"""The closing counts of a run as a file, for pipelines."""

from vep_cli.errors import UsageError
from vep_cli.pipeline import Preparation, input_files, provenance
from vep_cli.settings import ScoreSettings
from vep_cli.statistics import Statistics
from vep_cli.summaries import Summary, json_text
from vep_cli.writers.output_file import STANDARD_STREAM, OutputFile, check_output, target


def check_summary(path: str | None, settings: ScoreSettings) -> None:
    """Refuse a summary that could not be written in the end, before hours go into the run.

    Args:
        path: The file, '-' for standard output, or None for no summary.
        settings: Those of the run.

    Raises:
        UsageError: It would be written over an input or over the scores.
        OutputError: It is a folder, or its folder is not there.
    """
    if path is None:
        return
    check_output(path, inputs=input_files(settings))
    is_file = STANDARD_STREAM not in (path, settings.output)
    if path == settings.output or (is_file and target(path) == target(settings.output)):
        raise UsageError(
            "the summary and the scores are one file", path=path, remedy="choose another --stats"
        )


def write_summary(path: str | None, prepared: Preparation, statistics: Statistics, seconds: float) -> None:
    """Write what became of every allele and what the run was, as one JSON object (docs/output.md).

    Args:
        path: The file, which appears when it is whole; '-' for standard output, None for no summary.
        prepared: The run.
        statistics: Its counts.
        seconds: How long it took.

    Raises:
        OutputError: The file cannot be written.
    """
    if path is None:
        return
    summary = Summary(statistics=statistics, seconds=seconds, run=tuple(provenance(prepared)))
    with OutputFile(path) as output:
        output.write(json_text({**summary.to_json(), "blank_lines": statistics.blank_lines}))
