"""One contig under several names: `6`, `chr6`; `M`, `MT`, `chrM`."""

from collections.abc import Container, Iterable

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
