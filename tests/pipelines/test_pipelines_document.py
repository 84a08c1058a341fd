"""What docs/pipelines.md shows, run: the rule by Snakemake where it is installed, the array by bash."""

import pathlib
import re
import shlex
import subprocess
import sys

import pytest
from example_files import EXAMPLES, SNAKEMAKE
from toy_inputs import Run

from vep_cli.cli.score import score
from vep_cli.sharding import parse_shard

TEXT = (EXAMPLES.parent / "docs" / "pipelines.md").read_text()


def block(name: str) -> str:
    """Return the code that follows a mark in the document."""
    match = re.search(rf"^<!-- run: {name} -->\n```\w+\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)
    assert match is not None
    return match[1]


def stand_in(folder: pathlib.Path) -> pathlib.Path:
    """Write a `vep` that notes how it is called, and makes its output."""
    program = folder / "bin" / "vep"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport shlex, sys\n"
        "open('calls', 'a').write(shlex.join(sys.argv[1:]) + '\\n')\n"
        "open(sys.argv[sys.argv.index('-o') + 1], 'w').close()\n"
    )
    program.chmod(0o755)
    return program.parent


def calls(folder: pathlib.Path) -> list[list[str]]:
    """Return how it was called; each call is one that `vep score` takes."""
    lines = [shlex.split(line) for line in (folder / "calls").read_text().splitlines()]
    for command, *arguments in lines:
        assert command == "score"
        score.make_context("vep", list(arguments))
    return lines


def test_every_task_of_the_array_scores_its_shard(tmp_path: pathlib.Path) -> None:
    programs, script = stand_in(tmp_path), block("array")
    first, last = map(int, re.search(r"--array=(\d+)-(\d+)", script).groups())  # type: ignore[union-attr]
    for task in (first, last):
        environment = {"PATH": f"{programs}:/usr/bin:/bin", "SLURM_ARRAY_TASK_ID": str(task)}
        subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, check=True)
    shards = [parse_shard(call[call.index("--shard") + 1]) for call in calls(tmp_path)]
    assert [(shard.number, shard.of) for shard in shards] == [(1, last), (last, last)]
    assert (tmp_path / "part1.vcf.gz").exists()


@pytest.mark.skipif(SNAKEMAKE is None, reason="Snakemake is not installed here")
def test_the_rule_scores_a_sample(tmp_path: pathlib.Path) -> None:
    programs = stand_in(tmp_path)
    (tmp_path / "Snakefile").write_text(block("rule"))
    (tmp_path / "variants").mkdir()
    (tmp_path / "variants" / "one.vcf.gz").touch()
    done = subprocess.run(
        [str(SNAKEMAKE), "--cores", "1", "scored/one.vcf.gz"],
        cwd=tmp_path,
        env={"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (call,) = calls(tmp_path)
    assert "--resume" in call
    assert call[call.index("-o") + 1] == "scored/one.vcf.gz"
    assert (tmp_path / "logs" / "vep_score" / "one.log").exists()


def test_commands_that_the_document_names_are_there(run: Run) -> None:
    for options, command in (("--multiqc", "stats"), ("--estimate", "check"), ("--stats", "score")):
        assert options in TEXT
        assert options in run(command, "--help").stdout
