"""`vep report` through the real command."""

import gzip
import pathlib
import re
import shutil
import subprocess
import sys

import pysam
import pytest
from scored_files import PageReader, entry, record, scored_vcf, tables, ve
from toy_inputs import Run, assert_refused, vcf

DATA = pathlib.Path(__file__).parents[1] / "data"
EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
ONE = record("chr1:100:A:C", ve(entry("C", "ATAC", 0.25, Gene="TNF")), "VE_STATUS=PASS")


@pytest.fixture
def scored(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "scored.vcf"
    path.write_text(scored_vcf(ONE))
    return path


def test_a_report(run: Run, scored: pathlib.Path, tmp_path: pathlib.Path) -> None:
    done = run("report", scored, "-o", tmp_path / "report.html")
    assert (done.status, done.stdout, done.stderr) == (
        0,
        "",
        "vep: report on 1 ALT allele: 1 scored\n",
    )
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert PageReader(page).named("title")[0].text == "Variant scores: scored.vcf"
    # The page alone: no part of it is left lying about.
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "scored.vcf"]


def test_quiet(run: Run, scored: pathlib.Path, tmp_path: pathlib.Path) -> None:
    assert run("report", scored, "-q", "-o", tmp_path / "report.html").stderr == ""


def test_standard_streams_and_compression(run: Run, scored: pathlib.Path, tmp_path: pathlib.Path) -> None:
    page = run("report", scored).stdout
    piped = run("report", "-", stdin=scored.read_bytes()).stdout
    assert piped == page.replace("scored.vcf", "standard input")
    for name, compress in (("a.vcf.gz", gzip.compress), ("b.vcf.gz", None)):
        path = tmp_path / name
        if compress is None:
            pysam.tabix_compress(str(scored), str(path))
        else:
            path.write_bytes(compress(scored.read_bytes()))
        assert run("report", path).stdout == page.replace("scored.vcf", name)


