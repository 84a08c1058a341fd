"""One ALT allele of one VCF record."""

import dataclasses

from vep_cli.genome.interval import Interval


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One sequence change: REF at a position becomes ALT.

    The only place where 1-based positions live inside the package; `start` and `end` are
    0-based half-open, as everything else.

    Attributes:
        chromosome: Name as the reference FASTA spells it.
        position: 1-based position of the first REF base, as in VCF.
        reference_bases: REF, upper case, letters A, C, G, T; an anchor may be N where the reference is.
        alternate_bases: ALT, upper case, letters A, C, G, T.
    """

    chromosome: str
    position: int
    reference_bases: str
    alternate_bases: str

    def __str__(self) -> str:
        """Return the official tables' spelling, `chr6:32039081:C>G`."""
        return f"{self.chromosome}:{self.position}:{self.reference_bases}>{self.alternate_bases}"

    @property
    def start(self) -> int:
        """0-based first REF base."""
        return self.position - 1

    @property
    def end(self) -> int:
        """0-based base after the last REF base."""
        return self.start + len(self.reference_bases)

    @property
    def interval(self) -> Interval:
        """The REF bases as an unstranded interval."""
        return Interval(chromosome=self.chromosome, start=self.start, end=self.end)

    @property
    def length_change(self) -> int:
        """Bases gained (positive) or lost (negative) by ALT."""
        return len(self.alternate_bases) - len(self.reference_bases)
