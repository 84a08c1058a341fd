import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_st

from vep_cli.scoring.sketch import MAX_BUCKET, RELATIVE_WIDTH, Sketch, buckets, joined, parts, sketch_of

SCORES = st.floats(width=32, allow_infinity=False, allow_nan=False)
MATRICES = numpy_st.arrays(
    np.float32,
    st.tuples(st.integers(0, 12), st.just(3)),
    elements=st.one_of(st.sampled_from([0.0, 1.0, -1.0, math.nan]), st.floats(width=32)),
)


def column(*scores: float) -> np.ndarray:
    return np.array(scores, np.float32)[:, None]


def ranks(sketch: Sketch, *scores: float) -> list[float]:
    return sketch.ranks(column(*scores), np.array([0]))[:, 0].tolist()


def assert_same(one: Sketch, other: Sketch) -> None:
    assert one.track_count == other.track_count
    np.testing.assert_array_equal(one.codes, other.codes)
    np.testing.assert_array_equal(one.counts, other.counts)


def test_buckets_on_paper() -> None:
    # 1 is 0x3F800000 as float32, so that its upper 16 bits are 0x3F80 = 16256; 7 bits of mantissa make
    # 1 + 1/128 the next bucket, 2 is 128 buckets on, and 1 + 1/256 is still in the bucket of 1.
    scores = np.array([0, -0.0, 1, 1 + 1 / 256, 1 + 1 / 128, 2, -1, -2, 1e-45], np.float32)
    assert buckets(scores).tolist() == [0, 0, 16256, 16256, 16257, 16384, -16256, -16384, 0]


def test_the_largest_numbers_have_a_bucket() -> None:
    largest = np.finfo(np.float32).max
    assert buckets(np.array([largest, -largest, np.inf], np.float32)).tolist() == [
        MAX_BUCKET - 1,
        1 - MAX_BUCKET,
        MAX_BUCKET,
    ]


@given(SCORES, SCORES)
def test_buckets_grow_with_the_score(one: float, other: float) -> None:
    low, high = buckets(np.array(sorted([one, other]), np.float32))
    assert low <= high


@given(st.floats(2**-126, 2.0**120, width=32))
def test_a_bucket_is_narrow(score: float) -> None:
    # What is more than the width away is in another bucket.
    beyond = np.array([score, score * (1 + 1.01 * RELATIVE_WIDTH)], np.float32)
    assert len(set(buckets(beyond).tolist())) == 2


def test_ranks_on_paper() -> None:
    # Of the five scores -2 -1 0 0 4, below 0 are two and two tie: (2 + 2 / 2) / 5 = 0.6.
    sketch = sketch_of(column(-2, -1, 0, 0, 4))
    assert ranks(sketch, -2, -1, 0, 4) == [0.1, 0.3, 0.6, 0.9]
    # Between -1 and 0 two of five are below.
    assert ranks(sketch, -0.5) == [0.4]
    # Beyond the ends as at them, where the rank is half a score from 0 and 1: 1 / (2 x 5).
    assert ranks(sketch, -3, 5) == [0.1, 0.9]


def test_a_background_of_one_score_puts_everything_in_the_middle() -> None:
    assert ranks(sketch_of(column(3)), -1, 3, 7) == [0.5, 0.5, 0.5]


def test_what_has_no_rank() -> None:
    sketch = sketch_of(np.array([[1, np.nan], [2, np.nan]], np.float32))
    assert sketch.totals.tolist() == [2, 0]
    found = sketch.ranks(np.array([[np.nan, 1, 1], [1, 1, 1]], np.float32), np.array([0, 1, -1]))
    # A NaN, a track without scores, a track that is not here.
    np.testing.assert_array_equal(found, [[np.nan, np.nan, np.nan], [0.25, np.nan, np.nan]])


def test_tracks_are_ranked_by_themselves_in_any_order() -> None:
    sketch = sketch_of(np.array([[1, 10], [2, 20]], np.float32))
    found = sketch.ranks(np.array([[1, 2], [20, 1]], np.float32), np.array([1, 0]))
    # The first column is the second track: 1 is below both of 10 and 20, 20 ties with the last.
    assert found.tolist() == [[0.25, 0.75], [0.75, 0.25]]


def test_scores_that_are_not_finite_do_not_count() -> None:
    assert sketch_of(column(1, np.nan, np.inf, -np.inf)).totals.tolist() == [1]


@given(MATRICES, st.permutations(range(12)), st.integers(0, 12))
def test_order_and_batches_change_nothing(scores: np.ndarray, order: list[int], cut: int) -> None:
    shuffled = scores[[row for row in order if row < len(scores)]]
    batches = sketch_of(shuffled[:cut]).merged(sketch_of(shuffled[cut:]))
    assert_same(batches, sketch_of(scores))


@given(MATRICES, MATRICES)
def test_a_merged_sketch_is_that_of_both(one: np.ndarray, other: np.ndarray) -> None:
    merged = sketch_of(one).merged(sketch_of(other))
    assert_same(merged, sketch_of(np.concatenate([one, other])))
    assert_same(merged, sketch_of(other).merged(sketch_of(one)))


@given(MATRICES.filter(len), MATRICES)
def test_ranks_are_those_of_the_scores_themselves(background: np.ndarray, scores: np.ndarray) -> None:
    found = sketch_of(background).ranks(scores, np.arange(3))
    asked = buckets(scores)
    for row, track in np.ndindex(*scores.shape):
        counted = buckets(background[np.isfinite(background[:, track]), track])
        if not len(counted) or not np.isfinite(scores[row, track]):
            assert np.isnan(found[row, track])
            continue
        below, tied = (counted < asked[row, track]).sum(), (counted == asked[row, track]).sum()
        half = 1 / (2 * len(counted))
        expected = np.clip((below + tied / 2) / len(counted), half, 1 - half)
        assert found[row, track] == pytest.approx(expected, abs=1e-12)


def test_memory_is_bounded_by_the_buckets() -> None:
    # Every bucket there is, twice: all bit patterns of the upper half but those of infinities and NaN.
    every = (np.arange(1 << 16, dtype=np.uint32) << 16).view(np.float32)
    sketch = sketch_of(np.concatenate([every, every])[:, None])
    # 2 x 32,639 with a sign and zero, of which there are two.
    assert len(sketch.codes) == 2 * (MAX_BUCKET - 1) + 1 == 65_279
    assert sketch.merged(sketch).codes.shape == sketch.codes.shape
    assert set(sketch.counts.tolist()) == {2, 4}


@given(MATRICES)
def test_parts_join_again(scores: np.ndarray) -> None:
    sketch = sketch_of(scores)
    assert_same(joined(*parts(sketch)), sketch)


@pytest.mark.parametrize(
    ("sizes", "bucket", "counts", "message"),
    [
        ([1, 1], [0], [1], "do not add up"),
        ([3, -1], [0, 1], [1, 1], "do not add up"),
        ([2], [0, 1], [1], "do not add up"),
        ([2], [1, 0], [1, 1], "do not ascend"),
        ([2], [1, 1], [1, 1], "do not ascend"),
        ([1], [MAX_BUCKET], [1], "does not exist"),
        ([1], [-32768], [1], "does not exist"),
        ([1], [0], [0], "is empty"),
        ([1], [0], [-1], "is empty"),
    ],
)
def test_what_is_no_sketch_is_refused(
    sizes: list[int], bucket: list[int], counts: list[int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        joined(np.array(sizes), np.array(bucket, np.int16), np.array(counts))