def test_a_bcf_of_a_scored_vcf(run: Run, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "demo.bcf"
    with (
        pysam.VariantFile(str(EXAMPLES / "demo.scored.vcf")) as records,
        pysam.VariantFile(str(path), "wb", header=records.header) as written,
    ):
        for one in records:
            written.write(one)
    expected = run("report", EXAMPLES / "demo.scored.vcf").stdout.replace("demo.scored.vcf", "demo.bcf")
    assert tables(run("report", path).stdout) == tables(expected)


def test_samples_are_told(run: Run) -> None:
    # The example has three; its counts are those that the run itself ended with (README).
    done = run("report", EXAMPLES / "demo.scored.vcf")
    assert done.stderr == "vep: report on 32 ALT alleles: 30 scored\n"
    figures = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", done.stdout)[:4]
    assert figures == [("records", "30"), ("ALT alleles", "32"), ("scored", "30"), ("samples", "3")]
    assert (
        "follow rules that someone wrote down"
        in PageReader(done.stdout).named("div", class_="warnings")[0].text
    )


def test_a_table_says_what_the_vcf_says(run: Run) -> None:
    pages = [run("report", DATA / f"toy.scored.{suffix}").stdout for suffix in ("vcf", "tsv")]
    of_vcf, of_table = (tables(page) for page in pages)
    # Statuses, flags, and of the scorers all but how the last digits are rounded.
    assert of_vcf[0] == of_table[0]
    assert of_vcf[1] == of_table[1]
    assert of_vcf[2] == of_table[2]
    assert len(of_vcf[2]) > 3
    for one, other in zip(of_vcf[3:], of_table[3:], strict=True):
        same = [name for name in one[0] if name in ("Alleles", "Consequence", "Score", "Gene", "Biosample")]
        assert [[row[one[0].index(name)] for name in same] for row in one] == [
            [row[other[0].index(name)] for name in same] for row in other
        ]
    assert "a table does not say" not in pages[0]
    assert "a table does not say" in PageReader(pages[1]).named("div", class_="warnings")[0].text


def test_a_compressed_table(run: Run, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "toy.scored.tsv.gz"
    path.write_bytes(gzip.compress((DATA / "toy.scored.tsv").read_bytes()))
    expected = run("report", DATA / "toy.scored.tsv").stdout
    assert run("report", path).stdout == expected.replace("toy.scored.tsv", "toy.scored.tsv.gz")


def test_a_run_and_its_report(
    run: Run, score_toy: Run, counting_network: None, tmp_path: pathlib.Path
) -> None:
    del counting_network
    source, out = tmp_path / "in.vcf", tmp_path / "out.vcf.gz"
    source.write_text(vcf("chr2 3000 . C G", "chr2 10 . A C", "chr2 4000 . C T,<DEL>"))
    assert score_toy(source, "--modality", "ATAC", "--tissue", "brain", "-o", out).status == 0
    status, _, scorers, _, atac = tables(run("report", out).stdout)[:5]
    assert [row[:2] for row in status[1:]] == [
        ["PASS", "2"],
        ["REF_MISMATCH", "1"],
        ["SYMBOLIC", "1"],
        ["all", "4"],
    ]
    # Brain's ATAC counts C: chr2 is all C, and of the 501 bp round the variant one is lost: 500 and 501,
    # as log2(501) - log2(502).
    assert scorers[1:] == [["ATAC", "2", "-0.0029", "-0.0029"]]
    assert [row[0] for row in atac[1:]] == ["chr2:3,000 C>G", "chr2:4,000 C>T"]


def test_top(run: Run) -> None:
    page = run("report", EXAMPLES / "demo.scored.vcf", "--top", 3).stdout
    assert "The 3 strongest of 30 alleles" in page
    rows = [row for table in tables(page) for row in table if row[0].startswith("chr6:")]
    assert len(rows) == 3 * len(tables(page)[2][1:])


def test_a_file_without_scores(run: Run, tmp_path: pathlib.Path) -> None:
    output = tmp_path / "report.html"
    done = run("report", EXAMPLES / "demo.vcf", "-o", output)
    assert_refused(done, 1, "demo.vcf: the file has no scores of vep", "vep score ")
    assert not output.exists()


def test_a_truncated_file_leaves_the_last_report(
    run: Run, scored: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    path, output = tmp_path / "cut.vcf.gz", tmp_path / "report.html"
    pysam.tabix_compress(str(scored), str(path))
    path.write_bytes(path.read_bytes()[:-28])
    output.write_text("an earlier report")
    assert_refused(run("report", path, "-o", output), 1, "truncated or damaged")
    assert output.read_text() == "an earlier report"
    table = tmp_path / "cut.tsv.gz"
    table.write_bytes(gzip.compress((DATA / "toy.scored.tsv").read_bytes())[:-200])
    assert_refused(run("report", table, "-o", output), 1, "truncated or damaged")


def test_refusals(run: Run, scored: pathlib.Path, tmp_path: pathlib.Path) -> None:
    assert_refused(run("report", scored, "-o", scored), 2, "the output is one of the inputs")
    assert scored.read_text() == scored_vcf(ONE)
    linked = tmp_path / "link.vcf"
    linked.symlink_to(scored)
    assert_refused(run("report", scored, "-o", linked), 2, "the output is one of the inputs")
    assert_refused(run("report", tmp_path / "none.vcf"), 1, "cannot be opened", "check the path")
    assert_refused(run("report", tmp_path / "none.tsv"), 1, "cannot be opened", "check the path")
    assert_refused(run("report", scored, "-o", tmp_path / "none" / "r.html"), 1, "folder does not exist")
    assert run("report", scored, "--top", 0).status == 2
    shutil.copy(scored, tmp_path / "scores.parquet")
    assert_refused(run("report", tmp_path / "scores.parquet"), 2, "not of Parquet", "scored.vcf.gz")
    other = tmp_path / "other.tsv"
    other.write_text("gene\tscore\nTNF\t1\n")
    assert_refused(run("report", other), 1, "no table of vep score", "variant_id")


def test_names_of_files_are_text_too(run: Run, scored: pathlib.Path, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "<img src=x onerror=alert(1)>.vcf"
    shutil.copy(scored, path)
    page = PageReader(run("report", path).stdout)
    assert page.named("img") == []
    assert page.named("p", class_="lead")[0].text == path.name


def test_bytes_that_are_no_text(run: Run, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "scored.vcf"
    path.write_bytes(scored_vcf(ONE).encode().replace(b"TNF", b"T\xff%00F"))
    done = run("report", path)
    assert done.status == 0
    assert "T�\ufffdF" in done.stdout


def test_a_report_takes_neither_jax_nor_the_network() -> None:
    program = (
        "import sys, vep_cli.report.page, vep_cli.report.scored_file, vep_cli.report.summary; "
        "print(*sorted(name for name in sys.modules if name.startswith(('jax.', 'pandas.', 'vep_cli.model', "
        "'vep_cli.inference', 'vep_cli.scoring'))))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
