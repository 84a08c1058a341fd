import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vep_cli.model.stretches import Stretches, dense, held_positions, places, take

LENGTH, TILE = 2048, 512
WHOLE = np.arange(2.0 * LENGTH, dtype=np.float32).reshape(LENGTH, 2)
BEYOND = int(np.iinfo(np.int32).max)


def held(tiles: list[int], room: int = 4) -> Stretches:
    """Some tiles of `WHOLE`, in that order, with zeros where there is room for more."""
    values = np.zeros((room * TILE, 2), np.float32)
    for slot, tile in enumerate(tiles):
        values[slot * TILE : (slot + 1) * TILE] = WHOLE[tile * TILE : (tile + 1) * TILE]
    return Stretches(
        values=jnp.asarray(values), place=jnp.asarray(places(np.array(tiles, int), TILE, LENGTH))
    )


def test_places_by_hand() -> None:
    # Tiles of 4 tokens: tile 2 comes first, tile 0 second.
    expected = [4, 5, 6, 7, -1, -1, -1, -1, 0, 1, 2, 3, -1, -1, -1, -1]
    np.testing.assert_array_equal(places(np.array([2, 0]), TILE, LENGTH), expected)


@settings(deadline=None)
@given(
    tiles=st.lists(st.integers(0, 3), unique=True),
    positions=st.lists(st.integers(0, LENGTH - 1), min_size=1, max_size=20),
)
def test_what_is_held_is_read_as_from_the_whole(tiles: list[int], positions: list[int]) -> None:
    found = np.asarray(take(held(tiles), jnp.array(positions)))
    expected = np.asarray(take(jnp.asarray(WHOLE), jnp.array(positions)))
    is_held = np.isin(np.array(positions) // TILE, tiles)
    np.testing.assert_array_equal(found[is_held], expected[is_held])
    assert np.isnan(found[~is_held]).all()


@given(tiles=st.lists(st.integers(0, 3), unique=True))
@settings(deadline=None)
def test_values_are_held_of_their_positions(tiles: list[int]) -> None:
    values = held(tiles)
    positions = np.asarray(held_positions(values))
    expected = [place for tile in tiles for place in range(tile * TILE, (tile + 1) * TILE)]
    assert positions.tolist() == expected + [-1] * (4 * TILE - len(expected))
    np.testing.assert_array_equal(values.values[: len(expected)], WHOLE[positions[: len(expected)]])


def test_of_a_whole_sequence_values_are_held_of_each_position() -> None:
    assert held_positions(jnp.asarray(WHOLE)).tolist() == list(range(LENGTH))


@pytest.mark.parametrize("values", [jnp.asarray(WHOLE), held([0, 1], room=2), held([], room=1)])
def test_beyond_the_sequence_is_zero(values: Stretches) -> None:
    np.testing.assert_array_equal(take(values, jnp.array([[BEYOND], [LENGTH]])), np.zeros((2, 1, 2)))


def test_all_tiles_are_the_whole() -> None:
    np.testing.assert_array_equal(dense(held([0, 1, 2, 3])), WHOLE)
    np.testing.assert_array_equal(dense(WHOLE), WHOLE)
