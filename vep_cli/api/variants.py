"""Variants as Python has them, as the records that a VCF would have."""

import dataclasses
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from vep_cli.errors import UsageError
from vep_cli.genome.variant_text import parse_variant
from vep_cli.genome.vcf_record import VcfRecord, parse_record

Variants = str | os.PathLike[str] | pd.DataFrame | Iterable[Any]
"""The path of a VCF or BCF; 'chr17:43115726:A:C', or several; a frame with CHROM, POS, REF and ALT; or
several (chromosome, position, REF, ALT). Positions are 1-based, as in a VCF."""

COLUMNS = ("CHROM", "POS", "REF", "ALT")
_BREAKS = re.compile(r"[\t\r\n]")
_REMEDY = (
    "give the path of a VCF, 'chr6:32039081:C:G', (chromosome, position, REF, ALT), several of these, "
    "or a frame with the columns CHROM, POS, REF and ALT"
)


def path_or_records(variants: Variants) -> str | list[VcfRecord]:
    """Return the path where variants are a file's, else their records, numbered from 1 as lines.

    A text is a path if there is such a file. A cell that no VCF could have, such as a position that is no
    number, makes a malformed record, which gets its status as one of a file does.

    Raises:
        UsageError: A text is neither a file nor a variant, a frame lacks a column, or something is neither.
    """
    if isinstance(variants, os.PathLike):
        return os.fspath(variants)
    if isinstance(variants, str):
        return variants if os.path.exists(variants) else [_only(variants)]
    rows = map(_record, _rows(variants)) if isinstance(variants, pd.DataFrame) else map(_one, variants)
    return [dataclasses.replace(record, line_number=n) for n, record in enumerate(rows, 1)]


def _only(text: str) -> VcfRecord:
    try:
        return parse_variant(text)
    except UsageError as error:
        raise UsageError(f"{text!r} is neither a file nor a variant", remedy=_REMEDY) from error


def _one(variant: object) -> VcfRecord:
    return parse_variant(variant) if isinstance(variant, str) else _record(_cells(variant))


def _rows(frame: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise UsageError(f"the frame of variants has no column {', '.join(missing)}", remedy=_REMEDY)
    return zip(*(frame[name] for name in COLUMNS), strict=True)


def _cells(variant: object) -> tuple[Any, ...]:
    cells = tuple(variant) if isinstance(variant, Iterable) else ()
    if len(cells) != len(COLUMNS):
        raise UsageError(f"{variant!r} is no variant", remedy=_REMEDY)
    return cells


def _record(cells: tuple[Any, ...]) -> VcfRecord:
    chromosome, position, reference, alternate = map(_text, cells)
    columns = (chromosome, position, ".", reference, alternate, ".", ".", ".")
    return parse_record("\t".join(columns), line_number=1)


def _text(cell: Any) -> str:  # noqa: ANN401 - whatever a frame holds
    """Return a cell as a VCF has it: '.' for nothing, several ALT with commas, no decimal point."""
    if isinstance(cell, list | tuple):
        return ",".join(map(_text, cell))
    if pd.api.types.is_scalar(cell) and pd.isna(cell):
        return "."
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return _BREAKS.sub(" ", str(cell))
