"""A calibration as a file: safetensors, of which nothing is ever unpickled.

Per scorer, by its place in the metadata: `N.sizes` [tracks] buckets of each track, `N.buckets` and
`N.counts` [buckets of all tracks]. The metadata's one entry is a JSON object of `format`, `made_of`
(`calibration.MadeOf`) and `scorers`: official name, and the tracks' organism, output, name and strand.
The same calibration is the same file, byte for byte.
"""

import dataclasses
import json
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from vep_cli.errors import WeightsError
from vep_cli.scoring.calibration import Calibration, Distribution, MadeOf
from vep_cli.scoring.sketch import joined, parts

FORMAT = 1
_ENTRY = "vep_cli_calibration"
_MAX_COUNT = np.iinfo(np.uint32).max
_DTYPES = {"sizes": np.uint32, "buckets": np.int16, "counts": np.uint32}
_REMEDY = "make it again: vep calibrate"


def write_calibration(path: pathlib.Path, calibration: Calibration) -> None:
    """Write a calibration.

    Raises:
        OSError: It cannot be written.
    """
    arrays: dict[str, np.ndarray] = {}
    for number, distribution in enumerate(calibration.distributions.values()):
        sizes, buckets, counts = parts(distribution.sketch)
        stored = {"sizes": sizes, "buckets": buckets, "counts": np.minimum(counts, _MAX_COUNT)}
        arrays |= {f"{number}.{name}": array.astype(_DTYPES[name]) for name, array in stored.items()}
    document = {
        "format": FORMAT,
        "made_of": dataclasses.asdict(calibration.made_of),
        "scorers": [
            {"name": name, "tracks": distribution.tracks}
            for name, distribution in calibration.distributions.items()
        ],
    }
    text = json.dumps(document, separators=(",", ":"))
    path.write_bytes(safetensors.numpy.save(arrays, metadata={_ENTRY: text}))


def read_calibration(path: pathlib.Path) -> Calibration:
    """Read a calibration.

    Raises:
        WeightsError: The file is missing, damaged, or no calibration of this format.
    """
    if path.is_dir():
        raise WeightsError(
            "a folder, not a calibration", path=path, remedy="name the file in it that vep calibrate made"
        )
    if not path.exists():
        raise WeightsError("no such file", path=path, remedy="check the path, or make it: vep calibrate")
    try:
        with safetensors.safe_open(path, framework="numpy") as file:
            document = _document(file.metadata())
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return _parse(document, arrays)
    except (OSError, safetensors.SafetensorError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise WeightsError(f"not a calibration: {_told(error)}", path=path, remedy=_REMEDY) from error


def _document(metadata: Mapping[str, str] | None) -> dict[str, Any]:
    document = json.loads((metadata or {})[_ENTRY])
    if not isinstance(document, dict):
        raise ValueError("its description is not a JSON object")
    if document.get("format") != FORMAT:
        raise ValueError(f"it has format {document.get('format')!r}, this version reads {FORMAT}")
    return document


def _parse(document: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> Calibration:
    distributions = {
        str(scorer["name"]): _distribution(number, scorer["tracks"], arrays)
        for number, scorer in enumerate(document["scorers"])
    }
    return Calibration(made_of=_made_of(document["made_of"]), distributions=distributions)


def _made_of(fields: Any) -> MadeOf:  # noqa: ANN401 - not checked yet
    for field in dataclasses.fields(MadeOf):
        kind = field.type if field.type in (str, int) else dict
        if type(fields[field.name]) is not kind:
            raise ValueError(f"{field.name} is {fields[field.name]!r}")
    if not all(isinstance(value, str) for value in fields["run"].values()):
        raise ValueError("what it says of its run is not text")
    return MadeOf(**fields)


def _distribution(
    number: int,
    tracks: Any,  # noqa: ANN401 - not checked yet
    arrays: Mapping[str, np.ndarray],
) -> Distribution:
    keys = tuple(
        (str(organism), str(output), str(name), str(strand)) for organism, output, name, strand in tracks
    )
    sizes, buckets, counts = (arrays[f"{number}.{name}"] for name in _DTYPES)
    for array, (name, dtype) in zip((sizes, buckets, counts), _DTYPES.items(), strict=True):
        if array.dtype != dtype or array.ndim != 1:
            raise ValueError(f"{number}.{name} is {array.dtype}{list(array.shape)}")
    if len(sizes) != len(keys) or len(set(keys)) != len(keys):
        raise ValueError("the tracks are not those of the counts")
    sketch = joined(sizes.astype(np.int64), buckets, counts.astype(np.int64))
    return Distribution(tracks=keys, sketch=sketch)


def _told(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)
