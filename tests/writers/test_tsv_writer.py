import dataclasses
import io
import math

import numpy as np
import pandas as pd
from made_scores import (
    ATAC,
    ATAC_ACTIVE,
    RNA,
    SPLICE_SITES,
    gene,
    scored_allele,
    scored_line,
    scored_record,
    scores,
)

from vep_cli.genome.alleles import AlleleFlag, AlleleStatus
from vep_cli.scoring.scored_record import ScoredRecord
from vep_cli.writers.limits import ALL, Limits
from vep_cli.writers.tsv_writer import TsvWriter

# The official tables' columns, in their order, with the values, the status and the flags that they lack.
OFFICIAL = (
    "variant_id scored_interval gene_id gene_name gene_type gene_strand junction_Start junction_End "
    "output_type variant_scorer track_name track_strand Assay_title ontology_curie biosample_name "
    "biosample_type biosample_life_stage data_source endedness genetically_modified transcription_factor "
    "histone_mark gtex_tissue raw_score quantile_score ref_value alt_value raw_score_sd status allele_flags"
)


def read(*records: ScoredRecord, limits: Limits = ALL) -> pd.DataFrame:
    writer = TsvWriter(limits)
    text = writer.begin(("ignored",)) + "".join(map(writer.format, records))
    return pd.read_csv(io.StringIO(text), sep="\t")


def test_columns_are_the_official_ones() -> None:
    header = TsvWriter().begin(()).rstrip("\n").replace("Assay title", "Assay_title")
    assert header.split("\t") == OFFICIAL.split()


def test_one_row_per_scorer_and_track() -> None:
    allele = scored_allele("G", scores(ATAC, [[0.25, -0.5]]), scores(ATAC_ACTIVE, [[3, 4]]))
    table = read(scored_record(allele))
    assert list(table.raw_score) == [0.25, -0.5, 3, 4]
    assert list(table.track_name) == ["track 0", "track 1"] * 2
    assert table.variant_scorer[0] == (
        "CenterMaskScorer(requested_output=ATAC, width=501, aggregation_type=DIFF_LOG2_SUM)"
    )
    assert set(table.variant_id) == {"chr1:100:A>G"}
    assert set(table.scored_interval) == {"chr1:50-150:."}
    assert (table.ref_value == 1).all()
    assert (table.alt_value == 2).all()
    assert table.gene_id.isna().all()
    assert set(table.status) == {"PASS"}


def test_rows_of_the_other_strand_are_left_out() -> None:
    raw = scores(RNA, [[1, math.nan, 3], [math.nan, 5, 6]], strands="+-.", genes=(gene("+"), gene("-")))
    table = read(scored_record(scored_allele("G", raw)))
    assert list(zip(table.gene_strand, table.track_strand, table.raw_score, strict=True)) == [
        ("+", "+", 1),
        ("+", ".", 3),
        ("-", "-", 5),
        ("-", ".", 6),
    ]


def test_genes_have_no_version() -> None:
    table = read(scored_record(scored_allele("G", scores(RNA, [[1]], genes=(gene(),)))))
    assert table[["gene_id", "gene_name", "gene_type"]].values.tolist() == [["ENSG01", "GENE", "lncRNA"]]


def test_allele_that_is_not_scored_has_one_row_that_says_why() -> None:
    table = read(
        scored_record(
            scored_allele("G", scores(ATAC, [[0.5]])), scored_allele("<DEL>", status=AlleleStatus.SYMBOLIC)
        ),
        scored_line("no record\n", scored_allele(".", status=AlleleStatus.MALFORMED)),
    )
    assert list(table.variant_id) == ["chr1:100:A>G", "1:100:A><DEL>", "line 7"]
    assert list(table.status) == ["PASS", "SYMBOLIC", "MALFORMED"]
    assert list(table.raw_score.isna()) == [False, True, True]


