import gzip
import math
import pathlib
import subprocess

import cyvcf2
import pandas as pd
import pysam
import pytest
from toy_inputs import CONTIGS, Run, ToyGenome, assert_refused, vcf

from vep_cli import pipeline
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.settings import DEFAULT_WINDOW, ScoreSettings

RECORDS = vcf(
    "chr1 6000 . T A",
    "chr2 3000 rs1 C A,<DEL>,G 50 PASS DP=3",
    "2 3001 . c cgg",
    "chr2 3002 . A T",
)
ATAC = ("--modality", "ATAC", "--quiet")
STATUSES = ["PASS", "PASS,SYMBOLIC,PASS", "PASS", "REF_MISMATCH"]


@pytest.fixture
def source(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "in.vcf"
    path.write_text(RECORDS)
    return path


def info(line: str) -> dict[str, str]:
    return dict(field.partition("=")[::2] for field in line.split("\t")[7].split(";"))


def records(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def test_flags_become_settings(
    run: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ScoreSettings] = []

    def prepare(settings: ScoreSettings) -> None:
        asked.append(settings)
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "prepare", prepare)
    files = [
        "--fasta",
        str(toy_genome.fasta),
        "--gtf",
        str(toy_genome.gtf),
        "--weights",
        str(toy_weights.path),
    ]
    choices = ["--tissue", "liver", "--tissue", "brain", "--modality", "ATAC", "--organism", "mouse"]
    machine = ["--window", "4096", "--device", "cpu", "--precision", "bfloat16"]
    choices += ["--alleles", "as-written", "--polya", "sites.tsv"]
    choices += ["--ontology", "UBERON:0002107", "--track", "a*", "--track", "b", "--strand", "-"]
    choices += ["--splice-sites", "starts.tsv", "--splice-sites", "ends.tsv"]
    limits = ["--top", "3", "--min-score", "0.5"]
    run("score", "a b.vcf", "-o", "out.tsv", *files, *choices, *machine, *limits)
    run("score", "-", "--all-tracks")
    run("score", "-")
    full, every, plain = asked
    assert (full.source, full.output, full.weights) == ("a b.vcf", "out.tsv", (toy_weights.path,))
    assert (full.genome.fasta, full.genome.gtf) == (toy_genome.fasta, toy_genome.gtf)
    assert (full.genome.organism, full.tissues, full.modalities) == ("mouse", ("liver", "brain"), ("ATAC",))
    assert (full.window, full.device) == (4096, "cpu")
    assert (full.alleles, full.precision) == ("as-written", "bfloat16")
    assert (full.ontologies, full.track_names, full.strands) == (("UBERON:0002107",), ("a*", "b"), ("-",))
    assert (plain.ontologies, plain.track_names, plain.strands) == ((), (), ())
    assert (full.polyadenylation, plain.polyadenylation) == (pathlib.Path("sites.tsv"), None)
    tables = (pathlib.Path("starts.tsv"), pathlib.Path("ends.tsv"))
    assert (full.splice_sites, plain.splice_sites) == (tables, ())
    # Where the output goes decides nothing that is in it.
    assert full.command.startswith("vep score 'a b.vcf' --fasta ")
    assert (plain.source, plain.output, plain.genome.name) == ("-", "-", "demo")
    assert (plain.tissues, plain.modalities, plain.window) == ((), (), DEFAULT_WINDOW)
    assert plain.device == "auto"
    assert (plain.alleles, plain.precision) == ("normalized", "float32")
    assert (full.top, full.all_tracks, full.min_score) == (3, False, 0.5)
    assert (every.top, every.all_tracks) == (None, True)
    assert (plain.top, plain.all_tracks, plain.min_score) == (None, False, None)


@pytest.mark.usefixtures("counting_network")
class TestOutputs:
    def test_standard_output_is_the_annotated_vcf(self, score_toy: Run, source: pathlib.Path) -> None:
        done = score_toy(source, *ATAC)
        assert done.status == 0
        written = records(done.stdout)
        assert [info(line)["VE_STATUS"] for line in written] == STATUSES
        # A goes from 0 to 1 of 501 bases: log2(2/1). G: C goes from 501 to 500.
        assert info(written[1])["VE_ATAC"] == "1,.,-0.00287678"
        assert info(written[1])["DP"] == "3"
        for line, original in zip(written, records(RECORDS), strict=True):
            assert line.split("\t")[:7] == original.split("\t")[:7]

    def test_every_input_gives_the_same(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        text = RECORDS.encode()
        bgzipped, gzipped = tmp_path / "in.vcf.gz", tmp_path / "gz.vcf.gz"
        pysam.tabix_compress(str(source), str(bgzipped))
        gzipped.write_bytes(gzip.compress(text))
        expected = records(score_toy(source, *ATAC).stdout)
        assert expected
        for path in (bgzipped, gzipped):
            assert records(score_toy(path, *ATAC).stdout) == expected
        for stdin in (text, bgzipped.read_bytes()):
            assert records(score_toy("-", *ATAC, stdin=stdin).stdout) == expected

    def test_bcf(self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path) -> None:
        path = tmp_path / "in.bcf"
        source.write_text(vcf("chr1 6000 . T A", "chr2 3000 . C A,G", "chr2 3002 . A T"))
        with (
            pysam.VariantFile(str(source)) as reader,
            pysam.VariantFile(str(path), "wb", header=reader.header) as writer,
        ):
            for record in reader:
                writer.write(record)
        written = records(score_toy(path, *ATAC).stdout)
        assert [info(line)["VE_STATUS"] for line in written] == ["PASS", "PASS,PASS", "REF_MISMATCH"]
        assert info(written[1])["VE_ATAC"] == "1,-0.00287678"

    @pytest.mark.parametrize("name", ["out.vcf", "out.vcf.gz", "out.tsv", "out.tsv.gz"])
    def test_suffix_says_the_format(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path, name: str
    ) -> None:
        path = tmp_path / "results" / name
        path.parent.mkdir()
        done = score_toy(source, "-o", path, *ATAC)
        assert (done.status, done.stdout) == (0, "")
        content = path.read_bytes()
        text = (gzip.decompress(content) if name.endswith(".gz") else content).decode()
        if ".vcf" in name:
            assert records(text) == records(score_toy(source, *ATAC).stdout)
        else:
            table = pd.read_csv(path, sep="\t")
            assert len(table) == 4 * 2 * 2 + 2  # alleles by tracks by scorers, and two that were not scored
            assert list(table.status[table.status != "PASS"]) == ["SYMBOLIC", "REF_MISMATCH"]
        assert {entry.name for entry in path.parent.iterdir()} == {name}

    def test_sorted_output_has_an_index(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        source.write_text(vcf("chr1 6000 . T A", "chr2 3000 . C A"))
        path = tmp_path / "out.vcf.gz"
        assert score_toy(source, "-o", path, *ATAC).status == 0
        with pysam.TabixFile(str(path)) as table:
            assert len(list(table.fetch("chr2", 2990, 3010))) == 1

    def test_scoring_our_own_output_again_changes_nothing(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        once, twice = tmp_path / "once.vcf", tmp_path / "twice.vcf"
        score_toy(source, "-o", once, *ATAC)
        score_toy(once, "-o", twice, *ATAC)
        texts = [
            [line for line in path.read_text().splitlines() if not line.startswith("##vep_cli_command")]
            for path in (once, twice)
        ]
        assert texts[0] == texts[1]

    def test_summary_adds_up(self, score_toy: Run, source: pathlib.Path) -> None:
        lines = score_toy(source, "--modality", "ATAC").stderr.splitlines()
        assert lines[-3:] == [
            "vep: 4 records, 6 ALT alleles: 4 scored",
            "vep:   1 REF_MISMATCH: REF differs from the reference sequence",
            "vep:   1 SYMBOLIC: a symbolic allele such as <DEL>",
        ]

    def test_quiet_leaves_the_warnings(self, score_toy: Run, source: pathlib.Path) -> None:
        done = score_toy(source, *ATAC)
        assert [line.partition(":")[2].partition(":")[0] for line in done.stderr.splitlines()] == [" warning"]
        assert "RANDOM NUMBERS" in done.stderr

    def test_bad_records_stop_no_other(self, score_toy: Run, source: pathlib.Path) -> None:
        bad = ["chr2", "chr2\t3000\t.\tC", "chr2\tx\t.\tC\tA\t.\t.\t.", "chr2\t0\t.\tC\tA\t.\t.\t."]
        good = "chr2\t3000\t.\tC\tA\t.\t.\t."
        source.write_text(vcf() + "".join(f"{line}\n{good}\n" for line in bad))
        done = score_toy(source, "--modality", "ATAC")
        assert done.status == 0
        written = records(done.stdout)
        assert sum("VE_STATUS=PASS" in line for line in written) == len(bad)
        assert [line for line in written if "VE_STATUS" not in line] == bad[:3]
        assert f"{source}:6: not a VCF record" in done.stderr
        assert "3 MALFORMED" in done.stderr
        assert "1 OFF_CONTIG" in done.stderr

    def test_strict_fails_after_all_is_written(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        path = tmp_path / "out.vcf"
        done = score_toy(source, "-o", path, "--strict", *ATAC)
        assert_refused(done, 1, f"{source}: bad data kept 1 of 6 alleles")
        assert len(records(path.read_text())) == 4

    def test_strict_is_content_with_alleles_that_no_one_could_score(
        self, score_toy: Run, source: pathlib.Path
    ) -> None:
        source.write_text(vcf("chr2 3000 . C A,<DEL>,*,N"))
        assert score_toy(source, "--strict", *ATAC).status == 0

    def test_header_without_records(self, score_toy: Run, source: pathlib.Path) -> None:
        source.write_text(vcf())
        done = score_toy(source, *ATAC)
        assert done.status == 0
        assert done.stdout.endswith("\n" + vcf().splitlines()[-1] + "\n")
        assert f"{source} has no records" in done.stderr

    def test_other_build_is_suspected(self, score_toy: Run, source: pathlib.Path) -> None:
        source.write_text(vcf(*(f"chr2 {position} . G A" for position in range(100, 300))))
        done = score_toy(source, *ATAC)
        assert "REF differs from the reference sequence in 100 of the first 100 records" in done.stderr
        assert done.stderr.count("wrong genome build?") == 1

    def test_annotation_of_other_contigs_is_a_warning(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path, toy_genome: ToyGenome
    ) -> None:
        genes = tmp_path / "other.gtf"
        genes.write_text(toy_genome.gtf.read_text().replace("chr1\t", "NC_000001.11\t"))
        done = score_toy(source, *ATAC, "--gtf", genes)
        assert f"no contig of the annotation {genes} (NC_000001.11, ...)" in done.stderr

    def test_without_genes_their_scorers_are_left_out(
        self, run: Run, source: pathlib.Path, toy_genome: ToyGenome, toy_weights: WeightsFolder
    ) -> None:
        files = ("--fasta", toy_genome.fasta, "--weights", toy_weights.path, "--window", 4096)
        done = run("score", source, *files, "--modality", "ATAC", "--modality", "RNA_SEQ")
        assert done.status == 0
        assert "left out: needs a gene annotation (--gtf)" in done.stderr
        assert "scorers RNA_SEQ, " in done.stderr
        assert done.stderr.count("left out") == 1
        assert "VE_RNA_SEQ" not in done.stdout

    def test_polyadenylation_needs_its_table(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        done = score_toy(source, "--modality", "RNA_SEQ")
        assert "scorer POLYADENYLATION left out: needs a table" in done.stderr
        sites, output = tmp_path / "sites.tsv", tmp_path / "out.tsv"
        sites.write_text("Start\tpas_strand\tgene_id\n5800\t+\tENSG01\n6200\t+\tENSG01\n")
        done = score_toy(source, "-o", output, "--modality", "RNA_SEQ", "--polya", sites)
        assert "left out" not in done.stderr
        table = pd.read_csv(output, sep="\t")
        scored = table[table.variant_scorer == "PolyadenylationScorer()"]
        # One variant of the file is in PLUS, at 6000; it adds an A to the 400 bases before 6200.
        assert list(scored.gene_name) == ["PLUS"]
        assert list(scored.variant_id) == ["chr1:6000:T>A"]
        before = CONTIGS["chr1"][5801:6201].count("A")
        assert scored.raw_score.iloc[0] == pytest.approx(math.log2((before + 1) / before), rel=1e-3)

    def test_a_table_of_sites_that_is_none(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        sites = tmp_path / "sites.tsv"
        sites.write_text("gene\n")
        assert_refused(score_toy(source, "--polya", sites, *ATAC), 1, str(sites), "pas_strand")

    def test_progress_is_for_terminals(self, score_toy: Run, source: pathlib.Path) -> None:
        assert "\x1b" not in score_toy(source, "--modality", "ATAC").stderr

    @pytest.mark.parametrize("error", [MemoryError(), KeyboardInterrupt(), ZeroDivisionError()])
    def test_whatever_happens_no_part_of_an_output_stays(
        self,
        score_toy: Run,
        source: pathlib.Path,
        tmp_path: pathlib.Path,
        monkeypatch: pytest.MonkeyPatch,
        error: BaseException,
    ) -> None:
        def fail(*_: object) -> None:
            raise error

        path = tmp_path / "results" / "out.vcf.gz"
        path.parent.mkdir()
        path.write_text("old")
        monkeypatch.setattr(pipeline.Statistics, "count", fail)
        assert score_toy(source, "-o", path, *ATAC).status != 0
        assert path.read_text() == "old"
        assert list(path.parent.iterdir()) == [path]

    def test_cyvcf2_reads_the_output(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        source.write_text(vcf("chr2 3000 . C A,<DEL>,G", "chr2 3100 . C G"))
        path = tmp_path / "out.vcf.gz"
        score_toy(source, "-o", path, *ATAC)
        variants = list(cyvcf2.VCF(str(path)))
        assert [variant.INFO["VE_STATUS"] for variant in variants] == ["PASS,SYMBOLIC,PASS", "PASS"]
        assert variants[0].INFO["VE_ATAC"] == pytest.approx((1, None, -0.00287678))
        assert len(variants[0].INFO["VE"].split(",")) == 2

    def test_bcftools_reads_and_filters_the_output(
        self, score_toy: Run, source: pathlib.Path, tmp_path: pathlib.Path
    ) -> None:
        source.write_text(vcf("chr2 3000 . C A,G", "chr2 3100 . C G", "chr2 3200 . C <DEL>"))
        path = tmp_path / "out.vcf.gz"
        score_toy(source, "-o", path, *ATAC)

        def bcftools(*arguments: str) -> str:
            done = subprocess.run(["bcftools", *arguments], capture_output=True, text=True, check=True)
            assert done.stderr == ""
            return done.stdout

        try:
            bcftools("--version")
        except FileNotFoundError:
            pytest.skip("bcftools is not installed")
        strong = bcftools("view", "-H", "-i", "VE_ATAC>0.1", str(path))
        assert [line.split("\t")[1] for line in strong.splitlines()] == ["3000"]
        fields = bcftools("+split-vep", str(path), "-a", "VE", "-d", "-f", "%POS %Allele %Consequence %Raw\n")
        assert fields.splitlines() == [
            "3000 A accessibility_gain 1",
            "3000 G accessibility_loss -0.00287678",
            "3100 G accessibility_loss -0.00287678",
        ]
        binary = tmp_path / "out.bcf"
        bcftools("view", "-Ob", "-o", str(binary), str(path))
        assert bcftools("view", "-H", str(binary)) == bcftools("view", "-H", str(path))
        assert len(bcftools("view", "-H", "-r", "chr2:3150-3250", str(path)).splitlines()) == 1
