import json
import pathlib

import pytest

from vep_cli import accepted_terms
from vep_cli.accepted_terms import FILE, require_accepted_terms
from vep_cli.errors import UsageError


@pytest.fixture(autouse=True)
def folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("VEP_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path / "config"


def test_terms_are_accepted_once(folder: pathlib.Path) -> None:
    require_accepted_terms(accept=True)
    require_accepted_terms(accept=False)
    assert [path.name for path in folder.iterdir()] == [FILE]


def test_terms_that_were_not_accepted_are_named(folder: pathlib.Path) -> None:
    with pytest.raises(UsageError, match=r"non-commercial.*model-terms") as caught:
        require_accepted_terms(accept=False)
    assert "--accept-terms" in str(caught.value.remedy)
    assert not folder.exists()


def test_other_terms_are_accepted_anew(monkeypatch: pytest.MonkeyPatch, folder: pathlib.Path) -> None:
    require_accepted_terms(accept=True)
    monkeypatch.setattr(accepted_terms, "TERMS_ADDRESS", "https://example.org/second")
    with pytest.raises(UsageError):
        require_accepted_terms(accept=False)
    require_accepted_terms(accept=True)
    assert len(json.loads((folder / FILE).read_text())["accepted"]) == 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"accepted": "https"}', "7"])
def test_a_damaged_file_accepts_nothing(folder: pathlib.Path, content: str) -> None:
    folder.mkdir()
    (folder / FILE).write_text(content)
    with pytest.raises(UsageError):
        require_accepted_terms(accept=False)
    require_accepted_terms(accept=True)
    require_accepted_terms(accept=False)


def test_a_folder_that_cannot_be_made_is_an_error_of_ours(folder: pathlib.Path) -> None:
    folder.write_text("a file where the folder belongs")
    with pytest.raises(UsageError, match="cannot be remembered") as caught:
        require_accepted_terms(accept=True)
    assert "VEP_CONFIG_DIR" in str(caught.value.remedy)
