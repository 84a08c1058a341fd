"""Writes the part of a frozen TensorFlow graph that holds constants."""

from collections.abc import Mapping

import numpy as np

_FLOAT, _INT32 = 1, 3


def graph_of(constants: Mapping[str, np.ndarray]) -> bytes:
    """Return a serialised `GraphDef` of a placeholder and the constants.

    Single integers are stored as TensorFlow does, as a number; the rest as bytes.
    """
    placeholder = message(1, b"x") + message(2, b"Placeholder")
    nodes = [message(1, placeholder)]
    nodes += [message(1, _constant(name, array)) for name, array in constants.items()]
    return b"".join(nodes)


def message(number: int, content: bytes) -> bytes:
    """Return a field that holds bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def integer(number: int, value: int) -> bytes:
    """Return a field that holds an integer."""
    return varint(number << 3) + varint(value % 2**64)


def varint(value: int) -> bytes:
    """Return an integer, seven bits to the byte, the lowest first."""
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def _constant(name: str, array: np.ndarray) -> bytes:
    is_single_integer = array.dtype == np.int32 and array.size == 1
    shape = b"".join(message(2, integer(1, size)) for size in array.shape)
    tensor = integer(1, _INT32 if array.dtype == np.int32 else _FLOAT) + message(2, shape)
    tensor += integer(7, int(array.reshape(-1)[0])) if is_single_integer else message(4, array.tobytes())
    value = message(1, b"value") + message(2, message(8, tensor))
    kind = message(1, b"dtype") + message(2, integer(6, 1))
    return message(1, name.encode()) + message(2, b"Const") + message(5, kind) + message(5, value)
