import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.errors import UsageError
from vep_cli.model import network
from vep_cli.model.config import TOKEN_SIZE, ModelConfig
from vep_cli.model.layers import Parameters
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.parameters import initialise, with_track_means
from vep_cli.model.tiled_network import (
    TILE_SIZE,
    encode_in_tiles,
    needs_tiles,
    predict_to_compare_in_tiles,
    tile_size_for,
)
from vep_cli.model.tiles import tiles_of

TOY = ModelConfig.toy()
LENGTH, SIZE = 8192, 2048


@functools.cache
def toy_params() -> Parameters:
    means = {output: np.full((2, TOY.head(output).width), 1.5, np.float32) for output in GENOME_TRACKS}
    return with_track_means(initialise(TOY, jax.random.key(0)), means)


@functools.cache
def bases() -> jax.Array:
    letters = np.random.default_rng(0).integers(0, 4, (2, LENGTH))
    return jnp.asarray(np.eye(4, dtype=np.float32)[letters])


def test_encoding_in_tiles_is_encoding_the_whole() -> None:
    expected = jax.jit(network.encode)(toy_params(), bases())
    found = jax.jit(functools.partial(encode_in_tiles, tiles=tiles_of(LENGTH, SIZE)))(toy_params(), bases())
    assert found.skips.keys() == expected.skips.keys()
    for bin_size, values in expected.skips.items():
        np.testing.assert_allclose(found.skips[bin_size], values, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.tokens, expected.tokens, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "outputs",
    [
        frozenset(OutputType),
        frozenset({OutputType.CHIP_TF, OutputType.CONTACT_MAPS}),
        frozenset({OutputType.SPLICE_JUNCTIONS}),
        frozenset({OutputType.RNA_SEQ}),
    ],
)
def test_prediction_in_tiles_is_prediction_of_the_whole(outputs: frozenset[OutputType]) -> None:
    organisms = jnp.array([0, 1])
    choice = {"config": TOY, "outputs": outputs}
    expected = jax.jit(functools.partial(network.predict_to_compare, **choice))(
        toy_params(), bases(), organisms
    )
    in_tiles = functools.partial(predict_to_compare_in_tiles, tile_size=SIZE, **choice)
    found = jax.jit(in_tiles)(toy_params(), bases(), organisms)
    assert found.keys() == expected.keys() == outputs
    for output, values in expected.items():
        for part, whole in zip(jax.tree.leaves(found[output]), jax.tree.leaves(values), strict=True):
            np.testing.assert_allclose(part, whole, rtol=1e-3, atol=1e-4, err_msg=output)


def test_lengths_that_the_network_does_not_take() -> None:
    with pytest.raises(UsageError, match="1000 bp"):
        predict_to_compare_in_tiles(
            toy_params(), bases()[:, :1000], jnp.array([0, 0]), TOY, frozenset({OutputType.ATAC})
        )


@pytest.mark.parametrize(
    ("length", "size"),
    [
        (2**20, 2**16),
        (2048, 2048),
        # 509 is prime: of 16 * 509 tokens, the largest part up to 512 tokens is 509.
        (2048 * 509, 128 * 509),
    ],
)
def test_tile_sizes_by_hand(length: int, size: int) -> None:
    assert tile_size_for(length) == size


@given(pairs=st.integers(1, 512))
def test_tiles_of_every_legal_length(pairs: int) -> None:
    size = tile_size_for(2048 * pairs)
    assert (2048 * pairs) % size == 0
    assert size % TOKEN_SIZE == 0
    assert 2048 <= size <= TILE_SIZE


def test_which_sequences_need_tiles() -> None:
    # 768 channels: 2^20 * 768 is over 2^28, 2^17 * 768 is not. The bundled model's 32 never are.
    assert needs_tiles(ModelConfig.alphagenome(), 2**20)
    assert not needs_tiles(ModelConfig.alphagenome(), 2**17)
    assert not needs_tiles(ModelConfig.bundled({OutputType.ATAC: 1}), 2**20)
