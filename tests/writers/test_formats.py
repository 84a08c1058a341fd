import pathlib

import pytest
from made_scores import SCORERS

from vep_cli.errors import UsageError
from vep_cli.writers.formats import make_writer, output_format


@pytest.mark.parametrize(
    ("path", "suffix"),
    [
        ("-", ".vcf"),
        ("a.vcf", ".vcf"),
        ("a.b.vcf.gz", ".vcf"),
        ("a.vcf.bgz", ".vcf"),
        ("dir.vcf/a.tsv", ".tsv"),
        ("a.tsv.gz", ".tsv"),
        ("/dev/null", ".vcf"),
    ],
)
def test_suffix_says_the_format(path: str, suffix: str) -> None:
    assert output_format(path) == suffix


@pytest.mark.parametrize("path", ["a.bcf", "a", "a.gz", "vcf", "a.vcf.zip", "", "a.VCF"])
def test_other_suffixes_are_refused_with_the_choice(path: str) -> None:
    with pytest.raises(UsageError, match="suffix") as caught:
        output_format(path)
    assert caught.value.remedy == "end its name in .vcf or .vcf.gz, .tsv or .tsv.gz"


def test_regular_file_without_a_suffix_is_refused_though_it_exists(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "notes"
    path.touch()
    with pytest.raises(UsageError):
        output_format(str(path))


def test_each_format_has_its_writer() -> None:
    assert type(make_writer("x.vcf.gz", SCORERS, [])).__name__ == "VcfWriter"
    assert type(make_writer("x.tsv", SCORERS, [])).__name__ == "TsvWriter"
