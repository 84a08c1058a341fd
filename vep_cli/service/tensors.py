"""Arrays as the protocol sends them: a description, and behind it the numbers in pieces."""

import enum
from collections.abc import Iterator

import ml_dtypes
import numpy as np
import zstandard
from alphagenome.protos import tensor_pb2
from jaxtyping import Shaped

BYTES_PER_CHUNK = 2 << 20
"""A client that sets no limit of its own takes messages of 4 MiB, with all that is in them."""

_DATA_TYPES = {
    np.dtype(ml_dtypes.bfloat16): tensor_pb2.DATA_TYPE_BFLOAT16,
    np.dtype(np.float16): tensor_pb2.DATA_TYPE_FLOAT16,
    np.dtype(np.float32): tensor_pb2.DATA_TYPE_FLOAT32,
}


class Compression(enum.StrEnum):
    """How the numbers of each piece are compressed."""

    NONE = "none"
    ZSTD = "zstd"


def pack(
    values: Shaped[np.ndarray, "..."],
    compression: Compression = Compression.NONE,
    bytes_per_chunk: int = BYTES_PER_CHUNK,
) -> tuple[tensor_pb2.Tensor, Iterator[tensor_pb2.TensorChunk]]:
    """Return the description of an array, and its pieces, made when they are asked for.

    What fits one piece is in the description, and there are none.

    Args:
        values: Floating-point numbers of at most 32 bits, in any layout; sent in row-major order.
        compression: Of each piece.
        bytes_per_chunk: Of each piece but the last, before it is compressed; a multiple of 4.
    """
    laid_out = np.ascontiguousarray(values)
    tensor = tensor_pb2.Tensor(shape=values.shape, data_type=_DATA_TYPES[values.dtype])
    if laid_out.nbytes <= bytes_per_chunk:
        tensor.array.CopyFrom(_piece(laid_out.tobytes(), compression))
        return tensor, iter(())
    data = laid_out.reshape(-1).view(np.uint8)
    starts = range(0, len(data), bytes_per_chunk)
    tensor.chunk_count = len(starts)
    return tensor, (_piece(data[one : one + bytes_per_chunk].tobytes(), compression) for one in starts)


def _piece(data: bytes, compression: Compression) -> tensor_pb2.TensorChunk:
    if compression is Compression.ZSTD:
        compressed = zstandard.ZstdCompressor().compress(data)
        return tensor_pb2.TensorChunk(data=compressed, compression_type=tensor_pb2.COMPRESSION_TYPE_ZSTD)
    return tensor_pb2.TensorChunk(data=data, compression_type=tensor_pb2.COMPRESSION_TYPE_NONE)
