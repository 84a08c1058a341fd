"""Write a safetensors file one array at a time, so that a model need not fit in memory.

The library's own writer takes all arrays at once. The format (github.com/huggingface/safetensors): the
header's length as 8 bytes little-endian, the header as JSON padded with blanks, the arrays end to end.
"""

import itertools
import json
import math
import pathlib
from collections.abc import Iterator, Mapping

import ml_dtypes
import numpy as np
from jaxtyping import Shaped

from vep_cli.model.shapes import Shape

DTYPES = {"float32": ("F32", np.dtype("<f4")), "bfloat16": ("BF16", np.dtype(ml_dtypes.bfloat16))}
"""Types that can be written: the format's name and NumPy's type."""

_ALIGNMENT = 8


def write_safetensors(
    path: pathlib.Path,
    shapes: Mapping[str, Shape],
    arrays: Iterator[tuple[str, Shaped[np.ndarray, "..."]]],
    dtype: str,
) -> None:
    """Write arrays as they come.

    Args:
        path: The file.
        shapes: Shape of every array, by name, in the order in which they come.
        arrays: Name and values.
        dtype: One of `DTYPES`; values of another type are rounded to it.

    Raises:
        ValueError: An array is not the one that `shapes` announces.
    """
    format_name, numpy_type = DTYPES[dtype]
    with path.open("wb") as out:
        out.write(_header(shapes, format_name, numpy_type.itemsize))
        for (expected, shape), (name, array) in zip(shapes.items(), arrays, strict=True):
            if (name, array.shape) != (expected, shape):
                raise ValueError(f"{name} {array.shape} where {expected} {shape} was announced")
            out.write(np.ascontiguousarray(array, numpy_type).tobytes())


def _header(shapes: Mapping[str, Shape], format_name: str, item_size: int) -> bytes:
    sizes = (item_size * math.prod(shape) for shape in shapes.values())
    ends = list(itertools.accumulate(sizes, initial=0))
    entries = {
        name: {"dtype": format_name, "shape": list(shape), "data_offsets": [start, end]}
        for (name, shape), start, end in zip(shapes.items(), ends, ends[1:], strict=False)
    }
    text = json.dumps(entries, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return len(text).to_bytes(8, "little") + text
