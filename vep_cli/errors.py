"""Every failure that the user can mend, as a typed exception.

Library code raises these; `vep_cli.cli` catches them once and prints the message and
the remedy, each on a line of its own. Whatever is not a `VepError` is a bug of ours.
"""

import pathlib


class VepError(Exception):
    """A failure with a remedy.

    Attributes:
        message: What was found, in one sentence, naming the value.
        remedy: What the user can do about it, or None where nothing is certain.
        path: The file at fault, or None.
        line: The 1-based line (or record) of `path` at fault, or None.
        exit_code: The exit status of the process.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        remedy: str | None = None,
        path: str | pathlib.Path | None = None,
        line: int | None = None,
    ) -> None:
        super().__init__(message)
        if remedy is not None:
            self.add_note(remedy)  # what Python shows under the message, where no command line does
        self.message = message
        self.remedy = remedy
        self.path = path
        self.line = line

    def __str__(self) -> str:
        """Return `path:line: message`, as compilers write it."""
        if self.path is None:
            return self.message
        place = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.message}"


def reason(error: Exception) -> str:
    """Return why a file could not be read or written, in the system's words where it has some.

    Args:
        error: What was raised; the text of an `OSError` would have a number and the path in it.
    """
    return getattr(error, "strerror", None) or str(error)


class UsageError(VepError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = 2


class VcfError(VepError):
    """The variant file cannot be read as one."""


class BedError(VepError):
    """The file of intervals cannot be read."""


class FastaError(VepError):
    """The reference sequence or its index cannot be used."""


class AnnotationError(VepError):
    """The gene annotation cannot be read."""


class WeightsError(VepError):
    """A weights folder is missing, damaged, or of another architecture."""


class DownloadError(VepError):
    """A file could not be fetched whole."""


class OutputError(VepError):
    """The output cannot be written."""


class SummaryError(VepError):
    """The summary of a run cannot be read as one."""


class ShardError(VepError):
    """The output of a shard is damaged, not finished, or none."""


class DeviceError(UsageError):
    """The device asked for is not there."""
