"""What decides the bytes of a run's output, by name, so that two runs can be compared."""

import dataclasses
import hashlib
import pathlib
from collections.abc import Iterable, Sequence
from typing import Any

import jax

import vep_cli
from vep_cli.genome.haplotypes import Haplotypes
from vep_cli.genome.reference import Reference
from vep_cli.model.weights_folder import WeightsFolder, file_sha256
from vep_cli.scoring.calibration import Calibration
from vep_cli.settings import ScoreSettings
from vep_cli.writers.formats import output_format

_FILES = ("polyadenylation", "splice_sites", "calibration", "regions_file")
_TOLD_OTHERWISE = frozenset((*_FILES, "phased_from", "source", "output", "genome", "weights", "device"))
"""Settings whose value is a name: what is behind it is told, not the name."""

_DECIDE_NOTHING = frozenset(("devices", "command", "resume", "shard"))
_DIGITS = 16


def run_identity(
    settings: ScoreSettings,
    *,
    weights: Sequence[WeightsFolder],
    calibration: Calibration | None,
    device: jax.Device,
    reference: Reference,
    header: Iterable[str],
    haplotypes: Haplotypes | None = None,
) -> dict[str, str]:
    """Return everything that decides the bytes of the output, but for the records of the input.

    Args:
        settings: What was asked for.
        weights: The models.
        calibration: What quantiles are from.
        device: What the network runs on.
        reference: The reference sequence, told by its contigs and its size: hashing it would take longer
            than many a run.
        header: The header lines of the input.
        haplotypes: Those of the sample, for a run on them.
    """
    contigs = "".join(f"{name} {length}\n" for name, length in reference.lengths.items())
    return {
        "vep": vep_cli.__version__,
        "jax": jax.__version__,
        "device": f"{device.platform} ({device.device_kind})",
        "format": output_format(settings.output),
        "weights": ", ".join(one.sha256[:_DIGITS] for one in weights),
        "organism": settings.genome.organism,
        "reference": f"{_digest(contigs)} of {reference.path.stat().st_size} bytes",
        "annotation": _file(settings.genome.gtf),
        "polyadenylation": _file(settings.polyadenylation),
        "splice sites": ", ".join(map(_file, settings.splice_sites)) or "none",
        "calibration": _digest(repr(calibration.made_of)) if calibration is not None else "none",
        **_options(settings),
        "haplotypes": haplotypes.digest if haplotypes is not None else "none",
        "regions file": _file(settings.regions_file),
        "input header": _digest("".join(header)),
    }


def _options(settings: ScoreSettings) -> dict[str, str]:
    left_out = _TOLD_OTHERWISE | _DECIDE_NOTHING
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    return {name.replace("_", " "): _text(value) for name, value in values.items() if name not in left_out}


def _text(value: Any) -> str:  # noqa: ANN401 - of whatever type a setting is
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


def _file(path: pathlib.Path | None) -> str:
    return "none" if path is None else file_sha256(path)[:_DIGITS]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGITS]
