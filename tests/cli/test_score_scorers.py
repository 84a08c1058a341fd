"""What `--scorer` does to a run, through the real command line and a network that counts bases."""

import pathlib

import pandas as pd
import pytest
from toy_inputs import CONTIGS, WINDOW, Run, ToyGenome, assert_refused, vcf

from vep_cli.model.weights_folder import WeightsFolder

# chr2 is all C, and its window lies inside: the A is the only one.
RECORD = vcf("chr2 3000 . C A").encode()
A_MASK = "CenterMaskScorer(requested_output={}, width={}, aggregation_type={})"


def table(score_toy: Run, tmp_path: pathlib.Path, *options: str) -> pd.DataFrame:
    path = tmp_path / "out.tsv"
    done = score_toy("-", "-o", path, "--quiet", *options, stdin=RECORD)
    assert done.status == 0, done.stderr
    return pd.read_csv(path, sep="\t")


@pytest.mark.usefixtures("counting_network")
class TestScores:
    def test_the_default_is_what_the_data_allow(self, score_toy: Run, tmp_path: pathlib.Path) -> None:
        found = set(table(score_toy, tmp_path).variant_scorer)
        assert A_MASK.format("ATAC", 501, "DIFF_LOG2_SUM") in found
        assert A_MASK.format("ATAC", 501, "ACTIVE_SUM") in found
        assert "ContactMapScorer()" in found

    def test_centre_masks_of_ones_own_on_paper(self, score_toy: Run, tmp_path: pathlib.Path) -> None:
        # ATAC's liver track counts A: none in REF, one in ALT, of 501 and of 4096 bases.
        # Its brain track counts C, of which ALT has one less: 500 of 501.
        options = ("--scorer", "ATAC:DIFF_MEAN", "--scorer", "atac:width=none:aggregation=L2_DIFF")
        found = table(score_toy, tmp_path, *options)
        assert list(found.variant_scorer.unique()) == [
            A_MASK.format("ATAC", 501, "DIFF_MEAN"),
            A_MASK.format("ATAC", None, "L2_DIFF"),
        ]
        assert list(found.biosample_name) == ["liver", "brain"] * 2
        assert list(found.raw_score) == pytest.approx([1 / 501, -1 / 501, 1, 1], rel=1e-4)
        assert list(found.alt_value) == pytest.approx([1 / 501, 500 / 501, 1, WINDOW - 1])

    def test_official_spellings_and_names_are_one_scorer(
        self, score_toy: Run, tmp_path: pathlib.Path
    ) -> None:
        name = A_MASK.format("CAGE", 501, "ACTIVE_SUM")
        found = table(score_toy, tmp_path, "--scorer", name, "--scorer", "cage_active")
        assert list(found.variant_scorer) == [name] * 2

    def test_the_modality_keys_of_a_vcf_are_the_recommended_scorers(self, score_toy: Run) -> None:
        custom = ("--scorer", "ATAC:2001:DIFF_SUM", "--quiet")
        done = score_toy("-", *custom, stdin=RECORD)
        assert "VE_ATAC" not in done.stdout
        info = done.stdout.splitlines()[-1].split("\t")[7]
        assert info.split("|")[3] == "ATAC:2001:DIFF_SUM"
        both = score_toy("-", *custom, "--scorer", "ATAC", stdin=RECORD)
        # log2(1 + 1) - log2(0 + 1) of the liver's A.
        assert "VE_ATAC=1;" in both.stdout
        assert [entry.split("|")[3] for entry in both.stdout.split("VE=")[1].split(",")] == [
            "ATAC:2001:DIFF_SUM",
            "ATAC",
        ]

    def test_only_what_is_read_is_predicted(self, score_toy: Run) -> None:
        done = score_toy("-", "--scorer", "DNASE", stdin=RECORD)
        assert "vep: tracks: DNASE 1\n" in done.stderr
        assert "left out" not in done.stderr


@pytest.mark.usefixtures("counting_network")
class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["ATAK"], ["no scorer is named 'ATAK'", "ATAC"]),
            (["ATAC:500"], ["no width is named '500'", "501"]),
            (["ATAC:DIFF_MEEN"], ["no aggregation is named 'DIFF_MEEN'", "DIFF_MEAN"]),
            (["POLYADENYLATION"], ["POLYADENYLATION needs a table of polyadenylation sites", "--polya"]),
            (["PROCAP"], ["scorer PROCAP reads PROCAP, of which no track is chosen", "vep tracks"]),
            (["ATAC", "--modality", "CAGE"], ["scorer ATAC reads ATAC", "--modality"]),
            (["polyadenylation", "--organism", "mouse"], ["POLYADENYLATION"]),
        ],
    )
    def test_what_cannot_be_used(self, score_toy: Run, arguments: list[str], words: list[str]) -> None:
        assert_refused(score_toy("-", "--scorer", *arguments, stdin=RECORD), 2, *words)

    def test_genes_that_are_not_there(
        self, run: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder
    ) -> None:
        files = ("--fasta", toy_genome.fasta, "--weights", toy_weights.path, "--window", WINDOW)
        done = run("score", "-", *files, "--scorer", "ATAC", "--scorer", "rna_seq", stdin=RECORD)
        assert_refused(done, 2, "scorer RNA_SEQ needs a gene annotation", "give one with --gtf")
        assert len(CONTIGS["chr2"]) > WINDOW
