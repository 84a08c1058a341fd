import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_genome import write_genome

from vep_cli.errors import UsageError
from vep_cli.genome.interval import Interval
from vep_cli.genome.mutagenesis import mutagenesis_windows, single_base_variants
from vep_cli.genome.reference import Reference


def on_chr1(start: int, end: int, strand: str = ".") -> Interval:
    return Interval(chromosome="chr1", start=start, end=end, strand=strand)


def test_official_order() -> None:
    # The bases 43700 and 43701 of the official example are A and G.
    found = [str(variant) for variant in single_base_variants(on_chr1(43700, 43702), "AG")]
    assert found == [
        "chr1:43701:A>C",
        "chr1:43701:A>G",
        "chr1:43701:A>T",
        "chr1:43702:G>A",
        "chr1:43702:G>C",
        "chr1:43702:G>T",
    ]


def test_an_unknown_base_has_four_changes() -> None:
    found = [str(variant) for variant in single_base_variants(on_chr1(9, 10), "N")]
    assert found == ["chr1:10:N>A", "chr1:10:N>C", "chr1:10:N>G", "chr1:10:N>T"]


@given(bases=st.text("ACGTN", max_size=40), start=st.integers(-5, 1000))
def test_every_other_base_once(bases: str, start: int) -> None:
    found = list(single_base_variants(on_chr1(start, start + len(bases)), bases))
    assert len(set(found)) == len(found) == 3 * len(bases) + bases.count("N")
    assert all(bases[variant.start - start] == variant.reference_bases for variant in found)
    assert all(variant.reference_bases != variant.alternate_bases for variant in found)
    assert [variant.position for variant in found] == sorted(variant.position for variant in found)


def test_letters_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"len\(bases\)=3 interval.width=2"):
        list(single_base_variants(on_chr1(0, 2), "ACG"))


@pytest.fixture
def reference(tmp_path: pathlib.Path) -> Reference:
    return Reference(write_genome(tmp_path / "toy.fa", {"chr1": "ACGTACGTAC"}))


def test_windows_share_ref_and_differ_in_one_base(reference: Reference) -> None:
    windows = list(mutagenesis_windows(on_chr1(4, 6), on_chr1(2, 8), reference))
    assert {window.reference_bases for window in windows} == {"GTACGT"}
    assert [window.alternate_bases for window in windows] == [
        "GTCCGT",
        "GTGCGT",
        "GTTCGT",
        "GTAAGT",
        "GTAGGT",
        "GTATGT",
    ]


def test_windows_on_the_other_strand_are_reverse_complemented(reference: Reference) -> None:
    first = next(mutagenesis_windows(on_chr1(4, 5), on_chr1(2, 8, "-"), reference))
    # GTACGT and GTCCGT, read backwards on the other strand.
    assert (first.reference_bases, first.alternate_bases) == ("ACGTAC", "ACGGAC")
    assert str(first.variant) == "chr1:5:A>C"


@pytest.mark.parametrize(("start", "end"), [(1, 3), (7, 9)])
def test_a_stretch_that_leaves_the_window_is_refused(reference: Reference, start: int, end: int) -> None:
    with pytest.raises(UsageError, match="does not lie inside"):
        next(mutagenesis_windows(on_chr1(start, end), on_chr1(2, 8), reference))
