"""What the commands that run the network have in common."""

import logging
import os
import pathlib
from typing import Any

from vep_cli.bundled import weights_folder
from vep_cli.genome.registry import resolve_genome
from vep_cli.settings import ScoreSettings


def hush_jax() -> None:
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
