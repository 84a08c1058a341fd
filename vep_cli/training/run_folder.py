"""The folder of a training run: its configuration, checkpoints, metrics and, in the end, weights."""

import contextlib
import pathlib
from collections.abc import Iterator

import filelock

from vep_cli.errors import OutputError, UsageError, reason
from vep_cli.training.checkpoints import last_progress
from vep_cli.training.settings import TrainSettings, read_settings_copy
from vep_cli.whole_file import appearing_whole

CONFIG_COPY, CHECKPOINTS = "config.toml", "checkpoints"
METRICS, WEIGHTS, STAGES = "metrics.jsonl", "weights", "stages"
_LOCK = ".lock"


@contextlib.contextmanager
def opened_run_folder(folder: pathlib.Path, settings: TrainSettings) -> Iterator[None]:
    """Keep a folder for one run, and its configuration with it.

    Args:
        folder: The folder, made if it is not there.
        settings: The configuration; what has not begun may differ from the one that is kept.

    Raises:
        OutputError: It cannot be made or written, or another process trains in it.
        UsageError: It is of another configuration, or has other things in it.
    """
    try:
        _make(folder, settings.text)
        lock = filelock.FileLock(folder / _LOCK, timeout=0)
        lock.acquire()
    except filelock.Timeout as error:
        raise OutputError("another process is training in this folder", path=folder) from error
    except OSError as error:
        raise OutputError(f"the folder cannot be written: {reason(error)}", path=folder) from error
    try:
        _check_config(folder, settings)
        _keep(folder, settings.text)
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
    _keep(folder, text)


def _keep(folder: pathlib.Path, text: str) -> None:
    """Write the configuration, whole or not at all."""
    with appearing_whole(folder / CONFIG_COPY) as part:
        part.write_text(text, encoding="utf-8")


def _check_config(folder: pathlib.Path, settings: TrainSettings) -> None:
    """Reject a configuration with which the steps already done would have been others.

    Stages that have not begun may change, come and go; one at a constant learning rate may get longer.
    """
    kept = folder / CONFIG_COPY
    if kept.read_text(encoding="utf-8") == settings.text:
        return
    found = last_progress(folder / CHECKPOINTS)
    if found is not None:
        difference = _difference(
            read_settings_copy(kept, settings.folder), settings, found[1].stage, found[1].stage_step
        )
        if difference is not None:
            raise UsageError(
                f"the folder is of another training: {difference} differs from its {CONFIG_COPY}",
                path=folder,
                remedy="name another folder, or undo the change; stages that have not begun may change",
            )


def _difference(kept: TrainSettings, settings: TrainSettings, stage: int, done: int) -> str | None:
    """Return what of the steps already done differs, or None.

    Args:
        kept: The configuration of the steps done.
        settings: The one to go on with.
        stage: Index of the stage that was run last.
        done: Steps of it that were run.
    """
    for name in ("model", "data", "run"):
        if getattr(kept, name) != getattr(settings, name):
            return f"[{name}]"
    if kept.stages[:stage] != settings.stages[:stage]:
        return "a [[stage]] that is done"
    if not (stage < len(settings.stages) and kept.stages[stage].goes_on_as(settings.stages[stage], done)):
        return f"[[stage]] {kept.stages[stage].name!r}"
    return None
