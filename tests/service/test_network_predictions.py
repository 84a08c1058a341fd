"""What the official client gets is what the network predicts; and its figures take it."""

from collections.abc import Iterator

import jax
import numpy as np
import pytest
from alphagenome.data import genome, junction_data
from alphagenome.models import dna_client
from alphagenome.models.dna_client import OutputType
from toy_inputs import CONTIGS, ToyGenome
from toy_server import LENGTH, Serving, settings, toy_serving

from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import build_window
from vep_cli.inference.interval_prediction import IntervalPrediction, predict_interval, predict_variant
from vep_cli.inference.predictor import Predictor
from vep_cli.model import output_type
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.service import preparation

START = -2000
LATER = genome.Interval("chr1", START, START + LENGTH)
OURS = Interval(chromosome="chr1", start=START, end=START + LENGTH)

POSITION = 6101
REFERENCE = CONTIGS["chr1"][POSITION - 1]
ALTERNATE = REFERENCE + "GTAAGT"


@pytest.fixture(scope="module")
def running(toy_genome: ToyGenome, toy_weights: WeightsFolder) -> Iterator[Serving]:
    with pytest.MonkeyPatch.context() as patch:
        # Other tests' servers, of the same session, have a network that counts bases.
        patch.setattr(preparation, "Predictor", Predictor)
        with toy_serving(settings(toy_genome, toy_weights.path)) as serving:
            yield serving


@pytest.fixture(scope="module")
def network(running: Serving, toy_weights: WeightsFolder) -> Predictor:
    device = jax.local_devices(backend="cpu")[0]
    return Predictor(toy_weights, running.model.tracks, organism="human", device=device)


def assert_same(found: dna_client.Output, expected: IntervalPrediction) -> None:
    for output, values in expected.values.items():
        theirs = found.get(OutputType[output.name])
        np.testing.assert_allclose(theirs.values, values, rtol=1e-5, atol=1e-6, err_msg=output)
        assert list(theirs.names) == [track.name for track in expected.tracks[output]]
    junctions, own = found.splice_junctions, expected.junctions
    assert isinstance(junctions, junction_data.JunctionData)
    assert own is not None
    assert len(own) > 10
    assert [one.start for one in junctions.junctions] == own.start.tolist()
    assert [one.end for one in junctions.junctions] == own.end.tolist()
    assert (junctions.strands == np.where(own.is_forward, "+", "-")).all()
    np.testing.assert_allclose(junctions.values, own.counts, rtol=1e-5, atol=1e-6)
    assert len(expected.tracks[output_type.OutputType.SPLICE_JUNCTIONS]) == junctions.num_tracks == 2


def test_both_alleles(running: Serving, network: Predictor, toy_genome: ToyGenome) -> None:
    variant = Variant(
        chromosome="chr1", position=POSITION, reference_bases=REFERENCE, alternate_bases=ALTERNATE
    )
    with running.client() as client:
        found = client.predict_variant(
            LATER,
            genome.Variant("chr1", POSITION, REFERENCE, ALTERNATE),
            requested_outputs=list(OutputType),
            ontology_terms=None,
        )
    with Reference(toy_genome.fasta) as reference:
        window = build_window(variant, OURS, reference)
    expected = predict_variant(network, running.model.tracks, window, running.model.annotation)
    assert_same(found.reference, expected.reference)
    assert_same(found.alternate, expected.alternate)
    difference = found.alternate.atac.values - found.reference.atac.values
    assert np.abs(difference).max() > 0


def test_an_interval_and_its_figure(running: Serving, network: Predictor, toy_genome: ToyGenome) -> None:
    pytest.importorskip("seaborn")
    from alphagenome.visualization import plot_components

    with running.client() as client:
        found = client.predict_interval(LATER, requested_outputs=list(OutputType), ontology_terms=None)
    with Reference(toy_genome.fasta) as reference:
        bases = reference.fetch(OURS)
    assert_same(found, predict_interval(network, running.model.tracks, OURS, bases))
    one_strand = found.splice_junctions.filter_to_strand(found.splice_junctions.strands[0])
    liver = one_strand.filter_tracks(list(one_strand.metadata["biosample_name"] == "liver"))
    figure = plot_components.plot(
        [
            plot_components.Tracks(found.rna_seq),
            plot_components.Sashimi(liver, rng=np.random.default_rng(1)),
            plot_components.ContactMaps(found.contact_maps),
        ],
        interval=LATER,
    )
    # A panel for each track of RNA_SEQ, one for the junctions and one for the map.
    assert len(figure.axes) == 4
