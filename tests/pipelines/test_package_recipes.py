"""The recipes for a conda package and for an image say of the package what pyproject.toml says."""

import pathlib
import re
import tomllib
from typing import Any

import pytest
import yaml
from example_files import EXAMPLES

import vep_cli

ROOT = EXAMPLES.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
DOCKERFILE = (EXAMPLES / "docker" / "Dockerfile").read_text()


@pytest.fixture(scope="module")
def recipe() -> dict[str, Any]:
    """The recipe, with the few words of its template filled in."""
    text = (EXAMPLES / "bioconda" / "meta.yaml").read_text()
    values = dict(re.findall(r'{% set (\w+) = "(.*?)" %}\n', text))
    values |= {"PYTHON": "python", 'pin_subpackage(name, max_pin="x.x")': "pinned"}
    text = re.sub(r"{%.*?%}\n", "", text)
    loaded: dict[str, Any] = yaml.safe_load(re.sub(r"{{ (.*?) }}", lambda found: values[found[1]], text))
    return loaded


def test_package(recipe: dict[str, Any]) -> None:
    assert recipe["package"] == {"name": PROJECT["project"]["name"], "version": vep_cli.__version__}
    assert recipe["about"]["license"] == PROJECT["project"]["license"]
    assert recipe["about"]["summary"] == PROJECT["project"]["description"]
    assert (ROOT / recipe["about"]["license_file"]).is_file()
    assert recipe["build"]["noarch"] == "python"
    scripts = PROJECT["project"]["scripts"].items()
    assert recipe["build"]["entry_points"] == [f"{name} = {function}" for name, function in scripts]


def test_requirements(recipe: dict[str, Any]) -> None:
    wanted = [re.sub(r"(?=[>=<])", " ", one, count=1) for one in PROJECT["project"]["dependencies"]]
    python = f"python {PROJECT['project']['requires-python']}"
    assert recipe["requirements"]["run"] == [python, *wanted]
    assert recipe["requirements"]["host"] == [python, *PROJECT["build-system"]["requires"], "pip"]


def copied() -> list[str]:
    """Return the paths that the image's recipe copies."""
    lines = re.findall(r"^COPY (.*) \S+$", DOCKERFILE, re.MULTILINE)
    return [path for line in lines for path in line.split()]


def test_the_image_is_made_of_what_the_package_is_made_of() -> None:
    paths = copied()
    assert [path for path in paths if not (ROOT / path).exists()] == []
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = [*wheel["packages"], *wheel["force-include"], PROJECT["project"]["readme"]]
    for path in (*needed, *PROJECT["project"]["license-files"], "pyproject.toml"):
        assert any(pathlib.PurePath(path).is_relative_to(one) for one in paths), path


def test_the_image_is_slim_and_runs_as_nobody_special() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", bases[0])
    assert bases[1:] == ["tools"]
    instructions = [line.split()[0] for line in DOCKERFILE.splitlines() if re.match(r"[A-Z]+ ", line)]
    # Nothing is run as root behind USER, and the program is what the last stage runs.
    assert instructions.index("USER") > max(i for i, word in enumerate(instructions) if word == "RUN")
    assert DOCKERFILE.splitlines()[-2:] == ['ENTRYPOINT ["vep"]', 'CMD ["--help"]']
    assert "vep" in PROJECT["project"]["scripts"]
    extra = re.search(r'ARG EXTRAS="\[(\w+)\]"', DOCKERFILE)
    assert extra is not None
    assert extra[1] in PROJECT["project"]["optional-dependencies"]
    for name in ("pipelines.md",):
        assert f"vep-cli:{vep_cli.__version__}" in (ROOT / "docs" / name).read_text()
