"""A small network's parameters as other programs store them, for the tests of the importer."""

import dataclasses
import pathlib
import zlib

import numpy as np
import orbax.checkpoint

from vep_cli.model.config import ModelConfig, make_heads
from vep_cli.model.official_names import official_names
from vep_cli.model.output_type import OutputType
from vep_cli.model.shapes import Path, Shape, flatten, parameter_shapes

HUMAN_METADATA = pathlib.Path(__file__).parent / "data" / "toy_ORGANISM_HOMO_SAPIENS.textproto"

CONFIG = dataclasses.replace(
    ModelConfig.toy(),
    heads=make_heads(
        {
            OutputType.RNA_SEQ: 3,
            OutputType.CHIP_TF: 2,
            OutputType.SPLICE_SITES: 5,
            OutputType.SPLICE_JUNCTIONS: 3,
        }
    ),
)
"""The network that the toy metadata describes."""

SHAPES: dict[Path, Shape] = flatten(parameter_shapes(CONFIG))

Tree = dict[str, dict[str, np.ndarray]]


def values(path: Path) -> np.ndarray:
    """Return a leaf of ours: random numbers that depend on its name alone."""
    generator = np.random.default_rng(zlib.crc32(".".join(path).encode()))
    return np.asarray(generator.standard_normal(SHAPES[path]), np.float32)


def official_trees() -> tuple[Tree, Tree]:
    """Return the parameters and the state of a Haiku network, in the official shapes."""
    trees: tuple[Tree, Tree] = ({}, {})
    for path, (module, name) in official_names(CONFIG).items():
        tree = trees[1 if name == "var_ema" else 0]
        tree.setdefault(module, {})[name] = values(path).reshape(_official_shape(path, module))
    return trees


def write_orbax(folder: pathlib.Path, trees: tuple[Tree, ...], *, use_zarr3: bool = False) -> None:
    """Write what the official checkpoint's authors wrote: a pair of trees, by Orbax."""
    handler = orbax.checkpoint.PyTreeCheckpointHandler(use_zarr3=use_zarr3)
    with orbax.checkpoint.Checkpointer(handler) as checkpointer:
        checkpointer.save(folder, trees)


def _official_shape(path: Path, module: str) -> Shape:
    """Return the shape in the official file (MODEL_SPEC's parameter tree)."""
    shape = SHAPES[path]
    if "sites" in path:
        return (shape[0], shape[1] * shape[2] * shape[3])
    has_unit_axes = (
        "rms_batch_norm" in module
        or path[-2:] == ("convolution", "scale")
        or path[-1] in ("query_bias", "key_bias")
    )
    return (1, 1, *shape) if has_unit_axes else shape
