"""The metrics of a run: lines of JSON that are appended as it goes, and cut where it goes on."""

import json
import os
import pathlib
from collections.abc import Mapping


class MetricsLog:
    """Appends to `metrics.jsonl`; use it as a context.

    Attributes:
        path: The file.
    """

    def __init__(self, path: pathlib.Path, keep_bytes: int) -> None:
        """Open the file.

        Args:
            path: The file, made if it is not there.
            keep_bytes: What is kept of it; lines beyond are of steps that will be done again.
        """
        self.path = path
        self._file = path.open("ab")
        self._file.truncate(min(keep_bytes, self._file.tell()))
        self._file.seek(0, os.SEEK_END)

    def __enter__(self) -> "MetricsLog":
        """Return the log."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def add(self, record: Mapping[str, object]) -> None:
        """Append a line."""
        self._file.write(json.dumps(record).encode() + b"\n")
        self._file.flush()

    def synced_bytes(self) -> int:
        """Return the length of the file, all of which is on the disk by then."""
        os.fsync(self._file.fileno())
        return self._file.tell()
