"""Import a checkpoint of the official size: how long, how much memory, and whether every leaf arrives.

Writes an Orbax checkpoint of made-up weights in the official tree, imports it with the command that
users run, and compares the hash of each imported array with the oracle's.
"""

import hashlib
import multiprocessing
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import click
import numpy as np
import orbax.checkpoint
from parity_oracle import Oracle, open_oracle
from safetensors import safe_open

from vep_cli.model.official_names import official_names
from vep_cli.model.parameters import leaf_name
from vep_cli.model.weights_folder import PARAMETERS

TREE = "param_tree.tsv"

STATE = "var_ema"
"""The leaf that Haiku keeps as state; it goes through `exp`, whose last bit depends on the CPU."""

Tree = Mapping[str, Mapping[str, np.ndarray]]


class OfficialLeaf(NamedTuple):
    """One row of the oracle's `param_tree.tsv`; `digest` is the start of the SHA-256 of its bytes."""

    kind: str
    module: str
    name: str
    shape: tuple[int, ...]
    digest: str


@click.command()
@click.option("--golden", required=True, type=click.Path(exists=True, path_type=pathlib.Path), help="Oracle.")
@click.option("-o", "--output", type=click.Path(path_type=pathlib.Path), help="Keep the weights folder here.")
@click.option("--dtype", default="float32", show_default=True, help="How the folder stores parameters.")
def main(golden: pathlib.Path, output: pathlib.Path | None, dtype: str) -> None:
    """Import made-up weights of the official size and report time, memory and the leaves that differ."""
    with tempfile.TemporaryDirectory() as scratch:
        checkpoint = pathlib.Path(scratch) / "all_folds"
        # A process starts with the memory of its parent on its account, so the parent must stay small.
        writer = multiprocessing.get_context("spawn").Process(
            target=write_checkpoint, args=(checkpoint, golden)
        )
        writer.start()
        writer.join()
        folder = output or pathlib.Path(scratch) / "imported"
        started = time.perf_counter()
        peak = run_import(checkpoint, folder, golden, dtype)
        click.echo(f"import      {time.perf_counter() - started:8.1f} s")
        click.echo(f"peak memory {peak / 2**30:8.2f} GiB")
        click.echo(f"on disk     {(folder / PARAMETERS).stat().st_size / 2**30:8.2f} GiB")
        if dtype == "float32":
            report_leaves(golden, folder / PARAMETERS)


def read_tree(path: pathlib.Path) -> Iterator[OfficialLeaf]:
    """Yield the leaves of the official network."""
    for line in path.read_text().splitlines()[1:]:
        kind, module, name, shape, _, _, digest = line.split("\t")
        yield OfficialLeaf(kind, module, name, tuple(map(int, re.findall(r"\d+", shape))), digest)


def make_trees(oracle: Oracle, leaves: list[OfficialLeaf]) -> tuple[Tree, Tree]:
    """Return parameters and state, made by the oracle's recipe."""
    trees: tuple[dict[str, dict[str, np.ndarray]], ...] = ({}, {})
    for leaf in leaves:
        tree = trees[leaf.name == STATE]
        value = oracle.leaf(leaf.module, leaf.name, leaf.shape, seed=oracle.seed)
        tree.setdefault(leaf.module, {})[leaf.name] = np.asarray(value, np.float32).reshape(leaf.shape)
    return trees[0], trees[1]


def write_checkpoint(folder: pathlib.Path, golden: pathlib.Path) -> None:
    """Write what the official checkpoint's authors wrote: a pair of trees, by Orbax."""
    trees = make_trees(open_oracle(golden), list(read_tree(golden / TREE)))
    with orbax.checkpoint.StandardCheckpointer() as checkpointer:
        checkpointer.save(folder, trees)


def run_import(checkpoint: pathlib.Path, folder: pathlib.Path, golden: pathlib.Path, dtype: str) -> int:
    """Run `vep weights import` in a process of its own and return its largest memory, in bytes."""
    files = sorted((golden / "metadata").glob("*ORGANISM*"))
    command = [sys.executable, "-m", "vep_cli", "weights", "import", str(checkpoint), "-o", str(folder)]
    command += [word for file in files for word in ("--metadata", str(file))]
    process = subprocess.Popen([*command, "--dtype", dtype, "--accept-terms"])
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise click.ClickException("the import failed")
    return usage.ru_maxrss * 2**10


def report_leaves(golden: pathlib.Path, parameters: pathlib.Path) -> None:
    """Say how many imported arrays have the recorded bytes.

    Raises:
        click.ClickException: One has not.
    """
    leaves = list(read_tree(golden / TREE))
    ours = {names: leaf_name(path) for path, names in official_names(open_oracle(golden).config).items()}
    with safe_open(parameters, framework="numpy") as imported:
        digests = {
            leaf: hashlib.sha256(imported.get_tensor(ours[leaf.module, leaf.name]).tobytes()).hexdigest()
            for leaf in leaves
        }
    different = [leaf for leaf, digest in digests.items() if not digest.startswith(leaf.digest)]
    click.echo(f"{len(leaves) - len(different)} of {len(leaves)} leaves have the recorded hash")
    if any(leaf.name != STATE for leaf in different):
        raise click.ClickException(f"imported otherwise than recorded: {different[0]}")


if __name__ == "__main__":
    main()
