import collections
import pathlib
import random
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence

import pytest
import toy_genome
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vep_cli.errors import FastaError
from vep_cli.genome.allele_flags import with_flags
from vep_cli.genome.alleles import AlleleFlag, read_alleles
from vep_cli.genome.interval import Interval
from vep_cli.genome.normalisation import MAXIMUM_SHIFT, duplicates_neighbourhood, normalise
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, build_window, centred_interval

DEMO = pathlib.Path(__file__).parents[2] / "examples"
BCFTOOLS = pytest.mark.parametrize("bcftools", [path for path in [shutil.which("bcftools")] if path])


class Contig:
    """One contig in memory, which remembers what was asked of it."""

    def __init__(self, bases: str) -> None:
        self.bases = bases
        self.fetched: list[Interval] = []

    def fetch(self, interval: Interval) -> str:
        self.fetched.append(interval)
        start, end = max(interval.start, 0), min(interval.end, len(self.bases))
        return "N" * (start - interval.start) + self.bases[start:end] + "N" * (interval.end - end)


def variant(text: str, chromosome: str = "chr1") -> Variant:
    """Return the variant of `position REF ALT`."""
    position, before, after = text.split()
    return Variant(
        chromosome=chromosome, position=int(position), reference_bases=before, alternate_bases=after
    )


def spelled(found: Variant) -> str:
    return f"{found.position} {found.reference_bases} {found.alternate_bases}"


def with_alternate(bases: str, changed: Variant) -> str:
    assert bases[changed.start : changed.end] == changed.reference_bases
    return bases[: changed.start] + changed.alternate_bases + bases[changed.end :]


# CCCATATATGGTTTT
# 123456789012345
PAPER = "CCCATATATGGTTTT"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("4 A G", "4 A G", id="an SNV stays"),
        pytest.param("3 CATA CAGA", "5 T G", id="an SNV sheds what surrounds it"),
        pytest.param("4 ATA GTC", "4 ATA GTC", id="a block substitution is not split"),
        pytest.param("3 CATAT CGTCT", "4 ATA GTC", id="a block substitution is trimmed at both ends"),
        # After the shared T at the right, ATA and G: nothing shared, nothing to anchor.
        pytest.param("4 ATAT GT", "4 ATA G", id="a delins needs no anchor"),
        # AT at 8-9 is the third copy; the first, behind the C at 3, can go just as well.
        pytest.param("7 TAT T", "3 CAT C", id="a deletion goes to the first copy"),
        # TA at 7-8 lies across copies; it moves by three: AT at 6-7, TA at 5-6, AT at 4-5.
        pytest.param("6 ATA A", "3 CAT C", id="a deletion across copies turns its bases"),
        pytest.param("9 T TAT", "3 C CAT", id="an insertion goes before the first copy"),
        # TAT between 9 and 10 moves past the T (TTA), the A (ATT) and the T (TAT); an A is not its last base.
        pytest.param("9 T TTAT", "6 A ATAT", id="an insertion that is no whole number of copies"),
        pytest.param("9 T TATA", "9 T TATA", id="an insertion that ends in another base stays"),
        pytest.param("15 T TT", "11 G GT", id="an insertion behind the last base"),
        pytest.param("12 TTTT T", "11 GTTT G", id="the last bases of the contig"),
        # CCC from 1 on: nothing is before the first C, so the anchor is the base after what goes.
        pytest.param("2 CC C", "1 CC C", id="a deletion of the first base"),
        pytest.param("2 CCA A", "1 CCC C", id="a deletion of the first bases, written elsewhere"),
        pytest.param("1 CCCA A", "1 CCCA A", id="a deletion of all that repeats at the start"),
        pytest.param("1 C GC", "1 C GC", id="an insertion before the first base"),
        pytest.param("3 C CC", "1 C CC", id="an insertion that moves before the first base"),
        pytest.param("5 T T", "5 T T", id="no change is left alone"),
        pytest.param("5 TAT TAT", "5 TAT TAT", id="no change of several bases is left alone"),
    ],
)
def test_spelling_on_paper(written: str, expected: str) -> None:
    assert spelled(normalise(variant(written), Contig(PAPER))) == expected


def test_the_contig_is_kept_and_has_to_be_known(tmp_path: pathlib.Path) -> None:
    fasta = toy_genome.write_genome(tmp_path / "genome.fa", {"chrA": "GGGG", "chrB": "GAAA"})
    with Reference(fasta) as reference:
        assert normalise(variant("3 AA A", "chrB"), reference) == variant("1 GA G", "chrB")
        with pytest.raises(FastaError, match="chrC"):
            normalise(variant("3 AA A", "chrC"), reference)


