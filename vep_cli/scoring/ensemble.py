"""One answer from several models: the mean, and how far they are apart."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from vep_cli.scoring.scorer import Scores


def combined(members: Sequence[Scores]) -> Scores:
    """Return the mean of the members' scores and aggregates, and the scores' standard deviation.

    Args:
        members: Answers to one question, of one scorer about the same rows and tracks; at least one.
            A single one is returned as it is.

    Returns:
        Scores whose `spread` is the sample standard deviation (n - 1), NaN where the score is.
    """
    if len(members) == 1:
        return members[0]
    raw = np.stack([member.raw for member in members])
    return dataclasses.replace(
        members[0],
        raw=raw.mean(axis=0),
        reference=np.mean([member.reference for member in members], axis=0),
        alternate=np.mean([member.alternate for member in members], axis=0),
        spread=raw.std(axis=0, ddof=1),
        is_finite=all(member.is_finite for member in members),
    )
