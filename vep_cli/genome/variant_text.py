"""A variant as people write it on a command line, as the record that a VCF would have."""

import re

from vep_cli.errors import UsageError
from vep_cli.genome.contigs import find_contig
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.vcf_record import VcfRecord, parse_record

# The position is the last part that can be one: names of HLA contigs have ':' and '-' and digits in them.
_SPELLINGS = (
    re.compile(
        r"(?P<chromosome>\S+):(?P<position>[\d,]+):(?P<reference>[A-Za-z*.]+)[:>](?P<alternate>[^\s:]+|\S*[][<]\S*)"
    ),
    re.compile(r"(?P<chromosome>\S+)-(?P<position>[\d,]+)-(?P<reference>[^\s-]+)-(?P<alternate>\S+)"),
)
_REMEDY = "write CHROM:POS:REF:ALT with the 1-based position, for instance chr6:32039081:C:G"


def parse_variant(text: str) -> VcfRecord:
    """Return the record of one variant.

    Args:
        text: `chr6:32039081:C:G`, `chr6:32039081:C>G` or `6-32039081-C-G`; the position is 1-based, with
            or without commas between thousands, and ALT any allele that a VCF can have.

    Raises:
        UsageError: It is none of these, or has several ALT alleles.
    """
    found = next((match for pattern in _SPELLINGS if (match := pattern.fullmatch(text.strip()))), None)
    if found is None:
        raise UsageError(f"{text!r} is not a variant", remedy=_REMEDY)
    if "," in found["alternate"]:
        raise UsageError(f"{text!r} has several ALT alleles", remedy="give one; run the command for each")
    position = found["position"].replace(",", "")
    columns = (found["chromosome"], position, ".", found["reference"], found["alternate"], ".", ".", ".")
    record = parse_record("\t".join(columns), line_number=1)
    if record.problem is not None:
        raise UsageError(f"{text!r} is not a variant: {record.problem}", remedy=_REMEDY)
    return record


def reference_bases_at(record: VcfRecord, reference: Reference) -> str:
    """Return what the reference sequence has in the place of REF; '' where REF is not within a contig.

    Raises:
        FastaError: The reference is damaged there.
    """
    chromosome = find_contig(record.chromosome, reference.lengths)
    start, end = record.position - 1, record.position - 1 + len(record.reference)
    if chromosome is None or start < 0 or end > reference.lengths[chromosome]:
        return ""
    return reference.fetch(Interval(chromosome=chromosome, start=start, end=end))
