from collections.abc import Iterator

import pytest
import toy_genome
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.alleles import REASONS, Allele, AlleleStatus, read_alleles
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.vcf_record import parse_record

# Positions (1-based): ACGTACGTAC is 1 to 10, NNRN is 11 to 14, acgtacgt is 15 to 22.
CONTIGS = {"chr1": "ACGTACGTACNNRNacgtacgt", "2": "GGGG", "chrM": "ACGT"}
WIDTH = 16


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    path = toy_genome.write_genome(tmp_path_factory.mktemp("alleles") / "genome.fa", CONTIGS)
    with Reference(path) as opened:
        yield opened


def read(reference: Reference, chromosome: str, position: int, bases: str, alternates: str) -> list[Allele]:
    return list(read_alleles(toy_genome.record(chromosome, position, bases, alternates), reference, WIDTH))


def statuses(reference: Reference, position: int, bases: str, alternates: str) -> list[str]:
    return [allele.status.value for allele in read(reference, "chr1", position, bases, alternates)]


@pytest.mark.parametrize(
    ("position", "bases", "alternate", "status"),
    [
        pytest.param(1, "A", "C", "PASS", id="first base"),
        pytest.param(22, "T", "C", "PASS", id="last base"),
        pytest.param(2, "CGT", "C", "PASS", id="deletion"),
        pytest.param(2, "C", "CGG", "PASS", id="insertion"),
        pytest.param(2, "CGT", "AA", "PASS", id="deletion with insertion"),
        pytest.param(2, "c", "t", "PASS", id="lower case"),
        pytest.param(15, "A", "C", "PASS", id="soft-masked reference"),
        pytest.param(2, "A", "C", "REF_MISMATCH", id="another base"),
        pytest.param(2, "CGA", "C", "REF_MISMATCH", id="another last base"),
        pytest.param(11, "A", "C", "REF_N", id="reference is N"),
        pytest.param(11, "N", "C", "REF_N", id="both are N"),
        pytest.param(13, "A", "C", "REF_N", id="reference is R"),
        pytest.param(13, "R", "C", "REF_N", id="both are R"),
        pytest.param(10, "CNN", "C", "REF_N", id="N in a deletion"),
        pytest.param(2, "N", "A", "NON_ACGT", id="REF is N, the reference is not"),
        pytest.param(2, "Y", "A", "NON_ACGT", id="REF is IUPAC"),
        pytest.param(2, "y", "A", "NON_ACGT", id="REF is lower-case IUPAC"),
        pytest.param(2, "C", "N", "NON_ACGT", id="ALT is N"),
        pytest.param(2, "C", "r", "NON_ACGT", id="ALT is lower-case IUPAC"),
        pytest.param(2, "C", "C-", "NON_ACGT", id="ALT has a gap"),
        pytest.param(2, "C", "A\u00e9", "NON_ACGT", id="ALT is no ASCII"),
        pytest.param(2, "C", "I", "NON_ACGT", id="ALT is a word"),
        pytest.param(2, "C", "<DEL>", "SYMBOLIC", id="deletion by name"),
        pytest.param(2, "C", "<DUP:TANDEM>", "SYMBOLIC", id="duplication by name"),
        pytest.param(2, "C", "<NON_REF>", "SYMBOLIC", id="gVCF of GATK"),
        pytest.param(2, "C", "<*>", "SYMBOLIC", id="gVCF of bcftools"),
        pytest.param(2, "C", "C<ctg1>", "SYMBOLIC", id="inserted contig"),
        pytest.param(2, "C", "*", "SPANNING_DELETION", id="spanning deletion"),
        pytest.param(2, "C", ".", "MISSING_ALT", id="no ALT"),
        pytest.param(2, "C", "C]chr2:9]", "BREAKEND", id="breakend t]p]"),
        pytest.param(2, "C", "C[chr2:9[", "BREAKEND", id="breakend t[p["),
        pytest.param(2, "C", "]chr2:9]C", "BREAKEND", id="breakend ]p]t"),
        pytest.param(2, "C", "[chr2:9[C", "BREAKEND", id="breakend [p[t"),
        pytest.param(2, "C", "C[<ctg1>:9[", "BREAKEND", id="breakend to an assembled contig"),
        pytest.param(2, "C", ".CA", "BREAKEND", id="single breakend to the left"),
        pytest.param(2, "C", "CA.", "BREAKEND", id="single breakend to the right"),
        pytest.param(2, "C", "C", "DUPLICATE_OF_REF", id="ALT is REF"),
        pytest.param(2, "C", "c", "DUPLICATE_OF_REF", id="ALT is REF in lower case"),
        pytest.param(0, "N", "A", "OFF_CONTIG", id="telomere"),
        pytest.param(23, "A", "C", "OFF_CONTIG", id="first base after the end"),
        pytest.param(22, "TA", "T", "OFF_CONTIG", id="REF reaches past the end"),
        pytest.param(9_999_999_999, "A", "C", "OFF_CONTIG", id="far away"),
        pytest.param(2, "C", "C" * 8, "PASS", id="half the window"),
        pytest.param(2, "C", "C" * 9, "TOO_LONG", id="more than half the window"),
        pytest.param(1, "ACGTACGTA", "A", "TOO_LONG", id="long REF"),
    ],
)
def test_status_of_one_allele(
    reference: Reference, position: int, bases: str, alternate: str, status: str
) -> None:
    assert statuses(reference, position, bases, alternate) == [status]


