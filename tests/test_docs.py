"""What the documentation says about the program is compared with the program."""

import pathlib
import re
import shlex
from collections.abc import Iterator

import click
import pytest

from vep_cli.cli import vep
from vep_cli.genome.alleles import AlleleStatus
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.scoring.catalogue import recommended
from vep_cli.writers.consequence import consequence
from vep_cli.writers.tidy import COLUMNS
from vep_cli.writers.vcf_info import ENTRY_FIELDS

ROOT = pathlib.Path(__file__).parents[1]
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md")
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in DOCUMENTS}
OUTPUT = TEXTS["output.md"]


def leaves(group: click.Group = vep, path: tuple[str, ...] = ("vep",)) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command that does something."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name)


def examples() -> Iterator[tuple[str, list[str]]]:
    """Yield every call of vep in a shell block of the documents: where it stands, and its arguments."""
    for name, text in TEXTS.items():
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
            for line in block.splitlines():
                for command in re.split(r"\|+|&&|;", re.sub(r"(^|\s)#.*", "", line)):
                    program, *arguments = shlex.split(command) or [""]
                    if pathlib.Path(program).name in ("vep", "vep-cli"):
                        yield name, arguments


def section(title: str) -> str:
    """Return the part of docs/output.md under a heading."""
    match = re.search(rf"^#+ {title}\n(.*?)(?=^#|\Z)", OUTPUT, re.DOTALL | re.MULTILINE)
    assert match is not None, f"docs/output.md has no section {title!r}"
    return match[1]


def first_cells(table: str) -> list[str]:
    """Return the code words of the first column of a Markdown table."""
    cells = re.findall(r"^\|([^|]*)\|", table, re.MULTILINE)
    return [word for cell in cells for word in re.findall("`([^`]+)`", cell)]


@pytest.mark.parametrize("command", tuple(leaves()), ids=" ".join)
def test_every_command_is_in_the_documentation(command: tuple[str, ...]) -> None:
    assert any(" ".join(command) in text for text in TEXTS.values())


def test_examples_are_found() -> None:
    found = list(examples())
    assert ("README.md", ["genome", "list"]) in found
    # Behind a program's path, a pipe and before a comment.
    assert any(arguments[:2] == ["score", "examples/demo.vcf"] for _, arguments in found)
    assert any(arguments[:2] == ["score", "-"] for _, arguments in found)
    assert not any("#" in arguments for _, arguments in found)


@pytest.mark.parametrize(("document", "arguments"), tuple(examples()))
def test_examples_parse(document: str, arguments: list[str], tmp_path: pathlib.Path) -> None:
    (tmp_path / "CHECKPOINT").touch()  # the one path that is checked while the options are read
    given = [str(tmp_path / word) if word == "CHECKPOINT" else word for word in arguments]
    command: click.Command = vep
    context = click.Context(vep)
    while isinstance(command, click.Group):
        name, *given = given
        found = command.get_command(context, name)
        assert found is not None, f"{document}: vep {shlex.join(arguments)}"
        command = found
    command.make_context("vep", given)  # refuses what is unknown, superfluous or missing


@pytest.mark.parametrize("name", [*TEXTS, "MODEL_CARD.md"])
def test_links_lead_to_files(name: str) -> None:
    path = next(path for path in (*DOCUMENTS, ROOT / "weights" / "MODEL_CARD.md") if path.name == name)
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_statuses() -> None:
    documented = first_cells(section("Status"))
    assert documented[0] == "VE_STATUS"
    assert documented[1:] == [status.value for status in AlleleStatus]


def test_fields_of_an_entry() -> None:
    assert f"`{' | '.join(ENTRY_FIELDS)}`" in section("VCF")


def test_columns_of_the_table() -> None:
    match = re.search(r"`(variant_id.*?)`", section("TSV"), re.DOTALL)
    assert match is not None
    assert " ".join(match[1].split()) == " ".join(COLUMNS)


def test_consequences() -> None:
    scorers = {
        scorer.official_name: scorer
        for organism in ("human", "mouse")
        for scorer in recommended(organism, polyadenylation_sites=PolyadenylationSites(start={}))
        if scorer.is_difference
    }
    words = {consequence(scorer, score) for scorer in scorers.values() for score in (-1.0, 0.0, 1.0)}
    assert sorted(first_cells(section("Consequence"))) == sorted(words)
