from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
import official_operations as official
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import Array

from vep_cli.model import layers
from vep_cli.model.layers import Parameters


def test_gelu_sigmoid_matches_official() -> None:
    official.assert_close(layers.gelu_sigmoid(official.value("gelu", "x")), official.value("gelu", "out"))


def test_the_two_gelus_differ() -> None:
    # At 1: sigmoid(1.702) = 0.8458; tanh form 0.5 (1 + tanh(0.79788 x 1.044715)) = 0.8412.
    assert float(layers.gelu_sigmoid(jnp.ones(1))[0]) == pytest.approx(0.8458, abs=1e-4)
    assert float(layers.gelu_tanh(jnp.ones(1))[0]) == pytest.approx(0.8412, abs=1e-4)


@pytest.mark.parametrize("case", ["rms_batch_norm", "rms_batch_norm_rank4"])
def test_batch_norm_matches_official(case: str) -> None:
    leaves = {name: leaf for (_, name), leaf in official.leaves(case).items()}
    params = {"scale": leaves["scale"], "offset": leaves["offset"], "variance": leaves["var_ema"]}
    found = layers.batch_norm(params, official.value(case, "in0"))
    official.assert_close(found, official.value(case, "out"))


@pytest.mark.parametrize(
    ("case", "norm"), [("layer_norm", layers.layer_norm), ("layer_norm_rms", layers.rms_norm)]
)
def test_layer_norms_match_official(case: str, norm: Callable[[Parameters, Array], Array]) -> None:
    params = {name: leaf for (_, name), leaf in official.leaves(case).items()}
    official.assert_close(norm(params, official.value(case, "in0")), official.value(case, "out"))


def test_layer_norm_is_blind_to_a_constant_and_rms_norm_is_not() -> None:
    params = {"scale": jnp.ones(4), "offset": jnp.zeros(4)}
    x = jnp.array([[1.0, 2.0, 3.0, 5.0]])
    np.testing.assert_allclose(layers.layer_norm(params, x), layers.layer_norm(params, x + 8), rtol=1e-5)
    assert not np.allclose(layers.rms_norm(params, x), layers.rms_norm(params, x + 8), rtol=0.1)


def test_linear_without_bias_is_the_product() -> None:
    # [1, 2] x [[1, 10], [100, 1000]] = [201, 2010]
    weight = jnp.array([[1.0, 10.0], [100.0, 1000.0]])
    x = jnp.array([[1.0, 2.0]])
    assert layers.linear({"weight": weight}, x).tolist() == [[201.0, 2010.0]]
    assert layers.linear({"weight": weight, "bias": jnp.ones(2)}, x).tolist() == [[202.0, 2011.0]]


def test_organism_linear_takes_each_rows_own_weights() -> None:
    params = {"weight": jnp.array([[[1.0]], [[2.0]]]), "bias": jnp.array([[10.0], [20.0]])}
    # Row 0 is organism 1: 3 x 2 + 20; row 1 is organism 0: 3 x 1 + 10.
    found = layers.organism_linear(params, jnp.full((2, 1, 1), 3.0), jnp.array([1, 0]))
    assert found.ravel().tolist() == [26.0, 13.0]


def test_organism_embedding_adds_each_rows_own() -> None:
    found = layers.organism_embedding(jnp.array([[1.0], [2.0]]), jnp.zeros((2, 3, 3, 1)), jnp.array([1, 0]))
    assert found[0].ravel().tolist() == [2.0] * 9
    assert found[1].ravel().tolist() == [1.0] * 9


def test_max_pool_matches_official() -> None:
    case = "max_pool_by2_len8"
    np.testing.assert_array_equal(layers.max_pool(official.value(case, "x")), official.value(case, "out"))


def test_mean_pool_by_hand() -> None:
    # (0 + 1 + 2) / 3 = 1, (3 + 4 + 5) / 3 = 4
    assert layers.mean_pool(jnp.arange(6.0).reshape(1, 6, 1), 3).ravel().tolist() == [1.0, 4.0]


@pytest.mark.parametrize(("steps", "max_positions"), [(64, 8192), (384, 2**20), (4, 8192)])
def test_rotary_frequencies_match_official_to_the_bit(steps: int, max_positions: int) -> None:
    found = layers.rotary_frequencies(2 * steps, max_positions)
    expected = official.value(f"rope_inv_freq_{steps}_{max_positions}", "inv_freq")
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("case", ["rope_default_positions", "rope_given_positions"])
def test_rotation_matches_official(case: str) -> None:
    x = official.value(case, "x")
    is_default = "default" in case
    positions = jnp.arange(x.shape[1]) if is_default else official.value(case, "positions")
    cosines, sines = layers.rotary_angles(positions, x.shape[-1], 8192 if is_default else 2**20)
    found = layers.rotate(x, cosines[..., None, :], sines[..., None, :])
    official.assert_close(found, official.value(case, "out"))


@given(position=st.integers(0, 8191), seed=st.integers(0, 99))
@settings(deadline=None)
def test_rotation_keeps_the_length_of_a_vector(position: int, seed: int) -> None:
    x = jnp.asarray(np.random.default_rng(seed).normal(size=(1, 8)), jnp.float32)
    turned = layers.rotate(x, *layers.rotary_angles(jnp.array([position]), 8, 8192))
    assert float(jnp.linalg.norm(turned)) == pytest.approx(float(jnp.linalg.norm(x)), rel=1e-5)


def test_rotation_turns_neighbouring_channels() -> None:
    # A quarter turn: (1, 2) -> (-2, 1).
    assert layers.rotate(jnp.array([1.0, 2.0]), jnp.zeros(2), jnp.ones(2)).tolist() == [-2.0, 1.0]
