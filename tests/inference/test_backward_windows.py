"""Windows on '-': the network reads the reverse complement, and scores are as the official ones."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from toy_inputs import ToyGenome, WholeNetwork
from toy_windows import human_tracks, toy_window

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.reference import Reference
from vep_cli.genome.window import Window, build_window
from vep_cli.inference.engine import Engine
from vep_cli.inference.forward_order import in_forward_order, junctions_in_forward_order
from vep_cli.inference.junctions import mirrored_site_arrays, site_arrays
from vep_cli.model.one_hot import letters_of, one_hot
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.indel_alignment import alternate_positions, inserted_positions
from vep_cli.scoring.scorer import Scores
from vep_cli.scoring.splice_junctions import JunctionPredictions

OUTPUTS = (
    OutputType.ATAC,
    OutputType.RNA_SEQ,
    OutputType.SPLICE_SITES,
    OutputType.SPLICE_SITE_USAGE,
    OutputType.CONTACT_MAPS,
)
TRACKS = human_tracks(*OUTPUTS)


def predict(sequences: Iterable[str]) -> Iterator[dict[OutputType, Any]]:
    """Yield what is the same of either strand: '+' tracks count A, '-' tracks T, and unstranded ones both."""
    for bases in sequences:
        a, c, g, t = np.asarray(one_hot(letters_of(bases))).T
        weak = (a + t).reshape(-1, 2048).sum(axis=1)
        yield {
            OutputType.ATAC: np.stack([a + t, c + g], axis=1),
            OutputType.RNA_SEQ: np.stack([a, t], axis=1),
            OutputType.SPLICE_SITES: np.stack([a, c, t, g, 0 * a], axis=1),
            OutputType.SPLICE_SITE_USAGE: np.stack([a, t], axis=1),
            OutputType.CONTACT_MAPS: (weak[:, None] + weak)[..., None],
        }


@pytest.fixture(scope="module")
def annotation(toy_genome: ToyGenome) -> Annotation:
    return read_gtf(toy_genome.gtf)


def both_windows(toy_genome: ToyGenome, alternate: str) -> tuple[Window, Window]:
    with Reference(toy_genome.fasta) as reference:
        window = toy_window(reference, "chr1", 6100, "A", alternate)
        backward = dataclasses.replace(window.interval, strand="-")
        return window, build_window(window.variant, backward, reference)


def scores(window: Window, annotation: Annotation) -> dict[str, Scores]:
    scorers = [one for one in recommended("human") if one.output_type in OUTPUTS]
    ((*found,),) = Engine([WholeNetwork(predict)], scorers, TRACKS, annotation).score([window])
    return {one.scorer.name: one for one in found}


def test_a_substitution_has_one_score_on_either_strand(toy_genome: ToyGenome, annotation: Annotation) -> None:
    forward, backward = (scores(window, annotation) for window in both_windows(toy_genome, "C"))
    assert {"ATAC", "RNA_SEQ", "SPLICE_SITES", "SPLICE_SITE_USAGE", "CONTACT_MAPS"} <= forward.keys()
    for name, expected in forward.items():
        assert np.nanmax(np.abs(expected.raw)) > 0, name
        np.testing.assert_array_equal(backward[name].raw, expected.raw, name)
        np.testing.assert_array_equal(backward[name].alternate, expected.alternate, name)


def test_only_gene_scores_of_an_insertion_depend_on_the_strand(
    toy_genome: ToyGenome, annotation: Annotation
) -> None:
    # ALT's tracks come back in forward order, and are then aligned as if they had not: officially so.
    forward, backward = (scores(window, annotation) for window in both_windows(toy_genome, "ACCGGT"))
    same = {name for name in forward if np.array_equal(forward[name].raw, backward[name].raw, equal_nan=True)}
    assert {name for name in forward if not forward[name].scorer.needs_annotation} <= same
    assert "RNA_SEQ" not in same


def test_columns_and_bins_on_paper() -> None:
    # Three bases of the reverse complement; '+' and '-' tracks change places, and so do the ends.
    rna = np.array([[1, 10], [2, 20], [3, 30]], np.float32)
    sites = np.array([[1, 2, 3, 4, 5], [0, 0, 0, 0, 0]], np.float32)
    found = in_forward_order(
        {OutputType.RNA_SEQ: rna, OutputType.SPLICE_SITES: sites, OutputType.SPLICE_JUNCTIONS: "later"},
        TRACKS.by_output,
    )
    assert found[OutputType.RNA_SEQ].tolist() == [[30, 3], [20, 2], [10, 1]]
    assert found[OutputType.SPLICE_SITES].tolist() == [[0] * 5, [3, 4, 1, 2, 5]]
    assert found[OutputType.SPLICE_JUNCTIONS] == "later"


def test_tracks_of_one_strand_are_refused() -> None:
    only = {OutputType.RNA_SEQ: TRACKS.by_output[OutputType.RNA_SEQ][:1]}
    with pytest.raises(ValueError, match="both strands"):
        in_forward_order({OutputType.RNA_SEQ: np.zeros((3, 1), np.float32)}, only)


def test_junctions_on_paper() -> None:
    # Of ten bases read backwards, an intron from the donor 2 to the acceptor 7 on '+' is one on '-'
    # from the donor 9 - 2 to the acceptor 9 - 7, and its reads in the tissues, 5 and 6, are those of '-'.
    sites = np.array([[2], [7], [-1], [-1]], np.int32)
    counts = np.array([[[5, 6, 0, 1]]], np.float32)
    tracks = human_tracks(OutputType.SPLICE_JUNCTIONS).tracks
    assert [track.strand for track in tracks] == list("++--")
    found = junctions_in_forward_order(JunctionPredictions(sites=sites, counts=counts), tracks, 10)
    assert found.sites.tolist() == [[-1], [-1], [7], [2]]
    assert found.counts.tolist() == [[[0, 1, 5, 6]]]


@pytest.mark.parametrize("alternate", ["C", "ACC"])
def test_mirrored_sites_are_where_the_network_reads_them(
    toy_genome: ToyGenome, annotation: Annotation, alternate: str
) -> None:
    forward, backward = both_windows(toy_genome, alternate)
    arrays = site_arrays(backward, annotation)
    for name, expected in site_arrays(forward, annotation).items():
        np.testing.assert_array_equal(arrays[name], expected, name)
    mirrored = mirrored_site_arrays(arrays)
    width, variant = backward.interval.width, backward.variant
    expected = alternate_positions(np.arange(width), variant, backward.interval)
    np.testing.assert_array_equal(mirrored["alternate_positions"], expected)
    inserted = inserted_positions(variant, backward.interval)
    np.testing.assert_array_equal(mirrored["inserted_positions"], inserted)
    # PLUS has the introns' edges 5400 and 6001, 1-based: the donor's and the acceptor's bases.
    start = backward.interval.start
    donor, acceptor = (width - 1 - (base - start) for base in (5400 - 1, 6001 - 1))
    assert mirrored["is_known"][donor].tolist() == [False, False, True, False, False]
    assert mirrored["is_known"][acceptor].tolist() == [False, False, False, True, False]


def test_genes_of_junctions_are_not_mirrored(toy_genome: ToyGenome, annotation: Annotation) -> None:
    given: list[Mapping[str, np.ndarray]] = []

    def junctions(
        _: object, __: object, arrays: Mapping[str, np.ndarray]
    ) -> tuple[JunctionPredictions, JunctionPredictions]:
        given.append(arrays)
        sites = np.full((4, 1), -1, np.int32)
        none = JunctionPredictions(sites=sites, counts=np.zeros((1, 1, 4), np.float32))
        return none, none

    def sites_alone(sequences: Iterable[str]) -> Iterator[dict[OutputType, Any]]:
        yield from ({OutputType.SPLICE_JUNCTIONS: None} for _ in sequences)

    tracks = human_tracks(OutputType.SPLICE_JUNCTIONS)
    scorers = [one for one in recommended("human") if one.output_type is OutputType.SPLICE_JUNCTIONS]
    engine = Engine([WholeNetwork(sites_alone, junctions)], scorers, tracks, annotation)
    for window in both_windows(toy_genome, "ACC"):
        assert list(engine.score([window])) == [()]
    forward, backward = given
    np.testing.assert_array_equal(backward["in_gene"], forward["in_gene"])
    np.testing.assert_array_equal(backward["is_known"][::-1, [2, 3, 0, 1, 4]], forward["is_known"])
