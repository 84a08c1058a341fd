import csv
import io
import pathlib
import re

import pytest
from toy_inputs import Outcome, Run, ToyGenome, assert_refused

from vep_cli.genome.fasta_index import build_index
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.mutagenesis_pipeline import plan_mutagenesis

REGION = "chr2:3001-3003"
"""Bases that are all C."""

SCORER = ("--scorer", "ATAC:501:DIFF_MEAN")


@pytest.fixture
def ism(run: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder) -> Run:
    """Call `vep ism` on the toy genome with the toy model."""

    def call(*arguments: object) -> Outcome:
        files = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf, "--weights", toy_weights.path)
        window = () if "--window" in arguments else ("--window", 4096)
        return run("ism", *arguments, *files, *window)

    return call


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


@pytest.mark.usefixtures("counting_network")
def test_scores_of_every_change(ism: Run) -> None:
    # The liver track counts A: of 501 bases one is A, if A comes in. The brain track counts C: one is lost.
    done = ism(REGION, *SCORER)
    assert done.status == 0
    table = rows(done.stdout)
    alleles = [f"chr2:{position}:C>{base}" for position in (3001, 3002, 3003) for base in "AGT"]
    assert list(dict.fromkeys(row["variant_id"] for row in table)) == alleles
    liver, brain = (
        [float(row["raw_score"]) for row in table if row["biosample_name"] == name]
        for name in ("liver", "brain")
    )
    assert liver == pytest.approx([1 / 501, 0, 0] * 3, rel=1e-5)
    assert brain == pytest.approx([-1 / 501] * 9, rel=1e-5)
    # All in one window, 4,096 bp round the second base.
    assert {row["scored_interval"] for row in table} == {"chr2:954-5050:."}
    assert "3 records, 9 ALT alleles: 9 scored" in done.stderr


@pytest.mark.usefixtures("counting_network")
def test_round_a_variant(ism: Run) -> None:
    done = ism("chr2:3002:C:G", "--mutated", 3, *SCORER)
    assert done.stdout == ism(REGION, *SCORER).stdout


@pytest.mark.usefixtures("counting_network")
def test_a_change_scores_what_vep_score_says_of_it(ism: Run, score_toy: Run, tmp_path: pathlib.Path) -> None:
    table = tmp_path / "scores.tsv"
    line = (
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\nchr2\t3002\t.\tC\tA\t.\t.\t.\n"
    )
    score_toy("-", "-o", table, stdin=line.encode())
    # The window lies round the same base, so that every column is the same.
    changed = [row for row in rows(ism(REGION).stdout) if row["variant_id"] == "chr2:3002:C>A"]
    assert changed == rows(table.read_text())


@pytest.mark.usefixtures("counting_network")
def test_what_there_is_to_know_of_a_score_is_told(ism: Run) -> None:
    # The window reaches past the first base of the contig, which is N in what the network sees.
    table = rows(ism("chr2:101-101", *SCORER).stdout)
    assert table
    assert all("CONTIG_EDGE" in row["allele_flags"] for row in table)


@pytest.mark.usefixtures("counting_network")
def test_logo_is_drawn_and_the_same_every_time(ism: Run, tmp_path: pathlib.Path) -> None:
    pytest.importorskip("matplotlib")
    paths = [tmp_path / name for name in ("one.svg", "two.svg")]
    for path in paths:
        assert ism(REGION, *SCORER, "--tissue", "brain", "--logo", path, "-o", tmp_path / "x.tsv").status == 0
    drawn = paths[0].read_text()
    for words in ("chr2:3,001-3,003: every base changed", "ATAC-seq", "brain", "Research use only"):
        assert words in drawn
    # Each C contributes a 501st, which is the top of the axis.
    assert re.search(">0.0020?<", drawn)
    assert drawn == paths[1].read_text()


def test_an_unknown_base_has_four_changes(tmp_path: pathlib.Path) -> None:
    fasta = tmp_path / "n.fa"
    fasta.write_text(f">chr1\n{'A' * 99}N{'A' * 100}\n")
    build_index(fasta)
    with Reference(fasta) as reference:
        stretch = Interval(chromosome="chr1", start=98, end=101)
        planned = list(plan_mutagenesis(stretch, reference, 64))
    assert [one.record.alternates for one in planned] == [tuple("CGT"), tuple("ACGT"), tuple("CGT")]
    windows = [window for one in planned for window in one.windows if window is not None]
    assert len({window.reference_bases for window in windows}) == 1
    assert len({window.interval for window in windows}) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chr2",), ("'chr2' is not a variant", "CHROM:POS:REF:ALT")),
        (("chr9:1-10",), ("no contig chr9", "chr1, chr2")),
        (("chr2:5991-6001",), ("not wholly on chr2", "6,000")),
        (("chr2:1-5000",), ("5,000 base pairs do not lie inside a window of 4,096", "--window")),
        (("chr1:1-10001", "--window", 2**20), ("10,001 base pairs", "at most 10,000")),
        ((REGION, "-o", "x.vcf"), (".tsv or .tsv.gz, not to x.vcf",)),
        ((REGION, "--logo", "x.jpg"), ("x.jpg", ".png")),
        (("chr1:1-1001", "--logo", "x.png"), ("a logo of 1,001 bases", "--logo")),
    ],
)
def test_refusals(
    ism: Run,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[object, ...],
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_refused(ism(*arguments), 2, *words)
    assert list(tmp_path.glob("*.*")) == []
