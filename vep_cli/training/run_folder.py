"""The folder of a training run: its configuration, checkpoints, metrics and, in the end, weights."""

import contextlib
import pathlib
from collections.abc import Iterator

import filelock

from vep_cli.errors import OutputError, UsageError, reason

CONFIG_COPY, CHECKPOINTS = "config.toml", "checkpoints"
METRICS, WEIGHTS, STAGES = "metrics.jsonl", "weights", "stages"
_LOCK = ".lock"


@contextlib.contextmanager
def opened_run_folder(folder: pathlib.Path, text: str) -> Iterator[None]:
    """Keep a folder for one run of one configuration, which is copied there the first time.

    Args:
        folder: The folder, made if it is not there.
        text: The configuration.

    Raises:
        OutputError: It cannot be made or written, or another process trains in it.
        UsageError: It is of another configuration, or has other things in it.
    """
    try:
        _make(folder, text)
        lock = filelock.FileLock(folder / _LOCK, timeout=0)
        lock.acquire()
    except filelock.Timeout as error:
        raise OutputError("another process is training in this folder", path=folder) from error
    except OSError as error:
        raise OutputError(f"the folder cannot be written: {reason(error)}", path=folder) from error
    try:
        _check_config(folder, text)
        yield
    finally:
        lock.release()


def _make(folder: pathlib.Path, text: str) -> None:
    copy = folder / CONFIG_COPY
    if copy.exists():
        return
    if folder.exists() and any(path.name != _LOCK for path in folder.iterdir()):
        raise UsageError(
            "the folder has other things in it than a training run", path=folder, remedy="name a new folder"
        )
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"{_LOCK}.config"
    partial.write_text(text, encoding="utf-8")
    partial.replace(copy)


def _check_config(folder: pathlib.Path, text: str) -> None:
    if (folder / CONFIG_COPY).read_text(encoding="utf-8") != text:
        raise UsageError(
            f"the folder is of another training: its {CONFIG_COPY} differs from the configuration given",
            path=folder,
            remedy="name another folder, or undo the changes of the configuration",
        )
