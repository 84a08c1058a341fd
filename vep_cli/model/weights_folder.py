"""A weights folder: what a model is, what it predicts, and its parameters.

    manifest.json      name, version, licence, whether it was trained, and the hash of every file
    config.json        sizes of the network (`ModelConfig`)
    tracks.tsv         what it predicts (`TrackTable`)
    model.safetensors  parameters
    MODEL_CARD.md      what it may be used for
    calibration.safetensors  how common variants score, if `vep calibrate` has made it

Opening a folder reads everything but the parameters, and does not import jax.
"""

import dataclasses
import hashlib
import json
import pathlib
from collections.abc import Mapping
from typing import Any

from vep_cli.errors import WeightsError
from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable, read_tracks
from vep_cli.whole_file import appearing_whole

FORMAT = 1
MANIFEST, CONFIG, TRACKS = "manifest.json", "config.json", "tracks.tsv"
PARAMETERS, CARD = "model.safetensors", "MODEL_CARD.md"
FILES = (CONFIG, TRACKS, PARAMETERS, CARD)
CALIBRATION = "calibration.safetensors"
_WHOLE_REMEDY = f"a weights folder has {MANIFEST}, {', '.join(FILES)}: get it again"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a weights folder says of itself.

    Attributes:
        name: Name of the model.
        version: Version of the model.
        licence: Under which its parameters may be used.
        trained: False for parameters that are random numbers.
        parameter_count: Number of values.
        sha256: Hash of each file of `FILES`, by name, and of `CALIBRATION` where there is one.
    """

    name: str
    version: str
    licence: str
    trained: bool
    parameter_count: int
    sha256: Mapping[str, str]


@dataclasses.dataclass(frozen=True, kw_only=True)
class WeightsFolder:
    """An opened weights folder.

    Attributes:
        path: The folder.
        manifest: What it says of itself.
        config: Sizes of the network.
        tracks: What the network predicts.
    """

    path: pathlib.Path
    manifest: Manifest
    config: ModelConfig
    tracks: TrackTable

    @property
    def parameters_path(self) -> pathlib.Path:
        """The file of the parameters."""
        return self.path / PARAMETERS

    @property
    def sha256(self) -> str:
        """Hash of the parameters, which names these weights in outputs."""
        return self.manifest.sha256[PARAMETERS]

    @property
    def calibration_path(self) -> pathlib.Path | None:
        """The file of the calibration, or None where the manifest names none."""
        return self.path / CALIBRATION if CALIBRATION in self.manifest.sha256 else None

    @property
    def warning(self) -> str | None:
        """What every user of the weights has to be told, or None."""
        if self.manifest.trained:
            return None
        return (
            f"the weights {self.manifest.name!r} are RANDOM NUMBERS, not a trained model: "
            "the scores have no biological meaning"
        )


def open_weights(path: pathlib.Path) -> WeightsFolder:
    """Read a weights folder, all but its parameters.

    Raises:
        WeightsError: It is no weights folder, of another format, a file is missing or is not the one the
            manifest names, or the track table does not fit the network.
    """
    if not path.is_dir():
        raise _no_folder(path)
    manifest = _read_manifest(path / MANIFEST)
    for name in (CONFIG, TRACKS):
        check_file(path, manifest, name)
    if not (path / PARAMETERS).is_file():
        raise WeightsError(f"the weights folder lacks {PARAMETERS}", path=path, remedy=_WHOLE_REMEDY)
    config = _read_config(path / CONFIG)
    tracks = read_tracks(path / TRACKS)
    _check_columns(tracks, config, path / TRACKS)
    return WeightsFolder(path=path, manifest=manifest, config=config, tracks=tracks)


def _no_folder(path: pathlib.Path) -> WeightsError:
    if not path.exists():
        return WeightsError(
            "no such weights folder", path=path, remedy=f"name the folder that has {MANIFEST}"
        )
    is_of_one = (path.parent / MANIFEST).is_file()
    its_folder = f": {path.parent}" if is_of_one else ""
    remedy = f"name the folder that has {MANIFEST}{its_folder}"
    return WeightsError("a file, not a weights folder", path=path, remedy=remedy)


def check_file(path: pathlib.Path, manifest: Manifest, name: str) -> None:
    """Check one file of a weights folder against the manifest.

    Raises:
        WeightsError: The file is missing or has another hash.
    """
    try:
        found = file_sha256(path / name)
    except OSError as error:
        raise WeightsError(
            f"the weights folder's {name} cannot be read: {error.strerror}", path=path, remedy=_WHOLE_REMEDY
        ) from error
    if found != manifest.sha256[name]:
        raise WeightsError(
            f"the file is not the one that {MANIFEST} names: sha256 {found[:16]}..., "
            f"expected {manifest.sha256[name][:16]}...",
            path=path / name,
            remedy="it is damaged or was edited: get the folder again",
        )


def write_manifest(
    path: pathlib.Path, *, name: str, version: str, licence: str, trained: bool, parameter_count: int
) -> Manifest:
    """Hash the files of a weights folder and write its manifest, the last step of making one."""
    manifest = Manifest(
        name=name,
        version=version,
        licence=licence,
        trained=trained,
        parameter_count=parameter_count,
        sha256={file: file_sha256(path / file) for file in FILES},
    )
    _write(path, manifest)
    return manifest


def add_calibration(path: pathlib.Path, calibration: pathlib.Path) -> None:
    """Make a file the calibration of a weights folder, in the place of one that it may have.

    The manifest first forgets the one there was: whenever this is killed, the folder is whole, at worst
    without a calibration.

    Args:
        path: The folder.
        calibration: A file in the folder, which is given another name.

    Raises:
        OSError: The folder cannot be written.
        WeightsError: Its manifest cannot be read.
    """
    manifest = _read_manifest(path / MANIFEST)
    hashes = {name: value for name, value in manifest.sha256.items() if name != CALIBRATION}
    if CALIBRATION in manifest.sha256:
        _write(path, dataclasses.replace(manifest, sha256=hashes))
    added = hashes | {CALIBRATION: file_sha256(calibration)}
    calibration.replace(path / CALIBRATION)
    _write(path, dataclasses.replace(manifest, sha256=added))


def file_sha256(path: pathlib.Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _write(path: pathlib.Path, manifest: Manifest) -> None:
    """Write a folder's manifest, so that it is the old or the new one at any time."""
    document = {"format": FORMAT, **dataclasses.asdict(manifest)}
    with appearing_whole(path / MANIFEST) as part:
        part.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _read_manifest(path: pathlib.Path) -> Manifest:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict):
            raise ValueError("it is not a JSON object")
        found = document.pop("format", None)
        if found == FORMAT:
            return _parse_manifest(document)
    except (OSError, ValueError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WeightsError(
            f"not a weights folder: its manifest cannot be read: {reason}", path=path, remedy=_WHOLE_REMEDY
        ) from error
    raise WeightsError(
        f"the weights have format {found!r}, this version reads {FORMAT}",
        path=path,
        remedy="use the vep-cli that the weights were made for, or newer weights",
    )


def _parse_manifest(document: dict[str, Any]) -> Manifest:
    """Return the manifest, its types checked.

    Raises:
        ValueError: A key is missing or unknown, or has a value of another type.
    """
    kinds = {
        "name": str,
        "version": str,
        "licence": str,
        "trained": bool,
        "parameter_count": int,
        "sha256": dict,
    }
    if different := sorted(document.keys() ^ kinds.keys()):
        raise ValueError(f"a key is missing or unknown: {', '.join(different)}")
    for key, kind in kinds.items():
        if type(document[key]) is not kind:
            raise ValueError(f"{key!r} is {document[key]!r}, not of type {kind.__name__}")
    for file in FILES:
        if not isinstance(document["sha256"].get(file), str):
            raise ValueError(f"'sha256' lacks {file}")
    if not isinstance(document["sha256"].get(CALIBRATION, ""), str):
        raise ValueError(f"'sha256' has no hash of {CALIBRATION}")
    return Manifest(**document)


def _read_config(path: pathlib.Path) -> ModelConfig:
    try:
        return ModelConfig.from_json(path.read_text(encoding="utf-8"))
    except WeightsError as error:
        raise WeightsError(error.message, path=path, remedy=error.remedy) from error
    except (OSError, ValueError, RecursionError) as error:
        raise WeightsError(f"the model configuration cannot be read: {error}", path=path) from error


def _check_columns(tracks: TrackTable, config: ModelConfig, path: pathlib.Path) -> None:
    for output, named in tracks.by_output.items():
        if output not in config.outputs:
            raise WeightsError(f"tracks of {output}, which the network does not predict", path=path)
        strands = 2 if output is OutputType.SPLICE_JUNCTIONS else 1
        columns = config.head(output).width * strands
        last = max(track.index for track in named)
        if last >= columns:
            raise WeightsError(
                f"{output} has a track with index {last}, the network's head has {columns} columns", path=path
            )
