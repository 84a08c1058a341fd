"""Summaries of runs as JSON, `vep score --stats`: written, read back, and added up over shards."""

import collections
import dataclasses
import json
import math
import pathlib
from collections.abc import Mapping, Sequence
from typing import Any

from vep_cli.errors import SummaryError, reason
from vep_cli.statistics import Statistics

FORMAT_VERSION = 1
"""Grows when a key changes its meaning or goes; new keys may come without it."""

_COUNTS = ("records", "alleles")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What became of the alleles of a run.

    Attributes:
        statistics: The counts.
        seconds: How long it took.
        run: What the output's header says of it: pairs of a name and a value, a name maybe more than once.
    """

    statistics: Statistics
    seconds: float
    run: tuple[tuple[str, str], ...]

    def to_json(self) -> dict[str, Any]:
        """Return the object that docs/output.md describes, without the blank lines of the input."""
        return {
            "format_version": FORMAT_VERSION,
            **self.statistics.to_json(),
            "scored": self.statistics.scored,
            "bad_data": self.statistics.bad_data,
            "seconds": round(self.seconds, 3),
            "run": [{"name": name, "value": value} for name, value in self.run],
        }


def json_text(document: Mapping[str, Any]) -> str:
    """Return a JSON object as indented text with an end of line."""
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def read_summary(path: str) -> Summary:
    """Return the summary that a file has.

    Args:
        path: A file that `vep score --stats` or `vep stats` wrote.

    Raises:
        SummaryError: It cannot be read, or is no such summary, or its counts do not add up.
    """
    try:
        document = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _no_summary(path, reason(error)) from error
    if not isinstance(document, dict):
        raise _no_summary(path, "it holds no JSON object")
    version = document.get("format_version")
    if version != FORMAT_VERSION:
        raise _no_summary(path, f"its format_version is {version!r}, and {FORMAT_VERSION} is known")
    try:
        return _summary(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _no_summary(path, f"{type(error).__name__}: {error}") from error


def total(summaries: Sequence[Summary]) -> Summary:
    """Return the sum of one summary or more; of what they say of their runs, it has what all agree on."""
    first, *others = summaries
    statistics = Statistics()
    for one in summaries:
        statistics += one.statistics
    return Summary(
        statistics=statistics,
        seconds=math.fsum(one.seconds for one in summaries),
        run=tuple(pair for pair in first.run if all(pair in other.run for other in others)),
    )


def _summary(document: dict[str, Any]) -> Summary:
    numbers = [document[key] for key in _COUNTS]
    numbers += [*document["statuses"].values(), *document["flags"].values()]
    numbers += [*document.get("haplotypes", {}).values(), document.get("incomplete_backgrounds", 0)]
    if any(type(number) is not int or number < 0 for number in numbers):
        raise ValueError("a count is no whole number")
    statistics = Statistics.from_json(document)
    if statistics.statuses.total() != statistics.alleles:
        raise ValueError("its statuses do not add up to its alleles")
    seconds = float(document["seconds"])
    if not 0 <= seconds < math.inf:
        raise ValueError("its seconds are no time")
    run = tuple((str(one["name"]), str(one["value"])) for one in document["run"])
    return Summary(statistics=_without_zeros(statistics), seconds=seconds, run=run)


def _without_zeros(statistics: Statistics) -> Statistics:
    return dataclasses.replace(
        statistics,
        statuses=+collections.Counter(statistics.statuses),
        flags=+collections.Counter(statistics.flags),
        haplotypes=+collections.Counter(statistics.haplotypes),
    )


def _no_summary(path: str, why: str) -> SummaryError:
    return SummaryError(
        f"this is no summary of a run: {why}", path=path, remedy="vep score --stats FILE writes one"
    )
