import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array

from vep_cli.errors import UsageError
from vep_cli.model import network
from vep_cli.model.config import BIN_SIZES, ModelConfig
from vep_cli.model.layers import Parameters
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.parameters import initialise, select_columns, with_track_means
from vep_cli.model.splice_sites import select_splice_sites, splice_junctions

CONFIG = ModelConfig.toy()
LENGTH = 4096
ALL = frozenset(OutputType)
Predictions = dict[OutputType, Array]


@functools.cache
def toy_params() -> Parameters:
    """Random parameters, moved off the constants that training starts from, with track means 1 to 4."""
    params = initialise(CONFIG, jax.random.key(0))
    leaves, structure = jax.tree.flatten(params)
    keys = jax.random.split(jax.random.key(1), len(leaves))
    shaken = [leaf + 0.1 * jax.random.normal(key, leaf.shape) for leaf, key in zip(leaves, keys, strict=True)]
    params = structure.unflatten(shaken)
    # Near-uniform classes, so that every list of splice sites has some above the threshold of 0.1.
    linear = params["heads"]["SPLICE_SITES"]["linear"]
    params["heads"]["SPLICE_SITES"]["linear"] = jax.tree.map(lambda leaf: 0.1 * leaf, linear)
    means = np.tile(np.arange(1, 5, dtype=np.float32), (2, 1))
    return with_track_means(params, dict.fromkeys(GENOME_TRACKS, means))


def bases(seed: int, batch: int = 1) -> Array:
    indices = np.random.default_rng(seed).integers(0, 4, (batch, LENGTH))
    return jnp.eye(4, dtype=jnp.float32)[indices]


@functools.partial(jax.jit, static_argnames="outputs")
def predict(
    params: Parameters, sequence: Array, organism_index: Array, outputs: frozenset[OutputType] = ALL
) -> Predictions:
    return network.predict(params, sequence, organism_index, CONFIG, outputs)


@functools.cache
def human_predictions() -> Predictions:
    return predict(toy_params(), bases(0), jnp.array([0]))


def assert_same(found: Predictions, expected: Predictions) -> None:
    assert found.keys() == expected.keys()
    for output in expected:
        # Splice site usage is rounded to float16, whose steps are up to 2^-10 of the value.
        relative = 2**-10 if output is OutputType.SPLICE_SITE_USAGE else 2e-4
        absolute = 2e-6 * float(np.abs(expected[output]).max())
        np.testing.assert_allclose(found[output], expected[output], relative, absolute, err_msg=output)


