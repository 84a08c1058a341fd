import pathlib
import shutil
import subprocess

import pysam
import pytest
from toy_inputs import Run, assert_refused, vcf

ATAC = ("--modality", "ATAC", "--quiet")
RECORDS = ("chr1 6000 . T A", "chr2 100 . C A", "chr2 3000 . CCC A", "chr2 3100 . C G", "chr2 5000 . C T")


@pytest.fixture
def source(tmp_path: pathlib.Path) -> pathlib.Path:
    plain, path = tmp_path / "in.vcf", tmp_path / "in.vcf.gz"
    plain.write_text(vcf(*RECORDS))
    pysam.tabix_compress(str(plain), str(path))
    pysam.tabix_index(str(path), preset="vcf")
    return path


def positions(text: str) -> list[int]:
    return [int(line.split("\t")[1]) for line in text.splitlines() if not line.startswith("#")]


@pytest.mark.usefixtures("counting_network")
class TestRegions:
    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            (["--regions", "chr2:3002-4000"], [3000, 3100]),
            (["--regions", "2:1-200,1"], [6000, 100]),
            (["--regions", "chr2:3100", "--regions", "chr2:5000"], [3100, 5000]),
            (["--regions", "chr7"], []),
        ],
    )
    def test_only_they_are_scored(
        self, score_toy: Run, source: pathlib.Path, options: list[str], expected: list[int]
    ) -> None:
        done = score_toy(source, *options, *ATAC)
        assert done.status == 0
        assert positions(done.stdout) == expected
        assert done.stdout.count("VE_STATUS=PASS") == len(expected)

    def test_bed_file(self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path) -> None:
        bed = tmp_path / "in.bed"
        bed.write_text("chr2\t3099\t3100\nchr2\t99\t100\n")
        assert positions(score_toy(source, "--regions-file", bed, *ATAC).stdout) == [100, 3100]

    def test_scores_are_those_of_the_whole(self, score_toy: Run, source: pathlib.Path) -> None:
        whole, part = (
            [
                line
                for line in score_toy(source, *options, *ATAC).stdout.splitlines()
                if line.startswith("chr2\t3")
            ]
            for options in ([], ["--regions", "chr2:3000-3999"])
        )
        assert len(whole) == 2
        assert part == whole

    def test_shards_of_regions(
        self, run: Run, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        whole, merged, *parts = (tmp_path / f"{name}.vcf" for name in ("whole", "merged", "one", "two"))
        options = ("--regions", "chr2:3000-", *ATAC)
        assert score_toy(source, "-o", whole, *options).status == 0
        for number, part in enumerate(parts, start=1):
            assert score_toy(source, "-o", part, "--shard", f"{number}/2", *options).status == 0
        assert run("merge", *parts, "-o", merged).status == 0
        assert merged.read_bytes() == whole.read_bytes()
        assert positions(merged.read_text()) == [3000, 3100, 5000]

    @pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools is not installed")
    def test_bcf(self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path) -> None:
        path = tmp_path / "in.bcf"
        subprocess.run(["bcftools", "view", "-Ob", "-o", str(path), str(source)], check=True)
        assert_refused(score_toy(path, "--regions", "chr2", *ATAC), 2, f"{path}: ", "bcftools index")
        subprocess.run(["bcftools", "index", str(path)], check=True)
        done = score_toy(path, "--regions", "chr2:3002-4000,1", *ATAC)
        assert positions(done.stdout) == [6000, 3000, 3100]

    @pytest.mark.parametrize("source_name", ["-", "in.vcf"])
    def test_without_an_index(
        self, score_toy: Run, source: pathlib.Path, source_name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(source.parent)
        assert_refused(score_toy(source_name, "--regions", "chr2", *ATAC), 2, "index", "bcftools")

    def test_what_is_no_region(self, score_toy: Run, source: pathlib.Path) -> None:
        assert_refused(score_toy(source, "--regions", "chr2:9-1", *ATAC), 2, "'chr2:9-1' is no region")
