"""Constants read out of graphs that were written for the test."""

import numpy as np
import pytest
from frozen_graph import read_constants
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from toy_graph import graph_of


def test_constants_come_back_and_other_nodes_do_not() -> None:
    constants = {
        "layer/kernel": np.arange(6, dtype=np.float32).reshape(1, 2, 3),
        "layer/dilation_rate": np.array([25], np.int32),
        "axis": np.array([-1], np.int32),
    }
    found = read_constants(graph_of(constants))
    assert found.keys() == constants.keys()
    np.testing.assert_array_equal(found["layer/kernel"], constants["layer/kernel"])
    assert (found["layer/dilation_rate"], found["axis"]) == (25, -1)


@given(
    array=arrays.arrays(
        st.sampled_from([np.float32, np.int32]), arrays.array_shapes(max_dims=3, min_side=2, max_side=4)
    )
)
def test_any_array_comes_back_to_the_bit(array: np.ndarray) -> None:
    (found,) = read_constants(graph_of({"a": array})).values()
    assert (found.dtype, found.shape, found.tobytes()) == (array.dtype, array.shape, array.tobytes())


@pytest.mark.parametrize("cut", [1, 5, 40])
def test_a_file_that_was_cut_short_is_refused(cut: int) -> None:
    graph = graph_of({"a": np.zeros(30, np.float32)})
    with pytest.raises(ValueError, match="cut short"):
        read_constants(graph[:-cut])


def test_a_file_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="not a frozen graph"):
        read_constants(b"\x0b\x00")  # field 1 of kind 3, which nobody writes
