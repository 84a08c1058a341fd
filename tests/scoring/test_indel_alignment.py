import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from official_cases import Golden

from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.scoring.indel_alignment import (
    alternate_positions,
    gather,
    gather_aligned,
    inserted_positions,
)
from vep_cli.scoring.masks import NOWHERE

aligned_on_device = jax.jit(gather_aligned)


def indel(position: int, reference: str, alternate: str) -> Variant:
    return Variant(
        chromosome="chr1",
        position=position,
        reference_bases=reference,
        alternate_bases=alternate,
    )


def align(alternate: np.ndarray, variant: Variant, interval: Interval) -> np.ndarray:
    positions = alternate_positions(np.arange(interval.width), variant, interval)
    return np.asarray(aligned_on_device(alternate, positions, inserted_positions(variant, interval)))


def align_whole(alternate: np.ndarray, variant: Variant, interval: Interval) -> np.ndarray:
    """Section 5 of the specification, word for word, on whole arrays."""
    shared = min(len(variant.reference_bases), len(variant.alternate_bases))
    anchor = variant.start - interval.start + shared - 1
    change = variant.length_change
    zeros = np.zeros((abs(change), alternate.shape[1]), alternate.dtype)
    if change > 0:
        result = alternate.copy()
        result[anchor : anchor + change + 1] = result[anchor : anchor + change + 1].max(
            axis=0, initial=-np.inf
        )
        result = np.concatenate([result[: anchor + 1], result[anchor + change + 1 :], zeros])
        result = result[: interval.width]
        result[interval.width - change :] = 0
        return result
    parts = [alternate[: anchor + 1], zeros, alternate[anchor + 1 :]]
    return np.concatenate(parts)[: interval.width]


def test_official_alignments(golden: Golden) -> None:
    cases = [case for case in golden.of_kind("align") if f"{case['name']}/out" in golden.arrays]
    assert len(cases) >= 14
    assert sum(case["interval"].endswith(":-") for case in cases) == 4
    for case in cases:
        interval = dataclasses.replace(golden.interval, strand=case["interval"][-1])
        aligned = align(golden.arrays["align/alt"], case["variant"], interval)
        np.testing.assert_array_equal(aligned, golden.arrays[f"{case['name']}/out"], case["name"])


WINDOW = Interval(chromosome="chr1", start=100, end=108)
EIGHT = np.array([[10.0], [11], [12], [13], [14], [15], [16], [17]], np.float32)


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        # A at index 2 becomes ACC: indices 2, 3, 4 of ALT stand for one REF base, the maximum is 14.
        (indel(103, "A", "ACC"), [10, 11, 14, 15, 16, 17, 0, 0]),
        # The two bases after index 2 are gone: two zeros, the rest two to the right.
        (indel(103, "AGG", "A"), [10, 11, 12, 0, 0, 13, 14, 15]),
        # Two bases become three: the second base, index 3, is the anchor.
        (indel(103, "AG", "TTT"), [10, 11, 12, 14, 15, 16, 17, 0]),
        (indel(103, "AG", "TT"), [10, 11, 12, 13, 14, 15, 16, 17]),
        # A deletion that runs past the window's end leaves zeros up to the end.
        (indel(107, "AGGGG", "A"), [10, 11, 12, 13, 14, 15, 16, 0]),
        # An indel outside changes nothing.
        (indel(100, "A", "ACC"), [10, 11, 12, 13, 14, 15, 16, 17]),
        (indel(109, "AGG", "A"), [10, 11, 12, 13, 14, 15, 16, 17]),
    ],
)
def test_alignment_on_paper(variant: Variant, expected: list[float]) -> None:
    assert align(EIGHT, variant, WINDOW)[:, 0].tolist() == expected


@settings(deadline=None)
@given(
    st.integers(0, 39), st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32 - 1), st.integers(40, 60)
)
def test_index_map_equals_moving_whole_arrays(
    offset: int, reference_length: int, alternate_length: int, seed: int, width: int
) -> None:
    interval = Interval(chromosome="chr1", start=1000, end=1000 + width)
    variant = indel(1001 + offset, "A" * reference_length, "A" * alternate_length)
    alternate = np.random.default_rng(seed).standard_normal((width, 2)).astype(np.float32)
    expected = align_whole(alternate, variant, interval)
    np.testing.assert_array_equal(align(alternate, variant, interval), expected)


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        # A at index 2 becomes ACC. On '-', index 2 is 5, and the insertion is 5, 4, 3: the maximum is 15.
        (indel(103, "A", "ACC"), [0, 0, 10, 11, 12, 15, 16, 17]),
        # The two bases before index 5 are gone.
        (indel(103, "AGG", "A"), [12, 13, 14, 0, 0, 15, 16, 17]),
        (indel(100, "A", "ACC"), [10, 11, 12, 13, 14, 15, 16, 17]),
    ],
)
def test_a_window_on_the_other_strand_is_mirrored(variant: Variant, expected: list[float]) -> None:
    window = dataclasses.replace(WINDOW, strand="-")
    assert align(EIGHT, variant, window)[:, 0].tolist() == expected


@settings(deadline=None)
@given(st.integers(0, 19), st.integers(1, 9), st.integers(1, 9))
def test_mirroring_twice_is_the_alignment(offset: int, reference_length: int, alternate_length: int) -> None:
    interval = Interval(chromosome="chr1", start=1000, end=1020)
    variant = indel(1001 + offset, "A" * reference_length, "A" * alternate_length)
    alternate = np.random.default_rng(offset).standard_normal((20, 2)).astype(np.float32)
    other = align(alternate[::-1], variant, dataclasses.replace(interval, strand="-"))
    np.testing.assert_array_equal(other[::-1], align(alternate, variant, interval))


def test_only_the_positions_asked_for_are_gathered() -> None:
    variant = indel(103, "A", "ACC")
    asked = np.array([1, 2, 3, 7])
    positions = alternate_positions(asked, variant, WINDOW)
    assert positions.tolist() == [1, 2, 5, NOWHERE]
    inserted = jnp.asarray(inserted_positions(variant, WINDOW))
    aligned = gather_aligned(jnp.asarray(EIGHT), jnp.asarray(positions), inserted)
    assert aligned[:, 0].tolist() == [11, 14, 15, 0]


def test_shapes_of_insertions_are_few() -> None:
    shapes = {inserted_positions(indel(103, "A", "A" * length), WINDOW).shape for length in range(1, 9)}
    # A substitution has no inserted base, and the same shape.
    assert shapes == {(16,)}


def test_gather_gives_float32_and_zero_for_padding() -> None:
    values = gather(jnp.asarray(EIGHT, jnp.bfloat16), jnp.array([[7, NOWHERE]]))
    assert values.dtype == jnp.float32
    assert values.tolist() == [[[17.0], [0.0]]]
