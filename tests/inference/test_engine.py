import math
from collections.abc import Iterable, Iterator
from typing import Any

import jax
import numpy as np
import pytest
from toy_inputs import CountingNetwork, ToyGenome, WholeNetwork
from toy_windows import human_tracks, toy_window

from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.reference import Reference
from vep_cli.inference.engine import Engine
from vep_cli.inference.predictor import Predictor
from vep_cli.model.output_type import OutputType
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.scorer import Scorer, Scores

ATAC = human_tracks(OutputType.ATAC)  # columns 0 and 1: the counting network counts A and C


def usable(*outputs: OutputType) -> list[Scorer]:
    found = human_tracks(*outputs).by_output
    return [scorer for scorer in recommended("human") if scorer.output_type in found]


def counting_engine(*outputs: OutputType, genome: ToyGenome | None = None) -> tuple[Engine, CountingNetwork]:
    tracks = human_tracks(*outputs)
    network = CountingNetwork(tracks)
    annotation = None if genome is None else read_gtf(genome.gtf)
    engine = Engine([network], usable(*outputs), tracks, annotation)
    return engine, network


def one_gene(chromosome: str, start: int, end: int, strand: str) -> Annotation:
    """Return an annotation of a single gene with one transcript of one exon."""
    gene = Gene(
        gene_id="G1",
        name="ONE",
        gene_type="lncRNA",
        chromosome=chromosome,
        start=start,
        end=end,
        strand=strand,
    )
    first = np.zeros(1, np.int64)
    return Annotation(
        genes=(gene,),
        transcript_gene=first,
        transcript_start_site=np.array([end if strand == "-" else start]),
        exon_transcript=first,
        exon_start=np.array([start]),
        exon_end=np.array([end]),
    )


def test_counts_of_bases_on_paper(toy_genome: ToyGenome) -> None:
    engine, _ = counting_engine(OutputType.ATAC)
    with Reference(toy_genome.fasta) as reference:
        windows = [toy_window(reference, "chr2", 3000, "C", alternate) for alternate in ("A", "CAA")]
    change, level = zip(*engine.score(windows), strict=True)
    # 501 bases round the variant, all C. C>A: A goes from 0 to 1, C from 501 to 500.
    expected = [[math.log2((1 + 1) / (0 + 1)), math.log2((500 + 1) / (501 + 1))]]
    np.testing.assert_allclose(change[0].raw, expected, rtol=1e-4)
    np.testing.assert_array_equal(change[0].reference, [[0, 501]])
    np.testing.assert_array_equal(change[0].alternate, [[1, 500]])
    # C>CAA: two As move two Cs out of the 501 bases.
    np.testing.assert_allclose(change[1].raw, [[math.log2(3), math.log2(500 / 502)]], rtol=1e-4)
    # The level is the larger of the two alleles.
    np.testing.assert_array_equal(level[0].raw, [[1, 501]])


def test_genes_are_counted_over_their_exons(toy_genome: ToyGenome) -> None:
    engine, _ = counting_engine(OutputType.RNA_SEQ, genome=toy_genome)
    with Reference(toy_genome.fasta) as reference:
        exon = reference.fetch(toy_window(reference, "chr1", 6100, "A", "A").variant.interval)
        alternate = "A" if exon != "A" else "C"
        window = toy_window(reference, "chr1", 6100, exon, alternate)
        ((change, _),) = engine.score([window])
    names = [row.gene.name for row in change.rows if row.gene]
    plus = names.index("PLUS")
    # Tracks: + counts A, - counts C. PLUS has exons of 200 and 300 bases, one of which becomes
    # `alternate` or stops being `exon`; the mean is over 500 bases.
    before, after = change.reference[plus, 0], change.alternate[plus, 0]
    np.testing.assert_allclose((after - before) * 500, (alternate == "A") - (exon == "A"), atol=1e-3)
    assert np.isnan(change.raw[plus, 1])


def test_reference_is_predicted_once_for_all_alternates(toy_genome: ToyGenome) -> None:
    engine, network = counting_engine(OutputType.ATAC)
    with Reference(toy_genome.fasta) as reference:
        windows = [toy_window(reference, "chr2", 3000, "C", alternate) for alternate in "AGT"]
        windows.append(toy_window(reference, "chr1", 6100, "A", "C"))
    assert len(list(engine.score(windows))) == 4
    # Two REF, each before its ALTs.
    assert len(network.sequences) == 2 + 4
    assert network.sequences[0] == windows[0].reference_bases
    assert network.sequences[1:4] == [window.alternate_bases for window in windows[:3]]


def test_reference_is_not_shared_between_different_sequences(toy_genome: ToyGenome) -> None:
    engine, network = counting_engine(OutputType.ATAC)
    with Reference(toy_genome.fasta) as reference:
        # REF as the variant has it is written into the window, so that these two differ.
        windows = [toy_window(reference, "chr2", 3000, before, "A") for before in "CG"]
    list(engine.score(windows))
    assert len(network.sequences) == 4


def test_windows_that_no_scorer_reads_are_not_predicted(toy_genome: ToyGenome) -> None:
    engine, network = counting_engine(OutputType.SPLICE_SITES, genome=toy_genome)
    with Reference(toy_genome.fasta) as reference:
        windows = [toy_window(reference, "chr1", position, "A", "C") for position in (100, 5300, 11_000)]
    found = list(engine.score(windows))
    assert [len(scores) for scores in found] == [0, 1, 0]
    assert len(network.sequences) == 2