def test_unknown_bases_end_a_repeat_and_may_be_the_anchor() -> None:
    # What `bcftools norm` writes, too (compared below on the genome of the random variants).
    assert spelled(normalise(variant("6 AA A"), Contig("ANNAAAA"))) == "3 NA N"


@st.composite
def spelt_twice(draw: st.DrawFn) -> tuple[str, Variant, Variant]:
    """Return a contig of low complexity and two spellings of one changed form of it."""
    unit = draw(st.text("ACG", min_size=1, max_size=4))
    pieces = st.one_of(st.text("AC", max_size=6), st.integers(1, 80).map(lambda copies: unit * copies))
    before = "".join(draw(st.lists(pieces, min_size=1, max_size=4))) or "A"
    start = draw(st.integers(0, len(before)))
    end = draw(st.integers(start, min(len(before), start + 12)))
    changed = before[:start] + draw(pieces) + before[end:]
    changed = changed if changed not in ("", before) else before + "G"
    return before, draw(spellings(before, changed)), draw(spellings(before, changed))


@st.composite
def spellings(draw: st.DrawFn, before: str, after: str) -> Variant:
    """Return any spelling: all that is left out at either end is shared, and no allele is empty."""
    shorter = min(len(before), len(after))
    left = draw(st.integers(0, min(shared_prefix(before, after), shorter - 1)))
    right = draw(st.integers(0, min(shared_prefix(before[::-1], after[::-1]), shorter - 1 - left)))
    return Variant(
        chromosome="chr1",
        position=left + 1,
        reference_bases=before[left : len(before) - right],
        alternate_bases=after[left : len(after) - right],
    )


def shared_prefix(first: str, second: str) -> int:
    pairs = enumerate(zip(first, second, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(first), len(second)))


@settings(max_examples=400, deadline=None)
@given(spelt=spelt_twice())
def test_one_haplotype_has_one_spelling(spelt: tuple[str, Variant, Variant]) -> None:
    bases, first, second = spelt
    found = normalise(first, Contig(bases))
    assert normalise(second, Contig(bases)) == found
    assert normalise(found, Contig(bases)) == found
    assert with_alternate(bases, found) == with_alternate(bases, first)


@settings(max_examples=400, deadline=None)
@given(spelt=spelt_twice())
def test_the_spelling_is_trimmed_and_leftmost(spelt: tuple[str, Variant, Variant]) -> None:
    bases, written, _ = spelt
    found = normalise(written, Contig(bases))
    before, after = found.reference_bases, found.alternate_bases
    shorter = min(len(before), len(after))
    # Tan et al. 2015, section 2.1: no allele is empty, the last bases differ (else it could be
    # shortened or moved), and so do the first ones unless one of them is an allele of its own.
    assert shorter >= 1
    if before[-1] == after[-1]:
        assert (shorter, found.position) == (1, 1)
    elif before[0] == after[0]:
        assert shorter == 1


@settings(max_examples=200, deadline=None)
@given(spelt=spelt_twice())
def test_a_duplication_is_one_in_every_spelling(spelt: tuple[str, Variant, Variant]) -> None:
    bases, first, second = spelt
    whole = with_alternate(bases, first)
    added = len(whole) - len(bases)
    # By its meaning: some stretch of the contig stands twice in a row in the changed one.
    expected = added > 0 and any(
        bases[: start + added] + bases[start:] == whole for start in range(len(bases) - added + 1)
    )
    assert duplicates_neighbourhood(first, Contig(bases)) == expected
    assert duplicates_neighbourhood(second, Contig(bases)) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("3 C CAT", True, id="its bases follow"),
        pytest.param("9 T TAT", True, id="its bases precede"),
        pytest.param("9 T TATAT", True, id="two copies precede"),
        # ATATATGG is 4-11; between 7 and 8, ATGG ATAT makes two of it, and half stands on each side.
        pytest.param("7 T TATGGATAT", True, id="half of its bases on each side"),
        pytest.param("11 G GGGT", False, id="one base more than is there"),
        pytest.param("11 G GTTTT", True, id="all of the last bases"),
        pytest.param("11 G GTTTTT", False, id="more than the contig has left"),
        pytest.param("1 C CC", True, id="the first base again"),
        pytest.param("1 C GC", False, id="another base before the first"),
        pytest.param("10 G GAC", False, id="bases that are not there"),
        pytest.param("3 CA CATA", True, id="an insertion with bases to trim"),
        pytest.param("3 CAT C", False, id="a deletion"),
        pytest.param("4 A T", False, id="an SNV"),
        pytest.param("4 AT GAT", False, id="G before ATA"),
        pytest.param("4 AT CC", False, id="a block substitution"),
        pytest.param("4 A CC", False, id="a delins that lengthens"),
        pytest.param("4 A A", False, id="no change"),
    ],
)
def test_duplications_on_paper(written: str, expected: bool) -> None:
    assert duplicates_neighbourhood(variant(written), Contig(PAPER)) is expected


