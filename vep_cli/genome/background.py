"""The window of an allele on the haplotype that carries it, whose other alleles REF and ALT both have."""

import dataclasses
from collections.abc import Callable

import numpy as np

from vep_cli.genome.alleles import Background, Spelling
from vep_cli.genome.carried import Carried
from vep_cli.genome.edits import Edit
from vep_cli.genome.haplotype import Coordinates, Haplotype
from vep_cli.genome.interval import Interval
from vep_cli.genome.normalisation import normalise
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, build_window


def carried_window(
    written: Variant,
    carried: Carried,
    reference: Reference,
    spelling: Spelling,
    place: Callable[[Variant], Interval],
) -> tuple[Window, Background] | None:
    """Return the window of an allele on its haplotype; None where the sample does not carry it.

    Args:
        written: The allele as its record has it; REF agrees with the reference.
        carried: What the sample carries of the contig.
        reference: The reference sequence.
        spelling: How the allele is written, on the haplotype, before it is scored.
        place: Returns the window of a variant.

    Raises:
        FastaError: The reference is damaged there.
    """
    edit = Edit.of(written)
    number = carried.find(edit)
    if number is None:
        return None
    coordinates = Coordinates.round(edit, carried.background(number))
    haplotype = Haplotype(reference=reference, coordinates=coordinates)
    variant = _spelt(written, haplotype, spelling)
    window = build_window(variant, place(variant), haplotype)
    if coordinates.has_indel_within(window.interval):
        window = dataclasses.replace(window, coordinates=coordinates)
    ends = np.array([window.interval.start, window.interval.end], np.int64)
    start, end = coordinates.original(ends).tolist()
    return window, Background(
        copy=carried.copy_of(number),
        applied=coordinates.count_within(window.interval),
        left_out=carried.count_left_out(number, start, end),
    )


def _spelt(written: Variant, haplotype: Haplotype, spelling: Spelling) -> Variant:
    spelt = spelling(written, haplotype)
    if haplotype.fetch(spelt.interval) == spelt.reference_bases:
        return spelt
    # A base that both alleles of the record have, such as an anchor, is another one on the haplotype.
    return normalise(written, haplotype)
