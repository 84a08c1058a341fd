"""What is predicted of both alleles, by a network whose predictions are plain."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
import pytest
from jaxtyping import Bool
from toy_inputs import toy_tracks

from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable
from vep_cli.plot.prediction import Pair, ShownPrediction, predict_shown
from vep_cli.scoring.splice_junctions import JunctionPredictions

START, WIDTH = 10_000, 4096
LETTERS = {"A": 1.0, "C": 2.0, "G": 3.0, "T": 9.0}


class Network:
    """Predicts each base's letter as a number, and in a bin the sum; its one intron has as many reads as T.

    Attributes:
        read_tokens: What was read of each allele.
        sites: What is known of the sites, once junctions were asked for.
    """

    def __init__(self, tracks: TrackTable) -> None:
        self._by_output = tracks.by_output
        self.read_tokens: list[list[int]] = []
        self.sites: Mapping[str, np.ndarray] = {}

    def reference(self, bases: str) -> str:
        return bases

    def alternate(self, reference: str, bases: str) -> str:
        assert len(reference) == len(bases)
        return bases

    def read(self, allele: str, is_read: Bool[np.ndarray, " tokens"]) -> dict[OutputType, Any]:
        self.read_tokens.append(np.flatnonzero(is_read).tolist())
        return {output: self._head(output, allele) for output in self._by_output}

    def _head(self, output: OutputType, bases: str) -> np.ndarray:
        numbers = np.array([LETTERS[letter] for letter in bases], np.float32)
        if output is OutputType.CONTACT_MAPS:
            return np.full((2, 2, 1), bases.count("T"), np.float32)
        if output is OutputType.SPLICE_SITES:
            return numbers[:, None] + 100 * np.arange(5, dtype=np.float32)
        if output is OutputType.SPLICE_JUNCTIONS:
            return np.array([bases.count("T")], np.float32)
        binned = numbers.reshape(-1, output.resolution).sum(axis=1)
        return np.repeat(binned[:, None], len(self._by_output[output]), axis=1)

    def junctions(
        self, reference: jax.Array, alternate: jax.Array, arrays: Mapping[str, np.ndarray]
    ) -> tuple[JunctionPredictions, JunctionPredictions]:
        self.sites = arrays
        # A donor on '+' at 99 and an acceptor at 300; columns are liver and brain on '+', then on '-'.
        sites = np.array([[99], [300], [-1], [-1]], np.int32)
        counts = np.array([[[1.0, 10.0, 7.0, 7.0]]], np.float32)
        before, after = (
            JunctionPredictions(sites=sites, counts=counts * np.asarray(one)[0])
            for one in (reference, alternate)
        )
        return before, after


def window(offset: int, reference: str, alternate: str) -> Window:
    """All A but for the variant, which is so far from the window's start."""
    variant = Variant(
        chromosome="chr1",
        position=START + offset + 1,
        reference_bases=reference,
        alternate_bases=alternate,
    )
    before, after = ("A" * offset + allele + "A" * WIDTH for allele in (reference, alternate))
    interval = Interval(chromosome="chr1", start=START, end=START + WIDTH)
    return Window(
        variant=variant,
        interval=interval,
        reference_bases=before[:WIDTH],
        alternate_bases=after[:WIDTH],
    )


def predict(
    seen: Window, start: int, end: int, *outputs: OutputType, annotation: Annotation | None = None
) -> tuple[ShownPrediction, Network]:
    tracks = TrackTable(tuple(toy_tracks())).where(
        lambda track: track.organism == "human" and track.output_type in outputs
    )
    network = Network(tracks)
    shown = Interval(chromosome="chr1", start=START + start, end=START + end)
    return predict_shown(network, tracks, seen, shown, annotation), network


def first_tracks(pair: Pair) -> tuple[list[float], list[float]]:
    return pair.reference[..., 0].tolist(), pair.alternate[..., 0].tolist()


def test_substitution() -> None:
    predicted, network = predict(window(200, "C", "T"), 198, 203, OutputType.ATAC)
    pair = predicted.pairs[OutputType.ATAC]
    assert pair.start == START + 198
    assert first_tracks(pair) == ([1, 1, 2, 1, 1], [1, 1, 9, 1, 1])
    # Bases 198 to 202 are of the second 128.
    assert network.read_tokens == [[1], [1]]
    assert predicted.junctions is None


def test_deleted_bases_are_zero_and_what_follows_is_where_it_was() -> None:
    # REF is A C G T C and ALT A C; the T stays in REF alone.
    predicted, network = predict(window(254, "CGTC", "C"), 253, 260, OutputType.ATAC)
    assert first_tracks(predicted.pairs[OutputType.ATAC]) == (
        [1, 2, 3, 9, 2, 1, 1],
        [1, 2, 0, 0, 0, 1, 1],
    )
    # REF's bases 253 to 259 are ALT's 253 to 256.
    assert network.read_tokens == [[1, 2], [1, 2]]


