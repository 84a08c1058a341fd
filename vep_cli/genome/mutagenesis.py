"""In-silico mutagenesis: every single-base change of a stretch (MODEL_SPEC section 8)."""

from collections.abc import Iterator

from vep_cli.errors import UsageError
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, build_window

_BASES = "ACGT"


def single_base_variants(interval: Interval, bases: str) -> Iterator[Variant]:
    """Yield each change of one base to another, by position, and of each position in the order A, C, G, T.

    Args:
        interval: Where the bases lie; variants are of the forward strand, whatever its own.
        bases: One upper-case letter per base, of the reference or, to mutate a haplotype, of that. A
            base that is none of A, C, G, T has four changes, the others three.

    Raises:
        ValueError: There are not as many letters as the interval has bases.
    """
    if len(bases) != interval.width:
        raise ValueError(f"one letter per base: {len(bases)=} {interval.width=}")
    for position, reference_base in enumerate(bases, start=interval.start + 1):
        for alternate_base in _BASES:
            if alternate_base != reference_base:
                yield Variant(
                    chromosome=interval.chromosome,
                    position=position,
                    reference_bases=reference_base,
                    alternate_bases=alternate_base,
                )


def mutagenesis_windows(mutated: Interval, window: Interval, reference: Reference) -> Iterator[Window]:
    """Yield the window of each single-base change of the reference sequence.

    Args:
        mutated: The stretch to mutate.
        window: What the network sees, the same for every change, so that all share one REF.
        reference: The reference sequence.

    Raises:
        UsageError: `mutated` does not lie wholly inside `window`.
        FastaError: The contig is not in the reference, or the file is damaged there.
    """
    if not window.contains(mutated):
        raise UsageError(
            f"{mutated} does not lie inside the window {window}",
            remedy="mutate a shorter stretch, or choose a window round it",
        )
    for variant in single_base_variants(mutated, reference.fetch(mutated)):
        yield build_window(variant, window, reference)
