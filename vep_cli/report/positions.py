"""The strongest scores along the chromosomes: a bounded number, the same for any order of scores."""

import dataclasses

_MOST_STRETCHES = 400
_MOST_CONTIGS = 60
"""Contigs that are told apart in a picture; a human genome has 25 of interest and thousands of scraps."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The strongest score in one stretch of a chromosome.

    Attributes:
        chromosome: Name of the contig.
        position: Where the score is, 1-based.
        score: With its sign.
    """

    chromosome: str
    position: int
    score: float


class Places:
    """Keeps the strongest score of each stretch; stretches double in length when there get too many.

    Attributes:
        left_out: Scores on further contigs than a picture has room for.
    """

    def __init__(self) -> None:
        """Begin with stretches of one base."""
        self.left_out = 0
        self._shift = 0
        self._strongest: dict[tuple[str, int], Place] = {}
        self._contigs: set[str] = set()

    def add(self, chromosome: str, position: int, score: float) -> None:
        """Take a score into account."""
        if chromosome not in self._contigs:
            if len(self._contigs) == _MOST_CONTIGS:
                self.left_out += 1
                return
            self._contigs.add(chromosome)
        # Looked up first: of a million scores nearly none is the strongest of its stretch.
        found = self._strongest.get((chromosome, position >> self._shift))
        if found is None or _is_stronger(score, position, found):
            self._put(Place(chromosome=chromosome, position=position, score=score))
        while len(self._strongest) > _MOST_STRETCHES:
            self._shift += 1
            places, self._strongest = self._strongest, {}
            for place in places.values():
                self._put(place)

    def places(self) -> list[Place]:
        """Return the strongest score of each stretch, contigs in the order in which they came first."""
        order = {name: number for number, name in enumerate(dict.fromkeys(key[0] for key in self._strongest))}
        return sorted(self._strongest.values(), key=lambda place: (order[place.chromosome], place.position))

    def _put(self, place: Place) -> None:
        key = place.chromosome, place.position >> self._shift
        found = self._strongest.get(key)
        if found is None or _is_stronger(place.score, place.position, found):
            self._strongest[key] = place


def _is_stronger(score: float, position: int, other: Place) -> bool:
    # Of equally strong ones the first on the chromosome, so that the order of the file does not matter.
    return (abs(score), -position, score) > (abs(other.score), -other.position, other.score)
