"""Where a checkpoint of another program keeps one of our parameters, and how to read it as ours."""

import abc
import dataclasses
import pathlib
from collections.abc import Mapping

import numpy as np
from jaxtyping import Shaped

from vep_cli.model.config import ModelConfig
from vep_cli.model.leaves import LeafType, check_leaves
from vep_cli.model.shapes import Path, Shape


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StoredLeaf:
    """One of our parameters as another program stores it.

    Attributes:
        name: Its name there.
        shape: Its shape there; axes of length 1 may be added or left out.
        axes: The axes there in the order that ours have; what remains is a plain reshape.
    """

    name: str
    shape: Shape
    axes: tuple[int, ...]

    def to_ours(self, stored: Shaped[np.ndarray, "..."], shape: Shape) -> Shaped[np.ndarray, "..."]:
        """Return the array in our layout.

        Args:
            stored: As the checkpoint has it.
            shape: Our shape.
        """
        return stored.reshape(self.shape).transpose(self.axes).reshape(shape)


class Checkpoint(abc.ABC):
    """The arrays of another program's model, read one at a time."""

    @property
    @abc.abstractmethod
    def path(self) -> pathlib.Path:
        """The file or folder."""

    @abc.abstractmethod
    def layout(self, config: ModelConfig) -> Mapping[Path, StoredLeaf]:
        """Return where each of our parameters is, by our path, for a network of these sizes."""

    @abc.abstractmethod
    def leaves(self) -> Mapping[str, LeafType]:
        """Return what there is, by name.

        Raises:
            WeightsError: The checkpoint is damaged.
        """

    @abc.abstractmethod
    def read(self, name: str) -> Shaped[np.ndarray, "..."]:
        """Return one array.

        Raises:
            WeightsError: The checkpoint is damaged.
        """


def check_layout(checkpoint: Checkpoint, layout: Mapping[Path, StoredLeaf]) -> None:
    """Reject a checkpoint whose arrays are not those of `layout`.

    Raises:
        WeightsError: A leaf is missing, unknown, or of another shape or type; names the first few.
    """
    found = dict(checkpoint.leaves())
    expected = {leaf.name: leaf.shape for leaf in layout.values()}
    for name in expected.keys() & found.keys():
        if _without_units(found[name].shape) == _without_units(expected[name]):
            found[name] = dataclasses.replace(found[name], shape=expected[name])
    check_leaves(
        found,
        expected,
        checkpoint.path,
        remedy="is this a checkpoint of AlphaGenome's own architecture? see: vep weights official",
    )


def _without_units(shape: Shape) -> Shape:
    return tuple(size for size in shape if size != 1)
