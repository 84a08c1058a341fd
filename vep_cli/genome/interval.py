"""A stretch of a chromosome."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Interval:
    """A stretch of a chromosome, 0-based and half-open.

    It may reach past either end of the chromosome: a window near a telomere does, and
    the missing bases read as N.

    Attributes:
        chromosome: Name as the reference FASTA spells it.
        start: 0-based first base; negative where the window begins before the chromosome.
        end: 0-based base after the last one, at least `start`.
        strand: '+', '-' or '.' (unstranded).
    """

    chromosome: str
    start: int
    end: int
    strand: str = "."

    def __post_init__(self) -> None:
        """Reject an interval that ends before it starts, or has no such strand."""
        if self.end < self.start:
            raise ValueError(f"interval ends before it starts: {self.start=} {self.end=}")
        if self.strand not in ("+", "-", "."):
            raise ValueError(f"strand is '+', '-' or '.', not {self.strand=}")

    def __str__(self) -> str:
        """Return the official tables' spelling, `chr6:100-200:.`."""
        return f"{self.chromosome}:{self.start}-{self.end}:{self.strand}"

    @property
    def width(self) -> int:
        """Number of bases."""
        return self.end - self.start

    def resize(self, width: int) -> "Interval":
        """Return the interval of `width` bases round the same centre (MODEL_SPEC section 5).

        The centre of an interval of odd width lies after its middle base, on '-' before it; where
        `width` is odd the spare base goes to the left, on '-' to the right.

        Raises:
            ValueError: `width` is negative.
        """
        if self.strand == "-":
            start = (self.start + self.end) // 2 - width // 2
        else:
            start = (self.start + self.end) // 2 + self.width % 2 - (width - width // 2)
        return Interval(chromosome=self.chromosome, start=start, end=start + width, strand=self.strand)

    def contains(self, other: "Interval") -> bool:
        """Return whether `other` lies wholly inside, on the same chromosome."""
        return self.chromosome == other.chromosome and self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Interval") -> bool:
        """Return whether the two share at least one base."""
        is_shared = max(self.start, other.start) < min(self.end, other.end)
        return self.chromosome == other.chromosome and is_shared
