"""The official checkpoint: a folder that Orbax wrote, read one array at a time.

It holds the pair (params, state) of a Haiku network, each {module: {name: array}} (MODEL_SPEC section
4): a JSON file `_METADATA` lists the leaves, and a key-value store (OCDBT) has a Zarr array for each.
TensorStore reads both without Orbax, and without restoring the whole tree.
"""

import dataclasses
import functools
import json
import math
import pathlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
from jaxtyping import Shaped

from vep_cli.errors import UsageError, WeightsError
from vep_cli.model.config import ModelConfig
from vep_cli.model.leaves import LeafType
from vep_cli.model.official_names import official_names
from vep_cli.model.shapes import Path, Shape, flatten, parameter_shapes
from vep_cli.model.stored_leaf import Checkpoint, StoredLeaf

METADATA = "_METADATA"
_TREES = {"0": "params", "1": "state"}
_REMEDY = "download the checkpoint again, whole: vep weights official"


@dataclasses.dataclass(frozen=True, kw_only=True)
class OrbaxCheckpoint(Checkpoint):
    """An Orbax folder. Leaves are called 'params/MODULE/NAME' and 'state/MODULE/NAME'.

    Attributes:
        folder: The folder that has `_METADATA`.
    """

    folder: pathlib.Path

    @property
    def path(self) -> pathlib.Path:
        """See base class."""
        return self.folder

    def layout(self, config: ModelConfig) -> Mapping[Path, StoredLeaf]:
        """See base class."""
        names = official_names(config)
        shapes = flatten(parameter_shapes(config))
        return {path: _stored_leaf(path, "/".join(names[path]), shapes[path]) for path in names}

    def leaves(self) -> Mapping[str, LeafType]:
        """See base class."""
        arrays = {name: self._open(name) for name in self._index.keys}
        return {
            name: LeafType(shape=tuple(array.shape), dtype=array.dtype.name) for name, array in arrays.items()
        }

    def read(self, name: str) -> Shaped[np.ndarray, "..."]:
        """See base class."""
        array = self._open(name)
        try:
            return np.asarray(array.read().result())
        except (ValueError, OSError) as error:
            raise self._damaged(name, error) from error

    @functools.cached_property
    def _index(self) -> "_Index":
        try:
            return _parse_index(json.loads((self.folder / METADATA).read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise WeightsError(
                f"not an Orbax checkpoint: it has no {METADATA}", path=self.folder, remedy=_REMEDY
            ) from error
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise WeightsError(
                f"the checkpoint's list of leaves cannot be read: {error}",
                path=self.folder / METADATA,
                remedy=_REMEDY,
            ) from error

    def _open(self, name: str) -> Any:  # noqa: ANN401 - TensorStore is optional
        store = {"driver": "file", "path": f"{self.folder.resolve()}/"}
        specification = {
            "driver": self._index.driver,
            "kvstore": {"driver": "ocdbt", "base": store, "path": self._index.keys[name]},
            # Without this, an array whose data is gone reads as zeros.
            "fill_missing_data_reads": not self._index.complete,
        }
        try:
            return _tensorstore().open(specification, open=True, read=True).result()
        except (ValueError, OSError) as error:
            raise self._damaged(name, error) from error

    def _damaged(self, name: str, error: Exception) -> WeightsError:
        # TensorStore appends its whole specification to a message.
        reason = str(error).partition(" [tensorstore_spec")[0]
        return WeightsError(
            f"the checkpoint is damaged: {name} cannot be read: {reason}", path=self.folder, remedy=_REMEDY
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """What `_METADATA` says.

    Attributes:
        driver: TensorStore's name of the arrays' format.
        complete: Arrays are stored also where they equal the fill value.
        keys: Key of each leaf in the key-value store, by name.
    """

    driver: str
    complete: bool
    keys: Mapping[str, str]


def _parse_index(document: dict[str, Any]) -> _Index:
    if not document.get("use_ocdbt", True):
        raise ValueError("it does not keep its arrays in OCDBT")
    paths = [
        [str(part["key"]) for part in leaf["key_metadata"]] for leaf in document["tree_metadata"].values()
    ]
    return _Index(
        driver="zarr3" if document.get("use_zarr3") else "zarr",
        complete=bool(document.get("store_array_data_equal_to_fill_value")),
        keys={"/".join([_TREES.get(path[0], path[0]), *path[1:]]): ".".join(path) for path in paths},
    )


def _stored_leaf(path: Path, name: str, shape: Shape) -> StoredLeaf:
    stored = (shape[0], math.prod(shape[1:])) if "sites" in path else shape
    tree = "state" if path[-1] == "variance" else "params"
    return StoredLeaf(name=f"{tree}/{name}", shape=stored, axes=tuple(range(len(stored))))


def _tensorstore() -> ModuleType:
    try:
        import tensorstore
    except ImportError as error:
        raise UsageError(
            "reading an Orbax checkpoint needs the package tensorstore",
            remedy="install it: pip install 'vep-cli[official]'",
        ) from error
    return tensorstore
