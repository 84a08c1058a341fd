"""What a sample carries of a record, and on which copy of the chromosome (VCF 4.3, section 1.6.2)."""

import dataclasses
import enum

_MISSING = "."


class Copy(enum.StrEnum):
    """The copy of the chromosome that carries an allele.

    FIRST and SECOND are the sides of the bar in a phased genotype, comparable within a phase set alone. A
    haploid genotype has one copy, FIRST.
    """

    FIRST = "1"
    SECOND = "2"
    BOTH = "both"
    UNPHASED = "unphased"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Genotype:
    """The genotype of one sample.

    Attributes:
        alleles: Number of the allele on each copy, 0 for REF; None where it is missing.
        is_phased: Whether the order of the copies is that of the other genotypes of the phase set.
        phase_set: Value of PS, '' for none: such genotypes of a contig are one set.
    """

    alleles: tuple[int | None, ...]
    is_phased: bool
    phase_set: str = ""

    @property
    def is_haploid(self) -> bool:
        """Whether there is one copy, as of X and Y in males."""
        return len(self.alleles) == 1

    @property
    def is_missing(self) -> bool:
        """Whether the allele of some copy is not known."""
        return None in self.alleles

    def copy_of(self, allele: int) -> Copy | None:
        """Return which copy carries an allele; None where none does.

        Args:
            allele: Its number, from 1.
        """
        copies = [place for place, carried in enumerate(self.alleles) if carried == allele]
        if not copies:
            return None
        if self.is_haploid:
            return Copy.FIRST
        if len(copies) == len(self.alleles):
            return Copy.BOTH
        if not self.is_phased or len(self.alleles) > 2:
            return Copy.UNPHASED
        return (Copy.FIRST, Copy.SECOND)[copies[0]]


def parse_genotype(keys: str, values: str) -> Genotype | None:
    """Return the genotype of a sample; None where there is none that can be read.

    Args:
        keys: The column FORMAT, as written.
        values: The sample's column, as written.
    """
    by_key = dict(zip(keys.split(":"), values.split(":"), strict=False))
    # Since VCF 4.4, the first allele can have a mark of its own.
    text = by_key.get("GT", "").lstrip("|/")
    alleles = text.replace("|", "/").split("/")
    if not all(one == _MISSING or (one.isascii() and one.isdigit()) for one in alleles):
        return None
    phase_set = by_key.get("PS", _MISSING)
    return Genotype(
        alleles=tuple(None if one == _MISSING else int(one) for one in alleles),
        is_phased="/" not in text,
        phase_set="" if phase_set == _MISSING else phase_set,
    )
