"""The options of the Python API: those of `vep score`, by the same names."""

import difflib
import os
import pathlib
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from vep_cli.bundled import weights_folder
from vep_cli.errors import UsageError
from vep_cli.genome.registry import resolve_genome
from vep_cli.inference.devices import DEVICES
from vep_cli.model.precision import Precision
from vep_cli.settings import ScoreSettings

Names = str | Iterable[str]
"""One name, or several."""

Path = str | os.PathLike[str]


class ScorerOptions(TypedDict, total=False):
    """What may be asked for; None, or nothing, is what the command does without the option.

    Attributes:
        fasta: Reference FASTA, plain or bgzipped, with its index; takes the place of `genome`.
        gtf: Gene annotation; takes the place of the genome's own.
        genome: A registered genome (`vep genome list`).
        organism: 'human' or 'mouse'.
        tissue: Tissues, cell types, cell lines.
        modality: Kinds of track, for instance 'RNA_SEQ'.
        ontology: Ontology identifiers, exactly.
        track: Names of tracks, with '*' and '?'.
        strand: Of '+', '-' and '.'.
        scorer: Scorers, as `vep scorers` lists them, or centre masks such as 'ATAC:2001:DIFF_MEAN'.
        polya: Table of polyadenylation sites.
        splice_sites: Tables of introns.
        weights: Weights folders; scores are averaged over several.
        calibration: A calibration's file.
        alleles: 'normalized' or 'as-written'.
        window: Base pairs that the network sees round each variant.
        window_mode: 'centered' or 'snapped'.
        precision: 'float32', 'tf32' or 'bfloat16'.
        device: 'auto', 'cpu', 'gpu' or 'tpu'.
        devices: How many of them, or 'all'.
        top: The strongest scores of each allele, scorer and gene; without it, all.
        min_score: Magnitude below which scores are left out.
        phased: The sample on whose haplotypes the alleles that it carries are scored.
        phased_from: The VCF or BCF that has its genotypes; needed with `phased`.
    """

    fasta: Path | None
    gtf: Path | None
    genome: str | None
    organism: str | None
    tissue: Names
    modality: Names
    ontology: Names
    track: Names
    strand: Names
    scorer: Names
    polya: Path | None
    splice_sites: Path | Iterable[Path]
    weights: Path | Iterable[Path]
    calibration: Path | None
    alleles: str
    window: int
    window_mode: str
    precision: str
    device: str
    devices: str | int
    top: int | None
    min_score: float | None
    phased: str | None
    phased_from: Path | None


_OF_NAMES = {
    "tissue": "tissues",
    "modality": "modalities",
    "ontology": "ontologies",
    "track": "track_names",
    "strand": "strands",
    "scorer": "scorers",
}
"""Options that take one name or several, and the field of `ScoreSettings` that each is."""

_SINGLE = {
    "alleles": str,
    "window": int,
    "window_mode": str,
    "precision": str,
    "device": str,
    "devices": str,
    "top": int,
    "min_score": float,
    "phased": str,
}
"""Options of one value, and its type."""

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "strand": ("+", "-", "."),
    "alleles": ("normalized", "as-written"),
    "window_mode": ("centered", "snapped"),
    "precision": tuple(one.value for one in Precision),
    "device": DEVICES,
}
"""What the command line's parser refuses before the pipeline sees it; so are numbers below the least."""

_LEAST: Mapping[str, float] = {"window": 1, "top": 1, "min_score": 0}


def score_settings(options: ScorerOptions) -> ScoreSettings:
    """Return the settings of a run that the options give, without a source and without an output.

    Raises:
        TypeError: There is no such option.
        VepError: A value does not exist, or a file is not there.
    """
    given: dict[str, Any] = {
        name: several(value) if name in _OF_NAMES else value  # type: ignore[arg-type]
        for name, value in options.items()
        if value is not None
    }
    _check(given)
    choices: dict[str, Any] = {
        **{field: given[name] for name, field in _OF_NAMES.items() if name in given},
        **{name: kind(given[name]) for name, kind in _SINGLE.items() if name in given},
    }
    genome = resolve_genome(
        name=given.get("genome"),
        fasta=_path(given.get("fasta")),
        gtf=_path(given.get("gtf")),
        organism=given.get("organism"),
    )
    return ScoreSettings(
        source="",
        output="-",
        command="vep_cli, from Python",
        genome=genome,
        weights=_paths(given.get("weights", ())) or (weights_folder(),),
        polyadenylation=_path(given.get("polya")),
        splice_sites=_paths(given.get("splice_sites", ())),
        calibration=_path(given.get("calibration")),
        phased_from=_path(given.get("phased_from")),
        **choices,
    )


def several(names: Names) -> tuple[str, ...]:
    """Return one name, or several, as several."""
    return (names,) if isinstance(names, str) else tuple(names)


def _check(given: Mapping[str, Any]) -> None:
    for name, value in given.items():
        if name not in ScorerOptions.__annotations__:
            near = difflib.get_close_matches(name, ScorerOptions.__annotations__, n=1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            raise TypeError(f"there is no option {name!r}{meant}")
        for one in several(value) if name in _CHOICES else ():
            if one not in _CHOICES[name]:
                raise UsageError(
                    f"{name}={one!r} is not a choice", remedy=f"choose one of: {', '.join(_CHOICES[name])}"
                )
        if name in _LEAST and value < _LEAST[name]:
            raise UsageError(f"{name}={value} is too small", remedy=f"give {_LEAST[name]} or more")


def _path(path: Path | None) -> pathlib.Path | None:
    return None if path is None else pathlib.Path(path)


def _paths(paths: Path | Iterable[Path]) -> tuple[pathlib.Path, ...]:
    several_paths = (paths,) if isinstance(paths, str | os.PathLike) else paths
    return tuple(pathlib.Path(path) for path in several_paths)
