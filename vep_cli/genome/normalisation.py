"""One spelling for each haplotype: alleles trimmed and left-aligned, as `bcftools norm` writes them.

A VCF can write one changed sequence in many ways: with more shared bases on either side, and, in
a repeat, with the indel at any copy. The bases that the whole unchanged and the whole changed
contig share at the right are taken off first, then those that they share at the left; what is left
depends on the two sequences alone, and so does its spelling (Tan, Abecasis and Kang 2015,
doi:10.1093/bioinformatics/btv112). What differs is never split: a block substitution stays one.

In everything here REF agrees with the reference, which `read_alleles` has checked.
"""

import dataclasses
from typing import Protocol, runtime_checkable

import numpy as np

from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant

MAXIMUM_SHIFT = 1 << 20
"""Bases by which an indel moves to the left at most; in a longer repeat it stops there, and
spellings that began further apart remain different."""

# Most indels move by a few bases; the reads double on the way through a long repeat.
_FIRST_BLOCK = 128


@runtime_checkable
class SequenceSource(Protocol):
    """What is needed of a `Reference`: the bases of an interval in upper case, N past the contig."""

    def fetch(self, interval: Interval) -> str:
        """Return the bases of `interval`."""


def normalise(variant: Variant, reference: SequenceSource) -> Variant:
    """Return the spelling that every writing of the same haplotype has.

    No base is shared by the ends of both alleles, but for one anchor where an allele would be empty:
    the base before, or the base after for an indel before the first base of the contig. An indel
    stands as far to the left as it can, or `MAXIMUM_SHIFT` bases from where it was written.

    Args:
        variant: Any spelling; one whose ALT equals REF is returned as it is.
        reference: The reference sequence.

    Returns:
        The variant. Its anchor is N (or another ambiguity) where the reference is that.

    Raises:
        FastaError: The contig is not in the reference, or the file is damaged there.
    """
    before, after = variant.reference_bases, variant.alternate_bases
    if before == after or len(before) == len(after) == 1:
        return variant
    trimmed = trim(variant)
    if trimmed.reference_bases and trimmed.alternate_bases:
        return trimmed
    return _with_anchor(_left_align(trimmed, reference), reference)


def duplicates_neighbourhood(variant: Variant, reference: SequenceSource) -> bool:
    """Return whether the variant is a tandem duplication.

    That is an insertion of which some spelling has its bases right before or right after itself in
    the reference. Where there is such a spelling, the left-aligned one has them right after.

    Raises:
        FastaError: The contig is not in the reference, or the file is damaged there.
    """
    if variant.length_change <= 0:
        return False
    trimmed = trim(variant)
    if trimmed.reference_bases:
        return False
    insertion = _left_align(trimmed, reference)
    inserted = insertion.alternate_bases
    after = dataclasses.replace(insertion.interval, end=insertion.end + len(inserted))
    return reference.fetch(after) == inserted


def trim(variant: Variant) -> Variant:
    """Return what differs, without an anchor: one of the alleles may be empty, and the rest is not moved."""
    before, after = variant.reference_bases, variant.alternate_bases
    suffix = _shared_suffix(before, after)
    before, after = before[: len(before) - suffix], after[: len(after) - suffix]
    prefix = _shared_suffix(before[::-1], after[::-1])
    if suffix == prefix == 0:
        return variant
    return dataclasses.replace(
        variant,
        position=variant.position + prefix,
        reference_bases=before[prefix:],
        alternate_bases=after[prefix:],
    )


def _left_align(indel: Variant, reference: SequenceSource) -> Variant:
    """Move an indel of which one allele is empty to the left, through copies of its own bases."""
    unit = indel.reference_bases or indel.alternate_bases
    shift = _shift(indel, unit, reference)
    moved = _turned(unit, shift)
    return dataclasses.replace(
        indel,
        position=indel.position - shift,
        reference_bases=moved if indel.reference_bases else "",
        alternate_bases=moved if indel.alternate_bases else "",
    )


def _shift(indel: Variant, unit: str, reference: SequenceSource) -> int:
    """Return how many bases left of the indel go on with the repeat of `unit` that it ends.

    An indel of k bases moves by one where the base before it equals its last base, which after the
    move is its first: so base i has to equal base i + k all the way.
    """
    shift = 0
    block = _FIRST_BLOCK
    while width := min(block, indel.start - shift, MAXIMUM_SHIFT - shift):
        end = indel.start - shift
        bases = reference.fetch(Interval(chromosome=indel.chromosome, start=end - width, end=end))
        copies = _turned(unit, shift) * (width // len(unit) + 1)
        same = _shared_suffix(bases, copies)
        shift += same
        if same < width:
            break
        block *= 2
    return shift


def _turned(unit: str, shift: int) -> str:
    """Return the bases of an indel after `shift` moves to the left."""
    cut = len(unit) - shift % len(unit)
    return unit[cut:] + unit[:cut]


def _with_anchor(indel: Variant, reference: SequenceSource) -> Variant:
    """Give both alleles one base that they share (VCF 4.3, section 1.6.1, field REF)."""
    start = indel.end if indel.start == 0 else indel.start - 1
    anchor = reference.fetch(Interval(chromosome=indel.chromosome, start=start, end=start + 1))
    before, after = ("", anchor) if indel.start == 0 else (anchor, "")
    return dataclasses.replace(
        indel,
        position=min(indel.start, start) + 1,
        reference_bases=before + indel.reference_bases + after,
        alternate_bases=before + indel.alternate_bases + after,
    )


def _shared_suffix(first: str, second: str) -> int:
    """Return how many bases at their ends two sequences share."""
    length = min(len(first), len(second))
    if length == 0 or first[-1] != second[-1]:
        return 0  # as of nearly all variants, which need no arrays
    # Alleles and blocks can have a million bases: compared as arrays, not letter by letter.
    ends = [np.frombuffer(bases[len(bases) - length :].encode(), np.uint8) for bases in (first, second)]
    differing = np.flatnonzero(ends[0] != ends[1])
    return length - 1 - int(differing[-1]) if len(differing) else length
