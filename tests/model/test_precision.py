import functools
from collections.abc import Callable

import jax
import jax.extend.core
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import Array

from vep_cli.model import layers, network
from vep_cli.model.config import ModelConfig
from vep_cli.model.layers import Parameters
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.parameters import initialise, with_track_means
from vep_cli.model.precision import Precision, cast_parameters

TOY = ModelConfig.toy()
OUTPUTS = frozenset(OutputType) - {OutputType.SPLICE_JUNCTIONS}
BFLOAT16 = Precision.BFLOAT16.dtype
Function = Callable[[Array], tuple[Array, Array]]


@functools.cache
def toy_params() -> Parameters:
    means = np.full((2, 4), 1.5, np.float32)
    return with_track_means(initialise(TOY, jax.random.key(0)), dict.fromkeys(GENOME_TRACKS, means))


@functools.cache
def toy_predictions(precision: Precision) -> dict[OutputType, Array]:
    bases = jnp.eye(4)[np.random.default_rng(0).integers(0, 4, (1, 2048))]
    params = cast_parameters(toy_params(), precision)
    predict = functools.partial(network.predict, config=TOY, outputs=OUTPUTS)
    return jax.jit(predict)(params, bases, jnp.array([0]))


def test_all_parameters_are_cast_and_track_means_are_not() -> None:
    params = cast_parameters({"a": {"weight": jnp.ones(2)}, "track_means": jnp.ones(2)}, Precision.BFLOAT16)
    assert params["a"]["weight"].dtype == jnp.bfloat16
    assert params["track_means"].dtype == jnp.float32


def test_float32_is_what_parameters_are() -> None:
    jax.tree.map(
        np.testing.assert_array_equal, cast_parameters(toy_params(), Precision.FLOAT32), toy_params()
    )


@pytest.mark.parametrize("output", sorted(OUTPUTS))
def test_predictions_have_bfloat16s_digits_in_float32(output: OutputType) -> None:
    found = toy_predictions(Precision.BFLOAT16)[output]
    assert found.dtype == jnp.float32
    np.testing.assert_array_equal(found, found.astype(BFLOAT16).astype(jnp.float32))
    exact = toy_predictions(Precision.FLOAT32)[output]
    assert not np.array_equal(exact, exact.astype(BFLOAT16).astype(jnp.float32))


@pytest.mark.parametrize("output", sorted(OUTPUTS))
def test_bfloat16_is_near_float32(output: OutputType) -> None:
    exact, found = (
        np.asarray(toy_predictions(precision)[output])
        for precision in (Precision.FLOAT32, Precision.BFLOAT16)
    )
    error = np.sqrt(np.square(found - exact).mean())
    # Eight bits through some thirty layers: a few hundredths, as the official network loses.
    assert 0 < error < 0.1 * exact.std()


def test_activations_are_of_the_parameters_type() -> None:
    params, human = cast_parameters(toy_params(), Precision.BFLOAT16), jnp.array([0])

    def activations(sequence: Array) -> tuple[object, ...]:
        features = network.encode(params, sequence)
        trunk = network.transform(params, features.tokens, human, TOY)
        return features, trunk, network.embed(params, trunk, features.skips, human, OUTPUTS)

    # The bases come in float32.
    found = jax.eval_shape(activations, jnp.zeros((1, 2048, 4)))
    assert {leaf.dtype for leaf in jax.tree.leaves(found)} == {BFLOAT16}


def test_sums_of_heads_are_not_rounded() -> None:
    # 1024 + 1 has no bfloat16: its neighbours there are 1024 and 1032.
    x = jnp.ones((1, 1, 1025), BFLOAT16)
    params = {"weight": jnp.ones((1, 1025, 1), BFLOAT16), "bias": jnp.zeros((1, 1), BFLOAT16)}
    found = layers.organism_linear(params, x, jnp.array([0]))
    assert found.dtype == jnp.float32
    assert found.ravel().tolist() == [1025.0]
    assert layers.linear(jax.tree.map(lambda leaf: leaf[0], params), x).ravel().tolist() == [1024.0]


