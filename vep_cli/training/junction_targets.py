"""Targets of splice junctions: introns of a window as lists of sites and a table of counts."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, Int32, Int64

from vep_cli.training.sources.source import Intron

NO_SITE = -1

SiteCounts = tuple[Int32[np.ndarray, "4 K"], Float32[np.ndarray, "K K columns"]]
"""Sites and counts as in `batches.JunctionTargets`, of one window."""


def placed(
    introns: Sequence[Intron], places: Int64[np.ndarray, " span"], first: int, window: int, is_reversed: bool
) -> list[Intron]:
    """Return the introns whose two sites are in a window, counted from its first base.

    Args:
        introns: With positions of the reference.
        places: Place in the window of each reference position from `first`; -1 where it has none.
        first: 0-based reference position.
        window: Bases of the window.
        is_reversed: Whether the window is read as its reverse complement.
    """
    found = []
    for intron in introns:
        ends = np.array([intron.donor, intron.acceptor]) - first
        if ends.min() < 0 or ends.max() >= len(places) or places[ends].min() == NO_SITE:
            continue
        donor, acceptor = (window - 1 - places[ends] if is_reversed else places[ends]).tolist()
        is_forward = intron.is_forward != is_reversed
        found.append(intron._replace(donor=donor, acceptor=acceptor, is_forward=is_forward))
    return found


def site_counts(introns: Sequence[Intron], max_sites: int, window: int, tissues: int) -> SiteCounts:
    """Return the sites of some introns, and the reads between every donor and every acceptor.

    Args:
        introns: With positions in the window.
        max_sites: Sites of each kind; of more, those nearest the middle of the window are taken.
        window: Bases of the window.
        tissues: Columns of each strand's half.

    Returns:
        Lists of sites, ascending and filled up with -1; counts, 0 between sites that no intron joins,
        NaN where there is no site.
    """
    sites = np.full((4, max_sites), NO_SITE, np.int32)
    counts = np.full((max_sites, max_sites, 2 * tissues), np.nan, np.float32)
    for half, is_forward in enumerate((True, False)):
        here = [intron for intron in introns if intron.is_forward is is_forward]
        donors = _nearest_middle([intron.donor for intron in here], max_sites, window)
        acceptors = _nearest_middle([intron.acceptor for intron in here], max_sites, window)
        sites[2 * half, : len(donors)], sites[2 * half + 1, : len(acceptors)] = donors, acceptors
        columns = slice(half * tissues, (half + 1) * tissues)
        counts[: len(donors), : len(acceptors), columns] = 0
        for intron in here:
            if intron.donor in donors and intron.acceptor in acceptors:
                place = donors.index(intron.donor), acceptors.index(intron.acceptor)
                counts[*place, columns] += intron.counts
    return sites, counts


def _nearest_middle(positions: Sequence[int], count: int, window: int) -> list[int]:
    nearest = sorted(set(positions), key=lambda position: (abs(2 * position - window), position))
    return sorted(nearest[:count])
