"""Compiled programs are kept from run to run, in a folder of bounded size, by jax's own compilation cache."""

import logging
import os
import pathlib
import tempfile
import time
import warnings

import jax

from vep_cli.cache_folder import cache_folder

logger = logging.getLogger(__name__)

VARIABLE = "VEP_COMPILATION_CACHE"
OFF = "off"

MAX_BYTES = 2 << 30
"""All programs together; those not used for longest give way. One is a few hundred kilobytes on a CPU."""

_UNFINISHED_AFTER = 600
"""Seconds after which a program without its time of use is the remains of a run that was killed."""


def keep_compiled_programs() -> None:
    """Let jax read compiled programs from a folder, and write there what it compiles.

    The folder is `$VEP_COMPILATION_CACHE`, 'off' for none; without it, the one that jax was told already
    (`$JAX_COMPILATION_CACHE_DIR`), or else 'compiled' in the user's cache folder. To be called before
    anything is compiled. A folder that cannot be written costs a warning, and each run compiles by itself.
    """
    named = os.environ.get(VARIABLE)
    if named == OFF or (not named and jax.config.values["jax_compilation_cache_dir"] is not None):
        return
    folder = pathlib.Path(named) if named else cache_folder("compiled")
    try:
        _make_ready(folder)
    except OSError as error:
        logger.warning(
            "compiled programs are not kept for the next run: %s; %s names another folder, or is %s",
            error,
            VARIABLE,
            OFF,
        )
        return
    _use(folder)


def _make_ready(folder: pathlib.Path) -> None:
    """Make the folder, see whether it can be written, and remove what a killed run left there."""
    # For the user alone: who can write here can run programs in the user's name.
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass
    for program in folder.glob("*-cache"):
        # The time of use is written last. jax would neither replace such a program nor make room any more.
        used = program.with_name(program.name.removesuffix("-cache") + "-atime")
        if not used.exists() and program.stat().st_mtime < time.time() - _UNFINISHED_AFTER:
            program.unlink(missing_ok=True)


def _use(folder: pathlib.Path) -> None:
    settings: dict[str, str | int] = {
        "jax_compilation_cache_dir": str(folder),
        "jax_compilation_cache_max_size": MAX_BYTES,
        # Ours are many and small, so that none is too quickly compiled or too small to be kept.
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    for name, value in settings.items():
        jax.config.update(name, value)  # type: ignore[no-untyped-call]
    # A program that cannot be read or written is compiled: nothing is lost but the time.
    warnings.filterwarnings("ignore", message="Error (reading|writing) persistent compilation cache entry")
