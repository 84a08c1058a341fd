"""Where the files are that come with the package.

In an installed wheel they lie inside the package (pyproject.toml's `force-include`); in a
checkout they lie where people edit them. Both are one folder each, never a mixture.
"""

import pathlib

_PACKAGE = pathlib.Path(__file__).resolve().parent


def weights_folder() -> pathlib.Path:
    """Return the folder of the bundled model: `config.json`, `tracks.tsv`, `model.safetensors`."""
    return _installed_or_checkout("weights", "weights")


def demo_genome_folder() -> pathlib.Path:
    """Return the folder of the demo genome: `demo.fa.gz` with its indexes, and `demo.gtf.gz`."""
    return _installed_or_checkout("demo", "examples/genome")


def _installed_or_checkout(installed: str, checkout: str) -> pathlib.Path:
    inside = _PACKAGE / "_data" / installed
    return inside if inside.is_dir() else _PACKAGE.parent / checkout
