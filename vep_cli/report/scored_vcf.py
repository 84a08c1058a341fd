"""A scored VCF, read back (docs/output.md has the fields)."""

import dataclasses
import functools
import re
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence

from vep_cli.errors import VcfError
from vep_cli.genome.alleles import AlleleStatus
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.report.scored_allele import NO_STATUS, Details, ReportedAllele, ReportedRecord, ReportedScore
from vep_cli.report.scorer_words import MODALITIES, words_of_modality
from vep_cli.report.wording import number

_PROVENANCE = re.compile(r"##vep_cli_(\w+)=(.*)")
_ENTRY_FORMAT = re.compile(r'##INFO=<ID=VE,.*Format: ([^">]*)')
_STATUS_DEFINITION = "##INFO=<ID=VE_STATUS,"
_CONTIG_LENGTH = re.compile(r"##contig=<(?=.*\bID=([^,>]+))(?=.*\blength=(\d+))")
_STATUS, _FLAG = "VE_STATUS", "VE_FLAG"
_STRONGEST_KEYS = {f"VE_{modality}": modality for modality in MODALITIES}
_NEEDED = ("Allele", "Consequence", "Modality", "Scorer", "Raw")
_SAMPLES_BEGIN = 9
"""Columns of a VCF before those of the samples."""

_Cells = Sequence[str]
_Found = tuple[float, _Cells]
"""A score and the entry that it is in."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class VcfHeader:
    """What a scored VCF's header says.

    Attributes:
        fields: Where each field of an entry of `VE` stands.
        provenance: What it says of the run, by name; a name can come more than once.
        lengths: Bases of each contig.
        samples: How many samples there are.
    """

    fields: Mapping[str, int]
    provenance: tuple[tuple[str, str], ...]
    lengths: Mapping[str, int]
    samples: int


def read_header(lines: Sequence[str], name: str) -> VcfHeader:
    """Return what the header of a scored VCF says.

    Args:
        lines: The header lines with their ends.
        name: How messages name the file.

    Raises:
        VcfError: The file was not scored, or by a version whose entries are others.
    """
    found = [line.rstrip("\r\n") for line in lines]
    entry_format = next((match[1] for line in found if (match := _ENTRY_FORMAT.match(line))), None)
    if entry_format is None or not any(line.startswith(_STATUS_DEFINITION) for line in found):
        raise VcfError(
            "the file has no scores of vep",
            path=name,
            remedy=f"score it first: vep score {name} -o scored.vcf; then: vep report scored.vcf",
        )
    fields = {field.strip(): place for place, field in enumerate(entry_format.split("|"))}
    missing = [field for field in _NEEDED if field not in fields]
    if missing:
        raise VcfError(
            f"the entries of VE have no {', '.join(missing)}: {entry_format}",
            path=name,
            remedy="score the file again with this version",
        )
    contigs = (match for line in found if (match := _CONTIG_LENGTH.match(line)))
    return VcfHeader(
        fields=fields,
        provenance=tuple((match[1], match[2]) for line in found if (match := _PROVENANCE.match(line))),
        lengths={contig[1]: int(contig[2]) for contig in contigs},
        samples=max(0, found[-1].count("\t") + 1 - _SAMPLES_BEGIN),
    )


def read_records(records: Iterator[VcfRecord], header: VcfHeader) -> Iterator[ReportedRecord]:
    """Yield what is said of each record.

    Args:
        records: Those of the file, in order.
        header: What its header says.
    """
    for record in records:
        yield _MALFORMED if record.problem is not None else _record(record, header.fields)


_MALFORMED = ReportedRecord(
    alleles=(
        ReportedAllele(
            chromosome="",
            position=0,
            identifier="",
            reference="",
            alternate="",
            status=AlleleStatus.MALFORMED.value,
            flags=(),
            scores={},
        ),
    )
)
"""A line that is no record, which counts as one allele."""


def _record(record: VcfRecord, fields: Mapping[str, int]) -> ReportedRecord:
    ours = dict(field.partition("=")[::2] for field in record.info.split(";") if field.startswith("VE"))
    alternates = record.alternates
    entries, unreadable = _strongest(ours.pop("VE", ""), fields)
    values = {key: _of_alleles(text, len(alternates)) for key, text in ours.items()}
    alleles = tuple(
        _allele(
            record,
            alternate,
            scores=_scores(entries.get(alternate, {}), fields),
            values={key: of_alleles[index] for key, of_alleles in values.items()},
        )
        for index, alternate in enumerate(alternates)
    )
    stray = sum(len(scores) for alternate, scores in entries.items() if alternate not in alternates)
    return ReportedRecord(alleles=alleles, unreadable=unreadable, stray=stray)


def _allele(
    record: VcfRecord, alternate: str, *, scores: dict[str, ReportedScore], values: Mapping[str, str]
) -> ReportedAllele:
    """Return an allele, given its entries' scores and its values of the other fields, empty where missing."""
    flags = values.get(_FLAG, "")
    return ReportedAllele(
        chromosome=record.chromosome,
        position=record.position,
        identifier="" if record.columns[2] == "." else record.columns[2],
        reference=record.reference,
        alternate=alternate,
        status=values.get(_STATUS) or NO_STATUS,
        flags=tuple(flags.split("&")) if flags else (),
        scores=scores | _without_entry(scores, values),
    )


