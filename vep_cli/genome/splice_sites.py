"""Known splice sites: the ends of known introns, and which of them lie in a window (MODEL_SPEC section 5).

A site is the exon's base that the intron adjoins: with an intron [start, end), `start - 1` and `end`.
On '+' the first is the donor and the second the acceptor, on '-' the other way round.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Int64

from vep_cli.genome.interval import Interval

POSITIVE_DONOR, POSITIVE_ACCEPTOR, NEGATIVE_DONOR, NEGATIVE_ACCEPTOR = range(4)
"""The kinds of site, numbered as the network's classes are."""

_KINDS = 4
_LIST_STRIDE = 1 << 40
"""More than any coordinate, so that (list, position) fits one sortable integer."""

Positions = tuple[Int64[np.ndarray, " _"], ...]
"""0-based bases of each kind, ascending and distinct."""

_NOWHERE: Positions = (np.zeros(0, np.int64),) * _KINDS


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class KnownSpliceSites:
    """Splice sites by contig and kind.

    Attributes:
        positions: Per contig, a list for each kind; a contig without a site need not be there.
    """

    positions: Mapping[str, Positions]

    def with_chromosome_names(self, names: Mapping[str, str]) -> "KnownSpliceSites":
        """Return the sites with contigs renamed, and joined where two get one name; other names stay."""
        renamed: dict[str, Positions] = {}
        for name, lists in self.positions.items():
            other = renamed.get(names.get(name, name), _NOWHERE)
            renamed[names.get(name, name)] = tuple(map(np.union1d, lists, other))
        return KnownSpliceSites(positions=renamed)

    def within(self, interval: Interval) -> Positions:
        """Return the bases of each kind that lie in `interval`, whose strand does not matter."""
        lists = self.positions.get(interval.chromosome, _NOWHERE)
        return tuple(bases[slice(*np.searchsorted(bases, [interval.start, interval.end]))] for bases in lists)


def sites_of_edges(
    contigs: Sequence[str],
    contig: Int64[np.ndarray, " edges"],
    base: Int64[np.ndarray, " edges"],
    *,
    is_forward: Bool[np.ndarray, " edges"],
    is_start: Bool[np.ndarray, " edges"],
) -> KnownSpliceSites:
    """Return the sites at some introns' edges.

    Args:
        contigs: Names.
        contig: Index into `contigs` of each edge.
        base: The exon's base beside each edge, 0-based.
        is_forward: Whether the intron is on '+'; otherwise it is on '-'.
        is_start: Whether it is the edge with the smaller coordinate.
    """
    kind = np.where(
        is_forward,
        np.where(is_start, POSITIVE_DONOR, POSITIVE_ACCEPTOR),
        np.where(is_start, NEGATIVE_ACCEPTOR, NEGATIVE_DONOR),
    )
    # Sorted here, as `np.unique` takes two seconds for the two million edges of GENCODE.
    keys = np.sort((contig * _KINDS + kind) * _LIST_STRIDE + base)
    keys = keys[np.diff(keys, prepend=-1) > 0]
    firsts = np.arange(1, _KINDS * len(contigs)) * _LIST_STRIDE
    lists = np.split(keys % _LIST_STRIDE, np.searchsorted(keys, firsts))
    return KnownSpliceSites(
        positions={
            name: tuple(lists[_KINDS * number : _KINDS * (number + 1)]) for number, name in enumerate(contigs)
        }
    )
