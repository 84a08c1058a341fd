"""A folder of numbers recorded from the official code with made-up weights.

manifest.json    the seed, the sequence, and the names of the files below
recipe.py        `leaf(module, name, shape, seed)`: the value of each parameter
metadata/        optional: the official track metadata, for the tracks' means
unit/, forward/  what was recorded; any part may be absent
"""

import dataclasses
import functools
import gzip
import importlib.util
import json
import pathlib
import re
import zlib
from collections.abc import Mapping
from typing import Any, Protocol

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32

from vep_cli.model.config import ModelConfig
from vep_cli.model.layers import Parameters
from vep_cli.model.official_names import official_names
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.precision import Precision
from vep_cli.model.shapes import Path, Shape, flatten, parameter_shapes, unflatten

_ORGANISMS = ("HOMO_SAPIENS", "MUS_MUSCULUS")


class Leaf(Protocol):
    """A parameter's value from its official name, shape and seed."""

    def __call__(self, module: str, name: str, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
        """Return the value."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Oracle:
    """An opened folder.

    Attributes:
        path: The folder.
        manifest: What `manifest.json` says.
        leaf: The recipe of the weights.
        config: Sizes of the network that was recorded.
        precision: What the weights are cast to.
    """

    path: pathlib.Path
    manifest: Mapping[str, Any]
    leaf: Leaf
    config: ModelConfig
    precision: Precision = Precision.FLOAT32

    @property
    def seed(self) -> int:
        """Seed of the weights."""
        return int(self.manifest["seed"])

    def sequences(self, batch: int, length: int) -> Float32[Array, "{batch} {length} 4"]:
        """Return the one-hot bases of the recorded batch; N is all zeros."""
        recipe = self.manifest["sequence"]
        generator = np.random.Generator(np.random.PCG64(zlib.crc32(recipe["name"].encode())))
        indices = generator.integers(0, 4, recipe["length"])
        one_hot = np.eye(4, dtype=np.float32)[indices]
        one_hot[recipe["n_from"] : recipe["n_to"]] = 0
        return jnp.asarray(one_hot[: batch * length].reshape(batch, length, 4))

    def weights(self, *path: str) -> dict[str, Any]:
        """Return the network's parameters below `path`, made at the first call and kept."""
        below = [leaf for leaf in self._shapes if leaf[: len(path)] == path]
        return unflatten({leaf[len(path) :]: self.weight(*leaf) for leaf in below})

    def track_means(self, output: OutputType) -> Float[np.ndarray, "organisms columns"] | None:
        """Return the mean of each column's non-zero values, NaN of padding; None without the metadata."""
        return self._means.get(output)

    @functools.cached_property
    def _shapes(self) -> dict[Path, Shape]:
        return flatten(parameter_shapes(self.config))

    @functools.cached_property
    def _names(self) -> dict[Path, tuple[str, str]]:
        return official_names(self.config)

    @functools.cached_property
    def _made(self) -> dict[Path, Array]:
        return {}

    def weight(self, *path: str) -> Array:
        """Return one parameter, made at the first call and kept."""
        if path not in self._made:
            names, shape = self._names[path], self._shapes[path]
            value = np.asarray(self.leaf(*names, self._official_shapes.get(names, shape), seed=self.seed))
            self._made[path] = jnp.asarray(value.reshape(shape), self.precision.dtype)
        return self._made[path]

    @functools.cached_property
    def _official_shapes(self) -> dict[tuple[str, str], Shape]:
        """The shapes in `param_tree.tsv`; without it, ours serve, which differ by axes of length 1 only."""
        tree = self.path / "param_tree.tsv"
        if not tree.is_file():
            return {}
        rows = [line.split("\t") for line in tree.read_text().splitlines()[1:]]
        return {(row[1], row[2]): tuple(int(size) for size in re.findall(r"\d+", row[3])) for row in rows}

    @functools.cached_property
    def _means(self) -> dict[OutputType, np.ndarray]:
        folder = self.path / self.manifest.get("metadata", "metadata")
        files = [next(folder.glob(f"*{organism}*"), None) for organism in _ORGANISMS]
        by_organism = [read_means(file) for file in files if file is not None]
        if len(by_organism) < len(_ORGANISMS):
            return {}
        return {output: np.stack([means[output] for means in by_organism]) for output in GENOME_TRACKS}


def open_oracle(path: pathlib.Path) -> Oracle:
    """Open a folder.

    Raises:
        FileNotFoundError: It has no manifest or no recipe.
    """
    manifest = json.loads((path / "manifest.json").read_text())
    specification = importlib.util.spec_from_file_location("recipe", path / manifest["recipe"])
    assert specification is not None
    assert specification.loader is not None
    recipe = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(recipe)
    return Oracle(path=path, manifest=manifest, leaf=recipe.leaf, config=ModelConfig.alphagenome())


def read_means(path: pathlib.Path) -> dict[OutputType, Float32[np.ndarray, " columns"]]:
    """Return the non-zero means in a file of track metadata, one per column of each head.

    A column without one has NaN; an output type of which no column has one has 1 throughout.
    """
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    sections = re.split(r"^\s*output_type: OUTPUT_TYPE_", text, flags=re.MULTILINE)[1:]
    means: dict[OutputType, np.ndarray] = {}
    for section in sections:
        name, *tracks = re.split(r"^\s*metadata {", section, flags=re.MULTILINE)
        found = [re.search(r"nonzero_mean: (\S+)", track) for track in tracks]
        values = np.array([float(match[1]) if match else np.nan for match in found], np.float32)
        output = OutputType(name.split()[0])
        means[output] = np.ones_like(values) if np.isnan(values).all() else values
    return means


def params_of(leaves: Mapping[tuple[str, str], Array], prefix: str, ours: str, oracle: Oracle) -> Parameters:
    """Return leaves that are named officially in our layout.

    Args:
        leaves: By official module and leaf name.
        prefix: Goes before the modules to make them those of the whole network.
        ours: Dotted path in our layout that all of them lie below.
        oracle: Knows both layouts.
    """
    paths = {names: path for path, names in official_names(oracle.config).items()}
    depth = len(ours.split("."))
    return unflatten(
        {paths[f"{prefix}{module}", name][depth:]: leaf for (module, name), leaf in leaves.items()}
    )
