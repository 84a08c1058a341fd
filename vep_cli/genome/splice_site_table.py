"""Read known splice sites from tables of introns' first and last bases, as the official tables have them."""

import dataclasses
import functools
import pathlib
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from vep_cli.errors import AnnotationError, reason
from vep_cli.genome.annotation_builder import LAST_BASE, opened
from vep_cli.genome.splice_sites import KnownSpliceSites, sites_of_edges

_CONTIG, _STRAND, _START, _END = _COLUMNS = ("Chromosome", "Strand", "Start", "End")
_REMEDY = (
    f"give a tab-separated table with the columns {_CONTIG}, {_STRAND}, and {_START} or {_END} or both, "
    "of introns, 0-based and half-open"
)

_Edge = tuple[str, int, bool, bool]
"""Contig, the exon's base beside the edge, whether on '+', whether it is the intron's start."""


def read_splice_sites(paths: Sequence[pathlib.Path]) -> KnownSpliceSites:
    """Read tables, tab-separated, plain or gzipped, and join them.

    Each row is an intron, or one edge of some: it has a `Start`, an `End`, or both. Further columns are
    tissues; a row that is zero or empty in all of them has no site.

    Args:
        paths: The files, for instance one of starts and one of ends.

    Raises:
        AnnotationError: A file cannot be read, lacks a column, has no site, or has a malformed row
            (names the line).
    """
    edges = [edge for path in paths for edge in _read(path)]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(edge[0] for edge in edges))}
    return sites_of_edges(
        list(numbers),
        np.array([numbers[edge[0]] for edge in edges], np.int64),
        np.array([edge[1] for edge in edges], np.int64),
        is_forward=np.array([edge[2] for edge in edges], bool),
        is_start=np.array([edge[3] for edge in edges], bool),
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Layout:
    """Which column is what: `places` by name, and those of the tissues; and how many there are."""

    places: Mapping[str, int]
    tissues: tuple[int, ...]
    width: int

    @classmethod
    def of(cls, header: Sequence[str]) -> "_Layout":
        places = {name: place for place, name in enumerate(header)}
        missing = [name for name in (_CONTIG, _STRAND) if name not in places]
        if _START not in places and _END not in places:
            missing.append(f"{_START} or {_END}")
        if missing:
            raise ValueError(f"no column {', '.join(missing)}")
        if twice := [name for name in _COLUMNS if header.count(name) > 1]:
            raise ValueError(f"two columns {', '.join(twice)}")
        tissues = tuple(place for place, name in enumerate(header) if name not in _COLUMNS)
        return cls(places=places, tissues=tissues, width=len(header))

    def edges(self, fields: Sequence[str]) -> list[_Edge]:
        """Return the edges of a row's intron.

        Raises:
            ValueError: There are more or fewer columns, or a strand or coordinate is malformed.
        """
        if len(fields) != self.width:
            raise ValueError(f"{len(fields)} columns where the first line has {self.width}")
        contig, strand = fields[self.places[_CONTIG]], fields[self.places[_STRAND]]
        if strand not in ("+", "-"):
            raise ValueError(f"the strand is '+' or '-', not {strand!r}")
        edges = []
        if _START in self.places:
            edges.append((contig, int(fields[self.places[_START]]) - 1, strand == "+", True))
        if _END in self.places:
            edges.append((contig, int(fields[self.places[_END]]), strand == "+", False))
        if any(base < 0 for _, base, _, _ in edges):
            raise ValueError("no base is left of the intron; its start is 1 or more")
        if any(base > LAST_BASE for _, base, _, _ in edges):
            raise ValueError("no contig is as long as that")
        return [] if self._is_in_no_tissue(fields) else edges

    def _is_in_no_tissue(self, fields: Sequence[str]) -> bool:
        return bool(self.tissues) and all(_is_zero(fields[place]) for place in self.tissues)


def _read(path: pathlib.Path) -> list[_Edge]:
    line = 0
    edges: list[_Edge] = []
    layout = _Layout(places={}, tissues=(), width=0)
    try:
        with opened(path) as rows:
            for line, row in enumerate(rows, 1):
                fields = row.decode().rstrip("\r\n").split("\t")
                if line == 1:
                    layout = _Layout.of(fields)
                elif fields != [""]:
                    edges += layout.edges(fields)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        message = f"not a table of splice sites: {reason(error)}"
        raise AnnotationError(message, remedy=_REMEDY, path=path, line=line or None) from error
    if not edges:
        raise AnnotationError("no splice site in the table", remedy=_REMEDY, path=path)
    return edges


# Tables of every intron in dozens of tissues repeat a few values millions of times.
@functools.lru_cache(maxsize=1024)
def _is_zero(value: str) -> bool:
    try:
        return float(value or 0) == 0
    except ValueError:
        return False
