"""The CI-SpliceAI ensemble as plain files: one safetensors per fold, and `config.json`.

Published in the Python package `cispliceai` under CC BY 4.0 (Strauch et al., PLOS ONE 2022,
doi:10.1371/journal.pone.0269159) as a frozen graph of five networks of 698,787 parameters each, whose
constants alone are read here. What the network computes is said in README.md of this folder.
"""

import dataclasses
import json
import pathlib

import numpy as np
import safetensors.numpy
from frozen_graph import read_constants
from packages import CISPLICEAI, read

FOLDS = 5
GRAPH = "cispliceai/data/CI-SpliceAI.pb"
SCOPE = "model_1"
CONTEXT = 10_000
NORM_EPSILON = 0.001
UNITS = 4
"""Residual units of a group; each has two norms and two convolutions."""


@dataclasses.dataclass(frozen=True)
class Group:
    """Residual units of one kernel.

    Attributes:
        taps: Of either convolution.
        dilation: Bases between taps.
        units: How many units follow each other.
    """

    taps: int
    dilation: int
    units: int = UNITS


GROUPS = (Group(11, 1), Group(11, 4), Group(21, 10), Group(41, 25))


def write_splice_teacher(packages: pathlib.Path, out: pathlib.Path) -> None:
    """Write `config.json` and the folds of the ensemble to the folder `out`.

    Raises:
        ValueError: The graph is not the one this was written for.
    """
    constants = read_constants(read(packages, CISPLICEAI, GRAPH))
    out.mkdir(parents=True, exist_ok=True)
    names = [f"fold_{fold + 1}.safetensors" for fold in range(FOLDS)]
    for fold, name in enumerate(names):
        safetensors.numpy.save_file(fold_parameters(constants, fold), out / name)
    (out / "config.json").write_text(json.dumps(_config(names), indent=2) + "\n")


def fold_parameters(constants: dict[str, np.ndarray], fold: int) -> dict[str, np.ndarray]:
    """Return one network's parameters under plain names: kernels [taps, in, out], the rest [channels].

    Args:
        constants: Of the frozen graph; a dilated layer's own rate among them, which is checked.
        fold: From 0.

    Raises:
        ValueError: A layer is missing or has another shape or dilation than published.
    """
    suffix = f"_{fold}" if fold else ""
    parameters = {}
    for index, (name, taps, dilation) in enumerate(_convolutions(), start=1):
        layer = f"{SCOPE}/conv1d_{index}"
        kernel = _find(constants, f"{layer}/conv1d{suffix}/ExpandDims_1/ReadVariableOp/resource")
        rate = constants.get(f"{layer}/conv1d{suffix}/dilation_rate", np.ones(1))
        if kernel.shape[0] != taps or int(rate[0]) != dilation:
            raise ValueError(f"{layer} is not the layer {name} of the published network")
        parameters[f"{name}.kernel"] = kernel
        parameters[f"{name}.bias"] = _find(constants, f"{layer}/BiasAdd{suffix}/ReadVariableOp/resource")
    for index, name in enumerate(_norms(), start=1):
        layer = f"{SCOPE}/batch_normalization_{index}/batchnorm{suffix}"
        for part, node in NORM_PARTS.items():
            parameters[f"{name}.{part}"] = _find(constants, f"{layer}/{node}/resource")
    return parameters


NORM_PARTS = {
    "variance": "ReadVariableOp",
    "scale": "mul/ReadVariableOp",
    "mean": "ReadVariableOp_1",
    "offset": "ReadVariableOp_2",
}


def _convolutions() -> list[tuple[str, int, int]]:
    """Return (our name, taps, dilation) in the order in which the layers were made."""
    layers = [("stem", 1, 1), ("skip_0", 1, 1)]
    for number, group in enumerate(GROUPS, start=1):
        layers += [
            (f"group_{number}.unit_{unit}.conv_{half}", group.taps, group.dilation)
            for unit in range(1, group.units + 1)
            for half in (1, 2)
        ]
        layers.append((f"skip_{number}", 1, 1))
    return [*layers, ("output", 1, 1)]


def _norms() -> list[str]:
    return [
        f"group_{number}.unit_{unit}.norm_{half}"
        for number, group in enumerate(GROUPS, start=1)
        for unit in range(1, group.units + 1)
        for half in (1, 2)
    ]


def _find(constants: dict[str, np.ndarray], name: str) -> np.ndarray:
    if name not in constants:
        raise ValueError(f"the frozen graph has no constant {name!r}: it is another version of the package")
    return constants[name]


def _config(names: list[str]) -> dict[str, object]:
    return {
        "format": "dilated-splice-network",
        "channels": 32,
        "norm_epsilon": NORM_EPSILON,
        "context": CONTEXT,
        "alphabet": "ACGT",
        "classes": ["neither", "acceptor", "donor"],
        "groups": [dataclasses.asdict(group) for group in GROUPS],
        "folds": names,
    }
