import jax
import jax.numpy as jnp
import numpy as np
import official_operations as official
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import Array

from vep_cli.model import attention

TOWER = "alphagenome/transformer_tower/"


def test_attention_matches_official() -> None:
    params = official.params("mha_block", TOWER, "tower.block_0.attention")
    # Recorded with one logit offset per token, heads first; ours has the query position first.
    bias = official.value("mha_block", "in1").swapaxes(1, 2)
    found = attention.attention(params, official.value("mha_block", "in0"), bias, 8192)
    official.assert_close(found, official.value("mha_block", "out"))


def test_mlp_matches_official() -> None:
    params = official.params("mlp_block", TOWER, "tower.block_0.mlp")
    found = attention.mlp(params, official.value("mlp_block", "in0"))
    official.assert_close(found, official.value("mlp_block", "out"))


def test_attention_bias_matches_official() -> None:
    params = official.params("attention_bias_block", TOWER, "tower.block_0.attention_bias")
    found = attention.attention_bias(params, official.value("attention_bias_block", "in0"))
    # Recorded after repeating each cell 16 times along both axes.
    expected = official.value("attention_bias_block", "out")[:, :, ::16, ::16]
    official.assert_close(found, expected.swapaxes(1, 2))


def random_attention_inputs(pairs: int = 6) -> list[Array]:
    random = np.random.default_rng(0)
    shapes = ((2, pairs * 16, 2, 4), (2, pairs * 16, 4), (2, pairs * 16, 6), (2, pairs, 2, pairs))
    return [jnp.asarray(random.normal(size=shape), jnp.float32) for shape in shapes]


@pytest.mark.parametrize("max_logits", [1, 2 * 2 * 96 * 16 * 2, 2 * 2 * 96 * 16 * 4])
def test_blocks_of_rows_give_what_all_rows_give(max_logits: int) -> None:
    inputs = random_attention_inputs()
    whole = attention.attend(*inputs, max_logits=10**9)
    np.testing.assert_allclose(attention.attend(*inputs, max_logits=max_logits), whole, atol=1e-6)


@pytest.mark.parametrize("shift", [-5.0, 0.0, 5.0])
def test_averages_are_those_of_softmax_whatever_the_weights_sum_to(shift: float) -> None:
    random = np.random.default_rng(0)
    logits = jnp.asarray(random.uniform(-5, 5, (3, 7)), jnp.float32)
    values = jnp.asarray(random.normal(size=(7, 2)), jnp.float32)
    found = attention.averaged("qk,kv->qv", jnp.exp(logits + shift), values)
    np.testing.assert_allclose(found, jax.nn.softmax(logits, axis=-1) @ values, atol=1e-5)


def test_uniform_logits_average_the_values() -> None:
    queries, keys, values, bias = random_attention_inputs()
    found = attention.attend(queries * 0, keys, values, bias * 0, 10**9)
    mean = jnp.broadcast_to(values.mean(1)[:, None, None], found.shape)
    np.testing.assert_allclose(found, mean, atol=1e-6)


def test_the_bias_of_a_pair_position_holds_for_its_16_tokens() -> None:
    queries, keys, values, bias = random_attention_inputs(pairs=2)
    # The cap makes an offset of +-1000 worth +-5: exp(10) = 22026 times the weight for the second half.
    steep = jnp.broadcast_to(jnp.array([-1000.0, 1000.0]), bias.shape)
    found = attention.attend(queries, keys, values, steep, 10**9)
    first, second = values[:, :16].mean(1), values[:, 16:].mean(1)
    expected = (first + 22026.47 * second) / 22027.47
    np.testing.assert_allclose(found, jnp.broadcast_to(expected[:, None, None], found.shape), atol=1e-5)


@given(rows=st.integers(1, 600), per_row=st.integers(1, 10**6), most=st.integers(1, 10**8))
def test_blocks_divide_the_rows_and_fit(rows: int, per_row: int, most: int) -> None:
    block = attention.rows_per_block(rows, per_row, most)
    assert rows % block == 0
    assert block * per_row <= most or block == 1


def test_blocks_are_the_largest_that_fit() -> None:
    # Divisors of 12 are 1, 2, 3, 4, 6, 12; five rows fit.
    assert attention.rows_per_block(12, 100, 599) == 4
    assert attention.rows_per_block(12, 100, 1200) == 12
