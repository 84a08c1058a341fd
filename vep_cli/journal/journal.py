"""The journal of a run: a file beside the output that grows by one frame with each record that is done.

    MAGIC | identity: what decides the output's bytes | head: what goes before the records | entry ...

It belongs to one process at a time, by a lock that ends with the process. Nothing in it is executed or
unpickled.
"""

import contextlib
import dataclasses
import errno
import fcntl
import io
import itertools
import json
import os
import pathlib
from collections.abc import Callable, Iterator

from vep_cli.errors import OutputError, UsageError, reason
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.identities import Identity
from vep_cli.journal.entry import Entry, counts_of, digest_of, record_digest
from vep_cli.journal.frames import frame, read_frames
from vep_cli.statistics import Statistics

MAGIC = b"vep score journal 1\n"
_FRAMES_BEFORE_ENTRIES = 2
_NO_LOCKS = frozenset((errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP))
"""What file systems say that have no locks, as some of clusters."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an earlier run left.

    Attributes:
        identity: What decided the bytes of its output, by name.
        counts: Of its records.
        end: Where its last whole frame ends.
    """

    identity: Identity
    counts: Statistics
    end: int


class Journal:
    """An open journal, locked.

    Attributes:
        path: The file.
        found: What an earlier run left in it, or None.
        is_open: Until it is closed or removed.
    """

    def __init__(self, path: pathlib.Path) -> None:
        """Open the file, or make it, lock it, and look at what is in it; changes nothing that is.

        Raises:
            OutputError: It cannot be written, or another process has it.
            UsageError: The file is no journal.
        """
        self.path = path
        self._file = _open_locked(path)
        self.is_open = True
        try:
            self.found = self._look()
        except BaseException:
            self.close()
            raise

    def begin(self, identity: Identity, head: bytes) -> None:
        """Throw away what an earlier run left, and begin.

        Args:
            identity: What decides the bytes of the output, by name.
            head: What goes before the records.
        """
        with self._explained():
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            self._append(MAGIC + frame(json.dumps(dict(identity)).encode()) + frame(b"\0" + head))

    def go_on(self) -> None:
        """Cut off what is behind the last whole frame of an earlier run."""
        if self.found is not None:
            with self._explained():
                os.ftruncate(self._file, self.found.end)
                os.lseek(self._file, self.found.end, os.SEEK_SET)

    def add(self, entry: Entry) -> None:
        """Add a record that is done.

        Raises:
            OutputError: The disk is full or has gone; what was added before stays good.
        """
        with self._explained():
            self._append(frame(entry.to_payload()))

    def not_in_it(self, records: Iterator[VcfRecord]) -> Iterator[VcfRecord]:
        """Yield the records behind those that an earlier run has done.

        Args:
            records: All of the input's, in order; those that are done are compared with what was read then.

        Raises:
            UsageError: One that is done is not what it was.
        """
        for number, (payload, _) in enumerate(self._entries(), start=1):
            record = next(records, None)
            if record is None or record_digest(record) != digest_of(payload):
                what = "the input ends before it" if record is None else f"see line {record.line_number}"
                raise UsageError(
                    f"the input has changed since the journal was begun: record {number} differs, {what}",
                    path=self.path,
                    remedy="give the same input, or begin anew: without --resume",
                )
        yield from records

    def pieces(self) -> Iterator[bytes]:
        """Yield what the writer made: what goes before the records, then each record's."""
        with self.path.open("rb") as stream:
            _, (head, _), *_ = itertools.islice(self._frames(stream), _FRAMES_BEFORE_ENTRIES)
        yield head[1:]
        for payload, _ in self._entries():
            yield Entry.from_payload(payload).piece

    def close(self) -> None:
        """Close the file, for another run to go on with."""
        self.is_open = False
        os.close(self._file)

    def remove(self) -> None:
        """Delete the file: the output is whole, or nothing was done."""
        # Before it is closed: whoever waits for the lock then sees that the file has gone.
        with self._explained():
            self.path.unlink(missing_ok=True)
        self.close()

    def _look(self) -> Found | None:
        with self.path.open("rb") as stream:
            start = stream.read(len(MAGIC))
            if not MAGIC.startswith(start):
                raise UsageError(
                    "a file of this name is there, and is no journal that this version reads",
                    path=self.path,
                    remedy="move it elsewhere, or choose another --output",
                )
            stream.seek(0)
            frames = self._frames(stream)
            before = list(itertools.islice(frames, _FRAMES_BEFORE_ENTRIES))
            if len(before) < _FRAMES_BEFORE_ENTRIES:
                return None  # killed before it had begun
            counts, end = Statistics(), before[-1][1]
            for payload, end in frames:  # noqa: B007 - the last end is wanted
                counts += counts_of(payload)
        return Found(identity=json.loads(before[0][0]), counts=counts, end=end)

    def _entries(self) -> Iterator[tuple[bytes, int]]:
        with self.path.open("rb") as stream:
            yield from itertools.islice(self._frames(stream), _FRAMES_BEFORE_ENTRIES, None)

    def _frames(self, stream: io.BufferedIOBase) -> Iterator[tuple[bytes, int]]:
        size = os.fstat(stream.fileno()).st_size
        stream.seek(min(len(MAGIC), size))
        return read_frames(stream, size)

    def _append(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[write_bytes(self._file, rest) :]

    def _explained(self) -> contextlib.AbstractContextManager[None]:
        return _explained(self.path)


write_bytes: Callable[[int, memoryview], int] = os.write
"""Writes to a file; a full disk takes a part of what it is given."""


def _open_locked(path: pathlib.Path) -> int:
    with _explained(path):
        while True:
            # No link is followed: in a folder that others can write to, it could lead anywhere.
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
            try:
                _lock(file, path)
                if _is_there(file, path):
                    return file
            except BaseException:
                os.close(file)
                raise
            os.close(file)  # the run that had it is done, and has deleted it


def _lock(file: int, path: pathlib.Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OutputError(
            "another process is writing this output",
            path=path,
            remedy="wait for it, or choose another --output",
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise


def _is_there(file: int, path: pathlib.Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def _explained(path: pathlib.Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot be written: {reason(error)}",
            path=path,
            remedy="check the folder, its permissions and the free disk space",
        ) from error
