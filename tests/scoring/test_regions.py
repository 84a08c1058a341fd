import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_genes import TOY_WINDOW, one_exon_genes, toy_variant

from vep_cli.genome.interval import Interval
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.contact_map import ContactMapScorer
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic
from vep_cli.scoring.masks import NOWHERE
from vep_cli.scoring.polyadenylation import PolyadenylationScorer
from vep_cli.scoring.regions import bin_regions
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.splice_junctions import SpliceJunctionScorer
from vep_cli.scoring.splicing import GeneMaskSplicingScorer

Spans = list[list[tuple[int, int]]]

# The window is [1000, 1010); genes reach over its start, lie inside, and begin behind what is touched.
GENES = one_exon_genes((995, 1004, "-"), (1002, 1008, "+"), (1009, 1020, "+"))
WIDE = Interval(chromosome="chr1", start=4096, end=4096 + 3 * 2048)


def spans(scorer: Scorer, position: int, interval: Interval = TOY_WINDOW) -> Spans:
    masks = scorer.masks(toy_variant(position, "A", "C"), interval, GENES)
    regions = scorer.regions(masks, interval)
    assert len(regions) == len(masks.rows)
    assert {part.chromosome for row in regions for part in row} <= {"chr1"}
    return [[(part.start, part.end) for part in row] for row in regions]


@pytest.mark.parametrize(
    ("bins", "resolution", "expected"),
    [
        ([], 1, []),
        ([NOWHERE, NOWHERE], 1, []),
        ([0], 1, [(1000, 1001)]),
        ([3, 2, 2, NOWHERE, 1], 1, [(1001, 1004)]),
        ([0, 1, 5, 7, 8], 1, [(1000, 1002), (1005, 1006), (1007, 1009)]),
        ([2, 4], 128, [(1256, 1384), (1512, 1640)]),
    ],
)
def test_runs_of_bins(bins: list[int], resolution: int, expected: list[tuple[int, int]]) -> None:
    regions = bin_regions(np.array(bins, np.int32), TOY_WINDOW, resolution)
    assert [(part.start, part.end) for part in regions] == expected


@given(bins=st.sets(st.integers(0, 60)))
def test_regions_have_the_bins_and_no_others(bins: set[int]) -> None:
    regions = bin_regions(np.array(sorted(bins), np.int64), TOY_WINDOW, 1)
    assert {base for part in regions for base in range(part.start - 1000, part.end - 1000)} == bins
    assert all(one.end < other.start for one, other in itertools.pairwise(regions))


def center(output: OutputType, width: int | None) -> Scorer:
    return CenterMaskScorer(requested_output=output, width=width, aggregation=Aggregation.DIFF_MEAN)


def test_centre_mask() -> None:
    # 3 bases round base 1004 (position 1005), clipped at the window's start, whole, and nowhere.
    assert spans(center(OutputType.ATAC, 3), 1005) == [[(1003, 1006)]]
    assert spans(center(OutputType.ATAC, 3), 1001) == [[(1000, 1002)]]
    assert spans(center(OutputType.ATAC, None), 1005) == [[(1000, 1010)]]
    assert spans(center(OutputType.ATAC, 3), 1100) == [[]]
    # 501 bp are 4 bins of 128 bp, of which two lie left of that of base 4096 + 300, the third.
    assert spans(center(OutputType.CHIP_TF, 501), 4096 + 301, WIDE) == [[(4096, 4096 + 512)]]


def test_contact_map() -> None:
    assert spans(ContactMapScorer(), 4096 + 2049, WIDE) == [[(4096 + 2048, 4096 + 4096)]]
    assert spans(ContactMapScorer(), 1, WIDE) == []


def test_exons_of_the_genes_that_start_in_the_window() -> None:
    lfc = GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=GeneStatistic.LFC)
    assert spans(lfc, 1005) == [[(1000, 1004)], [(1002, 1008)], [(1009, 1010)]]


def test_bodies_of_the_genes_that_the_variant_touches() -> None:
    sites = GeneMaskSplicingScorer(requested_output=OutputType.SPLICE_SITES)
    assert spans(sites, 1003) == [[(1000, 1004)], [(1002, 1008)]]
    assert spans(sites, 1009) == []


def test_bodies_of_protein_coding_genes() -> None:
    coding = one_exon_genes((995, 1004, "-"), (1002, 1008, "+"), gene_type="protein_coding")
    scorer = SpliceJunctionScorer()
    masks = scorer.masks(toy_variant(1003, "A", "C"), TOY_WINDOW, coding)
    regions = scorer.regions(masks, TOY_WINDOW)
    assert [[(part.start, part.end) for part in row] for row in regions] == [[(1000, 1004)], [(1002, 1008)]]


def test_windows_before_the_sites_of_a_gene() -> None:
    # Sites of G1, on '+', at 1003 and 1006; the 400 bases up to each are clipped to the window and overlap.
    sites = PolyadenylationSites(start={("G1", "+"): np.array([1003, 1006])})
    assert spans(PolyadenylationScorer(sites=sites), 1003) == [[(1000, 1007)]]
