"""The bytes of a variant file, as they come, with what their first and last ones tell."""

import errno
import io
import os
import select
import stat
import threading

_LOOK_UP = 100
"""Milliseconds after which reading looks whether it is still wanted."""
_GZIP_MAGIC = b"\x1f\x8b"
_BGZF_MARK = b"BC\x02\x00"
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


class Source(io.RawIOBase):
    """The bytes of the file; it remembers the first and last of them, to tell a truncated BGZF file.

    Attributes:
        cancelled: Once set, reading fails.
    """

    def __init__(self, raw: io.BufferedIOBase, *, is_ours: bool) -> None:
        """Begin to read.

        Args:
            raw: A file, or a pipe.
            is_ours: Whether to close it in the end.
        """
        super().__init__()
        self.cancelled = threading.Event()
        self._raw = raw
        self._may_block = _may_block(raw)
        self._is_drained = False
        self._is_ours = is_ours
        self._pending = b""
        self._head = b""
        self._tail = b""

    def is_gzip(self) -> bool:
        """Return whether the file begins as gzip does; ask before reading."""
        # A pipe may give one byte at a time; `read` waits for as many as it is asked for.
        self._head = self._pending = self._raw.read(len(_BGZF_END))
        return self._head.startswith(_GZIP_MAGIC)

    def readable(self) -> bool:
        """See base class."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """See base class; gives what is there, as soon as anything is."""
        # `read1` gives what a pipe has; `read` would hold back records until the buffer is full.
        block = self._pending[: len(buffer)] or self._read(len(buffer))
        self._pending = self._pending[len(buffer) :]
        buffer[: len(block)] = block
        self._tail = (self._tail + block[-len(_BGZF_END) :])[-len(_BGZF_END) :]
        return len(block)

    def lacks_end(self) -> bool:
        """Return whether this was BGZF and the empty block that ends such a file did not come."""
        return self._head[12:16] == _BGZF_MARK and self._tail != _BGZF_END

    def release(self) -> None:
        """Close the file, unless it is standard input."""
        if self._is_ours:
            self._raw.close()

    def _read(self, size: int) -> bytes:
        # What was read ahead is there at once, and no system call knows of it.
        if self._may_block and self._is_drained:
            self._wait()
        block = self._raw.read1(size)
        self._is_drained = len(block) < size
        return block

    def _wait(self) -> None:
        """Return when there is something to read, or the end."""
        poll = select.poll()
        poll.register(self._raw, select.POLLIN)
        while not poll.poll(_LOOK_UP):
            if self.cancelled.is_set():
                raise OSError(errno.ECANCELED, os.strerror(errno.ECANCELED))


def _may_block(raw: io.BufferedIOBase) -> bool:
    """Return whether reading may wait for somebody who writes: a pipe, a terminal."""
    try:
        return not stat.S_ISREG(os.fstat(raw.fileno()).st_mode)
    except OSError:  # no file of the system, as in a program that calls `main` with a stream of its own
        return False
