import logging

import jax
import numpy as np
import pytest
from toy_inputs import CONTIGS, WINDOW
from toy_windows import human_tracks

from vep_cli.errors import WeightsError
from vep_cli.inference.predictor import Predictor
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import ORGANISMS, TrackTable
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.scoring.scorer import Predictions

SEQUENCES = [CONTIGS["chr1"][start : start + WINDOW] for start in (0, 1000, 2000, 0)]


def predictor(weights: WeightsFolder, tracks: TrackTable) -> Predictor:
    device = jax.local_devices(backend="cpu")[0]
    return Predictor(weights, tracks, organism="human", device=device)


@pytest.fixture(scope="module")
def one_by_one(toy_weights: WeightsFolder) -> list[Predictions]:
    return list(predictor(toy_weights, human_tracks()).predict(SEQUENCES))


def assert_same(found: list[Predictions], expected: list[Predictions]) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.keys() == other.keys()
        for output in one:
            jax.tree.map(np.testing.assert_array_equal, one[output], other[output])


def test_shapes_are_bins_by_chosen_tracks(one_by_one: list[Predictions]) -> None:
    bins = {
        OutputType.CHIP_HISTONE: (WINDOW // 128,),
        OutputType.CHIP_TF: (WINDOW // 128,),
        OutputType.CONTACT_MAPS: (2, 2),
    }
    tracks = human_tracks().by_output
    predictions = dict(one_by_one[0])
    sites = predictions.pop(OutputType.SPLICE_JUNCTIONS)
    assert (sites.probabilities.shape, sites.embedding.shape) == ((WINDOW, 5), (WINDOW, 8))
    del tracks[OutputType.SPLICE_JUNCTIONS]
    assert {output: values.shape for output, values in predictions.items()} == {
        output: (*bins.get(output, (WINDOW,)), 5 if output is OutputType.SPLICE_SITES else len(named))
        for output, named in tracks.items()
    }


def test_same_sequence_same_bits(one_by_one: list[Predictions]) -> None:
    assert_same([one_by_one[0]], [one_by_one[3]])
    assert not np.array_equal(one_by_one[0][OutputType.ATAC], one_by_one[1][OutputType.ATAC])


def test_sequences_are_read_as_they_are_needed(toy_weights: WeightsFolder) -> None:
    sequences = iter(SEQUENCES)
    next(predictor(toy_weights, human_tracks()).predict(sequences))
    assert len(list(sequences)) == len(SEQUENCES) - 1


def test_chosen_tracks_are_predicted_as_among_all(
    toy_weights: WeightsFolder, one_by_one: list[Predictions]
) -> None:
    brain = human_tracks(OutputType.ATAC).where(lambda track: track.biosample_name == "brain")
    (found,) = predictor(toy_weights, brain).predict(SEQUENCES[:1])
    assert list(found) == [OutputType.ATAC]
    # Narrower heads round otherwise: column 1 of the full head, within float32.
    expected = one_by_one[0][OutputType.ATAC][:, 1:]
    np.testing.assert_allclose(found[OutputType.ATAC], expected, rtol=1e-5, atol=1e-6)


def test_organism_decides(toy_weights: WeightsFolder, one_by_one: list[Predictions]) -> None:
    mouse = toy_weights.tracks.where(lambda track: track.organism == ORGANISMS[1])
    device = jax.local_devices(backend="cpu")[0]
    other = Predictor(toy_weights, mouse, organism="mouse", device=device)
    (found,) = other.predict(SEQUENCES[:1])
    assert not np.allclose(found[OutputType.ATAC][:, 0], one_by_one[0][OutputType.ATAC][:, 0])


def test_compilation_is_announced_once(toy_weights: WeightsFolder, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "vep_cli")
    list(predictor(toy_weights, human_tracks()).predict(SEQUENCES[:2]))
    assert [record.getMessage() for record in caplog.records] == [
        "compiling the network for windows of 4096 bp on cpu"
    ]


def test_damaged_parameters_are_found_on_loading(toy_weights: WeightsFolder) -> None:
    path = toy_weights.parameters_path
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        with pytest.raises(WeightsError, match=r"model\.safetensors.*sha256"):
            predictor(toy_weights, human_tracks())
    finally:
        path.write_bytes(whole)