def test_missing_and_negative_zero() -> None:
    writer = TsvWriter()
    raw = scores(SPLICE_SITES, [[math.nan, -0.0]], genes=(gene(),))
    lines = writer.format(scored_record(scored_allele("G", raw))).splitlines()
    place = OFFICIAL.split().index("raw_score")
    assert [line.split("\t")[place] for line in lines] == ["", "0.0"]


def test_numbers_come_back_bit_for_bit() -> None:
    values = np.random.default_rng(0).normal(size=(1, 50)).astype(np.float32) * np.float32(1e-3)
    table = read(scored_record(scored_allele("G", scores(ATAC, values.tolist()))))
    np.testing.assert_array_equal(table.raw_score.to_numpy(np.float32), values[0])


def test_numbers_are_spelt_alike_beside_an_unscored_allele() -> None:
    writer = TsvWriter()
    scored = scored_allele("G", scores(ATAC, [[0.1]]))
    unscored = scored_allele("*", status=AlleleStatus.SPANNING_DELETION)
    alone, beside = (writer.format(scored_record(*alleles)) for alleles in ([scored], [scored, unscored]))
    assert "\t0.1\t" in alone
    assert beside.startswith(alone)


def test_limits_leave_out_rows_and_keep_their_order() -> None:
    # The strongest two of three, in the order of tracks; then those of at least 1, as -1 and 3 are.
    allele = scored_allele("G", scores(ATAC, [[0.5, -1, 3]]), scores(ATAC_ACTIVE, [[9, math.nan, 0.25]]))
    table = read(scored_record(allele), limits=Limits(top=2))
    assert list(table.raw_score) == [-1, 3, 9, 0.25]
    assert list(table.track_name) == ["track 1", "track 2", "track 0", "track 2"]
    assert list(read(scored_record(allele), limits=Limits(min_score=1.0)).raw_score) == [-1, 3, 9]
    assert list(read(scored_record(allele), limits=Limits(top=1, min_score=4.0)).raw_score) == [9]
    every = read(scored_record(allele), limits=Limits(all_tracks=True))
    pd.testing.assert_frame_equal(every, read(scored_record(allele)))
    assert len(every) == 6


def test_allele_without_a_row_left_keeps_one_with_its_status() -> None:
    weak, strong = scored_allele("G", scores(ATAC, [[0.5]])), scored_allele("T", scores(ATAC, [[2]]))
    table = read(scored_record(weak, strong), limits=Limits(min_score=1.0))
    assert list(table.variant_id) == ["chr1:100:A>G", "chr1:100:A>T"]
    assert list(table.status) == ["PASS", "PASS"]
    assert list(table.scored_interval) == ["chr1:50-150:."] * 2
    assert table.raw_score.tolist()[1] == 2
    assert table.loc[0, ["raw_score", "ref_value", "track_name", "variant_scorer"]].isna().all()


def test_quantiles_and_flags() -> None:
    ranked = dataclasses.replace(scores(ATAC, [[0.5, -1]]), quantile=np.array([[0.75, math.nan]], np.float32))
    flagged = scored_allele("G", ranked, flags=tuple(AlleleFlag)[:2])
    table = read(scored_record(flagged, scored_allele("T", scores(ATAC, [[2]]))))
    assert table.quantile_score.tolist()[0] == 0.75
    assert table.quantile_score.isna().tolist() == [False, True, True]
    both = "&".join(tuple(AlleleFlag)[:2])
    assert table["allele_flags"].fillna("").tolist() == [both, both, ""]


def test_bytes_that_are_no_text_come_through() -> None:
    line = "caf\udce9\t100\t.\tA\tG\t.\t.\t.\n"
    text = TsvWriter().format(scored_line(line, scored_allele("G", status=AlleleStatus.UNKNOWN_CONTIG)))
    assert text.startswith("caf\udce9:100:A>G\t")


def test_letters_that_separate_are_quoted() -> None:
    raw = scores(RNA, [[1]], genes=(gene(name='a\t"b"\nc'),))
    assert read(scored_record(scored_allele("G", raw))).gene_name.tolist() == ['a\t"b"\nc']
