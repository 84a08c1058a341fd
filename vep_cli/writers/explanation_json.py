"""An explanation as one JSON object, for machines; docs/explain.md lists the keys.

All coordinates are 0-based and half-open, but for `position`, which is VCF's. Numbers that there are
not are null.
"""

import json
import math
from typing import Any

from vep_cli.explanation import Alignment, Explanation, RowExplanation, ScorerExplanation, TrackScore
from vep_cli.genome.annotation import Gene
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.writers.consequence import consequence

FORMAT_VERSION = 1
"""Grows when a key changes its meaning or goes; new keys may come without it."""


def explanation_json(explanation: Explanation) -> str:
    """Return the object as indented text with an end of line."""
    record, allele, window = explanation.record, explanation.allele, explanation.window
    document = {
        "format_version": FORMAT_VERSION,
        "variant": {
            "chromosome": record.chromosome,
            "position": record.position,
            "reference_bases": record.reference,
            "alternate_bases": allele.text,
        },
        "status": allele.status.value,
        "problem": explanation.problem,
        "flags": [flag.value for flag in allele.flags],
        "reference_sequence": explanation.reference_bases,
        "scored_as": _variant(window.variant) if window else None,
        "window": _interval(window.interval) if window else None,
        "alignment": _alignment(explanation.alignment) if explanation.alignment else None,
        "scorers": [_scorer(one) for one in explanation.scorers],
        "left_out": dict(explanation.left_out),
        "run": [{"name": name, "value": value} for name, value in explanation.run],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _variant(variant: Variant) -> dict[str, Any]:
    return {
        "chromosome": variant.chromosome,
        "position": variant.position,
        "reference_bases": variant.reference_bases,
        "alternate_bases": variant.alternate_bases,
    }


def _interval(interval: Interval) -> dict[str, Any]:
    return {"chromosome": interval.chromosome, "start": interval.start, "end": interval.end}


def _alignment(alignment: Alignment) -> dict[str, Any]:
    return {
        "inserted_bases": alignment.inserted_bases,
        "deleted_bases": alignment.deleted_bases,
        "anchor": alignment.anchor,
        "without_counterpart": [[part.start, part.end] for part in alignment.without_counterpart],
    }


def _scorer(explained: ScorerExplanation) -> dict[str, Any]:
    scorer = explained.scorer
    return {
        "name": scorer.name,
        "official_name": scorer.official_name,
        "output_type": scorer.output_type.value,
        "formula": scorer.formula,
        "is_signed": scorer.is_signed,
        "is_difference": scorer.is_difference,
        "bin_size": scorer.output_type.resolution,
        "rows": [_row(row, explained) for row in explained.rows],
    }


def _row(row: RowExplanation, explained: ScorerExplanation) -> dict[str, Any]:
    return {
        "gene": _gene(row.label.gene) if row.label.gene else None,
        "mask": [[region.start, region.end] for region in row.regions],
        "mask_bases": row.width,
        "scores": [_score(score, explained) for score in row.strongest],
    }


def _gene(gene: Gene) -> dict[str, Any]:
    return {
        "gene_id": gene.gene_id,
        "name": gene.name,
        "gene_type": gene.gene_type,
        "start": gene.start,
        "end": gene.end,
        "strand": gene.strand,
    }


def _score(score: TrackScore, explained: ScorerExplanation) -> dict[str, Any]:
    track, junction = score.track, score.junction
    return {
        "track": track.name,
        "strand": track.strand,
        "ontology_curie": track.ontology_curie,
        "biosample_name": track.biosample_name,
        "assay_title": track.assay_title,
        "gtex_tissue": track.gtex_tissue,
        "junction": [junction.start, junction.end] if junction else None,
        "reference": _number(score.reference),
        "alternate": _number(score.alternate),
        "raw": _number(score.raw),
        "quantile": _number(score.quantile),
        "spread": _number(score.spread),
        "consequence": consequence(explained.scorer, score.raw),
    }


def _number(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else value + 0.0  # makes 0 of -0
