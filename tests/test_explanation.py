import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_inputs import write_genes

from vep_cli.explanation import Explanation, alignment_of, explain_scores
from vep_cli.genome.alleles import Allele, AlleleStatus
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.genome.variant_text import parse_variant
from vep_cli.genome.window import Window
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic
from vep_cli.scoring.scored_record import ScoredAllele
from vep_cli.scoring.scorer import RowLabel, Scorer, Scores
from vep_cli.scoring.splice_junctions import SpliceJunctionScorer

INTERVAL = Interval(chromosome="chr1", start=1000, end=1020)
WIDE = Interval(chromosome="chr1", start=5000, end=7048)
ATAC = CenterMaskScorer(requested_output=OutputType.ATAC, width=501, aggregation=Aggregation.DIFF_MEAN)
RNA = GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=GeneStatistic.LFC)
BASES = st.text("ACGT", min_size=1, max_size=6)


@pytest.fixture(scope="module")
def genes(tmp_path_factory: pytest.TempPathFactory) -> Annotation:
    return read_gtf(write_genes(tmp_path_factory.mktemp("genes")))


def variant(position: int, reference: str, alternate: str) -> Variant:
    return Variant(chromosome="chr1", position=position, reference_bases=reference, alternate_bases=alternate)


def window(one: Variant) -> Window:
    bases = "A" * WIDE.width
    return Window(variant=one, interval=WIDE, reference_bases=bases, alternate_bases=bases)


def tracks(strands: str, output: OutputType = OutputType.RNA_SEQ) -> tuple[Track, ...]:
    return tuple(
        Track(organism="human", output_type=output, index=index, name=f"t{index}", strand=strand)
        for index, strand in enumerate(strands)
    )


def scores(scorer: Scorer, rows: tuple[RowLabel, ...], raw: list[list[float]], strands: str) -> Scores:
    matrix = np.array(raw, np.float32)
    return Scores(
        scorer=scorer,
        rows=rows,
        tracks=tracks(strands, scorer.output_type),
        raw=matrix,
        reference=matrix + 1,
        alternate=matrix + 2,
    )


def scored(*parts: Scores) -> ScoredAllele:
    return ScoredAllele(allele=Allele(text="C", status=AlleleStatus.PASS), interval=WIDE, scores=parts)


class TestAlignment:
    @pytest.mark.parametrize(
        ("one", "inserted", "deleted", "anchor", "without"),
        [
            pytest.param(variant(1006, "A", "C"), "", "", None, [], id="substitution"),
            pytest.param(variant(1006, "AC", "GT"), "", "", None, [], id="block"),
            # Base 1005 is the anchor; the last two of the window are pushed out.
            pytest.param(variant(1006, "A", "AGG"), "GG", "", 1005, [(1018, 1020)], id="insertion"),
            pytest.param(variant(1006, "ACG", "A"), "", "CG", 1005, [(1006, 1008)], id="deletion"),
            # What both have comes first, base by base, whether it is equal or not.
            pytest.param(variant(1006, "AC", "TGGG"), "GG", "", 1006, [(1018, 1020)], id="longer block"),
            pytest.param(variant(1006, "ACGT", "TG"), "", "GT", 1006, [(1007, 1009)], id="shorter block"),
            pytest.param(variant(1019, "ACG", "A"), "", "CG", 1018, [(1019, 1020)], id="past the end"),
        ],
    )
    def test_on_paper(
        self, one: Variant, inserted: str, deleted: str, anchor: int | None, without: list[tuple[int, int]]
    ) -> None:
        alignment = alignment_of(one, INTERVAL)
        assert (alignment.inserted_bases, alignment.deleted_bases) == (inserted, deleted)
        assert alignment.anchor == anchor
        assert [(part.start, part.end) for part in alignment.without_counterpart] == without

    @given(position=st.integers(1001, 1014), reference=BASES, alternate=BASES)
    def test_as_many_bases_lack_a_counterpart_as_the_length_changes(
        self, position: int, reference: str, alternate: str
    ) -> None:
        alignment = alignment_of(variant(position, reference, alternate), INTERVAL)
        change = abs(len(alternate) - len(reference))
        assert sum(part.width for part in alignment.without_counterpart) == change
        assert len(alignment.inserted_bases) + len(alignment.deleted_bases) == change


