import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array
from toy_training import CONFIG

from vep_cli.model import parameters
from vep_cli.model.layers import EPSILON, batch_mean_square, batch_norm
from vep_cli.model.precision import Precision
from vep_cli.model.shapes import flatten
from vep_cli.training.parameter_roles import cast_for_step, decays, for_inference, for_training, moved

SCALE, OFFSET = jnp.array([2.0, 0.5, 1.0]), jnp.array([1.0, 0.0, -1.0])


def values(*shape: int) -> Array:
    return 3 * jax.random.normal(jax.random.key(4), shape)


def in_training(moving: Array, x: Array) -> Array:
    return batch_norm({"scale": SCALE, "offset": OFFSET, "moving_variance": moving}, x)


def test_a_batch_is_normalised_by_its_own_mean_square() -> None:
    # Squares of the first channel: 9 and 1, of mean 5; of the second 4 and 4; of the third 0 and 2.
    x = jnp.array([[[3.0, 2.0, 0.0], [-1.0, 2.0, 2**0.5]]])
    found = in_training(jnp.full(3, 100.0), x)
    expected = x / np.sqrt(np.array([5, 4, 1]) + EPSILON) * SCALE + OFFSET
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("shape", [(2, 5, 3), (2, 3, 3, 3)])
def test_slopes_are_those_of_plain_differentiation(shape: tuple[int, ...]) -> None:
    x, weights = values(*shape), jax.random.normal(jax.random.key(5), shape)

    def plain(x: Array, scale: Array, offset: Array) -> Array:
        mean_square = jnp.square(x).mean(range(x.ndim - 1))
        return (weights * jnp.tanh(x / jnp.sqrt(mean_square + EPSILON) * scale + offset)).sum()

    def ours(x: Array, scale: Array, offset: Array) -> Array:
        norm = {"scale": scale, "offset": offset, "moving_variance": jnp.ones(3)}
        return (weights * jnp.tanh(batch_norm(norm, x))).sum()

    arguments = (x, SCALE, OFFSET)
    expected = jax.grad(plain, argnums=(0, 1, 2))(*arguments)
    for found, one in zip(jax.grad(ours, argnums=(0, 1, 2))(*arguments), expected, strict=True):
        np.testing.assert_allclose(found, one, rtol=1e-4, atol=1e-6)


def test_statistics_leave_as_slopes() -> None:
    x = values(2, 5, 3)
    slope = jax.grad(lambda moving: in_training(moving, x).sum())(jnp.ones(3))
    np.testing.assert_allclose(slope, jnp.square(x).mean((0, 1)), rtol=1e-6)


def test_statistics_of_bfloat16_leave_in_float32() -> None:
    x = values(2, 5, 3).astype(jnp.bfloat16)
    found, slopes = jax.vjp(batch_mean_square, jnp.ones(3), x)
    assert found.dtype == jnp.bfloat16
    statistic, to_x = slopes(jnp.ones(3, jnp.bfloat16))
    assert (statistic.dtype, to_x.dtype) == (jnp.float32, jnp.bfloat16)
    np.testing.assert_allclose(statistic, jnp.square(x.astype(jnp.float32)).mean((0, 1)), rtol=1e-6)


def test_parameters_go_there_and_back() -> None:
    params = parameters.initialise(CONFIG, jax.random.key(0))
    trained = for_training(params)
    names = {path[-1] for path in flatten(trained)}
    assert "moving_variance" in names
    assert "variance" not in names
    back = flatten(for_inference(trained))
    assert list(back) == list(flatten(params))
    assert all(back[path] is leaf for path, leaf in flatten(params).items())


def test_statistics_stay_in_float32() -> None:
    params = for_training(parameters.initialise(CONFIG, jax.random.key(0)))
    for path, leaf in flatten(cast_for_step(params, Precision.BFLOAT16)).items():
        assert leaf.dtype == (jnp.float32 if path[-1] == "moving_variance" else jnp.bfloat16)


def test_only_maps_decay() -> None:
    assert decays(("encoder", "bin_1", "convolution", "kernel"))
    assert decays(("tower", "block_0", "mlp", "hidden", "weight"))
    for name in ("bias", "scale", "offset", "organism", "residual_scale"):
        assert not decays(("encoder", name))


@pytest.mark.parametrize(
    # After 990 values, (1 + 990) / (10 + 990) of the average is kept unless the decay is lower.
    ("step", "decay", "kept"),
    [(0, 0.99, 0.1), (2, 0.99, 0.25), (990, 0.999, 0.991), (990, 0.99, 0.99)],
)
def test_young_averages_move_fast(step: int, decay: float, kept: float) -> None:
    found = moved({("a",): jnp.array(10.0)}, {("a",): jnp.array(20.0)}, jnp.array(step), decay)
    assert float(found[("a",)]) == pytest.approx(10 * kept + 20 * (1 - kept), rel=1e-5)
