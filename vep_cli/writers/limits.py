"""What is written of scores: all of them, each gene's strongest, or those of some size."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int

from vep_cli.errors import UsageError
from vep_cli.scoring.labels import on_gene_strand
from vep_cli.scoring.scorer import RowLabel, Scores


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the user wants to see of an allele's scores.

    Attributes:
        top: So many scores of each scorer and gene, the strongest; None is what the format has by itself.
        all_tracks: Every score, in a format that has few by itself.
        min_score: Only scores of at least this magnitude; None takes missing scores too.
        haplotypes: Whether to say on which haplotype of a sample each allele was scored.

    Raises:
        UsageError: Some and all scores are asked for at once, or the magnitude is no number.
    """

    top: int | None = None
    all_tracks: bool = False
    min_score: float | None = None
    haplotypes: bool = False

    def __post_init__(self) -> None:
        """Reject what contradicts itself."""
        if self.top is not None and self.all_tracks:
            raise UsageError(
                f"--top {self.top} and --all-tracks contradict each other", remedy="give one of them"
            )
        if self.min_score is not None and not math.isfinite(self.min_score):
            raise UsageError(f"--min-score {self.min_score} is no limit", remedy="give a number of 0 or more")

    def with_default_top(self, top: int) -> "Limits":
        """Return the limits of a format that has `top` scores of each scorer and gene by itself."""
        if self.top is not None or self.all_tracks:
            return self
        return dataclasses.replace(self, top=top)


ALL = Limits()
"""No limit: every score, missing ones too."""


def reported(scores: Scores, limits: Limits) -> Bool[np.ndarray, "rows tracks"]:
    """Return which scores are rows of a table.

    Tracks that do not read the gene's strand never are, as in the official table. Missing scores are
    where there is no limit.
    """
    if limits.top is None and limits.min_score is None:
        return on_gene_strand(scores.rows, scores.tracks)
    cells = np.zeros(scores.raw.shape, bool)
    cells[strongest(scores, limits)] = True
    return cells


def strongest(scores: Scores, limits: Limits) -> tuple[Int[np.ndarray, " cells"], Int[np.ndarray, " cells"]]:
    """Return row and column of the strongest scores, gene by gene, the strongest first.

    Equal magnitudes are in the order of rows, then of tracks. Missing scores are left out, as are tracks
    that do not read the gene's strand.
    """
    least = limits.min_score or 0.0
    if limits.top == 1 and all(label.gene is None for label in scores.rows):
        return _largest(np.abs(scores.raw), least)
    magnitude = np.where(on_gene_strand(scores.rows, scores.tracks), np.abs(scores.raw), np.float32(np.nan))
    is_candidate = magnitude >= least
    found = []
    for rows in _rows_by_gene(scores.rows):
        row, column = np.nonzero(is_candidate[rows])
        order = np.argsort(-magnitude[rows[row], column], kind="stable")[: limits.top]
        found.append((rows[row[order]], column[order]))
    return np.concatenate([row for row, _ in found]), np.concatenate([column for _, column in found])


def _largest(
    magnitude: Float[np.ndarray, "rows tracks"], least: float
) -> tuple[Int[np.ndarray, " cells"], Int[np.ndarray, " cells"]]:
    """Return row and column of the first largest magnitude; none where all are missing or below the least.

    Most of what a VCF says is this, of every allele and scorer; sorting would take several times as long.
    """
    is_candidate = magnitude >= least
    if not is_candidate.any():
        return np.zeros(0, int), np.zeros(0, int)
    place = int(np.where(is_candidate, magnitude, np.float32(-1)).argmax())
    row, column = divmod(place, magnitude.shape[1])
    return np.array([row]), np.array([column])


def _rows_by_gene(labels: Sequence[RowLabel]) -> list[np.ndarray]:
    """Return the rows of each gene; a gene has one per splice junction, and rows without a gene are one."""
    rows: dict[object, list[int]] = {}
    for row, label in enumerate(labels):
        rows.setdefault(label.gene, []).append(row)
    return [np.array(of_gene) for of_gene in rows.values()]
