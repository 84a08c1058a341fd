"""What the commands that run the network have in common."""

import logging
import os
import pathlib
from typing import Any

from vep_cli.bundled import weights_folder
from vep_cli.cli.messages import log_to_stderr
from vep_cli.genome.registry import resolve_genome
from vep_cli.settings import ScoreSettings


def begin(*, quiet: bool) -> None:
    """Set up what a run of the network needs of the process: its messages, and the programs of earlier runs.

    Args:
        quiet: Say nothing but warnings and errors.
    """
    _hush_jax()
    # Imported here: they import jax, which has to be hushed first and `--help` must not wait for.
    from vep_cli.inference.compiled_programs import keep_compiled_programs

    log_to_stderr(quiet=quiet)
    keep_compiled_programs()


def _hush_jax() -> None:
    """Keep jax's own messages off stderr: what a user has to know of them, we say."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for name in ("jax", "absl"):
        logging.getLogger(name).setLevel(logging.ERROR)


def score_settings(
    source: str,
    weights: tuple[pathlib.Path, ...],
    *,
    genome_name: str | None,
    fasta: pathlib.Path | None,
    gtf: pathlib.Path | None,
    organism: str | None,
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> ScoreSettings:
    """Return the settings that options give: the genome looked up, the bundled weights where none are named.

    Raises:
        VepError: There is no such genome, or its files are not there.
    """
    genome = resolve_genome(name=genome_name, fasta=fasta, gtf=gtf, organism=organism)
    return ScoreSettings(source=source, weights=weights or (weights_folder(),), genome=genome, **choices)
