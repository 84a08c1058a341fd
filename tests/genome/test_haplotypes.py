"""What is read of a sample's genotypes, and that its haplotypes are those of bcftools consensus."""

import collections
import pathlib
import random
import shutil
import subprocess

import numpy as np
import pysam
import pytest
import toy_genome
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vep_cli.errors import UsageError
from vep_cli.genome.alleles import as_written
from vep_cli.genome.background import carried_window
from vep_cli.genome.edits import Edit
from vep_cli.genome.genotype import Copy
from vep_cli.genome.haplotypes import CONFLICT, MISSING, Haplotypes, read_haplotypes
from vep_cli.genome.interval import Interval
from vep_cli.genome.normalisation import normalise
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import centred_interval

HEADER = "##fileformat=VCFv4.2\n"
FIXED = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
BASES = "".join(random.Random(5).choices("ACGT", k=400))


def line(position: int, before: str, after: str, *cells: str, keys: str = "GT", contig: str = "c") -> str:
    return "\t".join([contig, str(position), ".", before, after, ".", ".", ".", keys, *cells]) + "\n"


def snv(position: int, *cells: str, keys: str = "GT") -> str:
    before = BASES[position - 1]
    return line(position, before, "ACGT".replace(before, "")[0], *cells, keys=keys)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    folder: pathlib.Path = tmp_path_factory.mktemp("haplotypes")
    return Reference(toy_genome.write_genome(folder / "genome.fa", {"c": BASES, "chr2": BASES}))


def read(
    tmp_path: pathlib.Path, reference: Reference, *lines: str, samples: str = "S", sample: str = "S"
) -> Haplotypes:
    path = tmp_path / "phased.vcf"
    columns = FIXED + "\tFORMAT\t" + samples.replace(" ", "\t") if samples else FIXED
    path.write_text(HEADER + columns + "\n" + "".join(lines))
    return read_haplotypes(str(path), sample, reference)


def copies(found: Haplotypes, contig: str = "c") -> list[tuple[int, str, Copy]]:
    """Return where each usable allele of a contig starts, 1-based, what it puts there, and its copy."""
    rows = found.contigs[contig]
    return [
        (int(rows.start[number]) + 1, rows.bases(number), rows.copy_of(number))
        for number in np.flatnonzero(rows.is_usable).tolist()
    ]


def test_alleles_of_one_sample(tmp_path: pathlib.Path, reference: Reference) -> None:
    def base(position: int) -> str:
        return BASES[position - 1]

    found = read(
        tmp_path,
        reference,
        line(30, base(30), base(30) + "TT", "1|1", "0|0"),
        line(18, BASES[17:21], base(18) + ",*", "2|1", "0|1"),
        line(5, base(5), "N", "0|1", "0|1"),
        line(40, base(40), "<DEL>", "1|0", "0|1"),
        line(50, "ACGT".replace(base(50), "")[0], base(50), "0|1", "0|1"),
        line(60, base(60), "ACGT".replace(base(60), "")[0].lower(), "./1", "0|1"),
        line(70, base(70), "ACGT".replace(base(70), "")[0], "0|0", "0|1"),
        line(80, base(80), "ACGT".replace(base(80), "")[0], "./.", "0|1"),
        line(9, "A", "C", "0|1", "0|1", contig="elsewhere"),
        line(90, base(90), base(90), "0|1", "0|1"),
        "c\tno record\n",
        line(7, BASES[6], "ACGT".replace(BASES[6], "")[0], "1|0", "0|1", contig="2"),
        samples="S T",
    )
    assert copies(found) == [
        # A deletion starts behind its anchor; '*' is what another record tells of.
        (19, "", Copy.SECOND),
        (31, "TT", Copy.BOTH),
        (60, "ACGT".replace(base(60), "")[0], Copy.UNPHASED),
    ]
    assert copies(found, "chr2") == [(7, "ACGT".replace(BASES[6], "")[0], Copy.FIRST)]
    assert dict(found.counts) == {
        Copy.FIRST: 1,
        Copy.SECOND: 1,
        Copy.BOTH: 1,
        Copy.UNPHASED: 1,
        CONFLICT: 0,
        MISSING: 2,
        "NON_ACGT": 1,
        "SYMBOLIC": 1,
        "REF_MISMATCH": 1,
        "UNKNOWN_CONTIG": 1,
    }
    assert found.phase_sets == 2


