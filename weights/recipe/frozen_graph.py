"""The constants of a frozen TensorFlow graph, read without TensorFlow.

A `GraphDef` is a protocol buffer; only the fields that lead to a constant's numbers are followed here
(tensorflow/core/framework: graph.proto, node_def.proto, attr_value.proto, tensor.proto).
"""

from collections.abc import Iterator

import numpy as np

_VARINT, _BYTES = 0, 2
_FIXED_SIZES = {1: 8, 5: 4}

# Field numbers of the messages on the way to a constant.
_GRAPH_NODE = 1
_NODE_NAME, _NODE_OPERATION, _NODE_ATTRIBUTE = 1, 2, 5
_ENTRY_KEY, _ENTRY_VALUE = 1, 2
_VALUE_TENSOR = 8
_TENSOR_TYPE, _TENSOR_SHAPE, _TENSOR_CONTENT, _TENSOR_INTEGER = 1, 2, 4, 7
_SHAPE_DIMENSION, _DIMENSION_SIZE = 2, 1

_TYPES = {1: np.dtype("<f4"), 3: np.dtype("<i4")}


def read_constants(graph: bytes) -> dict[str, np.ndarray]:
    """Return the constants of a serialised `GraphDef`, by node name.

    Left out: constants of other types than float32 and int32, and single float32 numbers.

    Raises:
        ValueError: The bytes are not a protocol buffer.
    """
    constants = {}
    for node in _messages(graph, _GRAPH_NODE):
        if _first(node, _NODE_OPERATION) == b"Const":
            array = _constant(node)
            if array is not None:
                constants[_first(node, _NODE_NAME).decode()] = array
    return constants


def _constant(node: bytes) -> np.ndarray | None:
    entries = _messages(node, _NODE_ATTRIBUTE)
    value = next(_first(entry, _ENTRY_VALUE) for entry in entries if _first(entry, _ENTRY_KEY) == b"value")
    tensor = _first(value, _VALUE_TENSOR)
    dtype = next((_TYPES.get(kind) for number, kind in _fields(tensor) if number == _TENSOR_TYPE), None)
    content = _first(tensor, _TENSOR_CONTENT)
    if dtype is not None and content:
        return np.frombuffer(content, dtype).reshape(_shape(tensor))
    integers = [value for number, value in _fields(tensor) if number == _TENSOR_INTEGER]
    return np.array([_number(value) for value in integers], np.int32) if integers else None


def _number(value: int | bytes) -> int:
    """Return an integer that is stored alone or, as later writers do, as a list of one."""
    number = value if isinstance(value, int) else _varint(value, 0)[0]
    return number - 2**64 if number >= 2**63 else number  # two's complement, whatever the type's width


def _shape(tensor: bytes) -> tuple[int, ...]:
    dimensions = _messages(_first(tensor, _TENSOR_SHAPE), _SHAPE_DIMENSION)
    return tuple(
        next(size for number, size in _fields(dimension) if number == _DIMENSION_SIZE)
        for dimension in dimensions
    )


def _messages(message: bytes, wanted: int) -> Iterator[bytes]:
    """Yield every byte string that is stored under a field number."""
    for number, value in _fields(message):
        if number == wanted and isinstance(value, bytes):
            yield value


def _first(message: bytes, wanted: int) -> bytes:
    return next(_messages(message, wanted), b"")


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield (field number, value) of a message: integers of varints, bytes of the rest."""
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        kind = key & 7
        if kind == _VARINT:
            value, position = _varint(message, position)
            yield key >> 3, value
            continue
        size, position = _size(message, position, kind)
        if position + size > len(message):
            raise ValueError("the file ends within a field: it is cut short, or not a frozen graph")
        yield key >> 3, message[position : position + size]
        position += size


def _size(message: bytes, position: int, kind: int) -> tuple[int, int]:
    """Return how many bytes a field's value has, and where it begins."""
    if kind == _BYTES:
        return _varint(message, position)
    if kind in _FIXED_SIZES:
        return _FIXED_SIZES[kind], position
    raise ValueError(f"a field of the unknown kind {kind}: the file is not a frozen graph")


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= len(message):
            raise ValueError("the file ends within a number: it is cut short, or not a frozen graph")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
