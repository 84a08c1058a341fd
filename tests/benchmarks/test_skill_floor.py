import numpy as np
import pytest
from skill_floor import FLOORS, draw, places_beside_sites, skill_of_floors
from skill_genes import Gene

from vep_cli.genome.interval import Interval


def gene(strand: str, acceptors: list[int], donors: list[int]) -> Gene:
    return Gene(
        identifier="g",
        interval=Interval(chromosome="chr1", start=100, end=300, strand=strand),
        acceptors=np.array(acceptors, np.int64),
        donors=np.array(donors, np.int64),
    )


def test_places_lie_beside_sites_and_not_in_their_core() -> None:
    # An exon that begins at 200: its bases 200 to 202, then 199 and 198 are AG, and 197 to 192 count.
    assert places_beside_sites(gene("+", [200], [])) == [*range(192, 198), 200, 201, 202]
    # The last base of an exon at 200: 198 to 200, then 201 and 202 are GT, and 203 to 208 count.
    assert places_beside_sites(gene("+", [], [200])) == [198, 199, 200, *range(203, 209)]
    # On the other strand the two are mirrored.
    assert places_beside_sites(gene("-", [], [200])) == [*range(192, 198), 200, 201, 202]
    assert places_beside_sites(gene("-", [200], [])) == [198, 199, 200, *range(203, 209)]


def test_places_outside_the_gene_do_not_count() -> None:
    assert places_beside_sites(gene("+", [], [299])) == [297, 298, 299]


class OneBase:
    """A reference of As."""

    def fetch(self, interval: Interval) -> str:
        return "A" * interval.width


def test_substitutions_are_drawn_each_place_once() -> None:
    drawn = draw([gene("+", [200], [250])], OneBase(), 10)  # type: ignore[arg-type]
    places = [variant.start for _, variant in drawn]
    assert len(set(places)) == 10
    assert set(places) <= set(places_beside_sites(gene("+", [200], [250])))
    assert {variant.reference_bases for _, variant in drawn} == {"A"}
    assert "A" not in {variant.alternate_bases for _, variant in drawn}


def pair(before: float, after: float) -> tuple[np.ndarray, np.ndarray]:
    return np.full((3, 2), before), np.full((3, 2), after)


def test_a_floor_decides_how_faint_sites_count() -> None:
    # The teacher says that the second variant destroys a site and the first does little. The model sees
    # the first as a large change of almost nothing, 1e-4 to 1e-6, and the second as 0.5 to 0.1.
    taught = [pair(0.5, 0.45), pair(0.9, 0.1)]
    known = [pair(1e-4, 1e-6), pair(0.5, 0.1)]
    rows = {row.score: row for row in skill_of_floors(taught, known)}
    assert len(rows) == len(FLOORS) + 1
    # ln((1e-4 + 1e-5) / (1e-6 + 1e-5)) = 2.3, against ln 5 = 1.6.
    assert rows["floor 1e-05"].auroc == 0
    # ln((1e-4 + 1e-2) / (1e-6 + 1e-2)) = 0.01, against ln(0.51 / 0.11) = 1.5.
    assert rows["floor 0.01"].auroc == 1
    assert rows["difference"].auroc == 1
    assert rows["floor 0.01"].spearman == pytest.approx(1)
    assert (rows["difference"].variants, rows["difference"].damaging) == (2, 1)
