"""The INFO fields that we own: their header lines and their values.

    VE              entries of the strongest scores: one per allele, scorer and gene, or what limits say
    VE_<MODALITY>   the strongest score of that modality's own scorer, per allele, whatever the limits
    VE_STATUS       what became of each allele
    VE_FLAG         what else to know about each allele's scores
    VE_HAP          the haplotype of a sample that each allele was scored on; VE_BG and VE_BG_OUT of it how
                    many other alleles were applied, and left out

Only scorers of a difference between ALT and REF go into a VCF; activity levels are in the
TSV. A key without a value for any allele is left out.
"""

import dataclasses
import math
import re
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Float

from vep_cli.genome.alleles import Background
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.scored_record import ScoredAllele
from vep_cli.scoring.scorer import Scorer, Scores
from vep_cli.writers.consequence import consequence
from vep_cli.writers.limits import Limits, strongest

ENTRY_FIELDS = (
    "Allele",
    "Consequence",
    "Modality",
    "Scorer",
    "Gene_ID",
    "Gene",
    "Junction",
    "Track",
    "Biosample",
    "Ontology",
    "REF",
    "ALT",
    "Raw",
    "Quantile",
    "SD",
)
HAPLOTYPE_KEYS = ("VE_HAP", "VE_BG", "VE_BG_OUT")
_MEANING = {
    True: "positive: more in ALT than in REF",
    False: "the size of a change in whichever direction",
}
_STRONGEST_OF_EACH_GENE = Limits(top=1)
_INFO_IDENTIFIER = re.compile(r'##INFO=<(?:[^">]*,)?ID=([^,>"]*)')
_RESERVED = {number: f"%{number:02X}" for number in (*range(ord(" ") + 1), 127, *map(ord, "%,;=|&"))}
"""Control characters too: htslib takes the NUL of a hostile gene's name for the end of the line."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """One score of a score matrix."""

    scores: Scores
    row: int
    column: int

    @property
    def raw(self) -> float:
        return float(self.scores.raw[self.row, self.column])

    def number(self, matrix: Float[np.ndarray, "rows tracks"] | None) -> str:
        """Return the matrix's value at this place as text, empty without a matrix."""
        return "" if matrix is None else _number(float(matrix[self.row, self.column]))


