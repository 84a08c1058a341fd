"""One contig under several names: `6`, `chr6`; `M`, `MT`, `chrM`."""

import dataclasses
from collections.abc import Container, Iterable, Mapping

from vep_cli.errors import UsageError
from vep_cli.genome.interval import Interval

_MITOCHONDRIA = ("chrM", "chrMT", "M", "MT")


def find_contig(name: str, known: Container[str]) -> str | None:
    """Return how `known` spells the contig `name`, or None where it has no such contig.

    An exact match wins; else the `chr` prefix is added or removed, and the mitochondrial
    names stand for one another.
    """
    return next((spelling for spelling in _spellings(name) if spelling in known), None)


def rename_contigs(names: Iterable[str], known: Container[str]) -> dict[str, str]:
    """Return, for each of `names` that `known` spells differently, how it does."""
    found = {name: find_contig(name, known) for name in names}
    return {name: other for name, other in found.items() if other is not None and other != name}


def _spellings(name: str) -> tuple[str, ...]:
    if name in _MITOCHONDRIA:
        return (name, *_MITOCHONDRIA)
    return (name, name.removeprefix("chr") if name.startswith("chr") else f"chr{name}")


def located(interval: Interval, lengths: Mapping[str, int]) -> Interval:
    """Return an interval under the reference's name of its contig.

    Args:
        interval: As a user wrote it.
        lengths: Base pairs of each contig of the reference.

    Raises:
        UsageError: There is no such contig, or the interval is not wholly on it.
    """
    chromosome = find_contig(interval.chromosome, lengths)
    if chromosome is None:
        known = ", ".join(list(lengths)[:3])
        raise UsageError(
            f"the reference has no contig {interval.chromosome}", remedy=f"it has {known} and so on"
        )
    if interval.start < 0 or interval.end > lengths[chromosome]:
        raise UsageError(
            f"{interval} is not wholly on {chromosome}, which has {lengths[chromosome]:,} base pairs",
            remedy="choose a region that is",
        )
    return dataclasses.replace(interval, chromosome=chromosome)
