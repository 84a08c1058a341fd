"""What is said of a score before it is predicted, against masks and labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_genes import TOY_WINDOW, one_exon_genes, strand_tracks, toy_variant

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.applicability import depends_on_prediction, will_score
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.splice_junctions import SpliceJunctionScorer
from vep_cli.scoring.splicing import GeneMaskSplicingScorer

SITES = PolyadenylationSites(start={("G0", "+"): np.array([1001, 1004]), ("G1", "-"): np.array([1002, 1003])})
SCORERS = recommended("human", polyadenylation_sites=SITES)
RNA_SEQ = GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=GeneStatistic.LFC)
SPLICE_SITES = GeneMaskSplicingScorer(requested_output=OutputType.SPLICE_SITES)
JUNCTIONS = SpliceJunctionScorer()
VARIANT = toy_variant(1006, "A", "C")
WINDOW = Interval(chromosome="chr1", start=1000, end=1256)  # two of the coarsest bins that a mask reads

genes = st.lists(
    st.tuples(st.integers(985, 1015), st.integers(1, 12), st.sampled_from("+-.")).map(
        lambda gene: (gene[0], gene[0] + gene[1], gene[2])
    ),
    min_size=1,
    max_size=3,
)


def test_the_catalogue_has_all_kinds() -> None:
    assert len({type(scorer) for scorer in SCORERS}) == 6


@pytest.mark.parametrize("scorer", SCORERS, ids=lambda scorer: scorer.name)
@given(genes=genes, kind=st.sampled_from(["lncRNA", "protein_coding"]), deleted=st.booleans())
def test_rows_are_those_of_the_masks(
    scorer: Scorer, genes: list[tuple[int, int, str]], kind: str, deleted: bool
) -> None:
    annotation = one_exon_genes(*genes, gene_type=kind)
    variant = toy_variant(1005, "AAC", "A") if deleted else VARIANT
    masks = scorer.masks(variant, WINDOW, annotation)
    assert scorer.rows(variant, WINDOW, annotation) == masks.rows


@pytest.mark.parametrize("scorer", [s for s in SCORERS if s.needs_annotation], ids=lambda scorer: scorer.name)
def test_rows_need_genes_where_masks_do(scorer: Scorer) -> None:
    with pytest.raises(UsageError, match="gene annotation"):
        scorer.rows(VARIANT, TOY_WINDOW, None)


def says(scorers: list[Scorer], strands: str, annotation: Annotation | None) -> bool:
    tracks = {scorer.output_type: strand_tracks(scorer.output_type, strands) for scorer in scorers}
    return will_score(scorers, tracks, VARIANT, TOY_WINDOW, annotation)


def test_a_scorer_without_genes_always_has_a_number() -> None:
    assert says([SCORERS[0]], ".", None)
    assert says([RNA_SEQ, SCORERS[0]], ".", one_exon_genes((1, 2, "+")))


@pytest.mark.parametrize(
    ("gene", "strands", "expected"),
    [
        pytest.param((1002, 1005, "+"), "+", True, id="a gene that starts in the window"),
        pytest.param((1002, 1005, "+"), "-", False, id="no track of its strand"),
        pytest.param((1002, 1005, "+"), ".", True, id="a track without a strand"),
        pytest.param((990, 1005, "+"), "+", False, id="a gene that starts before the window"),
        # On '-', the TSS is the exclusive end: here the window's first base, none of the gene's.
        pytest.param((990, 1000, "-"), "-", False, id="a gene without a base in the window"),
    ],
)
def test_genes_that_start_in_the_window(gene: tuple[int, int, str], strands: str, expected: bool) -> None:
    annotation = one_exon_genes(gene)
    assert says([RNA_SEQ], strands, annotation) is expected


def test_genes_that_the_variant_touches() -> None:
    # Position 1006 is base 1005.
    assert says([SPLICE_SITES], "+", one_exon_genes((1005, 1006, "+")))
    assert not says([SPLICE_SITES], "+", one_exon_genes((1006, 1010, "+")))


def test_one_scorer_of_several_is_enough() -> None:
    annotation = one_exon_genes((990, 1006, "+"))
    assert not says([RNA_SEQ], "+", annotation)
    assert says([RNA_SEQ, SPLICE_SITES], "+", annotation)


def test_introns_take_the_prediction() -> None:
    annotation = one_exon_genes((990, 1006, "-"), gene_type="protein_coding")
    assert says([JUNCTIONS], "+", annotation)
    assert not says([JUNCTIONS], "+", one_exon_genes((990, 1006, "-")))
    assert depends_on_prediction([JUNCTIONS])
    assert depends_on_prediction([RNA_SEQ, JUNCTIONS])
    assert not depends_on_prediction([SCORERS[0], JUNCTIONS])
    assert not depends_on_prediction([RNA_SEQ])
