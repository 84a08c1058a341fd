"""Frames: byte strings one behind the other in a file, each with its length and checksum.

A process that is killed, or a disk that is full, may leave the last frame in part. It does not read as
a frame, so everything before it is what was done.
"""

import io
import struct
import zlib
from collections.abc import Iterator

_HEAD = struct.Struct("<II")


def frame(payload: bytes) -> bytes:
    """Return a payload, of one byte or more, with its length and its CRC-32 before it."""
    return _HEAD.pack(len(payload), zlib.crc32(payload)) + payload


def read_frames(stream: io.BufferedIOBase, end: int) -> Iterator[tuple[bytes, int]]:
    """Yield each payload and where in the stream its frame ends, up to the first frame that is not whole.

    Args:
        stream: Where the first frame begins; `tell` works.
        end: Where the stream ends, so that the length of a damaged frame takes no memory.
    """
    position = stream.tell()
    while position + _HEAD.size < end:
        length, checksum = _HEAD.unpack(stream.read(_HEAD.size))
        position += _HEAD.size + length
        # A length of 0 is what a disk that lost power may have: zeros, whose checksum is 0 as well.
        if not length or position > end:
            return
        payload = stream.read(length)
        if zlib.crc32(payload) != checksum:
            return
        yield payload, position
