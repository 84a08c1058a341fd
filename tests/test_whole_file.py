import pathlib

import pytest

from vep_cli.whole_file import appearing_whole


def test_a_file_appears_when_it_is_whole(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "table.tsv"
    with appearing_whole(path) as part:
        part.write_text("half")
        assert not path.exists()
        assert part.suffix == ".tsv"
        part.write_text("whole")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("table.tsv", "whole")]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_was_there_stays_whatever_goes_wrong(tmp_path: pathlib.Path, error: type[BaseException]) -> None:
    path = tmp_path / "table.tsv"
    path.write_text("old")

    def go_wrong() -> None:
        with appearing_whole(path) as part:
            part.write_text("half")
            raise error

    with pytest.raises(error):
        go_wrong()
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("table.tsv", "old")]


def test_a_folder_that_is_gone_is_the_error_that_is_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError), appearing_whole(tmp_path / "gone" / "table.tsv") as part:
        part.write_text("never")