class TestScores:
    def test_strongest_tracks_come_first(self) -> None:
        part = scores(ATAC, (RowLabel(),), [[0.5, -3, np.nan, 1]], "....")
        (explained,) = explain_scores(scored(part), window(variant(6001, "A", "C")), [ATAC], None, top=2)
        (row,) = explained.rows
        assert [(score.track.name, score.raw) for score in row.strongest] == [("t1", -3), ("t3", 1)]
        assert [(score.reference, score.alternate) for score in row.strongest] == [(-2, -1), (2, 3)]
        assert [(score.quantile, score.spread) for score in row.strongest] == [(None, None)] * 2
        # 501 bases round base 6000
        assert [(part.start, part.end) for part in row.regions] == [(5750, 6251)]
        assert row.width == 501

    def test_every_gene_has_its_exons_and_the_tracks_of_its_strand(self, genes: Annotation) -> None:
        labels = tuple(RowLabel(gene=gene) for gene in genes.genes)
        part = scores(RNA, labels, [[1, np.nan, 2], [np.nan, 4, 3]], "+-.")
        (explained,) = explain_scores(scored(part), window(variant(6001, "A", "C")), [RNA], genes, top=3)
        found = {
            row.label.gene.name: [score.track.name for score in row.strongest]
            for row in explained.rows
            if row.label.gene
        }
        assert found == {"PLUS": ["t2", "t0"], "MINUS": ["t1", "t2"]}
        # The GTF's exons, 1-based and closed there: 5201-5400 and 6001-6300; 5701-5900 and 6501-6800.
        exons = [[(part.start, part.end) for part in row.regions] for row in explained.rows]
        assert exons == [[(5200, 5400), (6000, 6300)], [(5700, 5900), (6500, 6800)]]

    def test_scorer_without_scores_still_tells_its_genes(self, genes: Annotation) -> None:
        # PLUS alone is protein-coding, and the network found no junction in it.
        junctions = SpliceJunctionScorer()
        (explained,) = explain_scores(scored(), window(variant(6001, "A", "C")), [junctions], genes, top=1)
        (row,) = explained.rows
        assert row.label.gene == genes.genes[0]
        assert (row.strongest, row.width) == ((), 1100)

    def test_introns_of_a_gene_are_told_together(self, genes: Annotation) -> None:
        plus = genes.genes[0]
        introns = [Interval(chromosome="chr1", start=start, end=6000, strand="+") for start in (5300, 5400)]
        part = scores(
            SpliceJunctionScorer(),
            tuple(RowLabel(gene=plus, junction=intron) for intron in introns),
            [[1, 5], [7, 2]],
            "..",
        )
        (explained,) = explain_scores(
            scored(part), window(variant(6001, "A", "C")), [SpliceJunctionScorer()], genes, top=3
        )
        (row,) = explained.rows
        assert [(score.junction, score.raw) for score in row.strongest] == [
            (introns[1], 7),
            (introns[0], 5),
            (introns[1], 2),
        ]

    def test_quantile_and_spread_are_told_where_there_are_any(self) -> None:
        part = scores(ATAC, (RowLabel(),), [[1, 2]], "..")
        part = dataclasses.replace(part, quantile=np.array([[0.25, 0.5]]), spread=np.array([[4, 8]]) / 10)
        (explained,) = explain_scores(scored(part), window(variant(6001, "A", "C")), [ATAC], None, top=1)
        assert [(score.quantile, score.spread) for score in explained.rows[0].strongest] == [(0.5, 0.8)]


@pytest.mark.parametrize("status", AlleleStatus)
def test_every_status_but_pass_is_a_problem(status: AlleleStatus) -> None:
    explanation = Explanation(
        record=parse_variant("chr1:7:A:C"),
        allele=Allele(text="C", status=status),
        reference_bases="G",
        window=None,
        alignment=None,
        scorers=(),
        left_out={},
        run=(),
    )
    problem = explanation.problem
    assert (problem is None) == (status is AlleleStatus.PASS)
    assert problem is None or problem.startswith(f"{status}: ")
    if status is AlleleStatus.REF_MISMATCH:
        assert problem == "REF_MISMATCH: REF is A, the reference has G at chr1:7"
        assert explanation.remedy is not None
        assert "genome build" in explanation.remedy
    if status is AlleleStatus.SYMBOLIC:
        assert explanation.remedy is None
