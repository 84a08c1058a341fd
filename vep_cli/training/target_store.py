"""Arrays on the disk, each made once: under the hash of all that it depends on, whole or not there at all."""

import hashlib
import json
import pathlib
from collections.abc import Callable, Iterable

import numpy as np

from vep_cli.errors import OutputError, UsageError, reason
from vep_cli.whole_file import appearing_whole


def stored(folder: pathlib.Path, key: str, make: Callable[[], np.ndarray]) -> np.ndarray:
    """Return an array, mapped from the disk; the first time it is made and written.

    Args:
        folder: Where arrays are kept; made where it is not there.
        key: The array's name, a hash of what it depends on.
        make: Returns it.

    Raises:
        OutputError: It cannot be written.
    """
    path = folder / f"{key}.npy"
    found = _opened(path)
    if found is not None:
        return found
    array = make()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with appearing_whole(path) as part, part.open("wb") as out:
            np.save(out, array)
        return _mapped(path)
    except OSError as error:
        raise OutputError(
            f"targets cannot be kept: {reason(error)}",
            path=path,
            remedy="make room on the disk, or choose another folder: cache = ... in [data]",
        ) from error


def is_stored(folder: pathlib.Path, key: str) -> bool:
    """Return whether the array is on the disk."""
    return (folder / f"{key}.npy").is_file()


def key_of(*parts: object) -> str:
    """Return a hash of some values: numbers, texts, paths as text, and lists and mappings of those."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def key_of_bases(bases: np.ndarray) -> str:
    """Return a hash of an array."""
    return hashlib.sha256(np.ascontiguousarray(bases).tobytes()).hexdigest()[:32]


def key_of_files(paths: Iterable[pathlib.Path]) -> str:
    """Return a hash of the contents of some files.

    Raises:
        UsageError: One cannot be read.
    """
    return key_of([_file_hash(path) for path in paths])


def _file_hash(path: pathlib.Path) -> str:
    try:
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(
            f"a source of targets cannot be read: {reason(error)}",
            path=path,
            remedy="check the path in [data]",
        ) from error


def _opened(path: pathlib.Path) -> np.ndarray | None:
    """Return the array, or None where there is none that can be read."""
    try:
        return _mapped(path)
    except (OSError, ValueError, EOFError):
        return None


def _mapped(path: pathlib.Path) -> np.ndarray:
    # As a plain array: `memmap` makes every slice a mapping of its own, which costs more than most slices.
    mapped: np.memmap = np.load(path, mmap_mode="r")
    return mapped.view(np.ndarray)
