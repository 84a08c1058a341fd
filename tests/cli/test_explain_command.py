import json
import pathlib
import re
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from toy_inputs import CONTIGS, WINDOW, Outcome, Run, ToyGenome, assert_refused, vcf

from vep_cli.model.weights_folder import WeightsFolder


@pytest.fixture
def explain(run: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder) -> Run:
    """Call `vep explain` on the toy genome with the toy model."""
    genome = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf)

    def call(*arguments: object) -> Outcome:
        return run("explain", *arguments, *genome, "--window", WINDOW, "--weights", toy_weights.path)

    return call


def base(position: int, length: int = 1) -> str:
    return CONTIGS["chr1"][position - 1 : position - 1 + length]


def explained(done: Outcome) -> dict[str, Any]:
    assert done.status == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.usefixtures("counting_network")
class TestOnPaper:
    def test_text(self, explain: Run) -> None:
        done = explain("chr2:3000:C:A", "--modality", "ATAC", "--quiet")
        assert (done.status, done.stderr.count("\n")) == (0, 1)  # the warning of random weights
        assert done.stdout.startswith("chr2:3000:C>A\n  status     PASS: scored\n")
        # The window of 4096 bases is centred on base 2999 and runs from 952 to 5048.
        assert "  window     chr2:953-5048, 4,096 bp (0-based half-open: chr2 952 5048)\n" in done.stdout
        assert "  mask       501 bp: chr2:2750-3250\n" in done.stdout
        # Liver's track counts A, of which there is 1 more: log2(1 + 1) - log2(0 + 1). Brain's counts C.
        rows = [line.split() for line in done.stdout.splitlines()]
        heading = rows.index(["raw", "REF", "ALT", "consequence", "track"])
        assert rows[heading + 1][:4] == ["1", "0", "1", "accessibility_gain"]
        assert rows[heading + 2][:4] == ["-0.00287678", "501", "500", "accessibility_loss"]

    def test_top(self, explain: Run) -> None:
        def tracks(*arguments: object) -> list[int]:
            found = explained(explain("chr2:3000:C:A", "--json", "--modality", "ATAC", *arguments))
            return [len(row["scores"]) for scorer in found["scorers"] for row in scorer["rows"]]

        assert tracks() == [2, 2]
        assert tracks("--top", "1") == [1, 1]

    @pytest.mark.parametrize("text", ["chr2:3000:C:A", "chr2:3000:C>A", "2-3000-C-A", "chr2:3,000:c:a"])
    def test_every_spelling_is_the_same_variant(self, explain: Run, text: str) -> None:
        found = explained(explain(text, "--json", "--modality", "ATAC", "--quiet"))
        expected = {"chromosome": "chr2", "position": 3000, "reference_bases": "C", "alternate_bases": "A"}
        assert found["scored_as"] == expected
        assert found["scorers"][0]["rows"][0]["scores"][0]["raw"] == 1

    def test_deletion_is_normalised_and_aligned(self, explain: Run) -> None:
        # chr2 is all C: a deletion of one moves to the left end of the contig, where nothing is before it.
        found = explained(explain("chr2:3000:CC:C", "--json", "--modality", "ATAC"))
        assert found["variant"]["position"] == 3000
        assert (found["scored_as"]["position"], found["scored_as"]["reference_bases"]) == (1, "CC")
        assert found["alignment"]["without_counterpart"] == [[1, 2]]
        assert "NORMALIZED" in found["flags"]
        assert "CONTIG_EDGE" in found["flags"]
        written = explained(
            explain("chr2:3000:CC:C", "--json", "--modality", "ATAC", "--alleles", "as-written")
        )
        assert written["scored_as"] == written["variant"]
        assert written["alignment"]["without_counterpart"] == [[3000, 3001]]

    def test_genes_and_their_exons(self, explain: Run) -> None:
        found = explained(explain(f"chr1:6000:{base(6000)}:{other(6000)}", "--json", "--modality", "RNA_SEQ"))
        rows = found["scorers"][0]["rows"]
        assert [row["gene"]["name"] for row in rows] == ["PLUS", "MINUS"]
        assert rows[0]["mask"] == [[5200, 5400], [6000, 6300]]
        assert [[score["strand"] for score in row["scores"]] for row in rows] == [["+"], ["-"]]
        assert "POLYADENYLATION" in found["left_out"]
        assert {"name": "alleles", "value": "normalized"} in found["run"]


