"""`vep score --stats`: the closing counts as a file."""

import json
import pathlib

import pytest
from toy_inputs import Run, assert_refused, vcf

from vep_cli.model.weights_folder import WeightsFolder

ATAC = ("--modality", "ATAC")
pytestmark = pytest.mark.usefixtures("counting_network")

# chr2 is 6000 times C: an SNV and a duplication of its first base, a mismatch, no contig.
TEXT = vcf("chr2 3000 . C G,CC,<DEL>", "chr2 10 . A C", "chr9 5 . A C") + "\n"


@pytest.mark.parametrize("strict", [False, True])
def test_the_summary_as_a_file(
    score_toy: Run, tmp_path: pathlib.Path, toy_weights: WeightsFolder, strict: bool
) -> None:
    path = tmp_path / "stats.json"
    options = ("--strict",) if strict else ()
    done = score_toy("-", *ATAC, "--stats", path, *options, stdin=TEXT.encode())
    assert done.status == int(strict)
    assert done.stdout.startswith("##fileformat")
    read = json.loads(path.read_text())
    run = read.pop("run")
    assert read.pop("seconds") >= 0
    assert read == {
        "format_version": 1,
        "records": 3,
        "alleles": 5,
        "statuses": {"PASS": 2, "SYMBOLIC": 1, "REF_MISMATCH": 1, "UNKNOWN_CONTIG": 1},
        "flags": {"NORMALIZED": 1, "TANDEM_DUPLICATION": 1, "CONTIG_EDGE": 1, "MANY_N": 1},
        "scored": 2,
        "bad_data": 2,
        "blank_lines": 1,
    }
    said = {one["name"]: one["value"] for one in run}
    assert said["weights"] == f"toy 1 sha256:{toy_weights.sha256}"
    assert said["command"].startswith("vep score ")


def test_standard_output_where_the_scores_are_in_a_file(score_toy: Run, tmp_path: pathlib.Path) -> None:
    done = score_toy("-", *ATAC, "-o", tmp_path / "out.vcf", "--stats", "-", stdin=TEXT.encode())
    assert done.status == 0
    assert json.loads(done.stdout)["records"] == 3


def test_places_that_are_refused_before_the_run(score_toy: Run, tmp_path: pathlib.Path) -> None:
    source = tmp_path / "in.vcf"
    source.write_text(TEXT)
    missing = tmp_path / "none" / "stats.json"
    assert_refused(score_toy(source, *ATAC, "--stats", missing), 1, "does not exist")
    assert_refused(score_toy(source, *ATAC, "--stats", source), 2, "one of the inputs")
    assert_refused(score_toy(source, *ATAC, "--stats", "-"), 2, "one file")
    output = tmp_path / "out.vcf"
    assert_refused(score_toy(source, *ATAC, "-o", output, "--stats", output), 2, "one file")
    assert source.read_text() == TEXT
    assert not output.exists()
