"""Arrays of a file before they are read: their names, shapes and types, and whether they fit a network."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

import safetensors

from vep_cli.errors import WeightsError
from vep_cli.model.shapes import Shape

_MAX_NAMED = 5

_TYPE_NAMES = {"F32": "float32", "BF16": "bfloat16", "F16": "float16", "F64": "float64"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LeafType:
    """Shape and type of one array.

    Attributes:
        shape: Its axes.
        dtype: NumPy's name of its type.
    """

    shape: Shape
    dtype: str = "float32"

    def __str__(self) -> str:
        """Return for instance 'float32[2,8]'."""
        return f"{self.dtype}[{','.join(map(str, self.shape))}]"

    def can_hold(self, wanted: Shape) -> bool:
        """Say whether this is a float32 or bfloat16 array of the shape `wanted`."""
        return self.shape == wanted and self.dtype in ("float32", "bfloat16")


def safetensors_leaves(path: pathlib.Path) -> dict[str, LeafType]:
    """Return what a safetensors file holds, by name, from its header alone.

    Raises:
        WeightsError: The file is missing, truncated or of another format.
    """
    try:
        with safetensors.safe_open(path, framework="numpy") as arrays:
            return {name: _leaf_type(arrays.get_slice(name)) for name in arrays.keys()}  # noqa: SIM118
    except (OSError, safetensors.SafetensorError) as error:
        raise WeightsError(
            f"the weights cannot be read: {error}", remedy="fetch the file again", path=path
        ) from error


def check_leaves(
    found: Mapping[str, LeafType], expected: Mapping[str, Shape], path: pathlib.Path, *, remedy: str
) -> None:
    """Reject arrays that are not those of a network.

    Args:
        found: What there is, by name.
        expected: What the network has, by name.
        path: Where it was found.
        remedy: What the user can do about it.

    Raises:
        WeightsError: A leaf is missing, unknown, or of another shape or type; names the first few.
    """
    problems = [
        f"{name} is {found[name]}, expected {LeafType(shape=shape)}"
        for name, shape in expected.items()
        if name in found and not found[name].can_hold(shape)
    ]
    problems += [
        f"{name} is missing, expected {LeafType(shape=shape)}"
        for name, shape in expected.items()
        if name not in found
    ]
    problems += [f"{name} is unknown" for name in found if name not in expected]
    if problems:
        more = f" (and {len(problems) - _MAX_NAMED} more)" if len(problems) > _MAX_NAMED else ""
        raise WeightsError(
            f"the weights do not fit the model configuration: {'; '.join(problems[:_MAX_NAMED])}{more}",
            remedy=remedy,
            path=path,
        )


def _leaf_type(array: Any) -> LeafType:  # noqa: ANN401 - safetensors does not export the type
    dtype = array.get_dtype()
    return LeafType(shape=tuple(array.get_shape()), dtype=_TYPE_NAMES.get(dtype, dtype))