def other(position: int) -> str:
    return next(letter for letter in "ACGT" if letter != base(position))


@pytest.mark.parametrize(
    ("position", "reference", "alternate"),
    [
        pytest.param(6000, base(6000), other(6000), id="substitution"),
        pytest.param(6100, base(6100, 4), base(6100), id="deletion"),
        pytest.param(6100, base(6100), base(6100) + "ACGTA", id="insertion"),
    ],
)
def test_numbers_are_those_of_score(
    explain: Run, score_toy: Run, tmp_path: pathlib.Path, position: int, reference: str, alternate: str
) -> None:
    path = tmp_path / "out.tsv"
    record = vcf(f"chr1 {position} . {reference} {alternate}")
    assert score_toy("-", "-o", path, "--top", "2", stdin=record.encode()).status == 0
    table = pd.read_csv(path, sep="\t", keep_default_na=False, dtype=str)
    found = explained(explain(f"chr1:{position}:{reference}:{alternate}", "--json", "--top", "2"))
    told = [
        (
            scorer["official_name"],
            row["gene"]["name"] if row["gene"] else "",
            score["track"],
            score["strand"],
            *(str(np.float32(score[key])) for key in ("raw", "reference", "alternate")),
        )
        for scorer in found["scorers"]
        for row in scorer["rows"]
        for score in row["scores"]
    ]
    columns = ["variant_scorer", "gene_name", "track_name", "track_strand"]
    numbers = ["raw_score", "ref_value", "alt_value"]
    written = list(table[columns + numbers].itertuples(index=False, name=None))
    assert len(told) > 20
    assert sorted(told) == sorted(written)
    assert {row[0] for row in told} == {
        scorer["official_name"] for scorer in found["scorers"] if scorer["rows"]
    }


def test_text_has_the_numbers_of_json(explain: Run) -> None:
    arguments = (f"chr1:6000:{base(6000)}:{other(6000)}", "--quiet", "--top", "3")
    text = explain(*arguments).stdout
    found = explained(explain(*arguments, "--json"))
    numbers = [
        f" {score[key]:.6g} "
        for scorer in found["scorers"]
        for row in scorer["rows"]
        for score in row["scores"]
        for key in ("raw", "reference", "alternate")
    ]
    assert [number for number in numbers if number not in text] == []
    names = re.findall(r"^([A-Z]\w+)  \w+\(", text, re.MULTILINE)
    assert names == [scorer["name"] for scorer in found["scorers"]]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("chr2:3000:A:G", ["REF_MISMATCH", "REF is A, the reference has C at chr2:3000", "genome build"]),
        ("chr2:3000:C:<DEL>", ["SYMBOLIC", "a symbolic allele"]),
        ("chr3:3000:C:A", ["UNKNOWN_CONTIG", "chr3:3000:C:A has no score"]),
        ("chr2:9000:C:A", ["OFF_CONTIG"]),
        ("chr2:3000:C:C", ["DUPLICATE_OF_REF"]),
    ],
)
def test_what_cannot_be_scored_says_why(explain: Run, text: str, words: list[str]) -> None:
    assert_refused(explain(text, "--quiet"), 1, *words)
    done = explain(text, "--quiet", "--json")
    found = json.loads(done.stdout)
    assert (done.status, found["window"], found["scorers"]) == (1, None, [])
    assert found["problem"].startswith(found["status"])


def test_where_no_scorer_applies_the_masks_are_told(explain: Run) -> None:
    done = explain("chr2:3000:C:A", "--modality", "RNA_SEQ", "--quiet")
    assert done.status == 1
    assert "NO_SCORE" in done.stderr
    assert "none: no gene there that this scorer counts" in done.stdout


@pytest.mark.parametrize("text", ["rs123", "chr2:3000", "chr2:3000:C:A,G", "chr2 3000 C A"])
def test_what_is_no_variant_gets_an_example(explain: Run, text: str) -> None:
    assert_refused(explain(text), 2, repr(text))


def test_help_needs_no_jax() -> None:
    program = (
        "import sys; from vep_cli.cli import main; status = main(['explain', '--help']); "
        "print(status, sorted({'jax', 'pandas', 'rich'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("\n0 []\n")
    assert "vep explain chr6:32039081:C:G --tissue liver" in ran.stdout
