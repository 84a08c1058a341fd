"""The output formats, by the suffix that asks for each. A new format is one line here."""

import dataclasses
import importlib
import importlib.util
from collections.abc import Callable, Iterator, Sequence

from vep_cli.errors import UsageError
from vep_cli.scoring.scorer import Scorer
from vep_cli.writers.limits import ALL, Limits
from vep_cli.writers.output_file import COMPRESSED_SUFFIXES, STANDARD_STREAM, is_special
from vep_cli.writers.vcf_writer import VcfWriter
from vep_cli.writers.writer import Writer

Provenance = Sequence[tuple[str, str]]

VCF, TSV, PARQUET = ".vcf", ".tsv", ".parquet"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Format:
    """One output format.

    Attributes:
        make: Returns its writer.
        is_text: Whether it is text, which can be written bgzipped too.
        library: The package that it takes and that is no dependency of ours, or None.
        extra: The extra of ours that installs it.
    """

    make: Callable[[Sequence[Scorer], Provenance, Limits], Writer]
    is_text: bool = True
    library: str | None = None
    extra: str = ""


# The tables' writers are imported when asked for: pandas takes longer to import than all else that VCF
# output needs, and pyarrow need not be installed.
def _tsv_writer(scorers: Sequence[Scorer], provenance: Provenance, limits: Limits) -> Writer:
    del scorers, provenance
    writer: Writer = importlib.import_module("vep_cli.writers.tsv_writer").TsvWriter(limits)
    return writer


def _parquet_writer(scorers: Sequence[Scorer], provenance: Provenance, limits: Limits) -> Writer:
    del scorers
    module = importlib.import_module("vep_cli.writers.parquet_writer")
    writer: Writer = module.ParquetWriter(provenance, limits)
    return writer


_FORMATS = {
    VCF: _Format(make=VcfWriter),
    TSV: _Format(make=_tsv_writer),
    PARQUET: _Format(make=_parquet_writer, is_text=False, library="pyarrow", extra="parquet"),
}


def output_format(path: str) -> str:
    """Return the suffix of the format that an output asks for.

    Standard output, and what is there and is no file, such as a named pipe, get VCF where no suffix
    says otherwise.

    Args:
        path: Path of the output, or '-'; '.gz' or '.bgz' after the suffix of a text format means bgzip.

    Raises:
        UsageError: The suffix is of no format that can be written.
    """
    for suffix in _FORMATS:
        if path.endswith(tuple(_spellings(suffix))):
            return suffix
    if path == STANDARD_STREAM or is_special(path):
        return VCF
    *most, last = [" or ".join(list(_spellings(suffix))[:2]) for suffix in _FORMATS]
    raise UsageError(
        f"the output's suffix says no format: {path}", remedy=f"end its name in {', '.join(most)}, or {last}"
    )


def check_format(path: str) -> None:
    """Refuse an output of a format that cannot be written here.

    Args:
        path: As `output_format` takes it.

    Raises:
        UsageError: The suffix is of no format that can be written, or what writes it is not installed.
    """
    wanted = _FORMATS[output_format(path)]
    if wanted.library is not None and importlib.util.find_spec(wanted.library) is None:
        raise UsageError(
            f"writing this format takes the package {wanted.library}, which is not installed",
            path=path,
            remedy=f"pip install 'vep-cli[{wanted.extra}]', or write a .tsv",
        )


def make_writer(path: str, scorers: Sequence[Scorer], provenance: Provenance, limits: Limits = ALL) -> Writer:
    """Return the writer of an output's format.

    Args:
        path: As `output_format` takes it.
        scorers: Those of the run.
        provenance: What the header says about the run.
        limits: Which scores are written.

    Raises:
        UsageError: The suffix is of no format that can be written.
    """
    return _FORMATS[output_format(path)].make(scorers, provenance, limits)


def _spellings(suffix: str) -> Iterator[str]:
    yield suffix
    if _FORMATS[suffix].is_text:
        yield from (suffix + compressed for compressed in COMPRESSED_SUFFIXES)
