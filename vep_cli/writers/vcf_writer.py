"""The annotated VCF: the input's lines with our INFO fields, everything else byte for byte."""

from collections.abc import Sequence

from vep_cli.scoring.scored_record import ScoredRecord
from vep_cli.scoring.scorer import Scorer
from vep_cli.writers.limits import ALL, Limits
from vep_cli.writers.vcf_info import (
    haplotype_lines,
    header_lines,
    info_fields,
    is_our_header_line,
    without_our_fields,
)
from vep_cli.writers.writer import Writer

_FORMAT = "##fileformat=VCFv4.2"


class VcfWriter(Writer):
    """Writes VCF.

    Header lines and INFO fields of an earlier run are replaced; malformed lines are passed on as
    they are. A header that does not say what the file is gets that line.
    """

    def __init__(
        self, scorers: Sequence[Scorer], provenance: Sequence[tuple[str, str]], limits: Limits = ALL
    ) -> None:
        """Keep what the header will say.

        Args:
            scorers: Those of the run.
            provenance: Name and value of each thing that the header records about the run.
            limits: Which scores become entries of `VE`; by itself, the strongest of each scorer and gene.
        """
        self._limits = limits.with_default_top(1)
        self._own_lines = [*map(_provenance_line, provenance), *header_lines(scorers)]
        if limits.haplotypes:
            self._own_lines += haplotype_lines()

    def begin(self, header: tuple[str, ...]) -> str:
        """See base class: our lines go right before the last, `#CHROM`, with the same line ends."""
        kept = [line for line in header[:-1] if not is_our_header_line(line)]
        columns = header[-1]
        ending = "\r\n" if columns.endswith("\r\n") else "\n"
        # Other programs tell by this line alone that a file is a VCF.
        first = [] if any(map(_says_format, kept)) else [_FORMAT + ending]
        return "".join([*first, *kept, *(line + ending for line in self._own_lines), columns])

    def format(self, scored: ScoredRecord) -> str:
        """See base class."""
        record = scored.record
        if record.problem is not None:
            return record.text
        fields = [*without_our_fields(record.info), *info_fields(scored.alleles, self._limits)]
        return record.with_info(";".join(fields))


def _says_format(line: str) -> bool:
    return line.startswith("##fileformat=")


def _provenance_line(item: tuple[str, str]) -> str:
    # Plain `##key=value`: htslib takes a value in <> for a structured line and stumbles over commands.
    name, value = item
    one_line = " ".join(value.split())
    return f"##vep_cli_{name}={one_line.replace('<', '(').replace('>', ')')}"
