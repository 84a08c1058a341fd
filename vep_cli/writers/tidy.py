"""The tidy table: one row per allele, scorer, gene and track, with the official column names."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from vep_cli.genome.alleles import AlleleStatus
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.scoring.scored_record import ScoredAllele, ScoredRecord
from vep_cli.scoring.scorer import RowLabel, Scores

_TRACK_COLUMNS = {
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

_NUMBER_COLUMNS = ("raw_score", "quantile_score", "ref_value", "alt_value", "raw_score_sd")

COLUMNS = (
    "variant_id",
    "scored_interval",
    "gene_id",
    "gene_name",
    "gene_type",
    "gene_strand",
    "junction_Start",
    "junction_End",
    "output_type",
    "variant_scorer",
    *_TRACK_COLUMNS,
    "raw_score",
    "quantile_score",
    "ref_value",
    "alt_value",
    "raw_score_sd",
    "status",
)


def tidy_table(scored: ScoredRecord) -> pd.DataFrame:
    """Return the rows of one record; an allele without scores has one row that says why.

    Rows of a stranded track on the strand opposite to the gene are left out, as the official table
    leaves them out.
    """
    parts = [part for allele in scored.alleles for part in _allele_parts(scored.record, allele)]
    return pd.concat(parts, ignore_index=True)


def _allele_parts(record: VcfRecord, allele: ScoredAllele) -> Iterable[pd.DataFrame]:
    variant = _variant_id(record, allele)
    if allele.allele.status is not AlleleStatus.PASS:
        return [pd.DataFrame({**_blank(), "variant_id": variant, "status": allele.allele.status.value}, [0])]
    context = {"variant_id": variant, "scored_interval": str(allele.interval), "status": "PASS"}
    return [_scores_part(scores, context) for scores in allele.scores]


def _scores_part(scores: Scores, context: dict[str, str]) -> pd.DataFrame:
    row, column = np.nonzero(_reported(scores))
    labels = [_row_cells(label) for label in scores.rows]
    tracks = {
        name: np.array([getattr(track, attribute) for track in scores.tracks], object)[column]
        for name, attribute in _TRACK_COLUMNS.items()
    }
    cells = {
        **_blank(),
        **context,
        **{name: np.array([label[name] for label in labels], object)[row] for name in labels[0]},
        "output_type": scores.scorer.output_type.value,
        "variant_scorer": scores.scorer.official_name,
        **tracks,
        "raw_score": scores.raw[row, column] + 0.0,  # makes 0 of -0
        "ref_value": scores.reference[row, column] + 0.0,
        "alt_value": scores.alternate[row, column] + 0.0,
    }
    if scores.spread is not None:
        cells["raw_score_sd"] = scores.spread[row, column]
    return pd.DataFrame(cells, index=range(len(row)), columns=list(COLUMNS))


def _reported(scores: Scores) -> np.ndarray:
    """Return which cells of the matrix are rows of the table."""
    genes = np.array([label.gene.strand if label.gene else "." for label in scores.rows], object)
    tracks = np.array([track.strand for track in scores.tracks], object)
    same_strand = genes[:, None] == tracks[None]
    return np.asarray(same_strand | (genes == ".")[:, None] | (tracks == ".")[None], bool)


def _row_cells(label: RowLabel) -> dict[str, object]:
    gene, junction = label.gene, label.junction
    return {
        "gene_id": gene.gene_id.partition(".")[0] if gene else "",
        "gene_name": gene.name if gene else "",
        "gene_type": gene.gene_type if gene else "",
        "gene_strand": gene.strand if gene else "",
        "junction_Start": junction.start if junction else "",
        "junction_End": junction.end if junction else "",
    }


def _blank() -> dict[str, object]:
    # Numbers are of one type in every part, or they would be spelt otherwise beside an unscored allele.
    return {**dict.fromkeys(COLUMNS, ""), **dict.fromkeys(_NUMBER_COLUMNS, np.float32(np.nan))}


def _variant_id(record: VcfRecord, allele: ScoredAllele) -> str:
    """Return the allele as the record has it, under the reference's name of the contig."""
    if record.problem is not None:
        return f"line {record.line_number}"
    chromosome = allele.interval.chromosome if allele.interval else record.chromosome
    return f"{chromosome}:{record.position}:{record.reference}>{allele.allele.text}"
