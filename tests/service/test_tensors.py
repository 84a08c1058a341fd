import ml_dtypes
import numpy as np
import pytest
from alphagenome import tensor_utils
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from vep_cli.service.tensors import Compression, pack

SHAPES = arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=9)
TYPES = st.sampled_from([np.dtype(np.float32), np.dtype(np.float16)])


@settings(deadline=None, max_examples=40)
@given(
    values=TYPES.flatmap(lambda kind: arrays.arrays(kind, SHAPES, elements=st.floats(-9, 9, width=16))),
    compression=st.sampled_from(Compression),
    pieces=st.integers(1, 40),
    is_turned=st.booleans(),
)
def test_the_client_unpacks_what_was_packed(
    values: np.ndarray, compression: Compression, pieces: int, is_turned: bool
) -> None:
    sent = values.T if is_turned else values
    tensor, chunks = pack(sent, compression, bytes_per_chunk=4 * pieces)
    found = tensor_utils.unpack_proto(tensor, chunks)
    assert found.dtype == sent.dtype
    np.testing.assert_array_equal(found, sent)


@pytest.mark.parametrize(("count", "chunks"), [(0, 0), (4, 0), (5, 2), (8, 2), (9, 3)])
def test_number_of_pieces(count: int, chunks: int) -> None:
    # Of 16 bytes, four numbers; what fits one piece is sent with the description.
    tensor, pieces = pack(np.zeros(count, np.float32), bytes_per_chunk=16)
    assert (tensor.chunk_count, len(list(pieces))) == (chunks, chunks)


def test_half_precision_numbers_of_the_network() -> None:
    values = np.arange(5).astype(ml_dtypes.bfloat16)
    tensor, chunks = pack(values)
    np.testing.assert_array_equal(tensor_utils.unpack_proto(tensor, chunks), values)


def test_compression_makes_zeros_small() -> None:
    zeros = np.zeros(100_000, np.float32)
    (plain, _), (small, _) = (pack(zeros, one) for one in (Compression.NONE, Compression.ZSTD))
    assert plain.ByteSize() > 400_000
    assert small.ByteSize() < 1000
