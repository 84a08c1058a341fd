import importlib.util
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from toy_inputs import CONTIGS, WINDOW, Outcome, Run, ToyGenome, assert_refused, counting_predictor

pytest.importorskip("matplotlib")

from vep_cli import plot_pipeline
from vep_cli.model.weights_folder import WeightsFolder


@pytest.fixture
def plot(
    run: Run,
    toy_genome: ToyGenome,
    toy_weights: WeightsFolder,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Call `vep plot` on the toy genome with the toy model, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    genome = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf)

    def call(*arguments: object) -> Outcome:
        return run("plot", *arguments, *genome, "--window", WINDOW, "--weights", toy_weights.path)

    return call


@pytest.fixture
def _counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command draw a network that counts bases, and compiles in no time."""
    monkeypatch.setattr(plot_pipeline, "Predictor", counting_predictor)


def base(position: int, length: int = 1) -> str:
    return CONTIGS["chr1"][position - 1 : position - 1 + length]


def texts(path: str) -> list[str]:
    root = ElementTree.parse(path).getroot()
    return ["".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]


SNV = f"chr1:6100:{base(6100)}:{'A' if base(6100) != 'A' else 'C'}"


def test_the_real_network(plot: Run, tmp_path: pathlib.Path) -> None:
    kinds = ("RNA_SEQ", "SPLICE_JUNCTIONS", "SPLICE_SITES", "CONTACT_MAPS")
    done = plot(SNV, "-o", "figure.svg", *(word for kind in kinds for word in ("--modality", kind)))
    assert done.status == 0, done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.glob("*.*")] == ["figure.svg"]
    lines = done.stderr.splitlines()
    assert lines[0].startswith("vep: warning: the weights 'toy' are RANDOM NUMBERS")
    assert "vep: no tissue was asked for: liver UBERON:0002107 is drawn; choose with --tissue" in lines
    assert lines[-1] == "vep: figure.svg is drawn"
    found = texts("figure.svg")
    # The gene on '+' codes for a protein, and decides on the strand.
    assert {"PLUS →", "← MINUS", "PLUS, MINUS  \N{MIDDLE DOT}  liver", "RNA-seq (+)"} <= set(found)
    assert "RNA-seq (\N{MINUS SIGN})" not in found
    assert {"Splice junctions", "Splice donors (+)", "Contact map", "not trained"} <= set(found)
    foot = " ".join(found[-4:])
    assert "The weights 'toy' are RANDOM NUMBERS" in foot
    assert "toy 1" in foot
    assert "Research use only" in foot


@pytest.mark.usefixtures("_counting")
class TestCounting:
    def drawn(self, plot: Run, *arguments: object) -> list[str]:
        done = plot(*arguments, "-o", "figure.svg", "--quiet")
        assert done.status == 0, done.stderr
        return texts("figure.svg")

    def test_signals_on_paper(self, plot: Run) -> None:
        # Of chr2, which is all C, liver's ATAC counts the A: none in REF, one in ALT.
        found = self.drawn(plot, "chr2:3000:C:A", "--tissue", "liver", "--modality", "ATAC")
        assert {"ATAC-seq", "liver", "in no gene  \N{MIDDLE DOT}  liver", "±1.0", "none here"} <= set(found)
        assert "chr2:3,000 C>A" in found

    def test_without_a_name_it_is_the_variants(self, plot: Run, tmp_path: pathlib.Path) -> None:
        done = plot("chr2:3000:C:A", "--modality", "ATAC", "--dpi", "60")
        assert (done.status, done.stdout) == (0, "")
        assert (tmp_path / "chr2-3000-C-A.png").read_bytes().startswith(b"\x89PNG")

    def test_what_is_left_out_is_said(self, plot: Run) -> None:
        done = plot(SNV, "--tissue", "liver", "--panels", "4", "-o", "figure.svg")
        assert (
            "vep: 4 of 11 panels are drawn, left out are SPLICE_SITES 1, CAGE 1, ATAC 1, DNASE 1, "
            "CHIP_HISTONE 1, CHIP_TF 1, CONTACT_MAPS 1: --panels 11 draws all, --modality and --track choose"
        ) in done.stderr.splitlines()
        assert "CAGE (+)" not in texts("figure.svg")

    def test_strands(self, plot: Run) -> None:
        found = self.drawn(plot, SNV, "--modality", "CAGE", "--strand", "-")
        assert "CAGE (\N{MINUS SIGN})" in found
        assert "CAGE (+)" not in found

    def test_around_and_interval(self, plot: Run) -> None:
        assert "6,100" in self.drawn(plot, SNV, "--modality", "ATAC", "--around", "100")
        found = self.drawn(plot, SNV, "--modality", "ATAC", "--interval", "1:5,001-5,100")
        assert "5,040" in found

    def test_no_difference(self, plot: Run) -> None:
        assert not any("±" in text for text in self.drawn(plot, SNV, "--modality", "ATAC", "--no-difference"))

    def test_a_deletion_is_normalised(self, plot: Run) -> None:
        # chr2 is all C: the deletion moves to the contig's left end, where the window reaches past it.
        found = self.drawn(plot, "chr2:3000:CCC:C", "--modality", "ATAC")
        assert "chr2:1 CCC>C (2-bp deletion)" in found
        assert any("deleted bases count as zero" in text for text in found)

    def test_an_insertion_of_bases_that_stand_there(self, plot: Run) -> None:
        found = self.drawn(
            plot, "chr2:3000:C:CC", "--modality", "ATAC", "--modality", "CHIP_TF", "--alleles", "as-written"
        )
        assert "chr2:3,000 C>CC (1-bp insertion)" in found

    def test_without_genes(
        self, plot: Run, run: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder
    ) -> None:
        arguments = (SNV, "--fasta", toy_genome.fasta, "--window", WINDOW, "--weights", toy_weights.path)
        done = run("plot", *arguments, "-o", "figure.svg", "--tissue", "liver")
        assert done.status == 0, done.stderr
        assert "Genes" not in texts("figure.svg")

    def test_the_same_bytes(self, plot: Run, tmp_path: pathlib.Path) -> None:
        pictures = []
        for name in ("a.pdf", "b.pdf"):
            assert plot(SNV, "--modality", "ATAC", "--modality", "CONTACT_MAPS", "-o", name).status == 0
            pictures.append((tmp_path / name).read_bytes())
        assert pictures[0] == pictures[1]


def wrong(position: int) -> str:
    return "A" if base(position) != "A" else "C"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        pytest.param(["chr1:6100"], 2, ["'chr1:6100' is not a variant"], id="no variant"),
        pytest.param(["chr1:6100:A:C,G"], 2, ["several ALT alleles"], id="two alleles"),
        pytest.param([SNV, "-o", "x.jpg"], 2, [".png, .svg, .pdf", "x.jpg"], id="format"),
        pytest.param([SNV, "-o", "nowhere/x.png"], 1, ["nowhere"], id="folder"),
        pytest.param([SNV, "--around", "5"], 2, ["--around"], id="too narrow"),
        pytest.param(
            [SNV, "--around", "50", "--interval", "chr1:1-9"], 2, ["--around and --interval"], id="both"
        ),
        pytest.param([SNV, "--interval", "somewhere"], 2, ["somewhere is no region"], id="no region"),
        pytest.param([SNV, "--interval", "chr2:1-9"], 2, ["chr2:1-9", "--window"], id="elsewhere"),
        pytest.param([SNV, "--tissue", "kidneey"], 2, ["kidneey"], id="tissue"),
        pytest.param([SNV, "--modality", "PROCAP"], 2, ["PROCAP"], id="modality"),
        pytest.param(["chr9:1:A:C"], 1, ["UNKNOWN_CONTIG", "chr9:1:A:C cannot be drawn"], id="contig"),
        pytest.param(["chr1:6100:A:<DEL>"], 1, ["SYMBOLIC"], id="symbolic"),
        pytest.param(
            [f"chr1:6100:{wrong(6100)}:{base(6100)}"], 1, ["REF_MISMATCH", f"has {base(6100)}"], id="mismatch"
        ),
    ],
)
def test_refusals(
    plot: Run, tmp_path: pathlib.Path, arguments: list[str], status: int, words: list[str]
) -> None:
    # Random numbers are warned of before the reference is read, and not after a mistake in the options.
    assert_refused(plot(*arguments), status, *words)
    assert list(tmp_path.glob("*.*")) == []


def test_without_matplotlib(plot: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec

    def find_others(name: str, *rest: Any) -> Any:  # noqa: ANN401
        return None if name == "matplotlib" else find(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", find_others)
    assert_refused(plot(SNV), 2, "matplotlib", "pip install 'vep-cli[plot]'")


def test_the_command_is_imported_without_matplotlib_and_jax() -> None:
    program = (
        "import sys, vep_cli.cli.plot; print(*sorted({'jax', 'matplotlib', 'pandas'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []


def test_what_is_predicted_is_computed_without_matplotlib() -> None:
    program = "import sys, vep_cli.plot_pipeline; print('matplotlib' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"
