import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.model.config import TOKEN_SIZE, ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.tiles import (
    DECODED_TILE,
    ENCODED_TILE,
    ENCODER_REACH,
    SMALL_TILE,
    Stretch,
    changed_stretch,
    decoded_tiles,
    tile_size,
    tiles_of_tokens,
    whole_sequence,
)

LENGTH, TILE = 65536, 8192


def letters(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8)


def stretch(start: int, stop: int, *, length: int = LENGTH) -> Stretch:
    """The stretch that changes where a sequence differs in [start, stop)."""
    same = np.zeros(length, np.uint8)
    other = same.copy()
    other[start:stop] = 1
    return changed_stretch(same, other, tile_size(length, TILE))


@pytest.mark.parametrize(
    ("length", "largest", "size"),
    [
        (2**20, ENCODED_TILE, 2**16),
        (2**20, DECODED_TILE, 2**13),
        (2048, DECODED_TILE, 2048),
        # 509 is prime: of 16 * 509 tokens, the largest part up to 512 tokens is 509, up to 64 it is 16.
        (2048 * 509, ENCODED_TILE, 128 * 509),
        (2048 * 509, DECODED_TILE, 128 * 16),
    ],
)
def test_tile_sizes_by_hand(length: int, largest: int, size: int) -> None:
    assert tile_size(length, largest) == size


@given(pairs=st.integers(1, 512), largest=st.sampled_from([DECODED_TILE, ENCODED_TILE]))
def test_tiles_of_every_legal_length(pairs: int, largest: int) -> None:
    size = tile_size(2048 * pairs, largest)
    assert (2048 * pairs) % size == 0
    assert size % TOKEN_SIZE == 0
    assert 2048 <= size <= largest


def test_which_sequences_are_encoded_in_tiles() -> None:
    # 768 channels: 2^20 * 768 is over 2^28, 2^17 * 768 is not. The bundled model's 32 never are.
    official, small = ModelConfig.alphagenome(), ModelConfig.bundled({OutputType.ATAC: 1})
    assert whole_sequence(official, 2**20) == Stretch(start=0, tile=2**16, tiles=16, capacity=2**20)
    assert whole_sequence(official, 2**17) == Stretch(start=0, tile=2**17, tiles=1, capacity=2**17)
    assert whole_sequence(small, 2**20) == Stretch(start=0, tile=2**20, tiles=1, capacity=2**20)


def test_a_substitution_changes_one_small_tile() -> None:
    # 513 bp to the left of 32768 is 32255, in the token that begins at 32128 = 251 * 128.
    assert stretch(32768, 32769) == Stretch(start=32128, tile=SMALL_TILE, tiles=1, capacity=SMALL_TILE)


def test_ends_move_the_tile_inwards() -> None:
    assert stretch(0, 1).start == 0
    assert stretch(LENGTH - 1, LENGTH).stop == LENGTH


def test_an_indel_changes_everything_behind_it() -> None:
    # From 32128 on, 33408 bp: 5 tiles of 8192. There is room for half of 8 tiles and one more.
    assert stretch(32768, LENGTH) == Stretch(start=24576, tile=TILE, tiles=5, capacity=5 * TILE)


def test_an_indel_near_the_start_needs_all_the_room() -> None:
    assert stretch(100, LENGTH) == Stretch(start=0, tile=TILE, tiles=8, capacity=LENGTH)


def test_equal_sequences_change_nothing() -> None:
    assert stretch(5, 5) == Stretch(start=0, tile=SMALL_TILE, tiles=0, capacity=SMALL_TILE)


@given(data=st.data(), pairs=st.integers(1, 40))
def test_a_changed_stretch_holds_all_that_changes(data: st.DataObject, pairs: int) -> None:
    length = 2048 * pairs
    start = data.draw(st.integers(0, length - 1))
    stop = data.draw(st.integers(start + 1, length))
    found = stretch(start, stop, length=length)
    assert 0 <= found.start <= max(start - ENCODER_REACH, 0)
    assert min(stop + ENCODER_REACH, length) <= found.stop <= length
    assert found.start % TOKEN_SIZE == found.tile % TOKEN_SIZE == 0
    assert found.tiles * found.tile <= found.capacity <= length


def test_an_encoder_sees_no_further_than_its_reach() -> None:
    # The first kernel of 15 reaches 7, each of 5 two bins; one at 1 bp, two at 2, 4, ... 64 bp.
    assert 7 + 2 + 4 * sum(2**stage for stage in range(1, 7)) == ENCODER_REACH


def test_tiles_that_are_read() -> None:
    numbers, count = decoded_tiles(np.array([False, True, True, False, True, False]))
    np.testing.assert_array_equal(numbers, [1, 2, 4, 0])
    assert count == 3


def test_no_tile_is_read() -> None:
    numbers, count = decoded_tiles(np.zeros(6, bool))
    assert (len(numbers), count) == (4, 0)


@given(st.lists(st.booleans(), min_size=1, max_size=128).map(np.array))
def test_there_is_room_in_few_sizes_for_all_tiles(is_read: np.ndarray) -> None:
    numbers, count = decoded_tiles(is_read)
    np.testing.assert_array_equal(numbers[:count], np.flatnonzero(is_read))
    assert len(numbers) in {4, 16, 64, len(is_read)}


def test_tiles_with_a_token_that_is_read() -> None:
    # 16,384 bp are 128 tokens in 2 tiles of 64.
    is_read = np.zeros(128, bool)
    is_read[63] = True
    np.testing.assert_array_equal(tiles_of_tokens(is_read), [True, False])
