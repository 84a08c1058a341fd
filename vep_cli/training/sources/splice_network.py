"""Networks of dilated residual convolutions that find splice sites: the SpliceAI family.

Jaganathan et al., Cell 2019, figure 1: groups of residual units (normalise, rectify, convolve, twice), each
group with wider and more dilated kernels, whose sums of 1-tap convolutions are read by a softmax over
neither, acceptor and donor. Here only to teach: weights come as a folder of `config.json` and one
safetensors file per fold, named as `fold_shapes` has it.
"""

import dataclasses
import json
import pathlib
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float32
from safetensors import SafetensorError
from safetensors.numpy import load_file

from vep_cli.errors import WeightsError, reason

CONFIG = "config.json"
FORMAT = "dilated-splice-network"
CLASSES = ("neither", "acceptor", "donor")

Fold = Mapping[str, Array]
"""One network's parameters, by name."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Group:
    """Residual units of one kernel.

    Attributes:
        units: How many; each has two convolutions.
        taps: Of a convolution's kernel.
        dilation: Bases between taps.
    """

    units: int
    taps: int
    dilation: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class SpliceNetwork:
    """Sizes of the networks of a folder.

    Attributes:
        channels: Of every hidden layer.
        norm_epsilon: Added to the variances.
        groups: In the order that they run.
        folds: Names of the files of the networks, whose probabilities are averaged.
    """

    channels: int
    norm_epsilon: float
    groups: tuple[Group, ...]
    folds: tuple[str, ...]

    @property
    def context(self) -> int:
        """Bases on either side of one that its probabilities depend on."""
        return sum(group.units * (group.taps - 1) * group.dilation for group in self.groups)

    @property
    def length_unit(self) -> int:
        """Sequences that the network reads are multiples of this many bases."""
        return int(np.lcm.reduce([group.dilation for group in self.groups]))


def read_network(folder: pathlib.Path) -> tuple[SpliceNetwork, list[Fold]]:
    """Read a folder of networks.

    Raises:
        WeightsError: A file is missing or damaged, or does not fit the configuration.
    """
    path = folder / CONFIG
    try:
        network = _parsed(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(path, error) from error
    return network, [_read_fold(folder / name, network) for name in network.folds]


def fold_shapes(network: SpliceNetwork) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes of one network's parameters; kernels are [taps, in, out]."""
    width = network.channels
    shapes: dict[str, tuple[int, ...]] = {
        "stem.kernel": (1, 4, width),
        "output.kernel": (1, width, len(CLASSES)),
    }
    shapes |= {f"skip_{number}.kernel": (1, width, width) for number in range(len(network.groups) + 1)}
    for name, group in _units(network):
        for half in (1, 2):
            shapes[f"{name}.conv_{half}.kernel"] = (group.taps, width, width)
            shapes |= {
                f"{name}.norm_{half}.{key}": (width,) for key in ("scale", "offset", "mean", "variance")
            }
    biases = {
        name.replace("kernel", "bias"): shape[-1:] for name, shape in shapes.items() if "kernel" in name
    }
    return shapes | biases


def splice_probabilities(
    network: SpliceNetwork, fold: Fold, sequence: Float32[Array, "S 4"]
) -> Float32[Array, "middle 3"]:
    """Return the probabilities of neither, acceptor and donor of '+'.

    Args:
        network: Sizes.
        fold: Parameters.
        sequence: One-hot bases, zeros for N; of a length that is a multiple of `length_unit`.

    Returns:
        Of every base but `context` on either side.
    """
    hidden = _dense(fold, "stem", sequence)
    skip = _dense(fold, "skip_0", hidden)
    for number, group in enumerate(network.groups, 1):
        # Bases that a kernel reads together become neighbours: no convolution is dilated.
        rows = hidden.reshape(-1, group.dilation, network.channels)
        for unit in range(1, group.units + 1):
            rows += _unit(network, fold, f"group_{number}.unit_{unit}", rows)
        hidden = rows.reshape(-1, network.channels)
        skip += _dense(fold, f"skip_{number}", hidden)
    middle = skip[network.context : len(sequence) - network.context]
    return jax.nn.softmax(_dense(fold, "output", middle), axis=-1)


def _parsed(document: dict[str, Any]) -> SpliceNetwork:
    """Return the sizes; a ValueError, KeyError or TypeError says that the document is another one."""
    if document["format"] != FORMAT or tuple(document["classes"]) != CLASSES:
        raise ValueError(f"not the configuration of a {FORMAT} of the classes {', '.join(CLASSES)}")
    return SpliceNetwork(
        channels=int(document["channels"]),
        norm_epsilon=float(document["norm_epsilon"]),
        groups=tuple(Group(**group) for group in document["groups"]),
        folds=tuple(document["folds"]),
    )


def _unit(
    network: SpliceNetwork, fold: Fold, name: str, rows: Float32[Array, "H W C"]
) -> Float32[Array, "H W C"]:
    for half in (1, 2):
        norm, convolution = f"{name}.norm_{half}", f"{name}.conv_{half}"
        scale = fold[f"{norm}.scale"] / jnp.sqrt(fold[f"{norm}.variance"] + network.norm_epsilon)
        rectified = jax.nn.relu((rows - fold[f"{norm}.mean"]) * scale + fold[f"{norm}.offset"])
        convolved = jax.lax.conv_general_dilated(
            rectified[None],
            fold[f"{convolution}.kernel"][:, None],
            (1, 1),
            "SAME",
            dimension_numbers=("NHWC", "HWIO", "NHWC"),
        )
        rows = convolved[0] + fold[f"{convolution}.bias"]
    return rows


def _dense(fold: Fold, name: str, rows: Float32[Array, "S C"]) -> Float32[Array, "S D"]:
    return rows @ fold[f"{name}.kernel"][0] + fold[f"{name}.bias"]


def _units(network: SpliceNetwork) -> list[tuple[str, Group]]:
    return [
        (f"group_{number}.unit_{unit}", group)
        for number, group in enumerate(network.groups, 1)
        for unit in range(1, group.units + 1)
    ]


def _read_fold(path: pathlib.Path, network: SpliceNetwork) -> Fold:
    try:
        arrays = load_file(path)
    except (OSError, SafetensorError) as error:
        raise _unreadable(path, error) from error
    found = {name: array.shape for name, array in arrays.items()}
    for name, shape in fold_shapes(network).items():
        if found.get(name) != shape:
            raise WeightsError(f"{name} has the shape {found.get(name)}, expected {shape}", path=path)
    return {name: jnp.asarray(array, jnp.float32) for name, array in arrays.items()}


def _unreadable(path: pathlib.Path, error: Exception) -> WeightsError:
    return WeightsError(
        f"the splice networks cannot be read: {reason(error)}",
        path=path,
        remedy=f"a folder of them has {CONFIG} and a safetensors file for each fold",
    )
