"""What notebooks do with the official tidy table, done with ours.

`data/official_tidy_header.csv` is the first line of a table that the official code wrote of random
weights; `quantile_score`, which it writes for its own weights alone, is the last column there.
"""

import io
import math
import pathlib

import pandas as pd
import pytest
from made_scores import (
    ATAC,
    ATAC_ACTIVE,
    POLYADENYLATION,
    RNA,
    gene,
    junction_scores,
    scored_allele,
    scored_record,
    scores,
)

from vep_cli.genome.alleles import AlleleStatus
from vep_cli.writers.parquet_writer import ParquetWriter
from vep_cli.writers.tsv_writer import TsvWriter

OFFICIAL = (
    (pathlib.Path(__file__).parent / "data" / "official_tidy_header.csv").read_text().strip().split(",")
)
OURS = {"quantile_score", "ref_value", "alt_value", "raw_score_sd", "status", "allele_flags"}
PLUS, MINUS = gene("+", "PLUS"), gene("-", "MINUS")
RECORDS = (
    scored_record(
        scored_allele(
            "G",
            scores(ATAC, [[0.25, -0.5]]),
            scores(RNA, [[1, math.nan], [math.nan, -3]], strands="+-", genes=(PLUS, MINUS)),
            junction_scores([[1.5, 2], [0.5, 4]], (PLUS, 60), (PLUS, 80)),
            scores(POLYADENYLATION, [[7, 8]], strands="+-", genes=(MINUS,)),
            scores(ATAC_ACTIVE, [[3, 4]]),
        ),
    ),
    scored_record(
        scored_allele("T", scores(ATAC, [[1, 2]])), scored_allele("*", status=AlleleStatus.SPANNING_DELETION)
    ),
)


@pytest.fixture(params=["tsv", "parquet"])
def table(request: pytest.FixtureRequest) -> pd.DataFrame:
    if request.param == "parquet":
        parquet = ParquetWriter([])
        pieces = parquet.assemble([parquet.begin(()), *map(parquet.format, RECORDS)])
        return pd.read_parquet(io.BytesIO(b"".join(pieces)))
    tsv = TsvWriter()
    return pd.read_csv(io.StringIO(tsv.begin(()) + "".join(map(tsv.format, RECORDS))), sep="\t")


def test_columns_are_the_official_ones_in_their_order(table: pd.DataFrame) -> None:
    assert [name for name in table.columns if name not in OURS] == OFFICIAL


def test_scorers_are_told_apart_by_the_official_spelling(table: pd.DataFrame) -> None:
    chosen = table[
        table["variant_scorer"]
        == "CenterMaskScorer(requested_output=ATAC, width=501, aggregation_type=DIFF_LOG2_SUM)"
    ]
    assert chosen["raw_score"].tolist() == [0.25, -0.5, 1, 2]


def test_means_by_scorer_and_tissue(table: pd.DataFrame) -> None:
    means = table.groupby(["variant_scorer", "ontology_curie"])["raw_score"].mean()
    assert means["GeneMaskLFCScorer(requested_output=RNA_SEQ)", "UBERON:0002107"] == (1 - 3) / 2
    assert means["SpliceJunctionScorer()", "UBERON:0002107"] == (1.5 + 2 + 0.5 + 4) / 4
    assert means["PolyadenylationScorer()", "UBERON:0002107"] == 8  # not the '+' track of the '-' gene


def test_one_gene(table: pd.DataFrame) -> None:
    expression = table[(table["gene_name"] == "MINUS") & (table["output_type"] == "RNA_SEQ")]
    assert expression["gene_strand"].tolist() == expression["track_strand"].tolist() == ["-", "-"]
    assert expression["raw_score"].tolist() == [-3, 8]


def test_rows_without_a_gene(table: pd.DataFrame) -> None:
    assert table[table["gene_id"].isna()]["raw_score"].dropna().tolist() == [0.25, -0.5, 3, 4, 1, 2]


def test_variants_by_tracks(table: pd.DataFrame) -> None:
    atac = table[table["variant_scorer"].str.contains("DIFF_LOG2_SUM", na=False)]
    wide = atac.pivot_table(index="variant_id", columns="track_name", values="raw_score")
    assert wide.loc["chr1:100:A>G"].tolist() == [0.25, -0.5]
    assert wide.loc["chr1:100:A>T"].tolist() == [1, 2]


def test_lengths_of_introns(table: pd.DataFrame) -> None:
    lengths = (table["junction_End"] - table["junction_Start"]).dropna()
    assert lengths.tolist() == [10] * 4
    inside = table[table["junction_Start"].between(70, 90)]
    assert inside["raw_score"].tolist() == [0.5, 4]


def test_strongest_first(table: pd.DataFrame) -> None:
    ranked = table.sort_values("raw_score", key=abs, ascending=False)
    assert ranked["raw_score"].tolist()[:3] == [8, 4, 4]
