"""Where output goes: standard output, or a file that appears only when it is whole."""

import os
import pathlib
import sys
from types import TracebackType
from typing import BinaryIO, Self

import pysam

from vep_cli.errors import OutputError

STANDARD_STREAM = "-"
_REMEDY = "check the folder, its permissions and the free disk space"


class OutputFile:
    """Text output: `-` is standard output, `.gz` is bgzip.

    A file is written under a temporary name in the same folder and renamed when the `with` block
    ends without an error, so that what is there is either whole or as it was before.
    """

    def __init__(self, path: str) -> None:
        """Open the output.

        Raises:
            OutputError: The file cannot be written.
        """
        self._final = None if path == STANDARD_STREAM else pathlib.Path(path)
        if self._final is None:
            self._handle: BinaryIO | pysam.BGZFile = sys.stdout.buffer
            return
        self._temporary = self._final.with_name(f".{self._final.name}.{os.getpid()}.part")
        try:
            self._handle = (
                pysam.BGZFile(str(self._temporary), "wb", None)
                if self._final.suffix == ".gz"
                else self._temporary.open("wb")
            )
        except OSError as error:
            raise OutputError(f"cannot be written: {error.strerror}", path=path, remedy=_REMEDY) from error

    def __enter__(self) -> Self:
        """Return the output itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; give a whole file its name, throw away a part of one."""
        if self._final is None:
            if kind is None:
                sys.stdout.buffer.flush()
            return
        try:
            self._close()
            if kind is None:
                self._temporary.replace(self._final)
        finally:
            self._temporary.unlink(missing_ok=True)

    def write(self, text: str) -> None:
        """Write text; what the input had in bytes that are no UTF-8 comes out as it was.

        Raises:
            OutputError: The disk is full or has gone.
            BrokenPipeError: Nobody reads standard output any more.
        """
        try:
            self._handle.write(text.encode("utf-8", "surrogateescape"))
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(
                f"cannot be written: {error.strerror or error}", path=self._final, remedy=_REMEDY
            ) from error

    def _close(self) -> None:
        try:
            self._handle.close()
        except OSError as error:
            raise OutputError(
                f"cannot be written: {error.strerror or error}", path=self._final, remedy=_REMEDY
            ) from error
