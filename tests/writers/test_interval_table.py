import math

import numpy as np

from vep_cli.genome.annotation import Gene
from vep_cli.genome.interval import Interval
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.interval_scorer import GeneIntervalScorer, IntervalScores
from vep_cli.scoring.scored_interval import IntervalStatus, ScoredInterval
from vep_cli.scoring.scorer import RowLabel
from vep_cli.writers.interval_table import INTERVAL_COLUMNS, interval_header, interval_rows

TRACKS = tuple(
    Track(
        organism="human",
        output_type=OutputType.RNA_SEQ,
        index=index,
        name=f"track {strand}",
        strand=strand,
        assay_title="total RNA-seq",
        gtex_tissue="Liver",
    )
    for index, strand in enumerate("+-.")
)
WINDOW = Interval(chromosome="chr1", start=-24, end=1000)


def gene(name: str, strand: str) -> RowLabel:
    return RowLabel(
        gene=Gene(
            gene_id=f"{name}.4",
            name=name.lower(),
            gene_type="lncRNA",
            chromosome="chr1",
            start=0,
            end=9,
            strand=strand,
        )
    )


def rows_of(scored: ScoredInterval) -> list[dict[str, str]]:
    lines = [line.split("\t") for line in interval_rows(scored).splitlines()]
    return [dict(zip(INTERVAL_COLUMNS, line, strict=True)) for line in lines]


def test_header() -> None:
    assert interval_header() == "\t".join(INTERVAL_COLUMNS) + "\n"
    assert INTERVAL_COLUMNS[:4] == ("interval", "name", "scored_interval", "gene_id")
    assert INTERVAL_COLUMNS[-2:] == ("raw_score", "status")


def test_rows_of_the_genes_own_strand() -> None:
    scores = IntervalScores(
        scorer=GeneIntervalScorer(),
        rows=(gene("G1", "+"), gene("G2", "-")),
        tracks=TRACKS,
        raw=np.array([[0.5, 1, math.nan], [2, 0.1, 3]], np.float32),
    )
    rows = rows_of(
        ScoredInterval(
            title="chr1:400-500:.", name="it", status=IntervalStatus.PASS, window=WINDOW, scores=(scores,)
        )
    )
    # The '-' track of G1 and the '+' track of G2 are left out; the mean of no base is empty.
    assert [(row["gene_id"], row["track_strand"], row["raw_score"]) for row in rows] == [
        ("G1", "+", "0.5"),
        ("G1", ".", ""),
        ("G2", "-", "0.1"),
        ("G2", ".", "3.0"),
    ]
    first = {name: value for name, value in rows[0].items() if value}
    assert first == {
        "interval": "chr1:400-500:.",
        "name": "it",
        "scored_interval": "chr1:-24-1000:.",
        "gene_id": "G1",
        "gene_name": "g1",
        "gene_type": "lncRNA",
        "gene_strand": "+",
        "output_type": "RNA_SEQ",
        "interval_scorer": GeneIntervalScorer().official_name,
        "track_name": "track +",
        "track_strand": "+",
        "Assay title": "total RNA-seq",
        "gtex_tissue": "Liver",
        "raw_score": "0.5",
        "status": "PASS",
    }


def test_an_interval_without_scores_has_one_row() -> None:
    (row,) = rows_of(ScoredInterval(title="line 7", name="", status=IntervalStatus.MALFORMED))
    assert {name: value for name, value in row.items() if value} == {
        "interval": "line 7",
        "status": "MALFORMED",
    }
