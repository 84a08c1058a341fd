"""The Snakemake workflow of examples/snakemake, run by Snakemake where it is installed."""

import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from example_files import EXAMPLES, SNAKEMAKE
from toy_inputs import WINDOW, Run, ToyGenome, vcf

from vep_cli.model.weights_folder import WeightsFolder

pytestmark = pytest.mark.skipif(SNAKEMAKE is None, reason="Snakemake is not installed here")

WORKFLOW = EXAMPLES / "snakemake"
STAND_IN = pathlib.Path(__file__).with_name("vep_in_workflow.py")
LONG = 800
"""Seconds after which a test fails that waits."""
RECORDS = tuple(f"chr2 {position} . C A" for position in range(3000, 3008))

Snakemake = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "project"
    path.mkdir()
    (path / "in put.vcf").write_text(vcf(*RECORDS[:-1], "chr2 3100 . A T"))
    return path


@pytest.fixture
def options(toy_genome: ToyGenome, toy_weights: WeightsFolder) -> list[str]:
    files = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf, "--weights", toy_weights.path)
    return [str(word) for word in (*files, "--window", WINDOW, "--modality", "ATAC")]


@pytest.fixture
def snakemake(folder: pathlib.Path, options: list[str]) -> Snakemake:
    """Start Snakemake in the project's folder, with a `vep` that counts bases."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "vep").write_text(f'#!/bin/sh\nexec {sys.executable} {STAND_IN} "$@"\n')
    (programs / "vep").chmod(0o755)
    source = str(folder / "in put.vcf")
    config = {"samples": {"toy": source}, "shards": 2, "options": shlex.join(options), "threads": 1}
    (folder / "settings.yaml").write_text(json.dumps(config))
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "JAX_PLATFORMS": "cpu",
        "VEP_CONFIG_DIR": str(folder / "config"),
        "VEP_CACHE_DIR": str(folder / "cache"),
        "XDG_CACHE_HOME": str(folder / "cache"),
    }

    def call(*arguments: str, snakefile: pathlib.Path = WORKFLOW / "Snakefile") -> "subprocess.Popen[str]":
        fixed = ("--snakefile", str(snakefile), "--configfile", "settings.yaml", "--cores", "1")
        return subprocess.Popen(
            [str(SNAKEMAKE), *fixed, *arguments],
            cwd=folder,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    return call


def said(process: "subprocess.Popen[str]", status: int = 0) -> str:
    """Wait for the end; return what was said."""
    text = process.communicate(timeout=LONG)[0]
    assert process.returncode == status, text
    return text


def test_lint_finds_nothing(snakemake: Snakemake) -> None:
    assert "good condition" in said(snakemake("--lint"))


@pytest.mark.timeout(900)  # a dozen processes, on a machine that does other things too
def test_killed_with_a_shard_and_then_in_the_other(
    snakemake: Snakemake, folder: pathlib.Path, options: list[str], run: Run, counting_network: None
) -> None:
    (folder / "all").touch()
    said(snakemake(), status=-signal.SIGKILL)
    (folder / "all").unlink()
    assert len(list(folder.glob("results/shards/toy/*.journal"))) == 1

    said(snakemake("--unlock"))
    said(snakemake("--rerun-incomplete"))
    # One shard was killed with Snakemake, the other alone; each then went on behind its first record.
    assert sorted(path.name for path in folder.glob("killed-*")) == ["killed-1-of-2", "killed-2-of-2"]
    for shard in ("1-of-2", "2-of-2"):
        assert "going on behind 1 record" in (folder / f"logs/toy/{shard}.log").read_text()
    whole = folder / "whole.vcf.gz"
    assert run("score", folder / "in put.vcf", *options, "--device", "cpu", "-o", whole).status == 0
    for suffix in ("", ".tbi"):
        merged = folder / f"results/toy.vcf.gz{suffix}"
        assert merged.read_bytes() == whole.with_name(whole.name + suffix).read_bytes()

    # Neither journals nor shards are left; the summary is of all records.
    left = sorted(path.name for path in (folder / "results/shards/toy").iterdir())
    assert left == ["1-of-2.json", "2-of-2.json"]
    summary = json.loads((folder / "results/stats/toy.json").read_text())
    assert (summary["records"], summary["statuses"]) == (8, {"PASS": 7, "REF_MISMATCH": 1})
    shown = json.loads((folder / "results/stats/toy.alleles_mqc.json").read_text())
    assert shown["data"]["toy"]["PASS"] == 7
    # What is done is not done again.
    assert "Nothing to be done" in said(snakemake())


def test_several_samples_and_shards_in_a_dry_run(snakemake: Snakemake, folder: pathlib.Path) -> None:
    settings = {"samples": {name: "in put.vcf" for name in ("one", "two")}, "shards": 3, "gpu": 1}
    (folder / "settings.yaml").write_text(json.dumps({**settings, "suffix": ".parquet"}))
    text = said(snakemake("--dry-run"))
    jobs = {name: int(count) for name, count in re.findall(r"^(\w+) +(\d+)$", text, re.MULTILINE)}
    assert jobs == {"vep_check": 2, "vep_score": 6, "vep_merge": 2, "vep_stats": 2, "all": 1, "total": 13}
    assert "results/shards/two/3-of-3.parquet" in text
    assert text.count("gpu=1") >= 8  # of vep_check, which measures, and of vep_score
    assert "vep_score" in said(snakemake("--dry-run", "--set-scatter", "shards=5")).partition("5-of-5")[0]


@pytest.mark.parametrize(
    "settings", [{}, {"samples": {"../up": "in put.vcf"}}, {"samples": {"toy": "in put.vcf"}, "shard": 3}]
)
def test_settings_that_are_refused(snakemake: Snakemake, folder: pathlib.Path, settings: object) -> None:
    (folder / "settings.yaml").write_text(json.dumps(settings))
    assert "Error validating config file" in said(snakemake("--dry-run"), status=1)
