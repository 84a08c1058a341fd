import pathlib

import pysam
import pytest
from toy_inputs import vcf

from vep_cli.writers.output_file import OutputFile
from vep_cli.writers.vcf_index import index_output


def write(path: pathlib.Path, text: str) -> None:
    with OutputFile(str(path)) as output:
        output.write(text)


@pytest.mark.parametrize(("longest", "suffix"), [(12_000, ".tbi"), (600_000_000, ".csi")])
def test_index_answers_for_a_region(tmp_path: pathlib.Path, longest: int, suffix: str) -> None:
    path = tmp_path / "a.vcf.gz"
    for stale in (".tbi", ".csi"):
        (tmp_path / f"a.vcf.gz{stale}").write_text("of an earlier file")
    write(path, vcf("chr1 10 . A C", "chr1 900 . G T", "chr2 5 . C A"))
    index_output(str(path), longest)
    assert {entry.name for entry in tmp_path.iterdir()} == {"a.vcf.gz", f"a.vcf.gz{suffix}"}
    with pysam.TabixFile(str(path), index=str(path) + suffix) as table:
        assert [row.split("\t")[1] for row in table.fetch("chr1", 100, 1000)] == ["900"]


@pytest.mark.parametrize("rows", [["chr1 900 . A C", "chr1 10 . A C"], ["chr1 10 . A C", "chr1 words"]])
def test_what_cannot_be_indexed_is_a_warning(
    tmp_path: pathlib.Path,
    rows: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "a.vcf.gz"
    (tmp_path / "a.vcf.gz.tbi").write_text("of an earlier file")
    write(path, vcf(*rows))
    index_output(str(path), 12_000)
    assert list(tmp_path.iterdir()) == [path]
    assert [record.getMessage() for record in caplog.records] == [
        f"{path} has no index: it is not sorted, or has lines that are no records"
    ]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", ["a.vcf", "a.tsv.gz", "-"])
def test_others_need_no_index(tmp_path: pathlib.Path, name: str) -> None:
    if name != "-":
        write(tmp_path / name, vcf("chr1 10 . A C"))
    index_output(name if name == "-" else str(tmp_path / name), 12_000)
    assert [entry.name for entry in tmp_path.iterdir()] == [name] * (name != "-")
