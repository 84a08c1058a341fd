"""Files that others made cannot run code, call a shell, or make the program ask for memory that they name."""

import ast
import json
import os
import pathlib
import resource
from collections.abc import Iterator

import pytest

import vep_cli
from vep_cli.errors import VepError
from vep_cli.model import parameters
from vep_cli.model.config import ModelConfig
from vep_cli.model.leaves import safetensors_leaves

SOURCES = sorted(pathlib.Path(vep_cli.__file__).parent.rglob("*.py"))

UNPICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "torch"}
EXTRACTORS = {"tarfile"}
FORBIDDEN_CALLS = {"eval", "exec", "os.system", "os.popen", "tempfile.mktemp", "yaml.load"}


def calls(tree: ast.AST) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the name of each call and its keywords that are literals."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            keywords = {
                word.arg: word.value.value
                for word in node.keywords
                if word.arg is not None and isinstance(word.value, ast.Constant)
            }
            yield ast.unparse(node.func), keywords


def faults(text: str) -> list[str]:
    tree = ast.parse(text)
    found = []
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        roots = {name.partition(".")[0] for name in names}
        found += sorted(roots & (UNPICKLERS | EXTRACTORS))
    for name, keywords in calls(tree):
        if name in FORBIDDEN_CALLS or name.endswith((".extractall", ".extract")):
            found.append(name)
        if keywords.get("shell") or keywords.get("allow_pickle"):
            found.append(f"{name} with a shell, or unpickling")
    return found


def test_nothing_is_unpickled_evaluated_or_given_to_a_shell() -> None:
    assert len(SOURCES) > 100
    found = {path.name: faults(path.read_text()) for path in SOURCES}
    assert {name: those for name, those in found.items() if those} == {}


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "from torch import load",
        "import tarfile",
        "numpy.load(path, allow_pickle=True)",
        "subprocess.run(command, shell=True)",
        "os.system('x')",
        "eval(text)",
        "tempfile.mktemp()",
        "archive.extractall(folder)",
    ],
)
def test_what_is_looked_for_is_found(line: str) -> None:
    assert len(faults(line)) == 1


def write_header(path: pathlib.Path, leaves: dict[str, object], size: int) -> None:
    """Write a safetensors file of which only the header takes room on the disk."""
    header = json.dumps(leaves).encode()
    with path.open("wb") as content:
        content.write(len(header).to_bytes(8, "little") + header)
    os.truncate(path, 8 + len(header) + size)


@pytest.mark.parametrize(
    ("leaf", "size"),
    [
        pytest.param({"dtype": "F32", "shape": [1 << 36], "data_offsets": [0, 1 << 38]}, 1 << 38, id="large"),
        pytest.param({"dtype": "F32", "shape": [1 << 36], "data_offsets": [0, 1 << 38]}, 8, id="cut short"),
        pytest.param({"dtype": "F32", "shape": [1 << 62, 4], "data_offsets": [0, 0]}, 0, id="overflow"),
        pytest.param({"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}, 4, id="negative"),
        pytest.param({"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}, 4, id="backwards"),
        pytest.param({"dtype": "X", "shape": [1], "data_offsets": [0, 4]}, 4, id="unknown type"),
    ],
)
def test_sizes_are_checked_before_memory_is_asked_for(
    tmp_path: pathlib.Path, leaf: dict[str, object], size: int
) -> None:
    path = tmp_path / "model.safetensors"
    write_header(path, {"stem.kernel": leaf}, size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for look in (parameters.check_file, parameters.load):
        with pytest.raises(VepError):
            look(path, ModelConfig.toy())
    # Kilobytes: nothing like the 256 GB that the first file says it has.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 19


@pytest.mark.parametrize("length", [0, 7, 1 << 20, (1 << 64) - 1])
def test_the_length_of_the_header_is_checked(tmp_path: pathlib.Path, length: int) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(length.to_bytes(8, "little") + b"{}")
    with pytest.raises(VepError, match="cannot be read"):
        safetensors_leaves(path)