@pytest.mark.parametrize("copies", [42, 43, 63, 64, 65, 5000])
@pytest.mark.parametrize("unit", ["A", "AC", "ACG"])
def test_long_repeats_are_crossed_in_few_reads(unit: str, copies: int) -> None:
    # The reads end after 128, 384, 896 ... bases: the repeats end before, at and behind such places.
    contig = Contig("T" + unit * copies)
    end = len(contig.bases)
    anchor = contig.bases[-len(unit) - 1]
    deletion = variant(f"{end - len(unit)} {anchor}{unit} {anchor}")
    assert spelled(normalise(deletion, contig)) == f"1 T{unit} T"
    # 15,000 bases need 7 reads of doubled width, and one more for the anchor.
    assert len(contig.fetched) <= 8


@pytest.mark.parametrize("beyond", [-1, 0, 1, 1000])
def test_a_repeat_of_more_than_a_megabase_is_not_followed_to_its_end(beyond: int) -> None:
    # G, then T n times; written so that the last T but one goes, which can move by n - 2 bases.
    contig = Contig("G" + "T" * (MAXIMUM_SHIFT + 2 + beyond))
    end = len(contig.bases)
    found = normalise(variant(f"{end - 1} TT T"), contig)
    assert found.position == 1 + max(0, beyond)
    # 128 * (1 + 2 + ... + 2^12) bases are just short of 2^20: 13 reads, the rest, and the anchor.
    assert len(contig.fetched) <= 15


def test_alleles_of_a_megabase_are_trimmed() -> None:
    # 655,360 shared bases on either side of a change.
    half = "ACGGT" * (1 << 17)
    written = variant(f"1 {half}A{half} {half}T{half}")
    assert spelled(normalise(written, Contig(f"{half}A{half}"))) == f"{len(half) + 1} A T"


@pytest.fixture(scope="module")
def repetitive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    bases = {"chr1": random_contig(random.Random(7)).replace("N", "")}
    with Reference(toy_genome.write_genome(tmp_path_factory.mktemp("genome") / "g.fa", bases)) as opened:
        yield opened


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_one_haplotype_has_one_window_and_the_same_flags(repetitive: Reference, data: st.DataObject) -> None:
    whole = Interval(chromosome="chr1", start=0, end=repetitive.lengths["chr1"])
    bases = repetitive.fetch(whole)
    start = data.draw(st.integers(0, len(bases) - 1))
    before = bases[start : start + data.draw(st.integers(0, 6))]
    # Copies of what is there make indels that can be written at many places.
    copied = bases[start - data.draw(st.integers(0, min(start, 6))) : start]
    after = data.draw(st.one_of(st.just(copied), st.just(copied + before), st.text("ACGT", max_size=4)))
    changed = bases[:start] + after + bases[start + len(before) :]
    assume(changed != bases)
    spelt = [data.draw(spellings(bases, changed)) for _ in range(3)]
    found = [scored_from(spelling, repetitive) for spelling in spelt]
    assert found[0] == found[1] == found[2]


def scored_from(spelling: Variant, reference: Reference) -> tuple[Window, set[AlleleFlag]]:
    """Return what the run makes of a spelling: the network's input, and what it says of the score."""
    record = toy_genome.record(
        spelling.chromosome, spelling.position, spelling.reference_bases, spelling.alternate_bases
    )
    (allele,) = read_alleles(record, reference, 4 * reference.lengths["chr1"], normalise)
    assert allele.variant is not None
    window = build_window(allele.variant, centred_interval(allele.variant, 256), reference)
    flags = with_flags(allele, record, window, reference).flags
    return window, {flag for flag in flags if flag is not AlleleFlag.NORMALIZED}


