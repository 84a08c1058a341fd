import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_inputs import CONTIGS, ToyGenome

from vep_cli.errors import UsageError
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant_text import parse_variant, reference_bases_at

BASES = st.text("ACGT", min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chr6:32039081:C:G", ("chr6", 32039081, "C", "G")),
        ("chr6:32039081:C>G", ("chr6", 32039081, "C", "G")),
        ("6-32039081-C-G", ("6", 32039081, "C", "G")),
        (" chr6:32,039,081:c:ga ", ("chr6", 32039081, "c", "ga")),
        ("chr1:7:C:<DEL>", ("chr1", 7, "C", "<DEL>")),
        ("chr1:7:C><DEL>", ("chr1", 7, "C", "<DEL>")),
        ("chr1:7:C:<DUP:TANDEM>", ("chr1", 7, "C", "<DUP:TANDEM>")),
        ("chr1:7:C:*", ("chr1", 7, "C", "*")),
        ("chr1:7:G:G]17:198982]", ("chr1", 7, "G", "G]17:198982]")),
        ("HLA-A*01:01:01:7:C:G", ("HLA-A*01:01:01", 7, "C", "G")),
        ("HLA-A*01:01-7-C-G", ("HLA-A*01:01", 7, "C", "G")),
    ],
)
def test_spellings(text: str, expected: tuple[str, int, str, str]) -> None:
    record = parse_variant(text)
    assert (record.chromosome, record.position, record.reference, record.alternates[0]) == expected
    assert (record.line_number, record.problem, len(record.alternates)) == (1, None, 1)


@given(position=st.integers(0, 10**9), reference=BASES, alternate=BASES, name=st.from_regex(r"\A[\w.]+\Z"))
def test_every_spelling_means_the_same(position: int, reference: str, alternate: str, name: str) -> None:
    parts = (name, str(position), reference, alternate)
    spellings = (":".join(parts), "-".join(parts), f"{':'.join(parts[:3])}>{alternate}")
    records = [parse_variant(spelling) for spelling in spellings]
    assert {record.columns[:5] for record in records} == {(name, str(position), ".", reference, alternate)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rs123",
        "chr6",
        "chr6:32039081",
        "chr6:32039081:C",
        "chr6:x:C:G",
        "chr6:32039081-32039082:C:G",
        "chr6:32039081:C:",
        "chr6 32039081 C G",
        "chr6:,:C:G",
        "chr6:99999999999:C:G",
        "chr6:1:C\tA:G",
        "chr6:1:C:G:T",
    ],
)
def test_other_texts_get_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="is not a variant") as caught:
        parse_variant(text)
    assert "chr6:32039081:C:G" in str(caught.value.remedy)


def test_one_allele_at_a_time() -> None:
    with pytest.raises(UsageError, match="several ALT alleles"):
        parse_variant("chr6:32039081:C:G,T")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chr1:11:N:A", CONTIGS["chr1"][10]),
        ("1:11:NNNN:A", CONTIGS["chr1"][10:14]),  # by another name of the contig
        ("chr2:5998:CCC:A", "CCC"),
        ("chr2:5998:CCCC:A", ""),  # the contig has 6000 bases
        ("chr2:0:C:A", ""),
        ("chr3:11:A:C", ""),
    ],
)
def test_reference_in_the_place_of_ref(toy_genome: ToyGenome, text: str, expected: str) -> None:
    with Reference(toy_genome.fasta) as reference:
        assert reference_bases_at(parse_variant(text), reference) == expected
