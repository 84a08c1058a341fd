import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.errors import UsageError
from vep_cli.model import network
from vep_cli.model.config import BIN_SIZES, TOKEN_SIZE, ModelConfig
from vep_cli.model.layers import Parameters
from vep_cli.model.parameters import initialise
from vep_cli.model.tiles import HALO, encode_in_tiles, tiles_of

TOY = ModelConfig.toy()
LENGTH, SIZE = 8192, 2048


@functools.cache
def toy_params() -> Parameters:
    return initialise(TOY, jax.random.key(0))


@functools.cache
def bases() -> np.ndarray:
    return np.eye(4, dtype=np.float32)[np.random.default_rng(0).integers(0, 4, (1, LENGTH))]


@functools.cache
def whole_features() -> network.Features:
    return jax.jit(network.encode)(toy_params(), jnp.asarray(bases()))


def test_windows_have_halos_and_stay_inside() -> None:
    windows = [(tile.window_start, tile.window_stop) for tile in tiles_of(LENGTH, SIZE)]
    # Tiles start at 0, 2048, 4096, 6144 and are read with 1024 to each side; the outer two are moved inwards.
    assert windows == [(0, 4096), (1024, 5120), (3072, 7168), (4096, 8192)]


def test_one_tile_is_the_sequence() -> None:
    (tile,) = tiles_of(LENGTH, LENGTH)
    assert (tile.start, tile.stop, tile.window_start, tile.window_stop) == (0, LENGTH, 0, LENGTH)


@pytest.mark.parametrize("size", [0, -2048, 3000, 64, 6144])
def test_tiles_that_do_not_divide_the_sequence_are_refused(size: int) -> None:
    with pytest.raises(UsageError, match=f"tiles of {size} bp"):
        tiles_of(LENGTH, size)


@given(tokens=st.integers(1, 64), count=st.integers(1, 20))
def test_tiles_cover_the_sequence_once_and_see_far_enough(tokens: int, count: int) -> None:
    length = tokens * TOKEN_SIZE * count
    tiles = tiles_of(length, tokens * TOKEN_SIZE)
    assert [tile.start for tile in tiles] == [0, *(tile.stop for tile in tiles[:-1])]
    assert tiles[-1].stop == length
    assert len({tile.window_stop - tile.window_start for tile in tiles}) == 1
    for tile in tiles:
        assert 0 <= tile.window_start <= max(tile.start - HALO, 0)
        assert min(tile.stop + HALO, length) <= tile.window_stop <= length


def test_encoding_in_tiles_is_encoding_the_whole() -> None:
    encode = functools.partial(jax.jit(network.encode), toy_params())
    found = encode_in_tiles(encode, bases(), tiles_of(LENGTH, SIZE))
    expected = {**whole_features().skips, TOKEN_SIZE: whole_features().tokens}
    assert found.keys() == expected.keys()
    for bin_size, values in expected.items():
        np.testing.assert_allclose(found[bin_size], values, rtol=1e-4, atol=1e-5)


def test_decoding_in_tiles_is_decoding_the_whole() -> None:
    decode = functools.partial(jax.jit(network.decode), toy_params())
    tokens, skips = whole_features().tokens, whole_features().skips
    tiles = tiles_of(LENGTH, SIZE)
    cores = []
    for tile in tiles:
        windows = {bin_size: tile.window(skips[bin_size], bin_size) for bin_size in BIN_SIZES}
        cores.append(tile.core(decode(tile.window(tokens, TOKEN_SIZE), windows), 1))
    np.testing.assert_allclose(np.concatenate(cores, 1), decode(tokens, skips), rtol=1e-4, atol=1e-5)