def test_work_begins_when_scores_are_asked_for(toy_genome: ToyGenome) -> None:
    engine, network = counting_engine(OutputType.ATAC)
    with Reference(toy_genome.fasta) as reference:
        windows = [toy_window(reference, "chr2", position, "C", "A") for position in (2500, 3000, 3500)]
    scores = engine.score(windows)
    assert network.sequences == []
    next(scores)
    assert len(network.sequences) == 2


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_what_is_not_finite_is_missing_and_told(
    value: float, toy_genome: ToyGenome, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(sequences: Iterable[str]) -> Iterator[dict[OutputType, Any]]:
        for bases in sequences:
            values = np.ones((len(bases), 2), np.float32)
            values[len(bases) // 2, 0] = value if "A" in bases else 1
            yield {OutputType.ATAC: values}

    engine = Engine([WholeNetwork(broken)], recommended("human")[:1], ATAC, None)
    with Reference(toy_genome.fasta) as reference:
        windows = [toy_window(reference, "chr2", 3000, "C", alternate) for alternate in "AG"]
    (broken_scores,), (good_scores,) = engine.score(windows)
    # Only ALT A has the broken value, in track 0.
    assert np.isnan(broken_scores.raw[0, 0])
    assert np.isnan(broken_scores.alternate[0, 0])
    assert broken_scores.raw[0, 1] == 0
    assert (good_scores.raw == 0).all()
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["chr2"]
    assert (broken_scores.is_finite, good_scores.is_finite) == (False, True)


def constant_network(value: float, output: OutputType, genes: Annotation) -> Engine:
    """Return the engine of a network that predicts one value everywhere, and of its gene scorers."""
    tracks = human_tracks(output)

    def predict(sequences: Iterable[str]) -> Iterator[dict[OutputType, Any]]:
        for bases in sequences:
            yield {output: np.full((len(bases), len(tracks.by_output[output])), value, np.float32)}

    scorers = [one for one in usable(output) if one.needs_annotation]
    return Engine([WholeNetwork(predict)], scorers, tracks, genes)


@pytest.mark.parametrize("output", [OutputType.RNA_SEQ, OutputType.SPLICE_SITE_USAGE])
@pytest.mark.parametrize(("value", "is_finite"), [(1, True), (math.nan, False), (math.inf, False)])
def test_missing_scores_of_genes_are_told_from_predictions_that_are_not_finite(
    toy_genome: ToyGenome, output: OutputType, value: float, is_finite: bool
) -> None:
    with Reference(toy_genome.fasta) as reference:
        window = toy_window(reference, "chr1", 6100, "A", "C")
    (found,) = constant_network(value, output, read_gtf(toy_genome.gtf)).score([window])
    assert found
    for scores in found:
        # A '+' gene has no score in the '-' track either way.
        assert np.isnan(scores.raw).any()
        assert np.isfinite(scores.raw).any() == is_finite
        assert scores.is_finite == is_finite


def test_gene_without_an_exon_in_the_window_is_no_failure_of_the_network(toy_genome: ToyGenome) -> None:
    with Reference(toy_genome.fasta) as reference:
        window = toy_window(reference, "chr1", 6100, "A", "C")
    # Its TSS, the exclusive end of a gene on '-', is the window's first base; its last exon ends before.
    end = window.interval.start
    genes = one_gene("chr1", end - 100, end, "-")
    (found,) = constant_network(1, OutputType.RNA_SEQ, genes).score([window])
    assert [np.isnan(scores.raw).all() for scores in found] == [True, True]
    assert all(scores.rows[0].is_empty and scores.is_finite for scores in found)


@pytest.fixture(scope="module")
def real_engine(toy_weights: WeightsFolder, toy_genome: ToyGenome) -> Engine:
    annotation = read_gtf(toy_genome.gtf)
    tracks = human_tracks()
    device = jax.local_devices(backend="cpu")[0]
    network = Predictor(toy_weights, tracks, organism="human", device=device)
    return Engine([network], usable(), tracks, annotation)


def test_alternate_like_reference_scores_zero_through_the_network(
    real_engine: Engine, toy_genome: ToyGenome
) -> None:
    with Reference(toy_genome.fasta) as reference:
        windows = [toy_window(reference, "chr1", position, "A", "A") for position in (5300, 6100)]
    for found in real_engine.score(windows):
        differences = [scores for scores in found if scores.scorer.is_difference]
        assert {scores.scorer.name for scores in differences} >= {
            "ATAC",
            "RNA_SEQ",
            "SPLICE_SITES",
            "CONTACT_MAPS",
        }
        for scores in differences:
            finite = scores.raw[~np.isnan(scores.raw)]
            assert finite.size
            assert (finite == 0).all(), scores.scorer.name


def test_scores_depend_on_nothing_but_the_window(real_engine: Engine, toy_genome: ToyGenome) -> None:
    with Reference(toy_genome.fasta) as reference:
        windows = [
            toy_window(reference, "chr1", 6100, "A", "C"),
            toy_window(reference, "chr1", 6100, "A", "AGG"),
            toy_window(reference, "chr1", 5300, "A", "T"),
            toy_window(reference, "chr2", 3000, "CCC", "C"),
        ]
    expected = list(real_engine.score(windows))
    for parts in ((1, 3), (4,), (3, 1)):
        # As if none had gone before.
        real_engine.forget()
        found: list[tuple[Scores, ...]] = []
        for size in parts:
            found += real_engine.score(windows[len(found) : len(found) + size])
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert [scores.scorer for scores in one] == [scores.scorer for scores in other]
            for scores, same in zip(one, other, strict=True):
                np.testing.assert_array_equal(scores.raw, same.raw)
                np.testing.assert_array_equal(scores.alternate, same.alternate)
