import dataclasses
import functools

import jax
import numpy as np
import pytest
from toy_inputs import ToyGenome, WholeNetwork
from toy_windows import human_tracks, toy_window

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.splice_sites import KnownSpliceSites
from vep_cli.genome.window import Window
from vep_cli.inference.engine import Engine
from vep_cli.inference.junctions import junctions_of_alleles, site_arrays
from vep_cli.inference.predictor import Predictor
from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import SpliceSites
from vep_cli.model.tracks import TrackTable
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.scoring.masks import NOWHERE
from vep_cli.scoring.scorer import Scores
from vep_cli.scoring.splice_junctions import JunctionPredictions, SpliceJunctionScorer

CONFIG = ModelConfig.toy()
LENGTH = 4096
START = 4000
"""Where the windows of the paper cases begin, so that PLUS (5200 to 6300) is at 1200 to 2300 of it."""


@pytest.fixture(scope="module")
def full_annotation(toy_genome: ToyGenome) -> Annotation:
    """With the splice sites between the exons."""
    return read_gtf(toy_genome.gtf)


@pytest.fixture(scope="module")
def annotation(full_annotation: Annotation) -> Annotation:
    """Without a known splice site, so that the network's are alone."""
    return full_annotation.with_splice_sites(KnownSpliceSites(positions={}))


def window_at(position: int, before: str, after: str, toy_genome: ToyGenome) -> Window:
    with Reference(toy_genome.fasta) as reference:
        centred = toy_window(reference, "chr1", position, before, after)
    return Window(
        variant=centred.variant,
        interval=Interval(chromosome="chr1", start=START, end=START + LENGTH),
        reference_bases=centred.reference_bases,
        alternate_bases=centred.alternate_bases,
    )


def test_sites_lie_in_the_genes_that_the_variant_touches(
    toy_genome: ToyGenome, annotation: Annotation
) -> None:
    # PLUS alone at 5300; PLUS and MINUS (5700 to 6800), which is of another type, at 6000.
    for position, first, last in ((5300, 1200, 2300), (6000, 1200, 2800)):
        arrays = site_arrays(window_at(position, "A", "C", toy_genome), annotation)
        assert np.flatnonzero(arrays["in_gene"]).tolist() == list(range(first, last))
        assert (arrays["alternate_positions"] == np.arange(LENGTH)).all()


def test_bases_are_compared_with_their_own(toy_genome: ToyGenome, annotation: Annotation) -> None:
    # The anchor, 1-based 5300, is base 1299 of the window.
    positions = site_arrays(window_at(5300, "A", "AGG", toy_genome), annotation)["alternate_positions"]
    assert positions[[1299, 1300, LENGTH - 3]].tolist() == [1299, 1302, LENGTH - 1]
    assert (positions[-2:] == NOWHERE).all()
    positions = site_arrays(window_at(5300, "AGG", "A", toy_genome), annotation)["alternate_positions"]
    assert positions[1299:1304].tolist() == [1299, NOWHERE, NOWHERE, 1300, 1301]


def test_known_sites_lie_beside_the_introns(toy_genome: ToyGenome, full_annotation: Annotation) -> None:
    # PLUS: exons 5201-5400 and 6001-6300, 1-based; MINUS: 5701-5900 and 6501-6800. The introns [5400, 6000)
    # and [5900, 6500) are between the bases 5399 and 6000, and 5899 and 6500, 4000 less in the window.
    # That the variant touches PLUS alone matters only to where sites may lie at all.
    for before, after in (("A", "C"), ("A", "AGG"), ("AGG", "A")):
        arrays = site_arrays(window_at(5300, before, after, toy_genome), full_annotation)
        assert arrays["is_known"].shape == (LENGTH, 5)
        assert [np.flatnonzero(bases).tolist() for bases in arrays["is_known"].T] == [
            [1399],
            [2000],
            [2500],
            [1899],
            [],
        ]


def test_known_sites_outside_the_window_do_not_count(
    toy_genome: ToyGenome, full_annotation: Annotation
) -> None:
    window = window_at(5300, "A", "C", toy_genome)
    narrow = dataclasses.replace(window, interval=Interval(chromosome="chr1", start=5399, end=6000))
    known = site_arrays(narrow, full_annotation)["is_known"]
    assert [np.flatnonzero(bases).tolist() for bases in known.T] == [[0], [], [], [500], []]


def sites_at(*places: tuple[int, int], embedding: np.ndarray) -> SpliceSites:
    """Sites of probability 0.9 at (base, class)."""
    probabilities = np.zeros((LENGTH, 5), np.float32)
    for base, kind in places:
        probabilities[base, kind] = 0.9
    return SpliceSites(probabilities=probabilities, embedding=embedding)


