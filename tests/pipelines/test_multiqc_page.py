"""The page that MultiQC makes of several samples, where it is installed."""

import json
import pathlib
import subprocess

import pytest
from example_files import MULTIQC
from toy_inputs import Run

from vep_cli.genome.alleles import AlleleStatus
from vep_cli.statistics import Statistics
from vep_cli.summaries import Summary, json_text

pytestmark = pytest.mark.skipif(MULTIQC is None, reason="MultiQC is not installed here")

SAMPLES = {"tumour": {"PASS": 61, "SYMBOLIC": 3}, "normal": {"PASS": 20, "REF_MISMATCH": 12}}


@pytest.fixture
def page(run: Run, tmp_path: pathlib.Path) -> pathlib.Path:
    """Make the page of the samples; beside it, MultiQC keeps what it shows."""
    for name, counts in SAMPLES.items():
        statistics = Statistics(records=30, alleles=sum(counts.values()))
        statistics.statuses.update({AlleleStatus(status): number for status, number in counts.items()})
        path = tmp_path / f"{name}.json"
        path.write_text(json_text(Summary(statistics=statistics, seconds=1.0, run=()).to_json()))
        assert run("stats", path, "-o", tmp_path / "sum.json", "--multiqc", tmp_path / name).status == 0
    made = subprocess.run(
        [str(MULTIQC), "--strict", "--no-version-check", "--data-format", "json", "--filename", "page", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return tmp_path / "page.html"


def test_all_samples_are_in_the_graph_and_the_table(page: pathlib.Path) -> None:
    assert '"vep_cli_alleles"' in page.read_text()
    shown = json.loads((page.parent / "page_data" / "multiqc_data.json").read_text())
    columns = shown["report_general_stats_data"]["custom_content"]
    assert columns == {
        "tumour": {"records": 30, "alleles": 64, "percent_scored": 95.3125, "bad_data": 0},
        "normal": {"records": 30, "alleles": 32, "percent_scored": 62.5, "bad_data": 12},
    }
    graph = shown["report_plot_data"]["vep_cli_alleles"]["datasets"][0]
    assert sorted(graph["samples"]) == sorted(SAMPLES)
    heights = {bar["name"]: dict(zip(graph["samples"], bar["data"], strict=True)) for bar in graph["cats"]}
    assert heights["PASS"] == {"tumour": 61, "normal": 20}
    assert heights["REF_MISMATCH"] == {"tumour": 0, "normal": 12}
    # What no sample has takes no room in the legend.
    assert "BREAKEND" not in heights
