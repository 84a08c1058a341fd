import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vep_cli.model import network
from vep_cli.model.config import TOKEN_SIZE, ModelConfig
from vep_cli.model.incremental import (
    Encoded,
    encode_stretch,
    patched_tokens,
    predict_coarse,
    predict_tiles,
)
from vep_cli.model.layers import Parameters
from vep_cli.model.one_hot import letters_of, one_hot
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.parameters import initialise, with_track_means
from vep_cli.model.stretches import places, take
from vep_cli.model.tiles import Stretch, changed_stretch, decoded_tiles

TOY = ModelConfig.toy()
LENGTH, TILE = 8192, 2048
HUMAN = jnp.zeros(1, jnp.int32)
PER_BASE = frozenset(output for output in OutputType if output.resolution == 1)
COARSE = frozenset(OutputType) - PER_BASE


@functools.cache
def toy_params() -> Parameters:
    means = {output: np.full((2, TOY.head(output).width), 1.5, np.float32) for output in GENOME_TRACKS}
    return with_track_means(initialise(TOY, jax.random.key(0)), means)


@functools.cache
def bases(unknown: int = 0) -> str:
    letters = np.random.default_rng(0).choice(list("ACGT"), LENGTH)
    letters[300 : 300 + unknown] = "N"
    return "".join(letters)


def encoded(sequence: str, stretch: Stretch) -> Encoded:
    whole = jnp.asarray(letters_of(sequence))[None]
    start, tiles = jnp.int32(stretch.start), jnp.int32(stretch.tiles)
    found: Encoded = ENCODE(toy_params(), whole, start, tiles, tile=stretch.tile, capacity=stretch.capacity)
    return found


ENCODE = jax.jit(encode_stretch, static_argnames=("tile", "capacity"))


@functools.cache
def in_tiles(sequence: str) -> Encoded:
    return encoded(sequence, Stretch(start=0, tile=TILE, tiles=LENGTH // TILE, capacity=LENGTH))


TRANSFORM = jax.jit(functools.partial(network.transform, config=TOY))


PREDICT_TILES = jax.jit(functools.partial(predict_tiles, tile=TILE, config=TOY, outputs=PER_BASE))


PREDICT_COARSE = jax.jit(functools.partial(predict_coarse, config=TOY, outputs=COARSE))


WHOLE = jax.jit(functools.partial(network.predict_to_compare, config=TOY, outputs=frozenset(OutputType)))


def incrementally(reference: str, alternate: str, is_read: np.ndarray) -> dict[OutputType, Any]:
    """What is predicted of an allele from REF's activations."""
    changed = changed_stretch(letters_of(reference), letters_of(alternate), TILE)
    patch = encoded(alternate, changed)
    before = in_tiles(reference).activations
    trunk = TRANSFORM(toy_params(), patched_tokens(before[TOKEN_SIZE], patch), HUMAN)
    numbers, count = decoded_tiles(is_read)
    per_base = PREDICT_TILES(
        toy_params(),
        trunk.tokens,
        before,
        patch,
        jnp.asarray(numbers),
        jnp.int32(count),
        jnp.asarray(places(numbers[:count], TILE, LENGTH)),
        HUMAN,
    )
    return per_base | PREDICT_COARSE(toy_params(), trunk, HUMAN)


def check_equal(reference: str, alternate: str, is_read: np.ndarray) -> None:
    found = incrementally(reference, alternate, is_read)
    whole = WHOLE(toy_params(), one_hot(letters_of(alternate))[None], HUMAN)
    read = jnp.asarray(np.flatnonzero(np.repeat(is_read, TILE)))
    assert found.keys() == whole.keys()
    for output in COARSE:
        close(found[output], whole[output][0], output)
    for output in PER_BASE - {OutputType.SPLICE_JUNCTIONS}:
        close(take(found[output], read), whole[output][0][read], output)
    sites, expected = found[OutputType.SPLICE_JUNCTIONS], whole[OutputType.SPLICE_JUNCTIONS]
    close(take(sites.probabilities, read), expected.probabilities[0][read], "probabilities")
    close(take(sites.embedding, read), expected.embedding[0][read], "embedding")


def close(found: jax.Array, expected: jax.Array, name: str) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * np.std(expected), err_msg=name)


def test_encoding_in_tiles_is_encoding_the_whole() -> None:
    expected = jax.jit(network.encode)(toy_params(), one_hot(letters_of(bases()))[None])
    found = in_tiles(bases())
    assert (int(found.start), int(found.stop)) == (0, LENGTH)
    for bin_size, values in {**expected.skips, TOKEN_SIZE: expected.tokens}.items():
        np.testing.assert_allclose(found.activations[bin_size], values, rtol=1e-4, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(
    unknown=st.sampled_from([0, 900]),
    start=st.one_of(st.integers(0, LENGTH - 1), st.sampled_from([0, LENGTH - 1, LENGTH // 2])),
    deleted=st.sampled_from([0, 1, 2, 3, 127, 128, 900, 3000]),
    inserted=st.text("ACGTN", min_size=1, max_size=200),
    is_read=st.lists(st.booleans(), min_size=LENGTH // TILE, max_size=LENGTH // TILE),
)
def test_any_allele_is_predicted_from_ref_as_from_scratch(
    unknown: int, start: int, deleted: int, inserted: str, is_read: list[bool]
) -> None:
    reference = bases(unknown)
    alternate = reference[:start] + inserted + reference[start + deleted :]
    # What comes in at the end is the chromosome's; here, any bases.
    check_equal(reference, (alternate + "ACGT" * 1000)[:LENGTH], np.array(is_read))


@pytest.mark.parametrize("position", [0, 5, 127, 128, 4095, 4096, LENGTH - 1])
def test_a_substitution_anywhere(position: int) -> None:
    reference = bases()
    other = "C" if reference[position] != "C" else "G"
    alternate = reference[:position] + other + reference[position + 1 :]
    check_equal(reference, alternate, np.ones(LENGTH // TILE, bool))


def test_ref_from_itself_has_no_patch() -> None:
    same = np.frombuffer(bases().encode(), np.uint8)
    assert changed_stretch(same, same, TILE).tiles == 0
    check_equal(bases(), bases(), np.array([False, True, False, True]))


def test_tiles_that_are_not_read_are_not_there() -> None:
    found = incrementally(bases(), bases(), np.array([False, True, False, False]))
    values = take(found[OutputType.ATAC], jnp.array([0, TILE, 2 * TILE - 1, 2 * TILE]))
    np.testing.assert_array_equal(np.isnan(values).all(axis=1), [True, False, False, True])
