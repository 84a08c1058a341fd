"""The tutorial is run as it stands, in one folder, and what it prints is what the document says.

To write what is printed into the document after a change that is meant, of the bundled model for
instance: VEP_WRITE_GOLDEN=1 pytest tests/docs/test_tutorial.py
"""

import contextlib
import dataclasses
import io
import os
import pathlib
import re
import shlex
import shutil
import subprocess
from typing import Any

import numpy as np
import pandas as pd
import pytest
from toy_inputs import Run

ROOT = pathlib.Path(__file__).parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
_BLOCK = re.compile(r"(?P<mark><!-- not run -->\n)?```(?P<language>\w+)\n(?P<text>.*?)```\n", re.DOTALL)
_FRACTION = re.compile(r"-?\d+\.\d+(?:e[-+]\d+)?")
TOLERANCE = 2e-3
"""What may differ from processor to processor, relative and absolute."""


@dataclasses.dataclass
class Reader:
    """Does what the document says, in the current folder.

    Attributes:
        run: The command line.
        names: What the Python code has defined.
    """

    run: Run
    names: dict[str, Any] = dataclasses.field(default_factory=dict)

    def follow(self, language: str, text: str) -> str | None:
        """Run a block and return what it printed on standard output; None where a program is missing."""
        if language == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(text, TUTORIAL, "exec"), self.names)
            return printed.getvalue()
        outputs = [self._call(line) for line in text.splitlines()]
        return None if None in outputs else "".join(filter(None, outputs))

    def _call(self, line: str) -> str | None:
        program, *arguments = shlex.split(line)
        if program == "vep":
            done = self.run(*arguments)
            assert done.status == 0, done.stderr
            return done.stdout
        if shutil.which(program) is None:
            return None
        ran = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
        return ran.stdout


def without_place(text: str) -> str:
    """Return a text in which the bundled genome is where a checkout has it."""
    return text.replace(f"{ROOT}/", "")


def assert_alike(found: str, expected: str) -> None:
    assert _FRACTION.sub("#", found) == _FRACTION.sub("#", expected)
    numbers, wanted = ([float(one) for one in _FRACTION.findall(text)] for text in (found, expected))
    np.testing.assert_allclose(numbers, wanted, rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.filterwarnings("ignore::vep_cli.VepWarning")
def test_every_command_of_the_tutorial(
    run: Run, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    reader, printed = Reader(run), None
    document = TUTORIAL.read_text(encoding="utf-8")
    for block in list(_BLOCK.finditer(document)):
        if block["language"] == "text":
            if os.environ.get("VEP_WRITE_GOLDEN") and printed is not None:
                made = block[0].replace(f"```text\n{block['text']}", f"```text\n{printed}")
                document = document.replace(block[0], made, 1)
            elif printed is not None:
                assert_alike(printed, block["text"])
        elif block["mark"] is None:
            output = reader.follow(block["language"], block["text"])
            printed = None if output is None else without_place(output)
    if os.environ.get("VEP_WRITE_GOLDEN"):
        TUTORIAL.write_text(document, encoding="utf-8")
    names = ("scored.vcf.gz.tbi", "scores.tsv", "report.html", "demo.safetensors", "ranked.tsv")
    assert all((tmp_path / name).stat().st_size for name in names)
    assert pd.read_csv("ranked.tsv", sep="\t").quantile_score.notna().sum() > 30


def test_the_tutorial_has_blocks_of_each_kind() -> None:
    kinds = [block["language"] for block in _BLOCK.finditer(TUTORIAL.read_text(encoding="utf-8"))]
    assert {kind: kinds.count(kind) > 1 for kind in ("sh", "python", "text")} == dict.fromkeys(
        ("sh", "python", "text"), True
    )