def head() -> dict[str, object]:
    """Identity maps: the embedding of a site is that of its base, and positions turn it."""
    size = CONFIG.junction_channels
    names = ("positive_donor", "positive_acceptor", "negative_donor", "negative_acceptor")
    scale_offset = np.stack([np.ones((2, 1, size)), np.zeros((2, 1, size))], axis=1).astype(np.float32)
    return {
        "linear": {
            "weight": np.tile(np.eye(size, dtype=np.float32), (2, 1, 1)),
            "bias": np.zeros((2, size), np.float32),
        },
        "sites": dict.fromkeys(names, scale_offset),
    }


def compare(window: Window, annotation: Annotation, *alleles: SpliceSites) -> list[JunctionPredictions]:
    run = jax.jit(functools.partial(junctions_of_alleles, config=CONFIG, organism_index=0))
    return jax.device_get(list(run(head(), *alleles, site_arrays(window, annotation))))


@pytest.fixture(scope="module")
def embedding() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(LENGTH, CONFIG.junction_channels)).astype(np.float32)


def test_sites_are_those_of_either_allele_at_reference_positions(
    toy_genome: ToyGenome, annotation: Annotation, embedding: np.ndarray
) -> None:
    # Two bases are inserted behind base 1299, so that ALT's 1502 is REF's 1500. Base 1100 is in no gene.
    window = window_at(5300, "A", "AGG", toy_genome)
    reference = sites_at((1250, 0), (1100, 0), (1600, 1), embedding=embedding)
    alternate = sites_at((1502, 0), (1602, 1), (1301, 1), embedding=embedding)
    before, after = compare(window, annotation, reference, alternate)
    np.testing.assert_array_equal(before.sites, after.sites)
    found = [list(sites[sites >= 0]) for sites in before.sites]
    # ALT's acceptor within the insertion is the anchor's.
    assert found == [[1250, 1500], [1299, 1600], [], []]


@pytest.mark.parametrize(("before", "after"), [("A", "C"), ("A", "AGG"), ("AGG", "A")])
def test_known_sites_of_touched_genes_count_where_the_reference_has_them(
    toy_genome: ToyGenome, full_annotation: Annotation, embedding: np.ndarray, before: str, after: str
) -> None:
    # The network finds no site in either allele. PLUS, which alone is touched, covers 1200 to 2300, and so
    # one end of the intron of MINUS, whose other end, 2500, it does not cover.
    nothing = sites_at(embedding=embedding)
    found, _ = compare(window_at(5300, before, after, toy_genome), full_annotation, nothing, nothing)
    assert [list(sites[sites >= 0]) for sites in found.sites] == [[1399], [2000], [], [1899]]
    assert found.counts[0, 0, 0] > 0


def test_known_sites_of_both_strands(
    toy_genome: ToyGenome, full_annotation: Annotation, embedding: np.ndarray
) -> None:
    # At 6000 the variant touches both genes; MINUS ends at base 2800 of the window.
    nothing = sites_at(embedding=embedding)
    _, found = compare(window_at(6000, "A", "C", toy_genome), full_annotation, nothing, nothing)
    assert [list(sites[sites >= 0]) for sites in found.sites] == [[1399], [2000], [2500], [1899]]


def test_known_sites_join_those_of_the_network(
    toy_genome: ToyGenome, full_annotation: Annotation, embedding: np.ndarray
) -> None:
    reference = sites_at((1250, 0), (2000, 1), embedding=embedding)
    alternate = sites_at((1300, 0), embedding=embedding)
    window = window_at(5300, "A", "C", toy_genome)
    found, _ = compare(window, full_annotation, reference, alternate)
    assert [list(sites[sites >= 0]) for sites in found.sites] == [[1250, 1300, 1399], [2000], [], [1899]]


def test_known_sites_go_before_any_of_the_network(
    toy_genome: ToyGenome, full_annotation: Annotation, embedding: np.ndarray
) -> None:
    # Every base of PLUS is a likely donor, more than are predicted; the known one stays.
    places = [(base, 0) for base in range(1200, 2300) if base != 1399]
    crowded = sites_at(*places, embedding=embedding)
    window = window_at(5300, "A", "C", toy_genome)
    assert len(places) > CONFIG.max_splice_sites
    found, _ = compare(window, full_annotation, crowded, crowded)
    donors = found.sites[0].tolist()
    assert -1 not in donors
    assert 1399 in donors


def test_equal_stretches_behind_an_indel_have_equal_junctions(
    toy_genome: ToyGenome, annotation: Annotation, embedding: np.ndarray
) -> None:
    window = window_at(5300, "A", "AGG", toy_genome)
    reference = sites_at((1250, 0), (1500, 0), (1600, 1), embedding=embedding)
    inserted = np.concatenate([embedding[:1300], embedding[:2] + 9, embedding[1300:-2]])
    alternate = sites_at((1250, 0), (1502, 0), (1602, 1), embedding=inserted)
    before, after = compare(window, annotation, reference, alternate)
    np.testing.assert_array_equal(before.counts, after.counts)
    assert (before.counts[:2, 0, 0] > 0).all()
    assert not before.counts[2:].any()


