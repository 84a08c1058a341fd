import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant


def variant(position: int, reference: str, alternate: str) -> Variant:
    return Variant(chromosome="chr6", position=position, reference_bases=reference, alternate_bases=alternate)


def test_official_spelling() -> None:
    assert str(variant(32039081, "C", "G")) == "chr6:32039081:C>G"


@pytest.mark.parametrize(
    ("reference", "alternate", "end", "change"),
    [("C", "G", 100, 0), ("C", "CAT", 100, 2), ("CAT", "C", 102, -2), ("CAT", "GG", 102, -1)],
)
def test_one_based_position_becomes_half_open(reference: str, alternate: str, end: int, change: int) -> None:
    # POS 100 is base 99; the end counts REF's bases alone.
    found = variant(100, reference, alternate)
    assert (found.start, found.end, found.length_change) == (99, end, change)
    assert found.interval == Interval(chromosome="chr6", start=99, end=end, strand=".")


@given(position=st.integers(1, 10**9), reference=st.text("ACGT", min_size=1), alternate=st.text("ACGT"))
def test_interval_has_as_many_bases_as_reference(position: int, reference: str, alternate: str) -> None:
    found = variant(position, reference, alternate)
    assert found.interval.width == len(reference)
    assert found.interval.width + found.length_change == len(alternate)


def test_variants_are_values() -> None:
    assert {variant(5, "A", "C"), variant(5, "A", "C")} == {variant(5, "A", "C")}
    assert variant(5, "A", "C") != variant(5, "A", "G")