@pytest.mark.parametrize(
    ("alternate", "status"), [("<DEL>", "SYMBOLIC"), ("C", "UNKNOWN_CONTIG"), (".", "MISSING_ALT")]
)
def test_unknown_contig_is_the_reason_only_of_spelt_alleles(
    reference: Reference, alternate: str, status: str
) -> None:
    (allele,) = read(reference, "chr9", 1, "A", alternate)
    assert allele.status.value == status


@pytest.mark.parametrize(
    ("written", "in_reference", "bases"),
    [("chr1", "chr1", "A"), ("1", "chr1", "A"), ("2", "2", "G"), ("chr2", "2", "G"), ("MT", "chrM", "A")],
)
def test_contig_names_match_both_ways(
    reference: Reference, written: str, in_reference: str, bases: str
) -> None:
    (allele,) = read(reference, written, 1, bases, "T")
    assert allele.variant is not None
    assert allele.variant.chromosome == in_reference


def test_a_mixture_keeps_order_and_gives_each_its_own_status(reference: Reference) -> None:
    alternates = "T,<DEL>,*,CA,.,C,R,C[2:1[,CCCCCCCCC,<*>,,t"
    assert statuses(reference, 2, "C", alternates) == [
        "PASS",
        "SYMBOLIC",
        "SPANNING_DELETION",
        "PASS",
        "MISSING_ALT",
        "DUPLICATE_OF_REF",
        "NON_ACGT",
        "BREAKEND",
        "TOO_LONG",
        "SYMBOLIC",
        "MISSING_ALT",
        "PASS",
    ]
    found = read(reference, "chr1", 2, "C", alternates)
    assert [allele.text for allele in found] == alternates.split(",")


def test_only_what_passes_has_a_variant(reference: Reference) -> None:
    found = read(reference, "1", 2, "c", "t,<DEL>")
    expected = Variant(chromosome="chr1", position=2, reference_bases="C", alternate_bases="T")
    assert found == [
        Allele(text="t", status=AlleleStatus.PASS, variant=expected),
        Allele(text="<DEL>", status=AlleleStatus.SYMBOLIC, variant=None),
    ]


def test_malformed_line_has_one_allele(reference: Reference) -> None:
    malformed = parse_record("chr1\tx\t.\tA\tC,G\t.\t.\t.\n", 5)
    assert read_alleles(malformed, reference, WIDTH) == (Allele(text=".", status=AlleleStatus.MALFORMED),)
    assert read_alleles(parse_record("\n", 6), reference, WIDTH)[0].status is AlleleStatus.MALFORMED


@given(
    position=st.integers(0, 30),
    bases=st.text("ACGTNacgtR*", min_size=1, max_size=12),
    alternates=st.lists(st.text("ACGTNacgt<>*.[]:", min_size=1, max_size=12), min_size=1, max_size=4),
)
def test_every_allele_is_accounted_for(
    reference: Reference, position: int, bases: str, alternates: list[str]
) -> None:
    found = read(reference, "1", position, bases, ",".join(alternates))
    assert [allele.text for allele in found] == alternates
    sequence = CONTIGS["chr1"].upper()
    for allele in found:
        assert (allele.variant is not None) == (allele.status is AlleleStatus.PASS)
        if allele.variant is not None:
            assert sequence[position - 1 :].startswith(allele.variant.reference_bases)
            assert allele.variant.alternate_bases == allele.text.upper() != bases.upper()


def test_every_status_has_a_reason() -> None:
    assert set(REASONS) == set(AlleleStatus)
    assert len(set(REASONS.values())) == len(AlleleStatus)