def random_bases(draw: random.Random, alphabet: str, most: int) -> str:
    return "".join(draw.choices(alphabet, k=draw.randint(0, most)))


def random_contig(draw: random.Random) -> str:
    """Return some hundred bases, among them repeats of units of 1 to 6 bases, and N."""
    pieces = [random_bases(draw, "ACGT", 20)]
    for _ in range(8):
        unit = random_bases(draw, "ACGT", 5) + draw.choice("ACGT")
        pieces += [unit * draw.randint(1, 60), random_bases(draw, "AC", 10)]
    return "".join((*pieces[:-4], "NNN", *pieces[-4:]))


def random_variant(draw: random.Random, name: str, bases: str) -> Variant | None:
    """Return a change somewhere in a contig, in any spelling; None where it falls on N."""
    start = draw.choice([0, draw.randrange(len(bases)), len(bases) - 1])
    before = bases[start : start + draw.randint(1, 12)]
    kept = draw.randint(0, len(before))
    nearby = bases[max(0, start - draw.randint(0, 6)) : start + draw.randint(0, 6)].replace("N", "")
    added = draw.choice(["", nearby, random_bases(draw, "ACGT", 4)])
    after = before[:kept] + added + before[kept + draw.randint(0, 4) :]
    if "N" in before or after in ("", before):
        return None
    return Variant(chromosome=name, position=start + 1, reference_bases=before, alternate_bases=after)


def normalised_by_bcftools(bcftools: str, fasta: pathlib.Path, written: Sequence[Variant]) -> list[Variant]:
    """Return each variant as `bcftools norm` writes it, one record a variant."""
    header = ["##fileformat=VCFv4.2", *(f"##contig=<ID={name}>" for name in contigs_of(written))]
    rows = [
        f"{v.chromosome}\t{v.position}\t{index}\t{v.reference_bases}\t{v.alternate_bases}\t.\t.\t."
        for index, v in enumerate(written)
    ]
    text = "\n".join((*header, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO", *rows)) + "\n"
    command = [bcftools, "norm", "--no-version", "-c", "e", "-f", str(fasta), "-"]
    output = subprocess.run(command, input=text, check=True, capture_output=True, text=True).stdout
    # Moved records come in another order; ID says which one it was.
    fields = [line.split("\t") for line in output.splitlines() if not line.startswith("#")]
    found = {int(row[2]): variant(f"{row[1]} {row[3]} {row[4]}", row[0]) for row in fields}
    return [found[index] for index in range(len(written))]


def contigs_of(variants: Iterable[Variant]) -> list[str]:
    return list(dict.fromkeys(found.chromosome for found in variants))


@BCFTOOLS
def test_random_variants_are_as_bcftools_norm_has_them(bcftools: str, tmp_path: pathlib.Path) -> None:
    draw = random.Random(20)
    contigs = {f"c{index}": random_contig(draw) for index in range(20)}
    fasta = toy_genome.write_genome(tmp_path / "genome.fa", contigs)
    drawn = [random_variant(draw, name, bases) for name, bases in contigs.items() for _ in range(80)]
    written = [found for found in drawn if found is not None]
    with Reference(fasta) as reference:
        found = [normalise(given, reference) for given in written]
    assert found == normalised_by_bcftools(bcftools, fasta, written)
    kinds = collections.Counter(
        (new.position < old.position, new.position > old.position, new != old)
        for old, new in zip(written, found, strict=True)
    )
    # All that can happen did: moved left, trimmed at the left, changed in place, nothing to do.
    assert len(written) >= 1000
    assert min(kinds.values()) >= 20
    assert len(kinds) == 4


@BCFTOOLS
def test_the_demo_is_as_bcftools_norm_has_it(bcftools: str) -> None:
    lines = [line.split("\t") for line in (DEMO / "demo.vcf").read_text().splitlines() if line[0] != "#"]
    written = [
        variant(f"{fields[1]} {fields[3]} {alternate}", fields[0])
        for fields in lines
        for alternate in fields[4].split(",")
        if set(alternate) <= set("ACGT")
    ]
    fasta = DEMO / "genome" / "demo.fa.gz"
    with Reference(fasta) as reference:
        found = [normalise(given, reference) for given in written]
        assert found == normalised_by_bcftools(bcftools, fasta, written)
        # As its README says, the demo is left-aligned.
        assert found == written
        # rs267606756 is c.923dup; the reference has GTTTTTTT from its G on.
        assert duplicates_neighbourhood(variant("32040182 G GT", "chr6"), reference)
