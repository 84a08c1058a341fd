import pytest

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Gene
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window
from vep_cli.plot.extent import around, default_extent, unknown_stretches, within


def variant(position: int = 10_001, reference: str = "C", alternate: str = "G") -> Variant:
    return Variant(chromosome="chr1", position=position, reference_bases=reference, alternate_bases=alternate)


def gene(start: int, end: int, gene_type: str = "protein_coding") -> Gene:
    return Gene(
        gene_id="G", name="", gene_type=gene_type, chromosome="chr1", start=start, end=end, strand="+"
    )


def interval(start: int, end: int, chromosome: str = "chr1") -> Interval:
    return Interval(chromosome=chromosome, start=start, end=end)


def window(start: int, end: int, of: Variant, bases: str = "") -> Window:
    bases = bases or "A" * (end - start)
    return Window(variant=of, interval=interval(start, end), reference_bases=bases, alternate_bases=bases)


def test_a_gene_and_a_tenth_on_either_side() -> None:
    # 5000 + 2 * 500 round its middle, 9500.
    assert default_extent(variant(), [gene(7000, 12_000)]) == interval(6500, 12_500)


def test_the_shortest_coding_gene_counts() -> None:
    genes = [gene(9000, 11_000, "lncRNA"), gene(0, 30_000), gene(7000, 12_000)]
    assert default_extent(variant(), genes) == interval(6500, 12_500)
    assert default_extent(variant(), genes[:1]) == interval(8800, 11_200)


def test_a_short_gene_has_surroundings() -> None:
    assert default_extent(variant(), [gene(9990, 10_010)]) == interval(8976, 11_024)


def test_a_variant_that_reaches_beyond_its_gene_is_shown_whole() -> None:
    long = variant(reference="C" * 6001, alternate="C")
    # From the gene's start 9000 to the variant's end 16001, and 700 on either side.
    assert default_extent(long, [gene(9000, 11_000)]) == interval(8300, 16_701)


@pytest.mark.parametrize("genes", [[], [gene(0, 40_000)]], ids=["none", "too long"])
def test_without_a_short_gene_the_surroundings(genes: list[Gene]) -> None:
    assert default_extent(variant(100_001), genes) == interval(100_001 - 16_384, 100_001 + 16_384)


def test_around() -> None:
    assert around(variant(), 100) == interval(9951, 10_051)


class TestWithin:
    def test_is_cut_to_window_and_contig(self) -> None:
        of = variant()
        assert within(interval(-5, 99_999), window(8000, 12_000, of), 11_000) == interval(8000, 11_000)
        assert within(interval(-5, 99_999), window(-100, 12_000, of), 99_999) == interval(0, 12_000)
        assert within(interval(9000, 9100), window(8000, 12_000, of), 11_000) == interval(9000, 9100)

    def test_what_an_insertion_pushes_out_is_not_shown(self) -> None:
        of = variant(alternate="CGGG")
        assert within(interval(9000, 99_999), window(8000, 12_000, of), 99_999) == interval(9000, 11_997)

    @pytest.mark.parametrize(
        "asked", [interval(12_000, 13_000), interval(9000, 9100, "chr2")], ids=["beside", "other contig"]
    )
    def test_nothing_left(self, asked: Interval) -> None:
        with pytest.raises(UsageError, match=r"^nothing of .* is predicted round chr1:10001:C>G\n") as caught:
            within(asked, window(8000, 12_000, variant()), 11_000)
        assert "chr1:8001-11000" in str(caught.value.remedy)


def test_unknown_stretches() -> None:
    seen = window(100, 112, variant(105), bases="NNACGNNTNACN")
    assert unknown_stretches(seen, interval(101, 109)) == (
        interval(101, 102),
        interval(105, 107),
        interval(108, 109),
    )
