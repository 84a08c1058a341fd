import importlib.util
import pathlib

import pytest
from made_scores import SCORERS

from vep_cli.errors import UsageError
from vep_cli.writers.formats import check_format, make_writer, output_format


@pytest.mark.parametrize(
    ("path", "suffix"),
    [
        ("-", ".vcf"),
        ("a.vcf", ".vcf"),
        ("a.b.vcf.gz", ".vcf"),
        ("a.vcf.bgz", ".vcf"),
        ("dir.vcf/a.tsv", ".tsv"),
        ("a.tsv.gz", ".tsv"),
        ("a.parquet", ".parquet"),
        ("/dev/null", ".vcf"),
    ],
)
def test_suffix_says_the_format(path: str, suffix: str) -> None:
    assert output_format(path) == suffix


@pytest.mark.parametrize("path", ["a.bcf", "a", "a.gz", "vcf", "a.vcf.zip", "", "a.VCF", "a.parquet.gz"])
def test_other_suffixes_are_refused_with_the_choice(path: str) -> None:
    with pytest.raises(UsageError, match="suffix") as caught:
        output_format(path)
    assert caught.value.remedy == "end its name in .vcf or .vcf.gz, .tsv or .tsv.gz, or .parquet"


def test_regular_file_without_a_suffix_is_refused_though_it_exists(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "notes"
    path.touch()
    with pytest.raises(UsageError):
        output_format(str(path))


def test_each_format_has_its_writer() -> None:
    assert type(make_writer("x.vcf.gz", SCORERS, [])).__name__ == "VcfWriter"
    assert type(make_writer("x.tsv", SCORERS, [])).__name__ == "TsvWriter"
    assert type(make_writer("x.parquet", SCORERS, [])).__name__ == "ParquetWriter"


def test_parquet_without_its_library_is_refused_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    check_format("x.parquet")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"^x\.parquet: .* the package pyarrow, which is not") as caught:
        check_format("x.parquet")
    assert "pip install 'vep-cli[parquet]'" in str(caught.value.remedy)
    check_format("x.tsv")


def test_formats_are_checked_by_their_suffix_too() -> None:
    with pytest.raises(UsageError, match="suffix"):
        check_format("x.bcf")
