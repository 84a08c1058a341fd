"""The INFO fields that we own: their header lines and their values.

    VE              one entry per allele, scorer and gene: the track with the strongest score
    VE_<MODALITY>   the strongest score of that modality's own scorer, per allele
    VE_STATUS       what became of each allele

Only scorers of a difference between ALT and REF go into a VCF; activity levels are in the
TSV. A key without a value for any allele is left out.
"""

import dataclasses
import math
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from vep_cli.model.output_type import OutputType
from vep_cli.scoring.scored_record import ScoredAllele
from vep_cli.scoring.scorer import Scorer, Scores
from vep_cli.writers.consequence import consequence

ENTRY_FIELDS = (
    "Allele",
    "Consequence",
    "Modality",
    "Scorer",
    "Gene_ID",
    "Gene",
    "Track",
    "Biosample",
    "Ontology",
    "REF",
    "ALT",
    "Raw",
    "Quantile",
    "SD",
)
_MEANING = {
    True: "positive: more in ALT than in REF",
    False: "the size of a change in whichever direction",
}
_RESERVED = {ord(letter): f"%{ord(letter):02X}" for letter in "%,;=|&\t\r\n "}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Strongest:
    """The score of largest magnitude in one row of a score matrix."""

    scores: Scores
    row: int
    column: int

    @property
    def raw(self) -> float:
        return float(self.scores.raw[self.row, self.column])


def header_lines(scorers: Sequence[Scorer]) -> list[str]:
    """Return the header lines of our INFO fields, without their ends.

    Args:
        scorers: Those of the run; only differences have a field per modality.
    """
    entry = "|".join(ENTRY_FIELDS)
    lines = [
        '##INFO=<ID=VE,Number=.,Type=String,Description="Predicted effects, ALT against REF: for each '
        f'allele, scorer and gene the track with the strongest score. Format: {entry}">'
    ]
    differences = {scorer.output_type: scorer for scorer in scorers if _is_of_modality(scorer)}
    lines += [
        f"##INFO=<ID={modality_key(output)},Number=A,Type=Float,"
        f'Description="Strongest {output} score among the chosen tracks; {_MEANING[scorer.is_signed]}">'
        for output, scorer in sorted(differences.items(), key=lambda item: list(OutputType).index(item[0]))
    ]
    lines.append(
        '##INFO=<ID=VE_STATUS,Number=A,Type=String,Description="PASS: scored. '
        'Anything else: why the allele was not scored">'
    )
    return lines


def modality_key(output: OutputType) -> str:
    """Return the INFO key of a modality's strongest score."""
    return f"VE_{output}"


def info_fields(alleles: Sequence[ScoredAllele]) -> list[str]:
    """Return `KEY=value` of each of our fields that has a value for these alleles of one record."""
    strongest = [_strongest_rows(allele.scores) for allele in alleles]
    entries = [
        _entry(allele, best) for allele, found in zip(alleles, strongest, strict=True) for best in found
    ]
    fields = [f"VE={','.join(entries)}"] if entries else []
    for output in OutputType:
        values = [_modality_value(found, output) for found in strongest]
        if any(value is not None for value in values):
            fields.append(f"{modality_key(output)}={','.join(map(_number, values))}")
    fields.append(f"VE_STATUS={','.join(allele.allele.status for allele in alleles)}")
    return fields


def without_our_fields(info: str) -> list[str]:
    """Return the fields of an INFO column that are not ours, as they are written."""
    # A ';' at the end is tolerated in the wild; with a field of ours behind it, it would be an empty field.
    fields = [field for field in info.rstrip(";").split(";") if not _is_ours(field.partition("=")[0])]
    return [] if fields in (["."], [""]) else fields


def is_our_header_line(line: str) -> bool:
    """Return whether a header line defines a field of ours or tells of an earlier run of ours."""
    if line.startswith("##vep_cli"):
        return True
    identifier = line.removeprefix("##INFO=<ID=").partition(",")[0]
    return line.startswith("##INFO=<ID=") and _is_ours(identifier)


def escape(value: str) -> str:
    """Return a text with the letters that VCF or the entry's format need percent-encoded (VCF 4.3, 1.2)."""
    return value.translate(_RESERVED)


def _is_ours(key: str) -> bool:
    return key in _OUR_KEYS


_OUR_KEYS = frozenset({"VE", "VE_STATUS", *(modality_key(output) for output in OutputType)})


def _strongest_rows(scores: Iterable[Scores]) -> list[_Strongest]:
    return [best for one in scores if one.scorer.is_difference for best in _strongest_of(one)]


def _strongest_of(scores: Scores) -> Iterator[_Strongest]:
    for row, values in enumerate(scores.raw):
        if not np.isnan(values).all():
            yield _Strongest(scores=scores, row=row, column=int(np.nanargmax(np.abs(values))))


def _modality_value(found: Sequence[_Strongest], output: OutputType) -> float | None:
    values = [
        best.raw
        for best in found
        if best.scores.scorer.output_type is output and _is_of_modality(best.scores.scorer)
    ]
    return max(values, key=abs) if values else None


def _is_of_modality(scorer: Scorer) -> bool:
    # POLYADENYLATION reads RNA-seq too, on another scale and without a sign.
    return scorer.is_difference and scorer.name == scorer.output_type


def _entry(allele: ScoredAllele, best: _Strongest) -> str:
    scores, gene = best.scores, best.scores.rows[best.row].gene
    track = scores.tracks[best.column]
    cells = (
        escape(allele.allele.text),
        consequence(scores.scorer, best.raw),
        scores.scorer.output_type,
        escape(scores.scorer.name),
        escape(gene.gene_id) if gene else "",
        escape(gene.name) if gene else "",
        escape(track.name),
        escape(track.biosample_name),
        escape(track.ontology_curie),
        _number(float(scores.reference[best.row, best.column])),
        _number(float(scores.alternate[best.row, best.column])),
        _number(best.raw),
        "",
        _spread(best),
    )
    return "|".join(cells)


def _spread(best: _Strongest) -> str:
    spread = best.scores.spread
    return "" if spread is None else _number(float(spread[best.row, best.column]))


def _number(value: float | None) -> str:
    # Adding 0 makes 0 of -0.
    return "." if value is None or not math.isfinite(value) else f"{value + 0.0:.6g}"
