"""Where output goes: standard output, or a file that appears only when it is whole."""

import contextlib
import os
import pathlib
import sys
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Protocol, runtime_checkable

import pysam

from vep_cli import standard_output
from vep_cli.errors import OutputError, UsageError
from vep_cli.writers.piece import Piece, encoded

STANDARD_STREAM = "-"
COMPRESSED_SUFFIXES = (".gz", ".bgz")
_REMEDY = "check the folder, its permissions and the free disk space"


@runtime_checkable
class _Sink(Protocol):
    """What Python's binary files and BGZF files have in common."""

    def write(self, data: bytes, /) -> object: ...

    def flush(self) -> object: ...

    def close(self) -> object: ...


class OutputFile:
    """An output: `-` is standard output, `.gz` and `.bgz` are bgzip.

    A file is written under a temporary name in the same folder and renamed when the `with` block
    ends without an error, so that what is there is either whole or as it was before. What is there
    and is no file, such as a named pipe, is written to directly.
    """

    def __init__(self, path: str, *, part: str = "") -> None:
        """Open the output.

        Args:
            path: The output.
            part: What the temporary name ends in; by itself, this process's number and `.part`. Whoever
                is alone with an output gives one, so that no part of a run that was killed stays.

        Raises:
            OutputError: The file cannot be written.
        """
        self._name = "standard output" if path == STANDARD_STREAM else path
        self._final = None if path == STANDARD_STREAM else target(path)
        self._written = self._final
        with self._explained():
            if self._final is not None and not is_special(path):
                name = f".{self._final.name}{part or f'.{os.getpid()}.part'}"
                self._written = _made_anew(self._final.with_name(name))
            self._handle = _open(self._written, is_compressed=path.endswith(COMPRESSED_SUFFIXES))

    def __enter__(self) -> "OutputFile":
        """Return the output itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; give a whole file its name, throw away a part of one.

        Raises:
            OutputError: The last of the text cannot be written, and no other error is under way.
        """
        try:
            with self._explained() if kind is None else contextlib.suppress(OSError):
                self._close()
                if kind is None and self._written is not None and self._written != self._final:
                    rename_durably(self._written, self._final or self._written)
        finally:
            if self._written is not None and self._written != self._final:
                self._written.unlink(missing_ok=True)

    def write(self, piece: Piece) -> None:
        """Write bytes, or text; what the input had in bytes that are no UTF-8 comes out as it was.

        Raises:
            OutputError: The disk is full or has gone.
            BrokenPipeError: Nobody reads the output any more.
        """
        with self._explained():
            self._handle.write(encoded(piece))

    def _close(self) -> None:
        if self._written is None:
            self._handle.flush()
        else:
            self._handle.close()

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            if self._final is None:
                standard_output.abandon()
            raise OutputError(
                f"cannot be written: {error.strerror or error}", path=self._name, remedy=_REMEDY
            ) from error


def check_output(path: str, *, inputs: Iterable[pathlib.Path]) -> None:
    """Refuse an output that could not be written in the end, before hours go into it.

    Args:
        path: The output, or '-'.
        inputs: Files that are read; those that do not exist are passed over.

    Raises:
        UsageError: The output is one of the inputs.
        OutputError: It is a folder, or its folder is not there.
    """
    if path == STANDARD_STREAM:
        return
    output = pathlib.Path(path)
    if output.is_dir():
        raise OutputError("the output is a folder", path=path, remedy="name a file in it")
    if not output.parent.is_dir():
        raise OutputError(
            f"the output's folder does not exist: {output.parent}",
            path=path,
            remedy=f"make it: mkdir -p {output.parent}",
        )
    for source in inputs:
        if not is_special(path) and output.exists() and source.exists() and output.samefile(source):
            raise UsageError("the output is one of the inputs", path=path, remedy="choose another --output")


def is_special(path: str) -> bool:
    """Return whether something other than a file has that name: a pipe, a terminal, /dev/null."""
    return os.path.exists(path) and not os.path.isfile(path)


def target(path: str) -> pathlib.Path:
    """Return the file that an output is, links followed."""
    # The target of a link is replaced, not the link. But /dev/stdout and /dev/fd/63 are links to
    # names such as pipe:[4711] that cannot be opened; only the link itself can.
    return pathlib.Path(path) if is_special(path) else pathlib.Path(os.path.realpath(path))


def rename_durably(written: pathlib.Path, final: pathlib.Path) -> None:
    """Give a finished file its name, so that after a power failure too it is whole or as it was before.

    Raises:
        OSError: Its last bytes cannot be written, or it cannot be renamed.
    """
    with written.open("rb") as content:
        os.fsync(content.fileno())
    written.replace(final)
    # The name itself is the folder's; some file systems refuse, and then it comes a little later.
    with contextlib.suppress(OSError):
        folder = os.open(final.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _made_anew(path: pathlib.Path) -> pathlib.Path:
    """Make an empty file of ours, and follow no link that somebody has put there."""
    path.unlink(missing_ok=True)
    path.open("xb").close()
    return path


def _open(path: pathlib.Path | None, *, is_compressed: bool) -> _Sink:
    if path is None:
        if sys.stdout is None:
            raise OSError("it is closed")
        return sys.stdout.buffer
    sink: _Sink = pysam.BGZFile(str(path), "wb", None) if is_compressed else path.open("wb")
    return sink
