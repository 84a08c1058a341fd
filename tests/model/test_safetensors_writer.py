import pathlib

import ml_dtypes
import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from vep_cli.model.safetensors_writer import DTYPES, write_safetensors

ARRAYS = st.dictionaries(
    st.text(min_size=1, max_size=5).filter(lambda name: name != "__metadata__"),
    st_numpy.arrays(np.float32, st_numpy.array_shapes(min_dims=0, max_dims=3, max_side=3)),
    max_size=4,
)


def write(path: pathlib.Path, arrays: dict[str, np.ndarray], dtype: str = "float32") -> None:
    shapes = {name: array.shape for name, array in arrays.items()}
    write_safetensors(path, shapes, iter(arrays.items()), dtype)


@given(ARRAYS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_library_reads_what_was_written(tmp_path: pathlib.Path, arrays: dict[str, np.ndarray]) -> None:
    write(tmp_path / "a.safetensors", arrays)
    found = safetensors.numpy.load_file(tmp_path / "a.safetensors")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array, strict=True)


def test_bfloat16_rounds_to_eight_bits(tmp_path: pathlib.Path) -> None:
    # 1 + 2^-8 lies half-way between two values of 8 bits and goes to the even one, 1.
    write(tmp_path / "a", {"x": np.array([1 + 2**-7, 1 + 2**-8], np.float32)}, "bfloat16")
    found = safetensors.numpy.load_file(tmp_path / "a")["x"]
    assert found.dtype == ml_dtypes.bfloat16
    assert found.astype(np.float32).tolist() == [1 + 2**-7, 1]


@pytest.mark.parametrize("dtype", DTYPES)
def test_bytes_by_hand(tmp_path: pathlib.Path, dtype: str) -> None:
    # One value of 1: 0x3f800000 as float32, of which bfloat16 is the upper half; little-endian.
    write(tmp_path / "a", {"x": np.ones(1, np.float32)}, dtype)
    content = (tmp_path / "a").read_bytes()
    header = int.from_bytes(content[:8], "little")
    assert header % 8 == 0
    assert content[8 + header :].hex() == {"float32": "0000803f", "bfloat16": "803f"}[dtype]


def test_arrays_of_any_memory_order_are_written_alike(tmp_path: pathlib.Path) -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    write(tmp_path / "a", {"x": array})
    write(tmp_path / "b", {"x": np.asfortranarray(array)})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    "arrays",
    [[], [("x", np.zeros(3, np.float32))], [("y", np.zeros(2, np.float32))]],
)
def test_arrays_that_were_not_announced_are_refused(
    tmp_path: pathlib.Path, arrays: list[tuple[str, np.ndarray]]
) -> None:
    with pytest.raises(ValueError, match=r"announced|shorter"):
        write_safetensors(tmp_path / "a", {"x": (2,)}, iter(arrays), "float32")
