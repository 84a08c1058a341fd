"""What to know about an allele's score that the allele and its window tell before anything is predicted."""

import dataclasses

from vep_cli.genome.alleles import Allele, AlleleFlag
from vep_cli.genome.interval import Interval
from vep_cli.genome.normalisation import duplicates_neighbourhood
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.genome.window import Window

LONG = 250
"""Bases gained or lost that fill all that the narrowest mask, 501 bp round the variant, has right of it:
the scorers that read it do not align ALT to REF (MODEL_SPEC section 7)."""

_MOST_N = 0.1
"""Share of the window, past which the network sees far less context than the window's width says."""


def with_flags(allele: Allele, record: VcfRecord, window: Window | None, reference: Reference) -> Allele:
    """Return the allele with the flags that apply to it.

    Args:
        allele: One of the record's.
        record: The record, for how it spells the allele.
        window: What is scored; an allele without one has no flags.
        reference: The reference sequence.

    Raises:
        FastaError: The reference is damaged round the variant.
    """
    if window is None:
        return allele
    unknown_bases = window.reference_bases.count("N")
    return flagged(allele, window.variant, record, window.interval, unknown_bases, reference)


def flagged(
    allele: Allele,
    variant: Variant,
    record: VcfRecord,
    interval: Interval,
    unknown_bases: int,
    reference: Reference,
) -> Allele:
    """Return the allele with the flags that apply to it, which takes no window's sequences.

    Args:
        allele: One of the record's.
        variant: What is scored of it.
        record: The record, for how it spells the allele.
        interval: The window.
        unknown_bases: How many of the window's bases are N.
        reference: The reference sequence.

    Raises:
        FastaError: The reference is damaged round the variant.
    """
    written = (record.position, record.reference.upper(), allele.text.upper())
    applies = {
        AlleleFlag.NORMALIZED: written
        != (variant.position, variant.reference_bases, variant.alternate_bases),
        AlleleFlag.TANDEM_DUPLICATION: duplicates_neighbourhood(variant, reference),
        AlleleFlag.LONG_INDEL: abs(variant.length_change) >= LONG,
        AlleleFlag.CONTIG_EDGE: interval.start < 0 or interval.end > reference.lengths[interval.chromosome],
        AlleleFlag.MANY_N: unknown_bases > _MOST_N * interval.width,
    }
    flags = tuple(flag for flag in applies if applies[flag])
    return dataclasses.replace(allele, flags=flags) if flags else allele