def test_inserted_bases_are_at_the_base_before() -> None:
    predicted, network = predict(window(126, "C", "CTG"), 125, 129, OutputType.ATAC)
    # The largest of C (2), T (9) and G (3).
    assert first_tracks(predicted.pairs[OutputType.ATAC]) == ([1, 2, 1, 1], [1, 9, 1, 1])
    assert network.read_tokens == [[0, 1], [0, 1]]


def test_bins_are_the_mean_of_the_bases_that_both_have() -> None:
    # A bin of 128 A is 128; that with the variant is 130 with CGT deleted but for the C: 2 + 3 + 9 + 125.
    predicted, _ = predict(window(200, "CGT", "C"), 150, 300, OutputType.CHIP_TF)
    pair = predicted.pairs[OutputType.CHIP_TF]
    assert pair.start == START + 128
    before, after = first_tracks(pair)
    assert before == [139, 128]
    # ALT's bins are 129 (128 to 255, one C) and 128. REF's first bin has bases 128 to 200 and 203 to 255 in
    # common with it, all in ALT's bin 1; REF's second, 256 to 383, lies at 254 to 381: 2 bases in bin 1.
    assert after == pytest.approx([129, (2 * 129 + 126 * 128) / 128])


def test_bins_of_a_substitution_are_those_of_alt() -> None:
    predicted, _ = predict(window(200, "C", "T"), 0, 256, OutputType.CHIP_HISTONE)
    assert first_tracks(predicted.pairs[OutputType.CHIP_HISTONE]) == ([128, 129], [128, 136])


def test_splice_sites_have_the_columns_of_their_tracks() -> None:
    predicted, _ = predict(window(200, "C", "T"), 200, 201, OutputType.SPLICE_SITES)
    pair = predicted.pairs[OutputType.SPLICE_SITES]
    assert (pair.reference.tolist(), pair.alternate.tolist()) == (
        [[2, 102, 202, 302]],
        [[9, 109, 209, 309]],
    )


def test_contact_maps_are_whole() -> None:
    predicted, _ = predict(window(200, "C", "T"), 200, 201, OutputType.CONTACT_MAPS)
    pair = predicted.pairs[OutputType.CONTACT_MAPS]
    assert (pair.start, pair.reference.shape) == (START, (2, 2, 1))
    assert (pair.alternate - pair.reference).tolist() == [[[1], [1]], [[1], [1]]]


class TestJunctions:
    def test_between_what_is_shown_where_no_gene_is(self) -> None:
        predicted, network = predict(window(200, "T", "TTT"), 190, 210, OutputType.SPLICE_JUNCTIONS)
        assert np.flatnonzero(network.sites["in_gene"]).tolist() == list(range(190, 210))
        assert predicted.junctions is not None
        before, after = predicted.junctions
        # The intron lies between the donor, 99, and the acceptor, 300; liver and brain on '+'.
        assert (before.start.tolist(), before.end.tolist()) == ([START + 100], [START + 300])
        assert (before.counts.tolist(), after.counts.tolist()) == ([[1, 10]], [[3, 30]])

    @pytest.mark.parametrize(("first", "reads"), [(98, 0), (99, 10), (298, 10), (299, 0), (300, 10)], ids=str)
    def test_none_of_alt_at_a_site_that_it_deletes(self, first: int, reads: float) -> None:
        # Deleted is the base behind `first`; the donor is base 99, the acceptor base 300.
        predicted, _ = predict(window(first, "TC", "T"), 90, 310, OutputType.SPLICE_JUNCTIONS)
        assert predicted.junctions is not None
        before, after = predicted.junctions
        assert before.counts.tolist() == [[1, 10]]
        assert after.counts[0, 1] == reads

    def test_within_the_genes_that_the_variant_touches(self) -> None:
        gene = Gene(
            gene_id="G",
            name="G",
            gene_type="protein_coding",
            chromosome="chr1",
            start=START + 150,
            end=START + 700,
            strand="+",
        )
        none = np.zeros(0, np.int64)
        annotation = Annotation(
            genes=(gene,),
            transcript_gene=none,
            transcript_start_site=none,
            exon_transcript=none,
            exon_start=none,
            exon_end=none,
        )
        _, network = predict(
            window(200, "C", "T"), 90, 110, OutputType.SPLICE_JUNCTIONS, annotation=annotation
        )
        assert np.flatnonzero(network.sites["in_gene"]).tolist() == list(range(150, 700))
        # What is shown is read, and the gene, up to base 699 of token 5.
        assert network.read_tokens == [[0, 1, 2, 3, 4, 5]] * 2
