"""Files that are there whole or not at all."""

import contextlib
import os
import pathlib
from collections.abc import Iterator


@contextlib.contextmanager
def appearing_whole(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Give a hidden name beside `path` to write to; it takes the file's place, or goes away on any error.

    The name ends as the file's does, for libraries that look at the ending, and has the process's number,
    for several that write the same file.

    Raises:
        OSError: What was written cannot take the file's place; what was there before still is.
    """
    part = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield part
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
