"""Interval scores as tab-separated text: one row per interval, scorer, gene and track.

Columns have the official table's names (`scored_interval` to `raw_score`); `interval` and `name` say
what was asked for, and `status` what became of it.
"""

import csv
import io
from collections.abc import Iterator

import numpy as np

from vep_cli.scoring.interval_scorer import IntervalScores
from vep_cli.scoring.labels import on_gene_strand
from vep_cli.scoring.scored_interval import ScoredInterval
from vep_cli.writers.tidy import TRACK_COLUMNS

INTERVAL_COLUMNS = (
    "interval",
    "name",
    "scored_interval",
    "gene_id",
    "gene_name",
    "gene_type",
    "gene_strand",
    "output_type",
    "interval_scorer",
    *TRACK_COLUMNS,
    "raw_score",
    "status",
)


def interval_header() -> str:
    """Return the line of column names."""
    return "\t".join(INTERVAL_COLUMNS) + "\n"


def interval_rows(scored: ScoredInterval) -> str:
    """Return the lines of one interval; one without scores has a line that says why.

    Rows of a track that does not read the gene's strand are left out, as the official table leaves
    them out. A score is empty where it is the mean of no base.
    """
    window = "" if scored.window is None else str(scored.window)
    before = {"interval": scored.title, "name": scored.name, "scored_interval": window}
    context = {**before, "status": scored.status.value}
    out = io.StringIO()
    table = csv.DictWriter(out, INTERVAL_COLUMNS, restval="", delimiter="\t", lineterminator="\n")
    rows = [row for scores in scored.scores for row in _score_rows(scores)]
    table.writerows({**context, **row} for row in rows or [{}])
    return out.getvalue()


def _score_rows(scores: IntervalScores) -> Iterator[dict[str, str]]:
    scorer = {
        "output_type": scores.scorer.requested_output.value,
        "interval_scorer": scores.scorer.official_name,
    }
    tracks = [
        {column: getattr(track, field) for column, field in TRACK_COLUMNS.items()} for track in scores.tracks
    ]
    for row, column in zip(*np.nonzero(on_gene_strand(scores.rows, scores.tracks)), strict=True):
        gene = scores.rows[row].gene
        if gene is None:
            raise ValueError("the rows of interval scores are genes")
        yield {
            **scorer,
            "gene_id": gene.gene_id.partition(".")[0],
            "gene_name": gene.name,
            "gene_type": gene.gene_type,
            "gene_strand": gene.strand,
            **tracks[column],
            "raw_score": _number(scores.raw[row, column]),
        }


def _number(value: np.floating) -> str:
    return "" if np.isnan(value) else str(value)