def _of_alleles(text: str, count: int) -> list[str]:
    """Return the values of a field that has one for each allele; what is missing is empty."""
    values = ["" if value == "." else value for value in text.split(",")]
    # Tools that change alleles may forget our fields; a value must not go to another allele.
    return values if len(values) == count else [""] * count


def _strongest(text: str, fields: Mapping[str, int]) -> tuple[dict[str, dict[str, _Found]], int]:
    """Return the strongest entry by allele and scorer, and how many entries are unreadable."""
    strongest: dict[str, dict[str, _Found]] = {}
    unreadable = 0
    allele_field, scorer_field, raw_field = fields["Allele"], fields["Scorer"], fields["Raw"]
    for entry in text.split(",") if text else ():
        cells = entry.split("|")
        raw = number(cells[raw_field]) if len(cells) == len(fields) else None
        if raw is None:
            unreadable += 1
            continue
        scores = strongest.setdefault(cells[allele_field], {})
        known = scores.get(cells[scorer_field])
        if known is None or abs(raw) > abs(known[0]):
            scores[cells[scorer_field]] = raw, cells
    # Decoded once for an allele, and not for each of its many entries.
    return {urllib.parse.unquote(allele): scores for allele, scores in strongest.items()}, unreadable


def _scores(found: Mapping[str, _Found], fields: Mapping[str, int]) -> dict[str, ReportedScore]:
    return {
        urllib.parse.unquote(name): ReportedScore(
            modality=cells[fields["Modality"]],
            raw=raw,
            consequence=cells[fields["Consequence"]],
            details=functools.partial(_details, cells, fields),
        )
        for name, (raw, cells) in found.items()
    }


def _without_entry(found: Mapping[str, ReportedScore], values: Mapping[str, str]) -> dict[str, ReportedScore]:
    """Return the strongest scores of modalities that have no entry, as --min-score leaves them."""
    scores = {}
    for key, modality in _STRONGEST_KEYS.items():
        raw = None if modality in found else number(values.get(key, ""))
        if raw is not None:
            consequence = words_of_modality(modality).consequence(raw)
            scores[modality] = ReportedScore(
                modality=modality, raw=raw, consequence=consequence, details=Details
            )
    return scores


def _details(cells: _Cells, fields: Mapping[str, int]) -> Details:
    """Read the rest of an entry; fields that it does not have are empty."""
    texts = {name: urllib.parse.unquote(cells[place]) for name, place in fields.items()}
    return Details(
        gene_id=texts.get("Gene_ID", ""),
        gene=texts.get("Gene", ""),
        junction=texts.get("Junction", ""),
        track=texts.get("Track", ""),
        biosample=texts.get("Biosample", ""),
        ontology=texts.get("Ontology", ""),
        reference=number(texts.get("REF", "")),
        alternate=number(texts.get("ALT", "")),
        quantile=number(texts.get("Quantile", "")),
        spread=number(texts.get("SD", "")),
    )
