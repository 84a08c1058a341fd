"""The output formats, by the suffix that asks for each. A new format is one line here."""

from collections.abc import Callable, Sequence

from vep_cli.errors import UsageError
from vep_cli.model.output_type import OutputType
from vep_cli.writers.output_file import STANDARD_STREAM
from vep_cli.writers.tsv_writer import TsvWriter
from vep_cli.writers.vcf_writer import VcfWriter
from vep_cli.writers.writer import Writer

Provenance = Sequence[tuple[str, str]]

_MAKERS: dict[str, Callable[[Sequence[OutputType], Provenance], Writer]] = {
    ".vcf": VcfWriter,
    ".tsv": lambda outputs, provenance: TsvWriter(),
}


def make_writer(path: str, outputs: Sequence[OutputType], provenance: Provenance) -> Writer:
    """Return the writer that an output's suffix asks for; standard output is VCF.

    Args:
        path: Path of the output, or '-'; '.gz' after the suffix means bgzip.
        outputs: The modalities that are scored.
        provenance: What the header says about the run.

    Raises:
        UsageError: The suffix is of no format that can be written.
    """
    if path == STANDARD_STREAM:
        return VcfWriter(outputs, provenance)
    for suffix, make in _MAKERS.items():
        if path.removesuffix(".gz").endswith(suffix):
            return make(outputs, provenance)
    raise UsageError(
        f"the output's suffix says no format: {path}",
        remedy=f"end its name in {', '.join(f'{suffix} or {suffix}.gz' for suffix in _MAKERS)}",
    )
