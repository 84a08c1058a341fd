import json
import pathlib

import pysam
import pytest
from toy_inputs import CONTIGS, Run, ToyGenome, assert_refused, vcf

from vep_cli.model.weights_folder import WeightsFolder

ATAC = ("--modality", "ATAC", "--quiet")
RECORDS = vcf("chr1 6000 . T A", "chr2 3000 . C A")


@pytest.fixture
def source(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "in.vcf"
    path.write_text(RECORDS)
    return path


@pytest.mark.usefixtures("counting_network")
class TestRefusals:
    def test_fasta_without_index(self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path) -> None:
        fasta = tmp_path / "bare.fa"
        fasta.write_text(">chr1\nACGT\n")
        assert_refused(score_toy(source, "--fasta", fasta), 1, str(fasta), "samtools faidx")

    def test_contig_that_the_fasta_lacks(self, score_toy: Run, source: pathlib.Path) -> None:
        source.write_text(vcf("chr7 5 . A C", "chr2 3000 . C A"))
        done = score_toy(source, *ATAC)
        assert done.status == 0
        assert "contig 'chr7' is not in the reference" in done.stderr
        assert "\tVE_STATUS=UNKNOWN_CONTIG\n" in done.stdout
        assert "VE_STATUS=PASS\n" in done.stdout

    @pytest.mark.parametrize("content", [b"", b"no vcf\n", b"##fileformat=VCFv4.2\n", b"\x00\x01\x02"])
    def test_what_is_no_vcf(self, score_toy: Run, source: pathlib.Path, content: bytes) -> None:
        source.write_bytes(content)
        assert_refused(score_toy(source), 1, str(source))
        assert_refused(score_toy("-", stdin=content), 1, "standard input")

    def test_source_that_is_not_there(self, score_toy: Run) -> None:
        refused = score_toy("absent.vcf")
        assert_refused(refused, 1, "absent.vcf: cannot be opened", "check the path")
        assert refused.stderr.startswith("vep: error: absent.vcf")  # before anything else is said

    def test_truncated_input_leaves_no_output(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        whole = tmp_path / "whole.vcf.gz"
        pysam.tabix_compress(str(source), str(whole))
        cut, output = tmp_path / "cut.vcf.gz", tmp_path / "out.vcf"
        cut.write_bytes(whole.read_bytes()[:-28])
        assert_refused(score_toy(cut, "-o", output), 1, f"{cut}:", "truncated")
        assert not output.exists()

    @pytest.mark.parametrize(
        ("arguments", "status", "words"),
        [
            (["--tissue", "livr"], 2, ["livr", "liver"]),
            (["--modality", "ATAK"], 2, ["'ATAK'", "ATAC"]),
            (["--window", "1000"], 2, ["1000 bp", "multiple of 2048"]),
            (["--window", "0"], 2, ["--window"]),
            (["--device", "tpu"], 2, ["tpu", "--device cpu"]),
            (["--device", "abacus"], 2, ["abacus"]),
            (["--precision", "tf32", "--device", "cpu"], 2, ["NVIDIA GPUs", "--precision float32"]),
            (["--devices", "99"], 2, ["--devices 99", "or all"]),
            (["--devices", "two"], 2, ["no number of devices"]),
            (["-o", "out.bcf"], 2, ["out.bcf", ".vcf.gz"]),
            (["-o", "absent/out.vcf"], 1, ["absent/out.vcf", "mkdir -p absent"]),
            (["--weights", "absent"], 1, ["absent", "manifest.json"]),
            (["--fasta", "absent.fa"], 1, ["absent.fa", "--fasta"]),
            (["--gtf", "absent.gtf"], 1, ["absent.gtf", "--gtf"]),
        ],
    )
    def test_bad_choices(
        self, score_toy: Run, source: pathlib.Path, arguments: list[str], status: int, words: list[str]
    ) -> None:
        assert_refused(score_toy(source, *arguments), status, *words)

    def test_output_that_is_the_input(self, score_toy: Run, source: pathlib.Path) -> None:
        assert_refused(score_toy(source, "-o", source), 2, f"{source}: the output is one of the inputs")
        assert source.read_text() == RECORDS

    def test_output_that_is_the_reference(
        self, run: Run, source: pathlib.Path, toy_weights: WeightsFolder, tmp_path: pathlib.Path
    ) -> None:
        odd = tmp_path / "genome.vcf"
        odd.write_text(f">chr2\n{CONTIGS['chr2']}\n")
        pysam.faidx(str(odd))
        done = run(
            "score", source, "--fasta", odd, "--weights", toy_weights.path, "--window", 4096, "-o", odd
        )
        assert_refused(done, 2, "one of the inputs")

    def test_output_that_is_a_folder(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        folder = tmp_path / "out.vcf"
        folder.mkdir()
        assert_refused(score_toy(source, "-o", folder), 1, f"{folder}: the output is a folder")

    def test_full_disk(self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path) -> None:
        path = tmp_path / "full.vcf"
        path.symlink_to("/dev/full")
        assert_refused(score_toy(source, "-o", path, *ATAC), 1, str(path), "No space left", "disk space")

    def test_damaged_weights(self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path) -> None:
        folder = tmp_path / "weights"
        folder.mkdir()
        assert_refused(score_toy(source, "--weights", folder), 1, "manifest.json")
        (folder / "manifest.json").write_text(json.dumps({"format": 99}))
        assert_refused(score_toy(source, "--weights", folder), 1, "format 99")

    def test_scorers_that_need_genes_alone(
        self, run: Run, source: pathlib.Path, toy_genome: ToyGenome, toy_weights: WeightsFolder
    ) -> None:
        files = ("--fasta", toy_genome.fasta, "--weights", toy_weights.path, "--window", 4096)
        assert_refused(run("score", source, *files, "--modality", "RNA_SEQ"), 2, "RNA_SEQ", "--gtf")


def test_damaged_parameters_are_found_before_anything_is_written(
    score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path, toy_weights: WeightsFolder
) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    for path in toy_weights.path.iterdir():
        content = path.read_bytes()
        (folder / path.name).write_bytes(content[:-8] if path.suffix == ".safetensors" else content)
    assert_refused(
        score_toy(source, "--weights", folder, *ATAC), 1, "model.safetensors", "get the folder again"
    )