def test_phase_sets_are_told_apart(tmp_path: pathlib.Path, reference: Reference) -> None:
    found = read(
        tmp_path,
        reference,
        snv(10, "0|1:100", keys="GT:PS"),
        snv(20, "0|1:100", keys="GT:PS"),
        snv(30, "0|1:200", keys="GT:PS"),
        snv(40, "1/1:.", keys="GT:PS"),
        snv(50, "0|1"),
        snv(60, "1"),
        snv(70, "1"),
    )
    rows = found.contigs["c"]

    def beside(position: int) -> list[int]:
        number = int(np.searchsorted(rows.start, position - 1))
        return (rows.background(number).start + 1).tolist()

    assert beside(10) == [10, 20, 40]
    assert beside(30) == [30, 40]
    assert beside(50) == [40, 50]
    assert beside(60) == [40, 60, 70]
    assert beside(40) == [40]
    assert found.phase_sets == 4


def test_conflicts_and_doubles(tmp_path: pathlib.Path, reference: Reference) -> None:
    found = read(
        tmp_path,
        reference,
        # A deletion of 11-13, and a change of base 12 on the same copy; that of base 13 is on the other.
        line(10, BASES[9:13], BASES[9], "0|1"),
        snv(12, "0|1"),
        snv(13, "1|0"),
        # Twice the same is one; twice otherwise is nothing.
        snv(20, "0|1"),
        snv(20, "0|1"),
        snv(30, "0|1"),
        snv(30, "1|0"),
        # The base before an insertion is its anchor and no part of it.
        snv(40, "0|1"),
        line(40, BASES[39], BASES[39] + "GG", "0|1"),
        # An anchor of two deletions side by side.
        line(49, BASES[48:51], BASES[48], "0|1"),
        line(51, BASES[50:53], BASES[50], "0|1"),
    )
    assert [start for start, _, _ in copies(found)] == [13, 20, 40, 41, 50, 52]
    assert found.counts[CONFLICT] == 3
    rows = found.contigs["c"]
    twice = rows.find(Edit(start=29, end=30, bases="ACGT".replace(BASES[29], "")[0]))
    assert twice is not None
    assert rows.copy_of(twice) is Copy.UNPHASED


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_other_samples_and_the_order_of_records_make_no_difference(
    tmp_path: pathlib.Path, reference: Reference, data: st.DataObject
) -> None:
    genotypes = st.sampled_from(["0|1", "1|0", "1|1", "0/1", "0|0", "./.", "1"])
    positions = [10, 30, 50, 70]
    own = data.draw(st.tuples(*[genotypes] * 4))
    others = [data.draw(st.tuples(*[genotypes] * 4)) for _ in range(2)]
    order = data.draw(st.permutations(range(4)))
    first = [
        snv(position, cell, other) for position, cell, other in zip(positions, own, others[0], strict=True)
    ]
    second = [
        snv(position, other, cell) for position, cell, other in zip(positions, own, others[1], strict=True)
    ]
    one = read(tmp_path, reference, *first, samples="S T")
    two = read(tmp_path, reference, *(second[place] for place in order), samples="T S")
    assert one.digest == two.digest
    assert (one.counts[CONFLICT], one.phase_sets) == (two.counts[CONFLICT], two.phase_sets)


def test_digest_tells_genotypes_apart(tmp_path: pathlib.Path, reference: Reference) -> None:
    lines = [
        snv(10, "0|1"),
        snv(20, "0|1"),
        snv(20, "1|1"),
        snv(10, "1|0"),
        line(10, BASES[9], "<DEL>", "0|1"),
    ]
    digests = [read(tmp_path, reference, one).digest for one in lines]
    digests.append(read(tmp_path, reference, lines[0], lines[1]).digest)
    assert len(set(digests)) == len(digests)


def test_the_sample_has_to_be_there_once(tmp_path: pathlib.Path, reference: Reference) -> None:
    with pytest.raises(UsageError, match="no sample NA12879") as error:
        read(tmp_path, reference, samples="NA12878 HG002", sample="NA12879")
    assert error.value.remedy == "it has NA12878 and others"
    with pytest.raises(UsageError, match="several samples"):
        read(tmp_path, reference, samples="S S")
    with pytest.raises(UsageError, match="no sample S") as error:
        read(tmp_path, reference, samples="")
    assert error.value.remedy == "it has no samples at all"


# ---- against bcftools ----


def random_lines(draw: random.Random, *, with_indels: bool) -> list[str]:
    """Return records apart from one another, each carried on one copy or on both."""
    lines, position = [], 3
    while position < len(BASES) - 20:
        length = draw.choice([1, 1, 2, 5]) if with_indels else 1
        before = BASES[position - 1 : position - 1 + length]
        if with_indels and length == 1 and draw.random() < 0.5:
            after = before + "".join(draw.choices("ACGT", k=draw.randint(1, 6)))
        elif length > 1 and draw.random() < 0.8:
            after = before[0]
        else:
            after = "".join(draw.choice("ACGT".replace(base, "")) for base in before)
        lines.append(line(position, before, after, draw.choice(["0|1", "1|0", "1|1"])))
        position += length + draw.randint(5, 30)
    return lines


