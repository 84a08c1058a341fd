"""The two sequences that the network compares: a stretch of the genome with REF, and with ALT."""

import dataclasses

from vep_cli.genome.haplotype import Coordinates
from vep_cli.genome.interval import Interval
from vep_cli.genome.normalisation import SequenceSource
from vep_cli.genome.variant import Variant

_COMPLEMENT = str.maketrans("ACGTRYKMBDHVacgtrykmbdhv", "TGCAYRMKVHDBtgcayrmkvhdb")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """REF and ALT sequences of equal width round one variant.

    Attributes:
        variant: The variant between them.
        interval: Where REF lies. ALT begins at the same base; after an indel its right part shifts.
        reference_bases: Sequence with REF, `interval.width` letters.
        alternate_bases: Sequence with ALT, as many letters.
        coordinates: Of a haplotype whose bases lie elsewhere than the reference's; `variant` and `interval`
            are in these. None where all lie as on the reference.
    """

    variant: Variant
    interval: Interval
    reference_bases: str
    alternate_bases: str
    coordinates: Coordinates | None = None


def centred_interval(variant: Variant, width: int) -> Interval:
    """Return the window of `width` bases round the middle of REF (MODEL_SPEC section 5)."""
    return variant.interval.resize(width)


def build_window(variant: Variant, interval: Interval, reference: SequenceSource) -> Window:
    """Read the sequences of one variant in one window (MODEL_SPEC section 5).

    REF's bases replace those of the reference sequence, whether or not they agree. What REF and ALT
    have outside the window is cut off; a variant outside leaves both sequences as the reference is.
    On the '-' strand both are reverse complemented at the end.

    Raises:
        FastaError: The contig is not in the reference, or the file is damaged there.
    """
    spare = max(0, -variant.length_change)
    fetched = reference.fetch(dataclasses.replace(interval, end=interval.end + spare) if spare else interval)
    bases = _with_allele(fetched, variant, interval, variant.reference_bases)
    alternate = _with_allele(fetched, variant, interval, variant.alternate_bases)
    sequences = (bases[: interval.width], alternate[: interval.width])
    if interval.strand == "-":
        sequences = (reverse_complement(sequences[0]), reverse_complement(sequences[1]))
    return Window(
        variant=variant, interval=interval, reference_bases=sequences[0], alternate_bases=sequences[1]
    )


def reverse_complement(bases: str) -> str:
    """Return the other strand, read in its own direction; IUPAC codes and case are kept."""
    return bases.translate(_COMPLEMENT)[::-1]


def _with_allele(fetched: str, variant: Variant, interval: Interval, allele: str) -> str:
    """Put `allele` in the place of REF in the bases fetched from `interval.start` on."""
    is_before = variant.start < interval.start and variant.end <= interval.start
    is_elsewhere = variant.chromosome != interval.chromosome
    if is_elsewhere or is_before or variant.start >= interval.end:
        return fetched
    before_window = max(0, interval.start - variant.start)
    begin = max(0, variant.start - interval.start)
    end = max(0, variant.end - interval.start)
    return fetched[:begin] + allele[before_window:] + fetched[end:]
