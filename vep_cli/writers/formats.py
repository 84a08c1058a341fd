"""The output formats, by the suffix that asks for each. A new format is one line here."""

import importlib
from collections.abc import Callable, Sequence

from vep_cli.errors import UsageError
from vep_cli.scoring.scorer import Scorer
from vep_cli.writers.output_file import COMPRESSED_SUFFIXES, STANDARD_STREAM, is_special
from vep_cli.writers.vcf_writer import VcfWriter
from vep_cli.writers.writer import Writer

Provenance = Sequence[tuple[str, str]]

VCF, TSV = ".vcf", ".tsv"


def _tsv_writer(scorers: Sequence[Scorer], provenance: Provenance) -> Writer:
    del scorers, provenance
    # Imported when asked for: pandas takes longer to import than all else that VCF output needs.
    writer: Writer = importlib.import_module("vep_cli.writers.tsv_writer").TsvWriter()
    return writer


_MAKERS: dict[str, Callable[[Sequence[Scorer], Provenance], Writer]] = {
    VCF: VcfWriter,
    TSV: _tsv_writer,
}


def output_format(path: str) -> str:
    """Return the suffix of the format that an output asks for.

    Standard output, and what is there and is no file, such as a named pipe, get VCF where no suffix
    says otherwise.

    Args:
        path: Path of the output, or '-'; '.gz' or '.bgz' after the suffix means bgzip.

    Raises:
        UsageError: The suffix is of no format that can be written.
    """
    plain = path
    for compressed in COMPRESSED_SUFFIXES:
        plain = plain.removesuffix(compressed)
    for suffix in _MAKERS:
        if plain.endswith(suffix):
            return suffix
    if path == STANDARD_STREAM or is_special(path):
        return VCF
    raise UsageError(
        f"the output's suffix says no format: {path}",
        remedy=f"end its name in {', '.join(f'{suffix} or {suffix}.gz' for suffix in _MAKERS)}",
    )


def make_writer(path: str, scorers: Sequence[Scorer], provenance: Provenance) -> Writer:
    """Return the writer of an output's format.

    Args:
        path: As `output_format` takes it.
        scorers: Those of the run.
        provenance: What the header says about the run.

    Raises:
        UsageError: The suffix is of no format that can be written.
    """
    return _MAKERS[output_format(path)](scorers, provenance)
