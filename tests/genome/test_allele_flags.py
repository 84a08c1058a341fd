from collections.abc import Iterator

import pytest
import toy_genome
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.allele_flags import LONG, with_flags
from vep_cli.genome.alleles import Allele, AlleleFlag, AlleleStatus, as_written, read_alleles
from vep_cli.genome.normalisation import normalise
from vep_cli.genome.reference import Reference
from vep_cli.genome.window import build_window, centred_interval

WIDTH = 1024
UNIT = "ACGTTGCAGTCA"
CONTIGS = {
    "chr1": UNIT * 300,
    "chr2": "C" * 1000 + "N" * 52 + "C" * 460 + "N" * 51 + "C" * 1000,
    "tiny": "ACGT" * 100,
}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    path = toy_genome.write_genome(tmp_path_factory.mktemp("flags") / "genome.fa", CONTIGS)
    with Reference(path) as opened:
        yield opened


def flagged(
    reference: Reference, chromosome: str, position: int, before: str, after: str, *, is_written: bool = False
) -> Allele:
    record = toy_genome.record(chromosome, position, before, after)
    (allele,) = read_alleles(record, reference, WIDTH, as_written if is_written else normalise)
    window = (
        build_window(allele.variant, centred_interval(allele.variant, WIDTH), reference)
        if allele.variant
        else None
    )
    return with_flags(allele, record, window, reference)


def flags(
    reference: Reference, chromosome: str, position: int, before: str, after: str, *, is_written: bool = False
) -> str:
    found = flagged(reference, chromosome, position, before, after, is_written=is_written).flags
    return " ".join(found)


def bases_at(position: int, length: int) -> str:
    return CONTIGS["chr1"][position - 1 : position - 1 + length]


# Position 1801 begins a copy of UNIT: A C G T T G C A G T C A, with an A before it.
@pytest.mark.parametrize(
    ("position", "before", "after", "expected"),
    [
        pytest.param(1802, "C", "T", "", id="an SNV"),
        pytest.param(1802, "c", "t", "", id="an SNV in lower case"),
        pytest.param(1801, "AC", "AT", "NORMALIZED", id="an SNV with a base to trim"),
        pytest.param(1803, "GT", "G", "", id="a deletion"),
        pytest.param(1804, "TT", "T", "NORMALIZED", id="a deletion that moves left"),
        pytest.param(1803, "G", "GAA", "", id="an insertion of new bases"),
        pytest.param(1803, "G", "GT", "TANDEM_DUPLICATION", id="a duplication"),
        pytest.param(1805, "T", "TT", "NORMALIZED TANDEM_DUPLICATION", id="a duplication that moves left"),
        pytest.param(1803, "GT", "GCCC", "NORMALIZED", id="an insertion with a replaced base"),
    ],
)
def test_spelling_on_paper(
    reference: Reference, position: int, before: str, after: str, expected: str
) -> None:
    assert flags(reference, "chr1", position, before, after) == expected


def test_as_written_is_never_normalized(reference: Reference) -> None:
    assert flags(reference, "chr1", 1805, "T", "TT", is_written=True) == "TANDEM_DUPLICATION"


@pytest.mark.parametrize(
    ("length", "expected"), [(LONG - 1, ""), (LONG, "LONG_INDEL"), (LONG + 1, "LONG_INDEL")]
)
def test_long_indels(reference: Reference, length: int, expected: str) -> None:
    # CG is nowhere followed by CG, so that nothing is a duplication and nothing moves.
    assert flags(reference, "chr1", 1803, "G", "G" + ("CCG" * 100)[: length - 1] + "C") == expected
    deleted = bases_at(1803, length + 1)
    # A deletion cannot be told from one that begins a few copies earlier: spelt as written.
    assert flags(reference, "chr1", 1803, deleted, "G", is_written=True) == expected


def test_a_long_block_substitution_is_no_indel(reference: Reference) -> None:
    before = bases_at(1801, 300)
    assert flags(reference, "chr1", 1801, before, before.translate(str.maketrans("ACGT", "CATG"))) == ""


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        # An SNV at p (1-based) has the window [p - 512, p + 512), 0-based; the contig has 3600 bases.
        # 103 of 1024 bases are more than a tenth, 102 are not.
        pytest.param(512, "", id="from the first base on"),
        pytest.param(511, "CONTIG_EDGE", id="one base before the contig"),
        pytest.param(410, "CONTIG_EDGE", id="102 bases before the contig"),
        pytest.param(409, "CONTIG_EDGE MANY_N", id="103 bases before the contig"),
        pytest.param(3088, "", id="up to the last base"),
        pytest.param(3089, "CONTIG_EDGE", id="one base behind the contig"),
    ],
)
def test_ends_of_the_contig(reference: Reference, position: int, expected: str) -> None:
    before = bases_at(position, 1)
    assert flags(reference, "chr1", position, before, "A" if before != "A" else "C") == expected


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        # N is at [1000, 1052) and [1512, 1563), 0-based: 52 and 51 bases.
        pytest.param(1301, "MANY_N", id="both stretches"),  # [789, 1813)
        pytest.param(1053, "MANY_N", id="both, beside one of them"),  # [541, 1565)
        pytest.param(1512, "MANY_N", id="both, to the first base"),  # [1000, 2024)
        pytest.param(1564, "", id="one stretch"),  # [1052, 2076)
    ],
)
def test_unknown_bases(reference: Reference, position: int, expected: str) -> None:
    assert flags(reference, "chr2", position, "C", "A") == expected


def test_a_contig_shorter_than_the_window(reference: Reference) -> None:
    assert flags(reference, "tiny", 200, "T", "A") == "CONTIG_EDGE MANY_N"


@pytest.mark.parametrize(("before", "after"), [("C", "<DUP>"), ("T", "A"), ("C", "C" * 600)])
def test_what_cannot_be_scored_has_no_flags(reference: Reference, before: str, after: str) -> None:
    found = flagged(reference, "chr1", 1802, before, after)
    assert found.status is not AlleleStatus.PASS
    assert found.flags == ()


@given(
    position=st.integers(1, 3590), length=st.integers(1, 8), after=st.text("ACGT", min_size=1, max_size=520)
)
def test_flags_come_in_their_order_and_alleles_lie_in_the_window(
    reference: Reference, position: int, length: int, after: str
) -> None:
    record = toy_genome.record("chr1", position, bases_at(position, length), after)
    (allele,) = read_alleles(record, reference, WIDTH, normalise)
    if allele.variant is None:
        return
    window = build_window(allele.variant, centred_interval(allele.variant, WIDTH), reference)
    found = with_flags(allele, record, window, reference).flags
    assert list(found) == [flag for flag in AlleleFlag if flag in found]
    assert AlleleFlag.SOME_NOT_FINITE not in found
    # No flag says that an allele is cut off at the window's end, because none ever is.
    offset = allele.variant.start - window.interval.start
    assert offset >= 0
    shown = window.alternate_bases[offset : offset + len(allele.variant.alternate_bases)]
    assert shown == allele.variant.alternate_bases


def test_an_indel_counts_as_long_where_the_narrowest_mask_ends() -> None:
    # The package's layers keep the two apart: 501 bp round a base have 250 on its right.
    from vep_cli.scoring.catalogue import recommended
    from vep_cli.scoring.center_mask import CenterMaskScorer

    widths = [
        scorer.width
        for scorer in recommended("human")
        if isinstance(scorer, CenterMaskScorer) and scorer.width
    ]
    assert min(widths) // 2 == LONG
