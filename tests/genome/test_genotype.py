import pytest

from vep_cli.genome.genotype import Copy, Genotype, parse_genotype


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # Which copy has allele 1, and which allele 2.
        ("0|1", (Copy.SECOND, None)),
        ("1|0", (Copy.FIRST, None)),
        ("1|2", (Copy.FIRST, Copy.SECOND)),
        ("2|1", (Copy.SECOND, Copy.FIRST)),
        ("1|1", (Copy.BOTH, None)),
        ("1/1", (Copy.BOTH, None)),
        ("0/1", (Copy.UNPHASED, None)),
        ("1/2", (Copy.UNPHASED, Copy.UNPHASED)),
        ("0|0", (None, None)),
        ("./.", (None, None)),
        (".", (None, None)),
        # Half of it is known: with phase, where it is; without, it may be on both.
        (".|1", (Copy.SECOND, None)),
        ("./1", (Copy.UNPHASED, None)),
        ("1", (Copy.FIRST, None)),
        ("0", (None, None)),
        # Of three copies, which side is which is not told apart.
        ("1|1|0", (Copy.UNPHASED, None)),
        ("1|1|1", (Copy.BOTH, None)),
        ("1|0/0", (Copy.UNPHASED, None)),
        # VCF 4.4: a mark before the first allele.
        ("|1|0", (Copy.FIRST, None)),
        ("/0/1", (Copy.UNPHASED, None)),
    ],
)
def test_copy_of_each_allele(values: str, expected: tuple[Copy | None, Copy | None]) -> None:
    genotype = parse_genotype("GT", values)
    assert genotype is not None
    assert (genotype.copy_of(1), genotype.copy_of(2)) == expected


def test_what_else_is_known() -> None:
    assert parse_genotype("DP:GT:PS", "3:0|1:77") == Genotype(alleles=(0, 1), is_phased=True, phase_set="77")
    # Fields at the end may be left out.
    assert parse_genotype("GT:PS", "0|1") == Genotype(alleles=(0, 1), is_phased=True)
    assert parse_genotype("GT:PS", "0|1:.") == Genotype(alleles=(0, 1), is_phased=True)
    missing = parse_genotype("GT", ".|1")
    assert missing is not None
    assert missing.is_missing
    assert not missing.is_haploid
    haploid = parse_genotype("GT", "1")
    assert haploid is not None
    assert haploid.is_haploid
    assert not haploid.is_missing


@pytest.mark.parametrize(
    ("keys", "values"), [("DP", "3"), ("GT", ""), ("GT", "a/b"), ("GT", "0|-1"), ("", "")]
)
def test_what_is_no_genotype(keys: str, values: str) -> None:
    assert parse_genotype(keys, values) is None
