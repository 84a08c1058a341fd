"""The tidy table: one row per allele, scorer, gene and track, with the official column names."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from vep_cli.genome.alleles import Background
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.scoring.scored_record import ScoredAllele, ScoredRecord
from vep_cli.scoring.scorer import RowLabel, Scores
from vep_cli.writers.limits import Limits, reported

TRACK_COLUMNS = {
    "track_name": "name",
    "track_strand": "strand",
    "Assay title": "assay_title",
    "ontology_curie": "ontology_curie",
    "biosample_name": "biosample_name",
    "biosample_type": "biosample_type",
    "biosample_life_stage": "biosample_life_stage",
    "data_source": "data_source",
    "endedness": "endedness",
    "genetically_modified": "genetically_modified",
    "transcription_factor": "transcription_factor",
    "histone_mark": "histone_mark",
    "gtex_tissue": "gtex_tissue",
}
"""Columns that describe a track, and the field of `Track` that each shows."""

NUMBER_COLUMNS = ("raw_score", "quantile_score", "ref_value", "alt_value", "raw_score_sd")
WHOLE_NUMBER_COLUMNS = ("junction_Start", "junction_End")
COUNT_COLUMNS = ("background_variants", "background_left_out")

COLUMNS = (
    "variant_id",
    "scored_interval",
    "gene_id",
    "gene_name",
    "gene_type",
    "gene_strand",
    *WHOLE_NUMBER_COLUMNS,
    "output_type",
    "variant_scorer",
    *TRACK_COLUMNS,
    "raw_score",
    "quantile_score",
    "ref_value",
    "alt_value",
    "raw_score_sd",
    "status",
    "allele_flags",
)

HAPLOTYPE_COLUMNS = ("haplotype", *COUNT_COLUMNS)
"""Those that the table of a run on a sample's haplotypes has behind the others."""

_Columns = Mapping[str, np.ndarray]
"""The columns of some rows: float32 for numbers, else objects, of which None says that there is nothing."""


def columns_of(limits: Limits) -> tuple[str, ...]:
    """Return the names of the columns of a table."""
    return (*COLUMNS, *HAPLOTYPE_COLUMNS) if limits.haplotypes else COLUMNS


def tidy_table(scored: ScoredRecord, limits: Limits) -> pd.DataFrame:
    """Return the rows of one record; an allele without any has one with its status and without a score.

    Rows of a track that does not read the gene's strand are left out, as the official table leaves
    them out.

    Args:
        scored: The record.
        limits: Which scores are rows.
    """
    parts = [part for allele in scored.alleles for part in _allele_parts(scored.record, allele, limits)]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in columns_of(limits)}
    # With the type said, pandas leaves text as it is; else it looks at each, and refuses what is no UTF-8.
    # With one index for all, it need not compare the columns' own, which takes longer than all else here.
    index = pd.RangeIndex(len(columns["status"]))
    return pd.DataFrame(
        {name: pd.Series(column, index=index, dtype=column.dtype) for name, column in columns.items()},
        index=index,
    )


def _allele_parts(record: VcfRecord, allele: ScoredAllele, limits: Limits) -> list[_Columns]:
    context = {
        "variant_id": _variant_id(record, allele),
        "scored_interval": str(allele.interval) if allele.interval else None,
        "status": allele.allele.status.value,
        "allele_flags": "&".join(allele.allele.flags) or None,
        **_haplotype_cells(allele.allele.background),
    }
    parts = [_scores_part(scores, limits, context) for scores in allele.scores]
    return [part for part in parts if len(part["status"])] or [_columns(1, context)]


def _scores_part(scores: Scores, limits: Limits, context: Mapping[str, object]) -> _Columns:
    row, column = np.nonzero(reported(scores, limits))
    labels = [_row_cells(label) for label in scores.rows]
    tracks = {
        name: np.array([getattr(track, attribute) or None for track in scores.tracks], object)[column]
        for name, attribute in TRACK_COLUMNS.items()
    }
    cells = {
        **context,
        **{name: np.array([label[name] for label in labels], object)[row] for name in labels[0]},
        "output_type": scores.scorer.output_type.value,
        "variant_scorer": scores.scorer.official_name,
        **tracks,
        "raw_score": scores.raw[row, column] + 0.0,  # makes 0 of -0
        "ref_value": scores.reference[row, column] + 0.0,
        "alt_value": scores.alternate[row, column] + 0.0,
    }
    for name, matrix in (("quantile_score", scores.quantile), ("raw_score_sd", scores.spread)):
        if matrix is not None:
            cells[name] = matrix[row, column]
    return _columns(len(row), cells)


def _haplotype_cells(background: Background | None) -> dict[str, object]:
    if background is None:
        return {}
    cells = (background.copy.value, background.applied, background.left_out)
    return dict(zip(HAPLOTYPE_COLUMNS, cells, strict=True))


def _columns(count: int, cells: Mapping[str, object]) -> _Columns:
    """Return `count` rows of the cells, each one value for all or one per row; the rest has nothing."""
    columns = {}
    for name in (*COLUMNS, *HAPLOTYPE_COLUMNS):
        nothing, kind = (np.nan, np.float32) if name in NUMBER_COLUMNS else (None, object)
        columns[name] = np.broadcast_to(np.asarray(cells.get(name, nothing), kind), (count,))
    return columns


def _row_cells(label: RowLabel) -> dict[str, object]:
    gene, junction = label.gene, label.junction
    return {
        "gene_id": gene.gene_id.partition(".")[0] if gene else None,
        "gene_name": gene.name or None if gene else None,
        "gene_type": gene.gene_type or None if gene else None,
        "gene_strand": gene.strand if gene else None,
        "junction_Start": junction.start if junction else None,
        "junction_End": junction.end if junction else None,
    }


def _variant_id(record: VcfRecord, allele: ScoredAllele) -> str:
    """Return the allele as the record has it, under the reference's name of the contig."""
    if record.problem is not None:
        return f"line {record.line_number}"
    chromosome = allele.interval.chromosome if allele.interval else record.chromosome
    return f"{chromosome}:{record.position}:{record.reference}>{allele.allele.text}"