def test_predictions_have_each_outputs_resolution() -> None:
    predictions = human_predictions()
    assert predictions.keys() == ALL
    for output in ALL - {OutputType.SPLICE_JUNCTIONS, OutputType.CONTACT_MAPS, OutputType.SPLICE_SITES}:
        assert predictions[output].shape == (1, LENGTH // output.resolution, 4)
    assert predictions[OutputType.SPLICE_SITES].shape == (1, LENGTH, 5)
    assert predictions[OutputType.CONTACT_MAPS].shape == (1, 2, 2, 4)
    # Eight sites of each class; four tissues on each strand.
    assert predictions[OutputType.SPLICE_JUNCTIONS].shape == (1, 8, 8, 8)


@pytest.mark.parametrize("output", list(OutputType))
def test_predictions_are_finite_and_vary(output: OutputType) -> None:
    prediction = human_predictions()[output]
    assert np.isfinite(prediction).all()
    assert np.std(prediction) > 1e-3 * np.abs(prediction).max()


def test_the_encoder_keeps_each_stage_before_pooling() -> None:
    features = network.encode(toy_params(), bases(0))
    for bin_size, channels in zip(BIN_SIZES, CONFIG.encoder_channels, strict=True):
        assert features.skips[bin_size].shape == (1, LENGTH // bin_size, channels)
    assert features.tokens.shape == (1, LENGTH // 128, CONFIG.trunk_channels)
    pooled = features.skips[64].reshape(1, LENGTH // 128, 2, -1).max(2)
    np.testing.assert_array_equal(features.tokens, pooled)


def test_the_same_sequence_gives_the_same_bits() -> None:
    again = predict(toy_params(), bases(0), jnp.array([0]))
    for output, expected in human_predictions().items():
        np.testing.assert_array_equal(again[output], expected)


def test_one_base_changes_tracks_and_contacts() -> None:
    sequence = bases(0)
    changed = sequence.at[0, 2000].set(jnp.roll(sequence[0, 2000], 1))
    found = predict(toy_params(), changed, jnp.array([0]))
    for output in (OutputType.ATAC, OutputType.CHIP_TF, OutputType.CONTACT_MAPS):
        assert not np.array_equal(found[output], human_predictions()[output])


def test_a_batch_of_two_is_two_singles() -> None:
    both = predict(toy_params(), bases(1, batch=2), jnp.array([0, 1]))
    for row in (0, 1):
        single = predict(toy_params(), bases(1, batch=2)[row : row + 1], jnp.array([row]))
        assert_same({output: both[output][row : row + 1] for output in both}, single)


def test_organisms_differ() -> None:
    mouse = predict(toy_params(), bases(0), jnp.array([1]))
    for output in ALL - {OutputType.SPLICE_JUNCTIONS}:
        assert not np.allclose(mouse[output], human_predictions()[output], rtol=1e-2)


@pytest.mark.parametrize(
    "outputs",
    [{OutputType.CHIP_TF}, {OutputType.CONTACT_MAPS}, {OutputType.SPLICE_JUNCTIONS, OutputType.CAGE}],
)
def test_asking_for_less_changes_nothing(outputs: set[OutputType]) -> None:
    found = predict(toy_params(), bases(0), jnp.array([0]), frozenset(outputs))
    assert_same(found, {output: human_predictions()[output] for output in outputs})


@pytest.mark.parametrize("output", [OutputType.CHIP_TF, OutputType.CONTACT_MAPS])
def test_coarse_outputs_do_without_the_decoder(output: OutputType) -> None:
    params = {name: part for name, part in toy_params().items() if name != "decoder"}
    found = predict(params, bases(0), jnp.array([0]), frozenset({output}))
    assert_same(found, {output: human_predictions()[output]})


def test_chosen_columns_are_columns_of_the_whole() -> None:
    chosen = {output: [2, 0] for output in OutputType}
    found = predict(select_columns(toy_params(), chosen), bases(0), jnp.array([0]))
    expected = {output: prediction[..., [2, 0]] for output, prediction in human_predictions().items()}
    expected[OutputType.SPLICE_SITES] = human_predictions()[OutputType.SPLICE_SITES]
    junctions = human_predictions()[OutputType.SPLICE_JUNCTIONS]
    expected[OutputType.SPLICE_JUNCTIONS] = junctions[..., [2, 0, 6, 4]]
    assert_same(found, expected)


def test_junctions_are_of_the_sites_that_are_kept_to_compare() -> None:
    run = functools.partial(network.predict_to_compare, config=CONFIG)
    organism = jnp.array([0])
    found = jax.jit(functools.partial(run, outputs=ALL))(toy_params(), bases(0), organism)
    kept = found.pop(OutputType.SPLICE_JUNCTIONS)
    expected = human_predictions()
    assert_same(found, {output: expected[output] for output in ALL - {OutputType.SPLICE_JUNCTIONS}})
    np.testing.assert_array_equal(kept.probabilities, found[OutputType.SPLICE_SITES])
    sites = select_splice_sites(kept.probabilities, CONFIG.max_splice_sites, CONFIG.splice_site_threshold)
    head = toy_params()["heads"][OutputType.SPLICE_JUNCTIONS]
    junctions = splice_junctions(head, kept.embedding, sites, organism, CONFIG.junction_max_positions)
    np.testing.assert_allclose(junctions, expected[OutputType.SPLICE_JUNCTIONS], rtol=1e-4, atol=1e-5)
    alone = jax.jit(functools.partial(run, outputs=frozenset({OutputType.SPLICE_JUNCTIONS})))
    assert set(alone(toy_params(), bases(0), organism)) == {OutputType.SPLICE_JUNCTIONS}


def test_a_stretch_decodes_as_the_whole_does_away_from_its_cuts() -> None:
    features = network.encode(toy_params(), bases(0))
    whole = network.decode(toy_params(), features.tokens, features.skips)
    skips = {size: skip[:, 1024 // size : 3072 // size] for size, skip in features.skips.items()}
    stretch = network.decode(toy_params(), features.tokens[:, 8:24], skips)
    # Two kernels reach 2 positions at each stage, one before and one after its doubling:
    # (4 + 2) x (64 + 32 + ... + 1) = 762 bp.
    rounding = 1e-6 * float(np.abs(whole).max())
    np.testing.assert_allclose(stretch[:, 762:-762], whole[:, 1786:2310], 2e-4, rounding)
    assert not np.allclose(stretch[:, :600], whole[:, 1024:1624], 1e-3)


@pytest.mark.parametrize("length", [0, 128, 2047, 2049])
def test_an_impossible_length_is_refused(length: int) -> None:
    with pytest.raises(UsageError, match=f"{length} bp"):
        network.predict(toy_params(), jnp.zeros((1, length, 4)), jnp.array([0]), CONFIG, ALL)
