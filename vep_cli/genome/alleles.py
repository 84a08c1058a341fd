"""From a VCF record to its ALT alleles, each a variant to score or a reason why not."""

import dataclasses
import enum
from collections.abc import Callable, Mapping

from vep_cli.genome.contigs import find_contig
from vep_cli.genome.genotype import Copy
from vep_cli.genome.interval import Interval
from vep_cli.genome.normalisation import SequenceSource
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.vcf_record import VcfRecord

_BASES = frozenset("ACGT")


class AlleleStatus(enum.StrEnum):
    """What became of one ALT allele; the value of INFO `VE_STATUS`."""

    PASS = "PASS"
    REF_MISMATCH = "REF_MISMATCH"
    REF_N = "REF_N"
    SYMBOLIC = "SYMBOLIC"
    SPANNING_DELETION = "SPANNING_DELETION"
    BREAKEND = "BREAKEND"
    MISSING_ALT = "MISSING_ALT"
    DUPLICATE_OF_REF = "DUPLICATE_OF_REF"
    NON_ACGT = "NON_ACGT"
    TOO_LONG = "TOO_LONG"
    OFF_CONTIG = "OFF_CONTIG"
    UNKNOWN_CONTIG = "UNKNOWN_CONTIG"
    NO_SCORE = "NO_SCORE"
    NOT_FINITE = "NOT_FINITE"
    MALFORMED = "MALFORMED"


REASONS: Mapping[AlleleStatus, str] = {
    AlleleStatus.PASS: "scored",
    AlleleStatus.REF_MISMATCH: "REF differs from the reference sequence",
    AlleleStatus.REF_N: "the reference sequence is not known there (N or another ambiguity)",
    AlleleStatus.SYMBOLIC: "a symbolic allele such as <DEL>",
    AlleleStatus.SPANNING_DELETION: "'*', a deletion that another record describes",
    AlleleStatus.BREAKEND: "a breakend",
    AlleleStatus.MISSING_ALT: "no ALT allele",
    AlleleStatus.DUPLICATE_OF_REF: "ALT equals REF",
    AlleleStatus.NON_ACGT: "an allele has other letters than A, C, G, T",
    AlleleStatus.TOO_LONG: "the allele does not fit the window",
    AlleleStatus.OFF_CONTIG: "REF reaches past an end of the contig",
    AlleleStatus.UNKNOWN_CONTIG: "the contig is not in the reference FASTA",
    AlleleStatus.NO_SCORE: "no chosen scorer applies (for gene scorers: no gene there)",
    AlleleStatus.NOT_FINITE: "the network's prediction is not finite",
    AlleleStatus.MALFORMED: "the line is not a VCF record",
}


class AlleleFlag(enum.StrEnum):
    """What to know about the score of an allele before relying on it."""

    NORMALIZED = "NORMALIZED"
    TANDEM_DUPLICATION = "TANDEM_DUPLICATION"
    LONG_INDEL = "LONG_INDEL"
    CONTIG_EDGE = "CONTIG_EDGE"
    MANY_N = "MANY_N"
    SOME_NOT_FINITE = "SOME_NOT_FINITE"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """On which haplotype of a sample an allele was scored (docs/haplotypes.md).

    Attributes:
        copy: The copy of the chromosome that carries the allele.
        applied: Other alleles of that copy in the window, which REF and ALT both have.
        left_out: Alleles of the sample in the window that may be on that copy, and were not applied.
    """

    copy: Copy
    applied: int
    left_out: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Allele:
    """One ALT allele of a record.

    Attributes:
        text: ALT as the record spells it.
        status: PASS where it can be scored, else why not.
        variant: What to score, which may be spelt otherwise than `text`; None unless the status is PASS.
        flags: What to know about the score, in the order of `AlleleFlag`; none unless the status is PASS.
        background: Of a run on a sample's haplotypes; None where the sample does not carry the allele.
    """

    text: str
    status: AlleleStatus
    variant: Variant | None = None
    flags: tuple[AlleleFlag, ...] = ()
    background: Background | None = None


Spelling = Callable[[Variant, SequenceSource], Variant]
"""How a variant is written before it is scored: `normalisation.normalise`, or `as_written`."""


def as_written(variant: Variant, reference: SequenceSource) -> Variant:
    """Return the variant as the record has it, as the official code scores it."""
    del reference
    return variant


def read_alleles(
    record: VcfRecord, reference: Reference, width: int, spelling: Spelling = as_written
) -> tuple[Allele, ...]:
    """Return the record's ALT alleles in order, checked against the reference.

    Args:
        record: The record; a malformed one has one allele, of that status.
        reference: The reference sequence.
        width: Bases of the window that an allele has to fit.
        spelling: Rewrites each variant that agrees with the reference.
    """
    if record.problem is not None:
        return (Allele(text=".", status=AlleleStatus.MALFORMED),)
    chromosome = find_contig(record.chromosome, reference.lengths)
    site = _site_status(record, chromosome, reference)
    alleles = []
    for text in record.alternates:
        status = _spelling_status(record.reference, text) or site
        if chromosome is None or status is not None:
            alleles.append(Allele(text=text, status=status or AlleleStatus.UNKNOWN_CONTIG))
        else:
            variant = spelling(_variant(record, chromosome, text), reference)
            alleles.append(_fitting(text, variant, width))
    return tuple(alleles)


def _variant(record: VcfRecord, chromosome: str, text: str) -> Variant:
    return Variant(
        chromosome=chromosome,
        position=record.position,
        reference_bases=record.reference.upper(),
        alternate_bases=text.upper(),
    )


def _fitting(text: str, variant: Variant, width: int) -> Allele:
    # The window is centred on REF, so either allele may fill at most what lies right of the centre.
    if max(len(variant.reference_bases), len(variant.alternate_bases)) > width // 2:
        return Allele(text=text, status=AlleleStatus.TOO_LONG)
    return Allele(text=text, status=AlleleStatus.PASS, variant=variant)


def _site_status(record: VcfRecord, chromosome: str | None, reference: Reference) -> AlleleStatus | None:
    """Return why no allele of the record can be scored, or None.

    The reference sequence is asked before REF's own letters: where both are N, that it is not
    known there says more than that REF is not of A, C, G, T.
    """
    if chromosome is None:
        return AlleleStatus.UNKNOWN_CONTIG
    start, end = record.position - 1, record.position - 1 + len(record.reference)
    if start < 0 or end > reference.lengths[chromosome]:
        return AlleleStatus.OFF_CONTIG
    bases = reference.fetch(Interval(chromosome=chromosome, start=start, end=end))
    if not _BASES.issuperset(bases):
        return AlleleStatus.REF_N
    if not _BASES.issuperset(record.reference.upper()):
        return AlleleStatus.NON_ACGT
    return None if bases == record.reference.upper() else AlleleStatus.REF_MISMATCH


def _spelling_status(reference: str, text: str) -> AlleleStatus | None:
    """Return why an ALT allele cannot be scored as it is spelt, or None (VCF 4.3, sections 1.6.1 and 5)."""
    if text in (".", ""):
        return AlleleStatus.MISSING_ALT
    if text == "*":
        return AlleleStatus.SPANNING_DELETION
    if "[" in text or "]" in text or text.startswith(".") or text.endswith("."):
        return AlleleStatus.BREAKEND
    if "<" in text:
        return AlleleStatus.SYMBOLIC
    if not _BASES.issuperset(text.upper()):
        return AlleleStatus.NON_ACGT
    return AlleleStatus.DUPLICATE_OF_REF if text.upper() == reference.upper() else None
