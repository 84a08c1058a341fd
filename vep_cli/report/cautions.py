"""What a reader of a report has to know before its numbers."""

from collections.abc import Iterator

from vep_cli.report.scored_file import ScoredFile
from vep_cli.report.summary import Summary
from vep_cli.report.wording import counted

_MECHANISTIC = "mechanistic"


def warnings(file: ScoredFile) -> list[str]:
    """Return what stands first: the run's own warnings, and what a table cannot tell."""
    found = [value for name, value in file.provenance if name == "warning"]
    learnt_from = " ".join(value for name, value in file.provenance if name == "supervision")
    if _MECHANISTIC in learnt_from and not any(_MECHANISTIC in text for text in found):
        found.append(
            "some tracks are mechanistic: rules that someone wrote down, for demonstration, and learnt from "
            f"no measurement ({learnt_from})"
        )
    if file.is_table:
        found.append(
            "a table does not say which weights made the scores, nor what its run warned of: whether the "
            "weights were trained at all, for instance"
        )
    elif not file.provenance:
        found.append("the file's header does not say which weights made the scores")
    return found


def notes(file: ScoredFile, summary: Summary) -> Iterator[str]:
    """Yield what is left out of the report's numbers, and why."""
    if file.is_table:
        yield "Levels (scorers named _ACTIVE), which are no difference between ALT and REF, are left out."
    if summary.stray:
        yield (
            f"{counted(summary.stray, 'score')} left out: of alleles that the record does not have, as after "
            "splitting or changing records."
        )
    if summary.unreadable:
        yield f"{counted(summary.unreadable, 'score')} left out: not written as vep score writes them."
    if summary.unlisted:
        yield f"{counted(summary.unlisted, 'score')} left out: of further scorers than a report has room for."
