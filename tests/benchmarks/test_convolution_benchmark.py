"""Every way of computing a convolution gives the same numbers."""

import convolution
import pytest


@pytest.mark.parametrize("channels", [1, 6])
def test_all_ways_agree(channels: int) -> None:
    # `measure` refuses a way that gives another result.
    assert set(convolution.measure(64, channels, repeats=1)) == set(convolution.WAYS)