@pytest.mark.parametrize("with_indels", [False, True])
@pytest.mark.parametrize("spelling", [normalise, as_written])
@pytest.mark.parametrize("bcftools", [path for path in [shutil.which("bcftools")] if path])
def test_windows_are_those_of_the_haplotypes_of_bcftools(
    bcftools: str, spelling: object, with_indels: bool, reference: Reference, tmp_path: pathlib.Path
) -> None:
    width, draw = 128, random.Random(11)
    seen: collections.Counter[str] = collections.Counter()
    lines = random_lines(draw, with_indels=with_indels)
    rows = read(tmp_path, reference, *lines).contigs["c"]
    for number, text in enumerate(lines):
        columns = text.rstrip("\n").split("\t")
        written = Variant(
            chromosome="c",
            position=int(columns[1]),
            reference_bases=columns[3],
            alternate_bases=columns[4],
        )
        found = carried_window(
            written, rows, reference, spelling, lambda variant: centred_interval(variant, width)
        )
        assert found is not None
        window, background = found
        # An allele on both copies has only what is on both beside it.
        copy = "2" if columns[-1] == "0|1" else "1"
        others = lines[:number] + lines[number + 1 :]
        if columns[-1] == "1|1":
            others = [other for other in others if other.endswith("1|1\n")]
        before = consensus(bcftools, tmp_path, reference, others, copy)
        after = consensus(bcftools, tmp_path, reference, [*others, text], copy)
        gained = sum(
            len(fields[4]) - len(fields[3])
            for fields in (other.rstrip("\n").split("\t") for other in others)
            if int(fields[1]) < written.position and fields[-1].split("|")[int(copy) - 1] == "1"
        )
        start = window.interval.start + gained
        assert window.reference_bases == cut(before, start, width), text
        assert window.alternate_bases == cut(after, start, width), text
        seen["all"] += 1
        seen["with background"] += background.applied > 0
        seen["moved"] += window.coordinates is not None
    assert seen["all"] >= 15
    assert seen["with background"] >= 0.9 * seen["all"]
    assert (seen["moved"] >= 5) == with_indels


def consensus(bcftools: str, folder: pathlib.Path, reference: Reference, lines: list[str], copy: str) -> str:
    path = folder / "others.vcf"
    contigs = f"##contig=<ID=c,length={len(BASES)}>\n"
    keys = '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    ordered = sorted(lines, key=lambda text: int(text.split("\t")[1]))
    path.write_text(HEADER + contigs + keys + FIXED + "\tFORMAT\tS\n" + "".join(ordered))
    compressed = pysam.tabix_index(str(path), preset="vcf", force=True, keep_original=True)
    command = [bcftools, "consensus", "-H", copy, "-s", "S", "-f", str(reference.path), compressed]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return "".join(text.split(">")[1].splitlines()[1:])


def cut(bases: str, start: int, width: int) -> str:
    padded = "N" * 200 + bases + "N" * 200
    return padded[200 + start : 200 + start + width]


def test_an_indel_moves_on_its_own_haplotype(tmp_path: pathlib.Path, reference: Reference) -> None:
    # The reference: two A, five C. On the copy, a G stands in the place of the third C; a C that goes
    # from behind the G is not one that goes from before it.
    bases = "TTAACCCCCTT" + BASES
    with Reference(toy_genome.write_genome(tmp_path / "repeat.fa", {"c": bases})) as own:
        rows = read(tmp_path, own, line(7, "C", "G", "0|1"), line(8, "CC", "C", "0|1")).contigs["c"]
        written = Variant(chromosome="c", position=8, reference_bases="CC", alternate_bases="C")

        def place(variant: Variant) -> Interval:
            return Interval(chromosome="c", start=0, end=12)

        for spelling in (normalise, as_written):
            found = carried_window(written, rows, own, spelling, place)
            assert found is not None
            window, background = found
            assert background.applied == 1
            assert window.reference_bases == "TTAACCGCCTT" + BASES[0]
            assert window.alternate_bases == "TTAACCGCTT" + BASES[:2]
        # On the reference it moves to the first C, on the copy to the one behind the G.
        assert normalise(written, own).position == 4
        own_window = carried_window(written, rows, own, normalise, place)
        assert own_window is not None
        assert own_window[0].variant.position == 7


def test_an_allele_that_is_not_carried_has_no_haplotype(tmp_path: pathlib.Path, reference: Reference) -> None:
    rows = read(tmp_path, reference, snv(10, "0|1")).contigs["c"]
    other = "ACGT".replace(BASES[9], "")[1]
    variant = Variant(chromosome="c", position=10, reference_bases=BASES[9], alternate_bases=other)
    assert carried_window(variant, rows, reference, normalise, lambda one: centred_interval(one, 64)) is None
