from collections.abc import Iterable, Iterator

import numpy as np
import pytest
from toy_inputs import CONTIGS, CountingNetwork, ToyGenome
from toy_windows import human_tracks

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval
from vep_cli.inference.interval_engine import IntervalEngine, IntervalWindow
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.interval_scorer import GeneIntervalScorer, IntervalAggregation
from vep_cli.scoring.scorer import Predictions

TRACKS = human_tracks(OutputType.RNA_SEQ, OutputType.CHIP_TF)


@pytest.fixture
def annotation(toy_genome: ToyGenome) -> Annotation:
    return read_gtf(toy_genome.gtf)


def scorer(output: OutputType, width: int | None = 2001) -> GeneIntervalScorer:
    return GeneIntervalScorer(requested_output=output, width=width, aggregation=IntervalAggregation.SUM)


def window(chromosome: str, start: int) -> IntervalWindow:
    interval = Interval(chromosome=chromosome, start=start, end=start + 4096)
    return IntervalWindow(interval=interval, bases=CONTIGS[chromosome][start : start + 4096])


def test_sums_are_the_letters_of_the_exons(annotation: Annotation) -> None:
    network = CountingNetwork(TRACKS)
    engine = IntervalEngine(network.predict, [scorer(OutputType.RNA_SEQ)], TRACKS, annotation)
    # The centre is 6048: PLUS starts at 5200, MINUS at 6800, both within 2001 bases round it.
    (((scores),),) = engine.score([window("chr1", 4000)])
    assert [row.gene.name for row in scores.rows if row.gene] == ["PLUS", "MINUS"]
    bases = CONTIGS["chr1"]
    exons = (bases[5200:5400] + bases[6000:6300], bases[5700:5900] + bases[6500:6800])
    assert scores.raw.tolist() == [[exon.count("A"), exon.count("C")] for exon in exons]


def test_windows_without_genes_are_not_predicted(annotation: Annotation) -> None:
    network = CountingNetwork(TRACKS)
    scorers = [scorer(OutputType.RNA_SEQ), scorer(OutputType.CHIP_TF)]
    engine = IntervalEngine(network.predict, scorers, TRACKS, annotation)
    answers = list(engine.score([window("chr2", 0), window("chr1", 4000), window("chr1", 0)]))
    assert [len(answer) for answer in answers] == [0, 2, 0]
    assert network.sequences == [CONTIGS["chr1"][4000:8096]]


def test_scorers_of_different_widths_find_different_genes(annotation: Annotation) -> None:
    # 1,001 bases round 6048 hold neither start; the whole window holds both.
    scorers = [scorer(OutputType.RNA_SEQ, 1001), scorer(OutputType.RNA_SEQ, None)]
    engine = IntervalEngine(CountingNetwork(TRACKS).predict, scorers, TRACKS, annotation)
    ((scores,),) = engine.score([window("chr1", 4000)])
    assert (scores.scorer, len(scores.rows)) == (scorers[1], 2)


def test_a_score_does_not_depend_on_the_others_of_the_call(annotation: Annotation) -> None:
    engine = IntervalEngine(CountingNetwork(TRACKS).predict, [scorer(OutputType.RNA_SEQ)], TRACKS, annotation)
    together = list(engine.score([window("chr1", 4000), window("chr1", 4100)]))
    alone = [next(engine.score([window("chr1", start)])) for start in (4000, 4100)]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_array_equal(one[0].raw, other[0].raw)


def test_a_window_that_a_scorer_cannot_take_is_refused_before_anything_is_predicted(
    annotation: Annotation,
) -> None:
    def predict(sequences: Iterable[str]) -> Iterator[Predictions]:
        raise AssertionError(f"predicted {list(sequences)}")

    engine = IntervalEngine(predict, [scorer(OutputType.RNA_SEQ, 5001)], TRACKS, annotation)
    with pytest.raises(UsageError, match="narrower"):
        next(engine.score([window("chr1", 4000)]))