def test_statistics_of_norms_are_not_rounded() -> None:
    # 255 x 1 + 256 = 511 has no bfloat16: its neighbours are 510 and 512.
    x = jnp.ones((1, 256), BFLOAT16).at[0, 0].set(256.0)
    params = {"scale": jnp.ones(256, BFLOAT16), "offset": jnp.zeros(256, BFLOAT16)}
    exact = layers.layer_norm(
        jax.tree.map(lambda leaf: leaf.astype(jnp.float32), params), x.astype(jnp.float32)
    )
    found = layers.layer_norm(params, x)
    assert found.dtype == BFLOAT16
    np.testing.assert_array_equal(found, exact.astype(BFLOAT16))


@pytest.mark.parametrize("compile_or_not", [jax.jit, lambda function: function])
def test_positions_of_the_trunk_are_rounded(compile_or_not: Callable[[Function], Function]) -> None:
    angles = functools.partial(layers.rotary_angles, size=8, max_positions=8192, dtype=BFLOAT16)
    # Above 256 bfloat16 has even numbers only; 257 is halfway and goes to 256, and above 4096 to steps of 32.
    cosines, sines = compile_or_not(angles)(jnp.array([256, 257, 8191, 8192]))
    for found in (cosines, sines):
        assert found.dtype == BFLOAT16
        np.testing.assert_array_equal(found[0], found[1])
        np.testing.assert_array_equal(found[2], found[3])
    exact, _ = layers.rotary_angles(jnp.array([256, 257]), 8, 8192)
    assert not np.array_equal(exact[0], exact[1])


@given(st.floats(width=32, allow_nan=False, allow_infinity=False, allow_subnormal=False))
@settings(deadline=None)
def test_rounding_is_the_cast_there_and_back(value: float) -> None:
    x = jnp.float32(value)
    np.testing.assert_array_equal(layers.rounded(x, BFLOAT16), x.astype(BFLOAT16).astype(jnp.float32))
    np.testing.assert_array_equal(layers.rounded(x, jnp.float32), x)


def products_of(jaxpr: jax.extend.core.Jaxpr) -> set[object]:
    """Return how exact the matrix products and convolutions of a program are, of its loops too."""
    found: set[object] = set()
    for equation in jaxpr.eqns:
        if equation.primitive.name in ("dot_general", "conv_general_dilated"):
            found.add(equation.params["precision"])
        for inner in jax.tree.leaves(
            list(equation.params.values()), is_leaf=lambda leaf: hasattr(leaf, "jaxpr")
        ):
            if hasattr(inner, "jaxpr"):
                found |= products_of(getattr(inner.jaxpr, "jaxpr", inner.jaxpr))
    return found


@pytest.mark.parametrize(
    ("precision", "exactness"),
    [
        # HIGH is what JAX calls TF32 on a GPU; HIGHEST is float32 on every device.
        (Precision.TF32, jax.lax.Precision.HIGH),
        (Precision.FLOAT32, jax.lax.Precision.HIGHEST),
        (Precision.BFLOAT16, jax.lax.Precision.HIGHEST),
    ],
)
def test_every_product_is_as_exact_as_was_chosen(precision: Precision, exactness: jax.lax.Precision) -> None:
    params = cast_parameters(toy_params(), precision)
    predict = functools.partial(network.predict, config=TOY, outputs=OUTPUTS)
    bases = jnp.eye(4)[jnp.zeros((1, 2048), int)]
    with precision.products():
        traced = jax.jit(predict).trace(params, bases, jnp.array([0]))
    assert products_of(traced.jaxpr.jaxpr) == {(exactness, exactness)}


def test_tf32_has_the_activations_of_float32() -> None:
    assert Precision.TF32.dtype == jnp.float32
