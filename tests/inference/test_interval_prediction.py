import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from toy_inputs import CONTIGS, WINDOW, ToyGenome
from toy_windows import human_tracks, toy_window

from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.window import Window, build_window, reverse_complement
from vep_cli.inference.interval_prediction import (
    IntervalPrediction,
    VariantPrediction,
    predict_interval,
    predict_variant,
)
from vep_cli.inference.junction_list import list_junctions
from vep_cli.inference.predictor import Predictor
from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import select_splice_sites
from vep_cli.model.strand import with_partners
from vep_cli.model.tracks import TrackTable
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.scoring.indel_alignment import alternate_positions, gather_aligned, inserted_positions

TRACKS = human_tracks()
START = 4000


def make_predictor(weights: WeightsFolder, tracks: TrackTable) -> Predictor:
    device = jax.local_devices(backend="cpu")[0]
    return Predictor(weights, tracks, organism="human", device=device)


@pytest.fixture(scope="module")
def predictor(toy_weights: WeightsFolder) -> Predictor:
    return make_predictor(toy_weights, TRACKS)


@pytest.fixture(scope="module")
def reference(toy_genome: ToyGenome) -> Reference:
    return Reference(toy_genome.fasta)


def interval(strand: str = "+") -> Interval:
    return Interval(chromosome="chr1", start=START, end=START + WINDOW, strand=strand)


def predict(predictor: Predictor, strand: str, bases: str | None = None) -> IntervalPrediction:
    forward = CONTIGS["chr1"][START : START + WINDOW]
    return predict_interval(predictor, TRACKS, interval(strand), forward if bases is None else bases)


@pytest.fixture(scope="module")
def forward(predictor: Predictor) -> IntervalPrediction:
    return predict(predictor, "+")


@pytest.fixture(scope="module")
def backward(predictor: Predictor) -> IntervalPrediction:
    # The reverse complement of what is given here is what `forward` reads.
    return predict(predictor, "-", reverse_complement(CONTIGS["chr1"][START : START + WINDOW]))


def test_values_are_those_of_the_network(predictor: Predictor, forward: IntervalPrediction) -> None:
    (expected,) = predictor.predict([CONTIGS["chr1"][START : START + WINDOW]])
    assert forward.values.keys() == TRACKS.by_output.keys() - {OutputType.SPLICE_JUNCTIONS}
    for output, values in forward.values.items():
        columns = slice(0, 4) if output is OutputType.SPLICE_SITES else slice(None)
        np.testing.assert_array_equal(values, np.asarray(expected[output])[..., columns])
        assert values.shape[-1] == len(forward.tracks[output])


def test_the_other_strand_is_turned_round(forward: IntervalPrediction, backward: IntervalPrediction) -> None:
    for output in (OutputType.ATAC, OutputType.CHIP_TF):
        np.testing.assert_array_equal(backward.values[output], forward.values[output][::-1])
    contacts = OutputType.CONTACT_MAPS
    np.testing.assert_array_equal(backward.values[contacts], forward.values[contacts][::-1, ::-1])
    for output, partners in ((OutputType.RNA_SEQ, [1, 0]), (OutputType.SPLICE_SITES, [2, 3, 0, 1])):
        expected = forward.values[output][::-1, partners]
        np.testing.assert_array_equal(backward.values[output], expected)
    cuts = OutputType.DNASE
    np.testing.assert_array_equal(backward.values[cuts][1:], forward.values[cuts][::-1][:-1])
    assert not backward.values[cuts][0].any()


def introns(prediction: IntervalPrediction) -> dict[tuple[int, int, bool], list[float]]:
    found = prediction.junctions
    assert found is not None
    keys = zip(found.start.tolist(), found.end.tolist(), found.is_forward.tolist(), strict=True)
    return dict(zip(keys, found.counts.tolist(), strict=True))


def test_junctions_of_the_other_strand(forward: IntervalPrediction, backward: IntervalPrediction) -> None:
    # Position p of the window is WINDOW - 1 - p of its reverse complement. The intron between sites p < q is
    # [p + 1, q), and between their mirror images [WINDOW - q, WINDOW - 1 - p): the same turned round.
    both = 2 * START + WINDOW
    mirrored = {
        (both - end, both - start, not is_forward): counts
        for (start, end, is_forward), counts in introns(forward).items()
    }
    assert len(mirrored) > 0
    assert set(introns(backward)) == set(mirrored)
    for intron, counts in introns(backward).items():
        np.testing.assert_allclose(counts, mirrored[intron], rtol=1e-5)


def test_the_tissues_of_junctions_are_of_no_strand(forward: IntervalPrediction) -> None:
    tissues = forward.tracks[OutputType.SPLICE_JUNCTIONS]
    assert [(track.biosample_name, track.strand) for track in tissues] == [("liver", "."), ("brain", ".")]
    assert forward.junctions is not None
    assert forward.junctions.counts.shape == (len(forward.junctions), 2)