def test_deleted_sites_have_no_embedding(
    toy_genome: ToyGenome, annotation: Annotation, embedding: np.ndarray
) -> None:
    # Base 1300 is deleted: zeros take its place, and the softplus of zero is ln 2.
    window = window_at(5300, "AG", "A", toy_genome)
    reference = sites_at((1300, 0), (1600, 1), embedding=embedding)
    before, after = compare(window, annotation, reference, sites_at((1599, 1), embedding=embedding))
    np.testing.assert_allclose(after.counts[0, 0, 0], np.log(2), rtol=1e-6)
    assert abs(before.counts[0, 0, 0] - np.log(2)) > 1e-3


def junction_tracks() -> TrackTable:
    return human_tracks(OutputType.SPLICE_JUNCTIONS)


def engine_of(weights: WeightsFolder, tracks: TrackTable, annotation: Annotation) -> Engine:
    device = jax.local_devices(backend="cpu")[0]
    network = Predictor(weights, tracks, organism="human", device=device)
    return Engine([network], [SpliceJunctionScorer()], tracks, annotation)


@pytest.fixture(scope="module")
def junction_engine(toy_weights: WeightsFolder, annotation: Annotation) -> Engine:
    return engine_of(toy_weights, junction_tracks(), annotation)


def scores_of(engine: Engine, toy_genome: ToyGenome, position: int, before: str, after: str) -> list[Scores]:
    with Reference(toy_genome.fasta) as reference:
        ((*found,),) = engine.score([toy_window(reference, "chr1", position, before, after)])
    return found


def test_introns_of_a_gene_through_the_network(junction_engine: Engine, toy_genome: ToyGenome) -> None:
    (scores,) = scores_of(junction_engine, toy_genome, 5300, "A", "ACGTA")
    assert [(track.biosample_name, track.strand) for track in scores.tracks] == [
        ("liver", "."),
        ("brain", "."),
    ]
    assert 1 <= len(scores.rows) <= 2
    for row in scores.rows:
        assert row.gene is not None
        assert row.junction is not None
        assert (row.gene.name, row.junction.strand) == ("PLUS", "+")
        assert row.gene.start < row.junction.start < row.junction.end < row.gene.end
    assert (scores.reference > 0).all()
    np.testing.assert_allclose(scores.raw, np.abs(np.log(scores.alternate / scores.reference)), rtol=2e-3)
    assert scores.raw.max() > 0


def test_equal_alleles_differ_by_zero(junction_engine: Engine, toy_genome: ToyGenome) -> None:
    (scores,) = scores_of(junction_engine, toy_genome, 5250, "A", "A")
    assert scores.raw.size
    assert not scores.raw.any()


def test_one_tissue_is_scored_as_among_all(
    toy_weights: WeightsFolder, junction_engine: Engine, annotation: Annotation, toy_genome: ToyGenome
) -> None:
    brain = junction_tracks().where(lambda track: track.biosample_name == "brain")
    (narrow,) = scores_of(engine_of(toy_weights, brain, annotation), toy_genome, 5300, "A", "ACGTA")
    (full,) = scores_of(junction_engine, toy_genome, 5300, "A", "ACGTA")
    assert narrow.raw.shape == (1, 1)
    (row,) = (number for number, label in enumerate(full.rows) if label == narrow.rows[0])
    # One float16 of what the compilers of two programs make of the same sums.
    np.testing.assert_allclose(narrow.raw[0, 0], full.raw[row, 1], rtol=2**-9, atol=1e-4)
    np.testing.assert_allclose(narrow.reference[0, 0], full.reference[row, 1], rtol=1e-4)
    assert full.raw[row, 1] == full.raw[:, 1].max()


def test_no_protein_coding_gene_no_score(junction_engine: Engine, toy_genome: ToyGenome) -> None:
    # MINUS alone, which codes for nothing, and no gene at all.
    assert scores_of(junction_engine, toy_genome, 6700, "A", "C") == []
    assert scores_of(junction_engine, toy_genome, 9000, "A", "C") == []


def test_genes_without_junctions_have_no_score(annotation: Annotation, toy_genome: ToyGenome) -> None:
    def predict(sequences: object) -> object:
        return ({OutputType.SPLICE_JUNCTIONS: None} for _ in sequences)  # type: ignore[attr-defined]

    none = JunctionPredictions(sites=np.full((4, 1), -1, np.int32), counts=np.zeros((1, 1, 4), np.float32))
    network = WholeNetwork(predict, junctions=lambda *_: (none, none))  # type: ignore[arg-type]
    engine = Engine([network], [SpliceJunctionScorer()], junction_tracks(), annotation)
    assert scores_of(engine, toy_genome, 6100, "A", "C") == []
