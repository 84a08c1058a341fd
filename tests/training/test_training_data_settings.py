"""What a configuration may say, and what it is told when it says something else."""

import dataclasses
import enum
import pathlib
from collections.abc import Mapping

import pytest
from toy_pieces import exon_source, piece_table

from vep_cli.errors import UsageError
from vep_cli.training.data_settings import data_settings
from vep_cli.training.pieces import Split
from vep_cli.training.toml_tables import read_record, tables_of

FOLDER = pathlib.Path("/there")


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Everything:
    text: str
    whole: int = 1
    number: float = 1.0
    flag: bool = False
    path: pathlib.Path | None = None
    colour: Colour = Colour.RED
    words: tuple[str, ...] = ()
    colours: tuple[Colour, ...] = ()
    weights: Mapping[str, float] = dataclasses.field(default_factory=dict)
    files: Mapping[str, pathlib.Path] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.whole < 0:
            raise ValueError("whole is negative")


def test_every_type_of_value_is_read() -> None:
    table = {
        "text": "a",
        "whole": 3,
        "number": 2,
        "flag": True,
        "path": "x/y",
        "colour": "blue",
        "words": ["p", "q"],
        "colours": ["blue", "red"],
        "weights": {"*": 1, "b": 0.5},
        "files": {"t": "/absolute"},
    }
    found = read_record(Everything, table, "[x]", FOLDER)
    assert found == Everything(
        text="a",
        whole=3,
        number=2.0,
        flag=True,
        path=FOLDER / "x/y",
        colour=Colour.BLUE,
        words=("p", "q"),
        colours=(Colour.BLUE, Colour.RED),
        weights={"*": 1.0, "b": 0.5},
        files={"t": pathlib.Path("/absolute")},
    )


def test_a_home_folder_is_found() -> None:
    found = read_record(Everything, {"text": "a", "path": "~/x"}, "[x]", FOLDER)
    assert found.path == pathlib.Path.home() / "x"


@pytest.mark.parametrize(
    ("table", "message", "remedy"),
    [
        ({}, "[x] lacks 'text'", "add text = ... to [x]"),
        ({"text": "a", "wohle": 1}, "unknown key 'wohle'", "whole"),
        ({"text": 1}, "[x] text is 1", "text in quotes"),
        ({"text": "a", "whole": 1.5}, "[x] whole is 1.5", "a whole number"),
        ({"text": "a", "whole": True}, "[x] whole is True", "a whole number"),
        ({"text": "a", "number": "1"}, "[x] number is '1'", "a number"),
        ({"text": "a", "flag": 1}, "[x] flag is 1", "true or false"),
        ({"text": "a", "path": 3}, "[x] path is 3", "a path in quotes"),
        ({"text": "a", "colour": "green"}, "[x] colour is 'green'", "one of red, blue"),
        ({"text": "a", "words": "p"}, "[x] words is 'p'", "a list"),
        ({"text": "a", "words": [1]}, "[x] words is 1", "text in quotes"),
        ({"text": "a", "weights": 1.0}, "[x] weights is 1.0", "a table"),
        ({"text": "a", "weights": {"b": "c"}}, "[x] weights.b is 'c'", "a number"),
        ({"text": "a", "whole": -1}, "[x]: whole is negative", "change"),
        (3, "[x] is 3, not a table", "write it"),
    ],
)
def test_other_values_are_named(table: object, message: str, remedy: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_record(Everything, table, "[x]", FOLDER)
    assert message in raised.value.message
    assert remedy in str(raised.value.remedy)


def test_an_array_of_tables_is_one() -> None:
    assert tables_of({}, "x", "[x]") == []
    with pytest.raises(UsageError, match="not an array of tables"):
        tables_of({"x": {}}, "x", "[x]")


def test_a_configuration_is_read_relative_to_its_folder() -> None:
    table = {
        "cache": "kept",
        "piece": [piece_table()],
        "excluded": [{"genome": "hg38", "contig": "chr17", "start": 1, "end": 2}],
        "copies": {"count": 2, "near_sites": {"toy": "c.gtf"}},
        "source": [{"kind": "bed", "bed": "x.bed", "genome": "toy", "output": "ATAC"}],
    }
    found = data_settings(table, FOLDER)
    assert found.cache == FOLDER / "kept"
    assert found.pieces[0].fasta == FOLDER / "c.fa"
    assert found.pieces[0].split is Split.TRAIN
    assert found.excluded[0].contig == "chr17"
    assert found.copies.near_sites == {"toy": FOLDER / "c.gtf"}
    assert found.sources[0].values.bed == FOLDER / "x.bed"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"pieces": []}, "[data] has the unknown key 'pieces'"),
        ({"cache": 3}, "[data] cache is 3"),
        ({"piece": []}, "nothing to learn from"),
        ({"source": []}, "nothing to learn from"),
        ({"source": [{"kind": "bigwigs"}]}, "[[data.source]] 1 has the kind 'bigwigs'"),
        ({"source": [{}]}, "[[data.source]] 1 has the kind ''"),
        ({"source": [exon_source(widht=1)]}, "[[data.source]] 1 (annotation) has the unknown key 'widht'"),
        ({"piece": [piece_table(), piece_table()]}, "two pieces are named 'c'"),
        ({"piece": [piece_table(end=0)]}, "the piece 'c' has no base"),
        ({"piece": [piece_table(organism="yeast")]}, "none of human, mouse"),
        ({"copies": {"indel_rate": 2.0}}, "indel_rate = 2.0 is not between 0 and 0.5"),
        ({"copies": {"longest_indel": 0}}, "lengths of edits"),
    ],
)
def test_configurations_that_cannot_be_are_refused(changes: dict[str, object], message: str) -> None:
    table = {"piece": [piece_table()], "source": [exon_source()], **changes}
    with pytest.raises(UsageError) as raised:
        data_settings(table, FOLDER)
    assert message in raised.value.message
