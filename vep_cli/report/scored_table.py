"""A tidy table of scores, read back (docs/output.md has the columns)."""

import csv
import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from vep_cli.errors import VcfError
from vep_cli.report.scored_allele import NO_STATUS, Details, ReportedAllele, ReportedRecord, ReportedScore
from vep_cli.report.scorer_words import words_of
from vep_cli.report.wording import number

_NEEDED = ("variant_id", "output_type", "variant_scorer", "raw_score", "status")
_NUMBERS = ("raw_score", "quantile_score", "ref_value", "alt_value", "raw_score_sd")
_VARIANT = re.compile(r"(.*?):(\d+):([^:>]*)>(.*)", re.DOTALL)
"""Contigs may have colons in their names, and so may breakends."""

_words_of = functools.lru_cache(words_of)

_Cells = dict[str, str]
"""One row, by column."""


def read_records(lines: Iterator[str], name: str) -> Iterator[ReportedRecord]:
    """Yield what is said of each allele, each as a record of its own: a table does not tell records.

    Rows of one allele stand together. The same rows once more are the same allele once more, of a
    record that is there twice.

    Args:
        lines: Those of the table, with their ends.
        name: How messages name the file.

    Raises:
        VcfError: The table is none of ours, or a row has not as many cells as the head.
    """
    rows = _rows(lines, name)
    for _, of_variant in itertools.groupby(rows, key=lambda row: row["variant_id"]):
        allele: list[_Cells] = []
        for row in of_variant:
            if allele and _is_of_same(row, allele[0]):
                yield _record(allele)
                allele = []
            allele.append(row)
        yield _record(allele)


def _rows(lines: Iterator[str], name: str) -> Iterator[_Cells]:
    columns = _split(next(lines, ""), name, 1)
    missing = [column for column in _NEEDED if column not in columns]
    if missing:
        raise VcfError(
            f"this is no table of vep score: it has no column {', '.join(missing)}",
            path=name,
            remedy="make one with: vep score input.vcf -o scores.tsv; then: vep report scores.tsv",
        )
    for line_number, line in enumerate(lines, start=2):
        cells = _split(line, name, line_number)
        if len(cells) != len(columns):
            raise VcfError(
                f"the row has {len(cells)} tab-separated cells, the head {len(columns)}",
                path=name,
                line=line_number,
                remedy="the file is damaged or was cut short: write it again",
            )
        yield dict(zip(columns, cells, strict=True))


def _split(line: str, name: str, line_number: int) -> list[str]:
    text = line.rstrip("\r\n")
    if '"' not in text:
        return text.split("\t")
    try:
        return next(csv.reader([text], delimiter="\t"))
    except csv.Error as error:
        raise VcfError(f"the row cannot be read: {error}", path=name, line=line_number) from error


def _is_of_same(row: _Cells, other: _Cells) -> bool:
    """Return whether two rows are of the same score: whether they agree in all but the numbers."""
    return all(row[column] == other[column] for column in reversed(row) if column not in _NUMBERS)


def _record(rows: Sequence[_Cells]) -> ReportedRecord:
    first = rows[0]
    variant = _VARIANT.fullmatch(first["variant_id"])
    chromosome, position, reference, alternate = variant.groups() if variant else ("", "0", "", "")
    scores, unreadable = _strongest(rows)
    flags = first.get("allele_flags", "")
    allele = ReportedAllele(
        chromosome=chromosome,
        position=int(position[:18]),
        identifier="",
        reference=reference,
        alternate=alternate,
        status=first["status"] or NO_STATUS,
        flags=tuple(flags.split("&")) if flags else (),
        scores=scores,
    )
    return ReportedRecord(alleles=(allele,), unreadable=unreadable)


def _strongest(rows: Iterable[_Cells]) -> tuple[dict[str, ReportedScore], int]:
    """Return the strongest difference by scorer, and how many scores are unreadable."""
    strongest: dict[str, ReportedScore] = {}
    unreadable = 0
    for row in rows:
        words = _words_of(row["variant_scorer"], row["output_type"])
        # An empty score is missing and not unreadable.
        if not row["raw_score"] or not words.is_difference:
            continue
        raw = number(row["raw_score"])
        if raw is None:
            unreadable += 1
        elif words.name not in strongest or abs(raw) > abs(strongest[words.name].raw):
            strongest[words.name] = ReportedScore(
                modality=row["output_type"],
                raw=raw,
                consequence=words.consequence(raw),
                details=functools.partial(_details, row),
            )
    return strongest, unreadable


def _details(row: _Cells) -> Details:
    start, end = row.get("junction_Start", ""), row.get("junction_End", "")
    return Details(
        gene_id=row.get("gene_id", ""),
        gene=row.get("gene_name", ""),
        # The table counts from 0, half-open; a report as a VCF does.
        junction=f"{int(start) + 1}-{end}" if start.isdecimal() and start.isascii() else "",
        track=row.get("track_name", ""),
        biosample=row.get("biosample_name", ""),
        ontology=row.get("ontology_curie", ""),
        reference=number(row.get("ref_value", "")),
        alternate=number(row.get("alt_value", "")),
        quantile=number(row.get("quantile_score", "")),
        spread=number(row.get("raw_score_sd", "")),
    )
