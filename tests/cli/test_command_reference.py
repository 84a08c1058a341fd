import pathlib
import re

import click
import pytest
from toy_inputs import Run

from vep_cli.cli import vep
from vep_cli.cli.reference import reference

DOCUMENT = pathlib.Path(__file__).parents[2] / "docs" / "commands.md"
SECTIONS = dict(re.findall(r"^## (vep.*?)\n(.*?)(?=^## |\Z)", reference(), re.DOTALL | re.MULTILINE))


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == reference(), (
        "the commands have changed: python -m vep_cli.cli.reference > docs/commands.md"
    )


def test_every_command_has_its_examples_and_its_place_in_the_list() -> None:
    assert {name.split()[1] for name in SECTIONS} == set(vep.list_commands(click.Context(vep)))
    for name, text in SECTIONS.items():
        block = re.search(r"^Examples?:\n\n```sh\n(.*?)\n```", text, re.DOTALL | re.MULTILINE)
        assert block is not None, name
        assert f"{name} " in f"{block[1]}\n".replace("\n", " ")
        assert f"[`{name}`](#{name.replace(' ', '-')})" in reference()


@pytest.mark.parametrize("name", SECTIONS)
def test_it_says_what_help_says(run: Run, name: str) -> None:
    shown = run(*name.split()[1:], "--help").stdout
    options = re.findall(r"^  ((?:-\w, )?--[\w-]+)", shown.partition("Options:")[2], re.MULTILINE)
    documented = re.findall(r"^\| `((?:-\w, )?--[\w-]+)", SECTIONS[name], re.MULTILINE)
    assert [one for one in options if one != "-h, --help"] == documented


def test_what_markdown_would_take_for_marks() -> None:
    assert r"`--strand [+\|-\|.]`" in SECTIONS["vep score"]
    assert r"\* and ? stand for any letters" in SECTIONS["vep score"]
    assert "`*` marks the default" in SECTIONS["vep genome list"]