def test_some_of_the_tracks(forward: IntervalPrediction) -> None:
    assert forward.of(TRACKS).tracks == forward.tracks
    brain = forward.of(TRACKS.where(lambda track: track.biosample_name == "brain"))
    np.testing.assert_array_equal(brain.values[OutputType.ATAC], forward.values[OutputType.ATAC][:, 1:])
    assert [track.biosample_name for track in brain.tracks[OutputType.ATAC]] == ["brain"]
    assert brain.values[OutputType.CONTACT_MAPS].shape == (2, 2, 0)
    assert brain.junctions is not None
    assert forward.junctions is not None
    np.testing.assert_array_equal(brain.junctions.counts, forward.junctions.counts[:, 1:])
    np.testing.assert_array_equal(brain.junctions.start, forward.junctions.start)
    assert [track.biosample_name for track in brain.tracks[OutputType.SPLICE_JUNCTIONS]] == ["brain"]


def test_one_strand_alone_cannot_be_turned_round(toy_weights: WeightsFolder) -> None:
    rna = human_tracks(OutputType.RNA_SEQ)
    plus = rna.where(lambda track: track.strand == "+")
    one_sided = make_predictor(toy_weights, plus)
    bases = CONTIGS["chr1"][:WINDOW]
    assert predict_interval(one_sided, plus, interval("+"), bases).junctions is None
    with pytest.raises(ValueError, match="both strands"):
        predict_interval(one_sided, plus, interval("-"), bases)
    assert with_partners(plus, TRACKS) == rna


def variants(predictor: Predictor, window: Window, toy_genome: ToyGenome | None) -> VariantPrediction:
    return predict_variant(predictor, TRACKS, window, toy_genome and read_gtf(toy_genome.gtf))


def test_both_alleles_share_their_introns(
    predictor: Predictor, reference: Reference, toy_genome: ToyGenome
) -> None:
    window = toy_window(reference, "chr1", 6100, CONTIGS["chr1"][6099], "ACGT")
    found = variants(predictor, window, toy_genome)
    assert introns(found.reference).keys() == introns(found.alternate).keys()
    # PLUS, [5200, 6300), is the one gene that the variant touches besides MINUS, [5700, 6800).
    inside = [start > 5200 and end < 6800 for start, end, _ in introns(found.reference)]
    assert inside == [True] * len(inside)
    (expected,) = predictor.predict([window.alternate_bases])
    values = found.alternate.values[OutputType.ATAC]
    np.testing.assert_array_equal(values, np.asarray(expected[OutputType.ATAC]))


@pytest.mark.parametrize("with_genes", [True, False])
def test_away_from_genes_all_sites_count(
    predictor: Predictor, reference: Reference, toy_genome: ToyGenome, with_genes: bool
) -> None:
    # No gene covers chr1:2101; equal alleles have the junctions of the sequence by itself.
    base = CONTIGS["chr1"][2100]
    window = toy_window(reference, "chr1", 2101, base, base)
    found = variants(predictor, window, toy_genome if with_genes else None)
    alone = predict_interval(predictor, TRACKS, window.interval, window.reference_bases)
    if not with_genes:
        assert introns(found.reference).keys() == introns(alone).keys()
    shared = introns(found.reference).keys() & introns(alone).keys()
    assert len(shared) > 0
    for intron in shared:
        np.testing.assert_allclose(introns(found.reference)[intron], introns(alone)[intron], rtol=1e-5)
    assert introns(found.reference) == introns(found.alternate)


@pytest.mark.parametrize(("deleted", "inserted"), [(0, "TAC"), (3, "")])
def test_indels_on_the_other_strand_are_aligned_as_on_this_one(
    predictor: Predictor, reference: Reference, toy_weights: WeightsFolder, deleted: int, inserted: str
) -> None:
    bases = CONTIGS["chr1"][2100 : 2101 + deleted]
    variant = toy_window(reference, "chr1", 2101, bases, bases[0] + inserted).variant
    window = build_window(variant, dataclasses.replace(interval("-"), start=53, end=53 + WINDOW), reference)
    # The sites of the reverse complement, turned round first and then aligned on the forward strand.
    alleles = predictor.predict([window.reference_bases, window.alternate_bases])
    probabilities = (np.asarray(one[OutputType.SPLICE_JUNCTIONS].probabilities) for one in alleles)
    before, after = (values[::-1, [2, 3, 0, 1, 4]] for values in probabilities)
    plus = dataclasses.replace(window.interval, strand=".")
    positions = alternate_positions(np.arange(WINDOW), variant, plus)
    inserted_bases = jnp.asarray(inserted_positions(variant, plus))
    aligned = gather_aligned(jnp.asarray(after), jnp.asarray(positions.astype(np.int32)), inserted_bases)
    config = toy_weights.config
    either = jnp.maximum(before, aligned)[None]
    sites = select_splice_sites(either, config.max_splice_sites, config.splice_site_threshold)[0]
    expected = list_junctions(np.asarray(sites), np.zeros((8, 8, 2), np.float32), window.interval)

    found = variants(predictor, window, None)
    listed = set(zip(expected.start.tolist(), expected.end.tolist(), expected.is_forward, strict=True))
    assert len(listed) > 0
    assert introns(found.reference).keys() == introns(found.alternate).keys() == listed
    assert introns(found.reference) != introns(found.alternate)


def test_predictions_are_on_the_host(forward: IntervalPrediction) -> None:
    assert not any(isinstance(values, jnp.ndarray) for values in forward.values.values())
