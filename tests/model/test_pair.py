from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
import official_operations as official
import pytest
from jaxtyping import Array

from vep_cli.model import pair
from vep_cli.model.layers import Parameters

UPDATE = "alphagenome/transformer_tower/pair_update_block/"


def test_distance_features_match_official() -> None:
    recorded = official.ARRAYS["central_mask/features_0_599"]
    features = pair.distance_features(600, 64, 512)
    # Row 600 is distance 0; the second half carries the sign.
    np.testing.assert_array_equal(features[600:, :32], recorded)
    np.testing.assert_array_equal(features[601:, 32:], recorded[1:])
    np.testing.assert_array_equal(features[599:0:-1, 32:], -recorded[1:])
    assert not features[600, 32:].any()


def test_as_many_distances_are_on_as_the_official_ones() -> None:
    features = pair.distance_features(512, 64, 512)
    np.testing.assert_array_equal(features[512:, :32].sum(0), official.ARRAYS["central_mask/n_distances_on"])


def test_relative_shift_matches_official() -> None:
    found = pair.relative_shift(official.value("relative_shift", "x"))
    np.testing.assert_array_equal(found, official.value("relative_shift", "out"))


def test_relative_shift_by_hand() -> None:
    # Two positions; columns are distances -2, -1, 0, 1. Query 0 sees keys at 0 and 1, query 1 at -1 and 0.
    x = jnp.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])[None, None]
    assert pair.relative_shift(x)[0, 0].tolist() == [[3.0, 4.0], [6.0, 7.0]]


@pytest.mark.parametrize(
    ("case", "ours", "apply"),
    [
        ("row_attention_block", "row_attention", pair.row_attention),
        ("pair_mlp_block", "mlp", pair.pair_mlp),
    ],
)
def test_pair_blocks_match_official(
    case: str, ours: str, apply: Callable[[Parameters, Array], Array]
) -> None:
    params = official.params(case, UPDATE, f"tower.block_0.pair_update.{ours}")
    official.assert_close(apply(params, official.value(case, "in0")), official.value(case, "out"))


def test_pair_update_matches_official() -> None:
    case = "pair_update_block"
    params = official.params(case, "alphagenome/transformer_tower/", "tower.block_0.pair_update")
    tokens, before = official.value(case, "in0"), official.value(case, "in1")
    found = pair.pair_update(params, tokens, before, 16, 8192)
    official.assert_close(found, official.value(case, "out"))


@pytest.mark.parametrize("max_logits", [1, 2 * 36, 4 * 36])
def test_blocks_of_rows_give_what_all_rows_give(max_logits: int) -> None:
    params = official.params("row_attention_block", UPDATE, "tower.block_0.pair_update.row_attention")
    activations = jnp.asarray(np.random.default_rng(0).normal(size=(1, 6, 6, 128)), jnp.float32)
    whole = pair.row_attention(params, activations, max_logits=10**9)
    blocked = pair.row_attention(params, activations, max_logits=max_logits)
    np.testing.assert_allclose(blocked, whole, atol=1e-5)


def test_rows_do_not_see_each_other() -> None:
    params = official.params("row_attention_block", UPDATE, "tower.block_0.pair_update.row_attention")
    activations = jnp.asarray(np.random.default_rng(0).normal(size=(1, 3, 3, 128)), jnp.float32)
    changed = activations.at[0, 1].add(1.0)
    before, after = pair.row_attention(params, activations), pair.row_attention(params, changed)
    np.testing.assert_allclose(after[0, 0], before[0, 0], atol=1e-6)
    np.testing.assert_allclose(after[0, 2], before[0, 2], atol=1e-6)
    assert not np.allclose(after[0, 1], before[0, 1], atol=1e-2)