def header_lines(scorers: Sequence[Scorer]) -> list[str]:
    """Return the header lines of our INFO fields, without their ends.

    Args:
        scorers: Those of the run; only differences have a field per modality.
    """
    entry = "|".join(ENTRY_FIELDS)
    lines = [
        '##INFO=<ID=VE,Number=.,Type=String,Description="Predicted effects, ALT against REF: for each '
        f'allele, scorer and gene the tracks with the strongest scores. Format: {entry}">'
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
    lines.append(
        '##INFO=<ID=VE_FLAG,Number=A,Type=String,Description="What else to know about the scores of the '
        'allele, joined by &">'
    )
    return lines


def haplotype_lines() -> list[str]:
    """Return the header lines of the fields that a run on a sample's haplotypes has besides."""
    return [
        '##INFO=<ID=VE_HAP,Number=A,Type=String,Description="Haplotype of the sample that carries the allele '
        'and that it was scored on: 1, 2, both, or unphased; missing: not carried, scored on the reference">',
        '##INFO=<ID=VE_BG,Number=A,Type=Integer,Description="Other alleles of that haplotype in the window, '
        'which both REF and ALT were given">',
        '##INFO=<ID=VE_BG_OUT,Number=A,Type=Integer,Description="Alleles of the sample in the window that '
        'may be on that haplotype, and were not applied">',
    ]


def modality_key(output: OutputType) -> str:
    """Return the INFO key of a modality's strongest score."""
    return f"VE_{output}"


def info_fields(alleles: Sequence[ScoredAllele], limits: Limits = _STRONGEST_OF_EACH_GENE) -> list[str]:
    """Return `KEY=value` of each of our fields that has a value for these alleles of one record.

    Args:
        alleles: The alleles of the record, in order.
        limits: Which scores become entries of `VE`; the other fields are of all scores.
    """
    entries = [_entry(allele, cell) for allele in alleles for cell in _cells(allele, limits)]
    fields = [f"VE={','.join(entries)}"] if entries else []
    scored = {scores.scorer.output_type for allele in alleles for scores in allele.scores}
    for output in filter(scored.__contains__, OutputType):
        values = [_modality_value(allele, output) for allele in alleles]
        if any(value is not None for value in values):
            fields.append(f"{modality_key(output)}={','.join(map(_number, values))}")
    fields.append(f"VE_STATUS={','.join(allele.allele.status for allele in alleles)}")
    if any(allele.allele.flags for allele in alleles):
        fields.append(f"VE_FLAG={','.join('&'.join(allele.allele.flags) or '.' for allele in alleles)}")
    return fields + _haplotype_fields([allele.allele.background for allele in alleles])


def without_our_fields(info: str) -> list[str]:
    """Return the fields of an INFO column that are not ours, as they are written."""
    # A ';' at the end is tolerated in the wild; with a field of ours behind it, it would be an empty field.
    fields = [field for field in info.rstrip(";").split(";") if not _is_ours(field.partition("=")[0])]
    return [] if fields in (["."], [""]) else fields


def is_our_header_line(line: str) -> bool:
    """Return whether a header line defines a field of ours or tells of an earlier run of ours."""
    found = _INFO_IDENTIFIER.match(line)
    return line.startswith("##vep_cli_") or (found is not None and _is_ours(found[1]))


def escape(value: str) -> str:
    """Return a text with controls and what VCF or an entry needs percent-encoded (VCF 4.3, section 1.2)."""
    return value.translate(_RESERVED)


def _haplotype_fields(backgrounds: Sequence[Background | None]) -> list[str]:
    if not any(backgrounds):
        return []
    cells = (
        (one.copy, str(one.applied), str(one.left_out)) if one else (".", ".", ".") for one in backgrounds
    )
    columns = zip(*cells, strict=True)
    return [f"{key}={','.join(column)}" for key, column in zip(HAPLOTYPE_KEYS, columns, strict=True)]


def _is_ours(key: str) -> bool:
    return key in _OUR_KEYS


_OUR_KEYS = frozenset(
    {"VE", "VE_STATUS", "VE_FLAG", *HAPLOTYPE_KEYS, *(modality_key(output) for output in OutputType)}
)


def _cells(allele: ScoredAllele, limits: Limits) -> Iterator[_Cell]:
    for scores in allele.scores:
        if scores.scorer.is_difference:
            for row, column in zip(*strongest(scores, limits), strict=True):
                yield _Cell(scores=scores, row=int(row), column=int(column))


def _modality_value(allele: ScoredAllele, output: OutputType) -> float | None:
    values = [
        float(value)
        for scores in allele.scores
        if scores.scorer.output_type is output and _is_of_modality(scores.scorer)
        for value in scores.raw[strongest(scores, _STRONGEST_OF_EACH_GENE)]
    ]
    return max(values, key=abs) if values else None


def _is_of_modality(scorer: Scorer) -> bool:
    # POLYADENYLATION reads RNA-seq too, on another scale and without a sign.
    return scorer.is_difference and scorer.name == scorer.output_type


def _entry(allele: ScoredAllele, cell: _Cell) -> str:
    scores, row = cell.scores, cell.scores.rows[cell.row]
    gene, track = row.gene, scores.tracks[cell.column]
    cells = (
        escape(allele.allele.text),
        consequence(scores.scorer, cell.raw),
        scores.scorer.output_type,
        escape(scores.scorer.name),
        escape(gene.gene_id) if gene else "",
        escape(gene.name) if gene else "",
        # As VCF has positions, 1-based with both ends included.
        f"{row.junction.start + 1}-{row.junction.end}" if row.junction else "",
        escape(track.name),
        escape(track.biosample_name),
        escape(track.ontology_curie),
        cell.number(scores.reference),
        cell.number(scores.alternate),
        cell.number(scores.raw),
        cell.number(scores.quantile),
        cell.number(scores.spread),
    )
    return "|".join(cells)


def _number(value: float | None) -> str:
    # Adding 0 makes 0 of -0.
    return "." if value is None or not math.isfinite(value) else f"{value + 0.0:.6g}"
