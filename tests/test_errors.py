import pathlib

import pytest

from vep_cli import errors
from vep_cli.errors import DeviceError, FastaError, UsageError, VepError, reason


def test_the_message_alone() -> None:
    error = VepError("no such contig", remedy="name another")
    assert (str(error), error.remedy, error.path, error.line) == (
        "no such contig",
        "name another",
        None,
        None,
    )


def test_place_is_written_as_compilers_write_it() -> None:
    assert str(VepError("is bad", path="a.vcf")) == "a.vcf: is bad"
    assert str(VepError("is bad", path=pathlib.Path("b/a.vcf"), line=7)) == "b/a.vcf:7: is bad"


def test_a_line_without_a_file_is_not_shown() -> None:
    assert str(VepError("is bad", line=7)) == "is bad"


def test_reasons_are_the_systems_words_without_number_and_path(tmp_path: pathlib.Path) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        tmp_path.read_bytes()
    assert reason(caught.value) == "Is a directory"
    assert reason(OSError("it broke")) == reason(ValueError("it broke")) == "it broke"


def test_misuse_has_exit_status_2_and_bad_input_1() -> None:
    assert (UsageError("x").exit_code, DeviceError("x").exit_code, FastaError("x").exit_code) == (2, 2, 1)


def test_every_error_of_the_module_is_a_vep_error() -> None:
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and kind.__module__ == errors.__name__
    ]
    assert len(kinds) > 5
    assert all(issubclass(kind, VepError) for kind in kinds)


def test_errors_survive_being_raised_from_another() -> None:
    with pytest.raises(VepError, match=r"^a\.fa: is bad$") as caught:
        raise FastaError("is bad", path="a.fa") from OSError("disk")
    assert isinstance(caught.value.__cause__, OSError)
