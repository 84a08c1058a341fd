"""`vep stats`, through the real command line."""

import json
import pathlib

import pytest
from toy_inputs import Run, assert_refused, vcf

ATAC = ("--modality", "ATAC", "--quiet")
RECORDS = ("chr2 3000 . C A,<DEL>", "chr2 3001 . C CGG", "chr2 3002 . A T", "chr9 5 . C G", "chr2 3200 . C T")


@pytest.fixture
def summaries(score_toy: Run, tmp_path: pathlib.Path, counting_network: None) -> list[pathlib.Path]:
    """The summary of the whole input, and those of its shards."""
    source = tmp_path / "in.vcf"
    source.write_text(vcf(*RECORDS))
    paths = []
    for name, shard in (("whole", ()), ("part1", ("--shard", "1/2")), ("part2", ("--shard", "2/2"))):
        paths.append(tmp_path / f"{name}.json")
        output = tmp_path / f"{name}.vcf"
        assert score_toy(source, *ATAC, "-o", output, "--stats", paths[-1], *shard).status == 0
    return paths


def test_shards_add_up_to_the_whole(run: Run, summaries: list[pathlib.Path], tmp_path: pathlib.Path) -> None:
    whole, *parts = summaries
    done = run("stats", *parts)
    assert (done.status, done.stderr) == (0, "")
    found, expected = json.loads(done.stdout), json.loads(whole.read_text())
    assert expected["statuses"] == {"PASS": 3, "SYMBOLIC": 1, "REF_MISMATCH": 1, "UNKNOWN_CONTIG": 1}
    assert expected.pop("blank_lines") == 0
    assert found.pop("seconds") == pytest.approx(sum(json.loads(p.read_text())["seconds"] for p in parts))
    del expected["seconds"]
    assert found == expected  # of the run too: shards have the command of the whole

    again = tmp_path / "sum.json"
    again.write_text(done.stdout)
    assert json.loads(run("stats", again).stdout) == json.loads(done.stdout)


def test_files_for_multiqc(run: Run, summaries: list[pathlib.Path], tmp_path: pathlib.Path) -> None:
    output = tmp_path / "sum.json"
    done = run("stats", *summaries[1:], "-o", output, "--multiqc", tmp_path / "my.sample")
    assert (done.status, done.stdout) == (0, "")
    assert json.loads(output.read_text())["alleles"] == 6
    graph = json.loads((tmp_path / "my.sample.alleles_mqc.json").read_text())
    assert {name for name, count in graph["data"]["my.sample"].items() if count} == {
        "PASS",
        "SYMBOLIC",
        "REF_MISMATCH",
        "UNKNOWN_CONTIG",
    }
    general = json.loads((tmp_path / "my.sample.general_mqc.json").read_text())
    assert general["data"]["my.sample"]["percent_scored"] == 50


def test_what_is_refused_leaves_no_file(
    run: Run, summaries: list[pathlib.Path], tmp_path: pathlib.Path
) -> None:
    there = {path.name for path in tmp_path.iterdir()}
    one = summaries[0]
    assert_refused(run("stats"), 2, "SUMMARY")
    assert_refused(run("stats", tmp_path / "in.vcf"), 1, "in.vcf", "no summary of a run")
    assert_refused(run("stats", one, "-o", one), 2, "one of the inputs")
    assert_refused(run("stats", one, "--multiqc", f"{tmp_path}/"), 2, "names no sample")
    assert_refused(run("stats", one, "--multiqc", tmp_path / "none" / "x"), 1, "does not exist")
    assert {path.name for path in tmp_path.iterdir()} == there
