"""REF and ALT windows are what bcftools makes of the same file: its FASTA, and its consensus."""

import collections
import pathlib
import random
import shutil
import subprocess

import pysam
import pytest
import toy_genome

from vep_cli.genome.alleles import read_alleles
from vep_cli.genome.normalisation import normalise
from vep_cli.genome.reference import Reference
from vep_cli.genome.vcf_reader import VcfReader
from vep_cli.genome.window import build_window, centred_interval

COUNT, LENGTH, WIDTH = 1000, 300, 128
HEADER = "##fileformat=VCFv4.2\n{contigs}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def random_record(draw: random.Random, name: str, bases: str) -> str:
    """Return a variant anywhere in a contig as VCF has it: REF is there, and indels have an anchor."""
    start = draw.choice([0, LENGTH - 1, draw.randrange(LENGTH)])
    before = bases[start : start + draw.randint(1, 12)]
    after = before
    while after == before:
        added = "".join(draw.choices("ACGT", k=draw.choice([0, 0, 1, 3, 10])))
        # Either the anchor stays, or the first base changes too.
        after = (before[0] if draw.random() < 0.8 else draw.choice("ACGT")) + added
    return f"{name}\t{start + 1}\t.\t{before}\t{after}\t.\t.\t.\n"


def sequences(fasta: str) -> dict[str, str]:
    found = {}
    for entry in fasta.split(">")[1:]:
        name, *lines = entry.split("\n")
        found[name.split()[0]] = "".join(lines)
    return found


@pytest.fixture(scope="module")
def variants(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return a VCF with one variant of each of a thousand contigs, beside `genome.fa` with their bases."""
    draw = random.Random(3)
    folder = tmp_path_factory.mktemp("consensus")
    # Two letters make repeats, in which an indel has several spellings.
    contigs = {
        f"c{number}": "".join(draw.choices(draw.choice(["AC", "ACGT"]), k=LENGTH)) for number in range(COUNT)
    }
    toy_genome.write_genome(folder / "genome.fa", contigs)
    plain = folder / "variants.vcf"
    lines = "".join(f"##contig=<ID={name},length={LENGTH}>\n" for name in contigs)
    records = [random_record(draw, name, bases) for name, bases in contigs.items()]
    plain.write_text(HEADER.format(contigs=lines) + "".join(records))
    return plain


@pytest.mark.parametrize("is_normalised", [False, True])
@pytest.mark.parametrize("bcftools", [path for path in [shutil.which("bcftools")] if path])
def test_windows_are_those_of_the_consensus(
    bcftools: str, variants: pathlib.Path, is_normalised: bool
) -> None:
    fasta = variants.with_name("genome.fa")
    compressed = pysam.tabix_index(str(variants), preset="vcf", force=True, keep_original=True)
    command = [bcftools, "consensus", "-f", str(fasta), compressed]
    changed = sequences(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    before = sequences(fasta.read_text())
    spelling = {"spelling": normalise} if is_normalised else {}
    seen: collections.Counter[str] = collections.Counter()
    with Reference(fasta) as reference, VcfReader(str(variants)) as records:
        for record in records:
            (allele,) = read_alleles(record, reference, WIDTH, **spelling)
            assert allele.variant is not None
            interval = centred_interval(allele.variant, WIDTH)
            window = build_window(allele.variant, interval, reference)
            for whole, found in ((before, window.reference_bases), (changed, window.alternate_bases)):
                assert found == cut(whole[record.chromosome], interval.start), record.text
            seen["moved"] += allele.variant.position != record.position
            seen["longer"] += allele.variant.length_change > 0
            seen["shorter"] += allele.variant.length_change < 0
            seen["at the edge"] += interval.start < 0 or interval.end > LENGTH
            seen["all"] += 1
    assert seen["all"] == COUNT
    assert min(seen[kind] for kind in ("longer", "shorter", "at the edge")) >= 100
    assert (seen["moved"] >= 100) == is_normalised


def cut(bases: str, start: int) -> str:
    """Return the window's bases, N where it reaches past the contig."""
    padded = "N" * WIDTH + bases + "N" * 2 * WIDTH
    return padded[start + WIDTH : start + 2 * WIDTH]
