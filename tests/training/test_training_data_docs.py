"""docs/training_data.md names every key that there is, and its example is one."""

import dataclasses
import pathlib
import re
import tomllib

import pytest

from vep_cli.errors import UsageError
from vep_cli.training.data_settings import data_settings
from vep_cli.training.edits import CopySettings
from vep_cli.training.pieces import Excluded, Piece
from vep_cli.training.sources.catalogue import KINDS

TEXT = (pathlib.Path(__file__).parents[2] / "docs" / "training_data.md").read_text(encoding="utf-8")
TABLES = {
    "Pieces": (Piece, Excluded),
    "Edited copies": (CopySettings,),
    **{kind: (made.settings,) for kind, made in KINDS.items()},
}


@pytest.mark.parametrize("title", TABLES)
def test_a_section_names_the_keys_of_its_tables(title: str) -> None:
    section = re.search(rf"^#+ {title}\n(.*?)(?=^#|\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert section is not None
    named = set(re.findall(r"`(\w+)`", section[1]))
    keys = {field.name for kind in TABLES[title] for field in dataclasses.fields(kind)}
    assert keys <= named


def test_the_example_is_a_configuration() -> None:
    example = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert example is not None
    table = tomllib.loads(example[1])["data"]
    assert len(data_settings(table, pathlib.Path()).pieces) == 1
    table["piece"][0] |= {"contig": "chr17", "start": 43_999_999, "end": 44_000_001}
    with pytest.raises(UsageError, match="excluded"):
        data_settings(table, pathlib.Path())
