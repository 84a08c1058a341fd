"""What `vep score` writes, read by the programs that people use: pandas and the real bcftools."""

import pathlib
import shutil
import subprocess

import numpy as np
import pandas as pd
import pyarrow.parquet
import pysam
import pytest
from toy_inputs import CONTIGS, Run, assert_refused, vcf

from vep_cli.writers.vcf_info import ENTRY_FIELDS

ATAC = ("--modality", "ATAC", "--quiet")
# Over 501 bases of C, an A goes from 0 to 1 for the track of A (liver): log2(2/1) = 1; and from 501 to
# 500 for the track of C (brain): log2(501/502) = -0.00288.
LIVER, BRAIN = 1.0, -0.00287678
RECORDS = vcf("chr2 3000 rs1 C A,<DEL> 50 PASS DP=3", "chr2 3100 . C G", "chr2 3200 . A T")

needs_bcftools = pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools is not installed")


@pytest.fixture
def source(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "in.vcf"
    path.write_text(RECORDS)
    return path


def entries(text: str) -> list[list[dict[str, str]]]:
    """Return the entries of VE of each record."""
    return [
        [
            dict(zip(ENTRY_FIELDS, entry.split("|"), strict=True))
            for field in line.split("\t")[7].split(";")
            if field.startswith("VE=")
            for entry in field.removeprefix("VE=").split(",")
        ]
        for line in text.splitlines()
        if not line.startswith("#")
    ]


def bcftools(*arguments: object) -> list[str]:
    command = ["bcftools", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""  # no warning about our header or fields either
    return done.stdout.splitlines()


@pytest.mark.usefixtures("counting_network")
class TestTables:
    def test_parquet_is_the_tsv(self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path) -> None:
        paths = [tmp_path / "results" / name for name in ("out.parquet", "out.tsv")]
        paths[0].parent.mkdir()
        for path in paths:
            done = score_toy(source, "-o", path, "--quiet", "--modality", "ATAC", "--modality", "RNA_SEQ")
            assert (done.status, done.stdout) == (0, "")
        assert sorted(paths[0].parent.iterdir()) == paths
        parquet, tsv = pd.read_parquet(paths[0]), pd.read_csv(paths[1], sep="\t")
        assert list(parquet.columns) == list(tsv.columns)
        assert len(parquet) == 2 * 2 * 2 + 2  # alleles by tracks by scorers, and two that were not scored
        for name in tsv.columns:
            # pandas 2 has None for a missing word of Parquet and NaN for one of a text file.
            found = parquet[name].where(parquet[name].notna(), np.nan).astype(tsv[name].dtype)
            pd.testing.assert_series_equal(found, tsv[name], rtol=1e-6)

    def test_parquet_says_how_it_came_about(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        path = tmp_path / "out.parquet"
        score_toy(source, "-o", path, *ATAC)
        metadata = pyarrow.parquet.read_schema(path).metadata
        assert metadata[b"vep_cli_window"] == b"4096"
        assert b"--modality ATAC" in metadata[b"vep_cli_command"]

    def test_failed_run_leaves_the_old_parquet(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        path = tmp_path / "out.parquet"
        path.write_text("old")
        whole, cut = tmp_path / "whole.vcf.gz", tmp_path / "cut.vcf.gz"
        pysam.tabix_compress(str(source), str(whole))
        cut.write_bytes(whole.read_bytes()[:-28])  # without the block that ends a BGZF file
        assert_refused(score_toy(cut, "-o", path, *ATAC), 1, "truncated")
        assert path.read_text() == "old"
        assert not list(tmp_path.glob(".*"))

    def test_top_of_a_table(self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path) -> None:
        path = tmp_path / "out.tsv"
        assert score_toy(source, "-o", path, "--top", 1, *ATAC).status == 0
        table = pd.read_csv(path, sep="\t")
        assert list(table.status) == ["PASS", "PASS", "SYMBOLIC", "PASS", "PASS", "REF_MISMATCH"]
        differences = table[table.variant_scorer.str.contains("DIFF", na=False)]
        assert differences.raw_score.tolist() == pytest.approx([LIVER, BRAIN], rel=1e-5)

    def test_no_allele_is_lost(self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path) -> None:
        path = tmp_path / "out.parquet"
        assert score_toy(source, "-o", path, "--min-score", 1000, *ATAC).status == 0
        table = pd.read_parquet(path)
        assert table.raw_score.isna().all()
        assert list(table.variant_id) == [
            "chr2:3000:C>A",
            "chr2:3000:C><DEL>",
            "chr2:3100:C>G",
            "chr2:3200:A>T",
        ]
        assert list(table.status) == ["PASS", "SYMBOLIC", "PASS", "REF_MISMATCH"]


@pytest.mark.usefixtures("counting_network")
class TestEntries:
    @pytest.mark.parametrize(
        ("options", "first", "second"),
        [
            ([], [LIVER], [BRAIN]),
            (["--top", "1"], [LIVER], [BRAIN]),
            # A G leaves the track of A as it is: 0 of 501 bases.
            (["--top", "2"], [LIVER, BRAIN], [BRAIN, 0]),
            (["--all-tracks"], [LIVER, BRAIN], [BRAIN, 0]),
            (["--all-tracks", "--min-score", "0.001"], [LIVER, BRAIN], [BRAIN]),
            (["--min-score", "0.1"], [LIVER], []),
        ],
    )
    def test_limits(
        self,
        score_toy: Run,
        source: pathlib.Path,
        options: list[str],
        first: list[float],
        second: list[float],
    ) -> None:
        done = score_toy(source, *ATAC, *options)
        told = [[float(entry["Raw"]) for entry in of_record] for of_record in entries(done.stdout)]
        assert told[0] == pytest.approx(first, rel=1e-5)
        assert told[1] == pytest.approx(second, rel=1e-5)
        assert told[2] == []
        assert done.stdout.count("VE_STATUS=PASS") == 2
        assert "VE_ATAC=1,." in done.stdout
        assert "VE_ATAC=-0.00287678" in done.stdout

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            (["--top", "2", "--all-tracks"], ["--top 2 and --all-tracks"]),
            (["--top", "0"], ["--top"]),
            (["--min-score", "-1"], ["--min-score"]),
            (["--min-score", "nan"], ["--min-score nan"]),
            (["--min-score", "inf"], ["--min-score inf"]),
            (["-o", "out.parquet.gz"], ["out.parquet.gz", ".parquet"]),
        ],
    )
    def test_what_cannot_be_meant(
        self, score_toy: Run, source: pathlib.Path, options: list[str], words: list[str]
    ) -> None:
        assert_refused(score_toy(source, *ATAC, *options), 2, *words)


@needs_bcftools
@pytest.mark.usefixtures("counting_network")
class TestBcftools:
    @pytest.fixture
    def scored(self, score_toy: Run, tmp_path: pathlib.Path) -> pathlib.Path:
        source, path = tmp_path / "genes.vcf", tmp_path / "scored.vcf.gz"
        chromosome = CONTIGS["chr1"]
        base, last = chromosome[5999], chromosome[6199]
        source.write_text(
            vcf(
                f"chr1 6000 one {base} {'A' if base != 'A' else 'C'},<DEL> 50 PASS DP=3",
                f"chr1 6200 two {last} {last}GATTACA",
                "chr2 3000 three C A",
                "chr2 3100 four C G",
                "chr2 3200 five A T",
            )
        )
        modalities = ("--modality", "ATAC", "--modality", "RNA_SEQ", "--quiet")
        assert score_toy(source, "-o", path, *modalities, "--top", 2).status == 0
        return path

    def test_view_reads_every_record(self, scored: pathlib.Path) -> None:
        lines = bcftools("view", "--no-header", scored)
        assert [line.split("\t")[2] for line in lines] == ["one", "two", "three", "four", "five"]
        assert len(bcftools("view", "--no-header", "--regions", "chr2:3050-3150", scored)) == 1

    def test_view_to_bcf_and_back_keeps_our_fields(
        self, scored: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        binary = tmp_path / "scored.bcf"
        bcftools("view", "--output-type", "b", "--output", binary, scored)
        assert bcftools("view", "--no-header", binary) == bcftools("view", "--no-header", scored)

    def test_split_vep_takes_the_entries_apart(self, scored: pathlib.Path) -> None:
        lines = bcftools("+split-vep", "-a", "VE", "-f", "%CHROM %POS %Gene %Raw\n", "-d", scored)
        found = [line.split(" ") for line in lines]
        assert all(len(cells) == 4 for cells in found)
        # The genes lie on chr1, one on each strand; chr2 has none, and two tracks of accessibility.
        assert {cells[2] for cells in found if cells[0] == "chr1"} == {".", "PLUS", "MINUS"}
        told = [
            (int(position), gene, float(raw)) for contig, position, gene, raw in found if contig == "chr2"
        ]
        assert told == [(3000, ".", LIVER), (3000, ".", BRAIN), (3100, ".", BRAIN), (3100, ".", 0)]

    def test_split_vep_selects_by_an_entry_s_field(self, scored: pathlib.Path) -> None:
        lines = bcftools("+split-vep", "-a", "VE", "-c", "Gene", "-i", 'Gene="PLUS"', "-f", "%ID\n", scored)
        assert lines == ["one", "two"]

    def test_view_selects_by_a_modality(self, scored: pathlib.Path) -> None:
        lines = bcftools("view", "--no-header", "-i", 'VE_ATAC>0.1 && CHROM="chr2"', scored)
        assert [line.split("\t")[2] for line in lines] == ["three"]
        lines = bcftools("view", "--no-header", "-i", 'VE_STATUS="REF_MISMATCH"', scored)
        assert [line.split("\t")[2] for line in lines] == ["five"]
