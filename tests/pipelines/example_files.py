"""Where the examples for workflow managers are, and the programs that they are tried with."""

import pathlib
import shutil
import sys

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


def _program(name: str) -> str | None:
    """Return the path of a program: beside this Python, or wherever else programs are."""
    return shutil.which(name, path=pathlib.Path(sys.executable).parent) or shutil.which(name)


SNAKEMAKE, MULTIQC = _program("snakemake"), _program("multiqc")
