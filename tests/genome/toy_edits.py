"""Edits of a contig, from a list that a test can read."""

import numpy as np

from vep_cli.genome.edits import Edit, Edits


def edits_of(chosen: list[Edit]) -> Edits:
    """Return the edits of a list, which is in order."""
    gained = [len(one.bases) - (one.end - one.start) for one in chosen]
    return Edits.of(
        np.array([one.start for one in chosen], np.int64),
        np.array([one.end for one in chosen], np.int64),
        np.array(gained, np.int64),
        lambda number: chosen[number].bases,
    )
