import numpy as np
import pytest
from toy_inputs import ToyGenome
from toy_windows import toy_window

from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.reference import Reference
from vep_cli.inference.junctions import site_arrays
from vep_cli.inference.reads import reads_of
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.scorer import Scorer


def scorer(name: str) -> Scorer:
    return next(one for one in recommended("human") if one.name == name)


def tokens(toy_genome: ToyGenome, name: str, before: str, after: str) -> tuple[list[int], list[int]]:
    """The tokens of REF and of ALT that a scorer reads; the window is chr1:4052-8148 about position 6100."""
    genes = read_gtf(toy_genome.gtf)
    with Reference(toy_genome.fasta) as reference:
        window = toy_window(reference, "chr1", 6100, before, after)
    one = scorer(name)
    masks = one.masks(window.variant, window.interval, genes)
    is_junction = one.output_type is OutputType.SPLICE_JUNCTIONS
    reads = reads_of(
        [one], [masks], site_arrays(window, genes) if is_junction else None, window.interval.width
    )
    return np.flatnonzero(reads.reference).tolist(), np.flatnonzero(reads.alternate).tolist()


def test_a_centre_mask_reads_the_tokens_of_501_bases(toy_genome: ToyGenome) -> None:
    # The variant is base 2047 of the window: 1797 to 2297, which lie in tokens 14 to 17.
    assert tokens(toy_genome, "ATAC", "A", "C") == ([14, 15, 16, 17], [14, 15, 16, 17])


@pytest.mark.parametrize("name", ["SPLICE_SITES", "SPLICE_JUNCTIONS"])
def test_genes_are_read_over_their_bodies(toy_genome: ToyGenome, name: str) -> None:
    # PLUS is 5200-6300 and MINUS 5700-6800: 1148 to 2748 of the window, tokens 8 to 21.
    reference, alternate = tokens(toy_genome, name, "A", "C")
    assert reference == alternate == list(range(8, 22))


def test_behind_a_deletion_alt_is_read_further_left(toy_genome: ToyGenome) -> None:
    # 101 bases less: what was base 2748 is base 2647, in token 20.
    reference, alternate = tokens(toy_genome, "SPLICE_SITES", "A" * 102, "A")
    assert reference[-1] == 21
    assert alternate[-1] == 20


def test_coarse_outputs_read_nothing_per_base(toy_genome: ToyGenome) -> None:
    assert tokens(toy_genome, "CHIP_TF", "A", "C") == ([], [])
    assert tokens(toy_genome, "CONTACT_MAPS", "A", "C") == ([], [])
