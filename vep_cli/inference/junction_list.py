"""Splice junctions one by one, from the matrix of donors by acceptors that the network predicts."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float, Int

from vep_cli.genome.interval import Interval


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class JunctionList:
    """Every possible intron of an interval: those on '+' first, then by donor, then by acceptor.

    Attributes:
        start: 0-based first base of the intron, on the chromosome.
        end: 0-based base after its last.
        is_forward: Whether it is on '+'.
        counts: Reads across it, per tissue.
    """

    start: Int[np.ndarray, " junctions"]
    end: Int[np.ndarray, " junctions"]
    is_forward: Bool[np.ndarray, " junctions"]
    counts: Float[np.ndarray, "junctions tissues"]

    def __len__(self) -> int:
        """Return the number of junctions."""
        return len(self.start)


def list_junctions(
    sites: Int[np.ndarray, "4 sites"], counts: Float[np.ndarray, "sites sites columns"], interval: Interval
) -> JunctionList:
    """Return the junctions between sites that can be the ends of an intron (MODEL_SPEC section 7).

    On '+' an intron is [donor + 1, acceptor), on '-' [acceptor + 1, donor); it has at least one base, and
    does not begin at the chromosome's first base or before.

    Args:
        sites: Donors and acceptors on '+', then on '-', from the interval's start; -1 for none.
        counts: By donor, acceptor and tissue, all tissues for '+' and then all for '-'.
        interval: Where the sites count from.
    """
    strands = [_of_strand(sites, interval, is_forward=is_forward) for is_forward in (True, False)]
    tissues = counts.shape[-1] // 2
    columns = (slice(0, tissues), slice(tissues, None))
    chosen = [
        counts[donor, acceptor, column]
        for (donor, acceptor, _, _), column in zip(strands, columns, strict=True)
    ]
    _, _, starts, ends = zip(*strands, strict=True)
    return JunctionList(
        start=np.concatenate(starts),
        end=np.concatenate(ends),
        is_forward=np.repeat([True, False], [len(start) for start in starts]),
        counts=np.concatenate(chosen),
    )


def _of_strand(
    sites: Int[np.ndarray, "4 sites"], interval: Interval, *, is_forward: bool
) -> tuple[Int[np.ndarray, " _"], Int[np.ndarray, " _"], Int[np.ndarray, " _"], Int[np.ndarray, " _"]]:
    """Return (index of the donor, index of the acceptor, start, end) of each junction."""
    donors, acceptors = sites[:2] if is_forward else sites[2:]
    left, right = (donors[:, None], acceptors) if is_forward else (acceptors, donors[:, None])
    start, end = np.broadcast_arrays(left + 1 + interval.start, right + interval.start)
    both = (donors[:, None] >= 0) & (acceptors >= 0)
    donor, acceptor = np.nonzero(both & (start < end) & (start > 0))
    return donor, acceptor, start[donor, acceptor], end[donor, acceptor]
