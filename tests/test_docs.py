"""What the documentation says about the program is compared with the program."""

import pathlib
import re
import shlex
from collections.abc import Iterator

import click
import pytest

from vep_cli.cli import vep
from vep_cli.genome.allele_flags import LONG
from vep_cli.genome.alleles import AlleleFlag, AlleleStatus
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.scored_interval import IntervalStatus
from vep_cli.writers.consequence import consequence
from vep_cli.writers.tidy import COLUMNS
from vep_cli.writers.vcf_info import ENTRY_FIELDS

ROOT = pathlib.Path(__file__).parents[1]
DOCUMENTS = {
    "README.md": ROOT / "README.md",
    **{path.name: path for path in sorted((ROOT / "docs").glob("[!R]*.md"))},
    "docs/README.md": ROOT / "docs" / "README.md",
    "CONTRIBUTING.md": ROOT / "CONTRIBUTING.md",
}
TEXTS = {name: path.read_text(encoding="utf-8") for name, path in DOCUMENTS.items()}
OUTPUT, SCORES = TEXTS["output.md"], TEXTS["scores.md"]


def leaves(group: click.Group = vep, path: tuple[str, ...] = ("vep",)) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command that does something."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            yield (*path, name)


def calls(line: str) -> Iterator[list[str]]:
    """Yield the words of each program that a line of a shell calls, without what it redirects to files."""
    tokens = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    tokens.whitespace_split = True
    words: list[str] = []
    for token in tokens:
        if token in (">", ">>", "<"):
            next(tokens)
        elif token and set(token) <= set("|&;"):
            yield words
            words = []
        else:
            words.append(token)
    if words:
        yield words


def examples() -> Iterator[tuple[str, list[str]]]:
    """Yield every call of vep in a shell block of the documents: where it stands, and its arguments."""
    for name, text in TEXTS.items():
        for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
            for line in block.splitlines():
                for program, *arguments in calls(line):
                    if pathlib.Path(program).name in ("vep", "vep-cli"):
                        yield name, arguments


def section(title: str, document: str = OUTPUT) -> str:
    """Return the part of a document, docs/output.md unless told, under a heading."""
    match = re.search(rf"^#+ {title}\n(.*?)(?=^#|\Z)", document, re.DOTALL | re.MULTILINE)
    assert match is not None, f"there is no section {title!r}"
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
    path = {**DOCUMENTS, "MODEL_CARD.md": ROOT / "weights" / "MODEL_CARD.md"}[name]
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_statuses() -> None:
    documented = first_cells(section("Status"))
    assert documented[0] == "VE_STATUS"
    assert documented[1:] == [status.value for status in AlleleStatus]


def test_interval_statuses() -> None:
    documented = first_cells(section("Interval scores"))
    assert [word for word in documented if word.isupper()] == [status.value for status in IntervalStatus]


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


def rows(table: str) -> list[list[str]]:
    """Return the cells of a Markdown table below its head, without code marks."""
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [
        [cell.strip().replace("`", "") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]
    ]


def test_scorers_have_their_kind_and_width() -> None:
    scorers = recommended("human", polyadenylation_sites=PolyadenylationSites(start={}))
    documented = rows(section("Scorers", SCORES))
    kinds = {(True, True): "signed", (False, True): "magnitude", (False, False): "level"}
    assert [(name, kind) for name, kind, *_ in documented] == [
        (scorer.name, kinds[scorer.is_signed, scorer.is_difference]) for scorer in scorers
    ]
    reads = {name: where for name, _, where, _ in documented}
    for scorer in scorers:
        if isinstance(scorer, CenterMaskScorer):
            source = scorer.name.removesuffix("_ACTIVE")
            assert f"{scorer.width} bp" in reads[source]
            assert reads[scorer.name] in (reads[source], f"as {source}")
    assert {scorer.name for scorer in recommended("mouse")} == set(reads) - {"POLYADENYLATION"}


def test_every_scorer_is_explained() -> None:
    # Beside the table: in the text behind it, where the levels go by their common ending.
    text = section("Scorers", SCORES).rpartition("|\n")[2]
    explained = set(re.findall(r"`([A-Z_]+)`", text))
    levels = {scorer.name for scorer in recommended("human") if not scorer.is_difference}
    assert explained - levels == {
        name for name, kind, *_ in rows(section("Scorers", SCORES)) if kind != "level"
    } | {"_ACTIVE"}


def test_aggregations_and_their_formulas() -> None:
    assert rows(section("Aggregations", SCORES)) == [[one.value, one.formula] for one in Aggregation]


def test_flags() -> None:
    assert first_cells(section("Flags", SCORES)) == [flag.value for flag in AlleleFlag]
    assert f" {LONG} bases" in section("Flags", SCORES)


def test_every_status_without_a_score_is_explained() -> None:
    documented = first_cells(section("Missing scores", SCORES))
    assert sorted(documented) == sorted(status for status in AlleleStatus if status is not AlleleStatus.PASS)
