"""The Nextflow modules: their commands, run by bash as Nextflow fills them in, and their descriptions."""

import gzip
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest
import yaml
from example_files import EXAMPLES
from toy_inputs import Run, ToyGenome, vcf

import vep_cli
from vep_cli.model.weights_folder import WeightsFolder

MODULES = EXAMPLES / "nextflow" / "modules" / "vepcli"
CHILD = pathlib.Path(__file__).parents[1] / "scoring_child.py"
NAMES = ("score", "merge")
RECORDS = ("chr2 3000 . C A,<DEL>", "chr2 3001 . C CGG", "chr2 3100 . C T")


def shell(module: str, section: str, **values: str) -> str:
    """Return the commands of a module's `script` or `stub`, as Nextflow fills them in.

    Args:
        module: Its name.
        section: Which of the two.
        values: What stands for each `${name}`; a name that is not among them is an error.
    """
    text = (MODULES / module / "main.nf").read_text()
    match = re.search(rf'^    {section}:\n.*?^    """\n(.*?)^    """', text, re.DOTALL | re.MULTILINE)
    assert match is not None
    filled = re.sub(r"(?<!\\)\$\{(\w+)\}", lambda found: values[found[1]], match[1])
    return filled.replace("\\$", "$").replace("\\\\", "\\")


def files_of(text: str, prefix: str, suffix: str) -> list[str]:
    """Return the patterns of a module's outputs."""
    declared = text.partition("output:")[2].partition("when:")[0]
    patterns = re.findall(r'path\("([^"]+)"\)', declared)
    return [one.replace("${prefix}", prefix).replace("${suffix}", suffix) for one in patterns]


@pytest.fixture
def bash(tmp_path: pathlib.Path) -> pathlib.Path:
    """A task's folder, with a `vep-cli` that counts bases; see `ran`."""
    folder = tmp_path / "task"
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "vep-cli"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {CHILD} 0 "" "$@"\n')
    program.chmod(0o755)
    return folder


def ran(commands: str, folder: pathlib.Path) -> None:
    """Run commands as Nextflow does, in a task's folder."""
    environment = {
        **os.environ,
        "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "JAX_PLATFORMS": "cpu",
        "VEP_CONFIG_DIR": str(folder / "config"),
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_shards_of_the_score_module_merged_by_the_other(
    bash: pathlib.Path, toy_genome: ToyGenome, toy_weights: WeightsFolder, run: Run, counting_network: None
) -> None:
    (bash / "in.vcf").write_text(vcf(*RECORDS))
    common = {
        "vcf": "in.vcf",
        "genome": f"--fasta {toy_genome.fasta}",
        "genes": f"--gtf {toy_genome.gtf}",
        "model": f"--weights {toy_weights.path}",
        "args": "--window 4096 --modality ATAC",
        "device": "cpu",
        "suffix": "vcf.gz",
    }
    prefixes = ("toy.1-of-2", "toy.2-of-2")
    for prefix, part in zip(prefixes, ("--shard 1/2", "--shard 2/2"), strict=True):
        ran(shell("score", "script", **common, part=part, prefix=prefix), bash)
        declared = files_of((MODULES / "score" / "main.nf").read_text(), prefix, "vcf.gz")
        made = {path.name for pattern in declared for path in bash.glob(pattern.replace("{tbi,csi}", "tbi"))}
        assert made == {f"{prefix}.vcf.gz", f"{prefix}.vcf.gz.tbi", f"{prefix}.stats.json"}
    shards = " ".join(f"{prefix}.vcf.gz" for prefix in reversed(prefixes))
    stats = " ".join(f"{prefix}.stats.json" for prefix in prefixes)
    ran(
        shell("merge", "script", shards=shards, stats=stats, args="", prefix="toy", suffix="vcf.gz"),
        bash,
    )
    for pattern in files_of((MODULES / "merge" / "main.nf").read_text(), "toy", "vcf.gz"):
        assert list(bash.glob(pattern.replace("{tbi,csi}", "tbi"))), pattern
    assert json.loads((bash / "toy.stats.json").read_text())["records"] == len(RECORDS)
    merged = gzip.decompress((bash / "toy.vcf.gz").read_bytes()).decode()
    assert [line.split("\t")[1] for line in merged.splitlines() if line[0] != "#"] == ["3000", "3001", "3100"]


@pytest.mark.parametrize(
    ("module", "values"),
    [
        ("score", {"create_description": ""}),
        ("merge", {}),
    ],
)
def test_stubs_make_the_outputs(bash: pathlib.Path, module: str, values: dict[str, str]) -> None:
    names = {"prefix": "toy", "suffix": "vcf.gz"}
    created = {"create": "echo '' | gzip >", "create_index": "touch toy.vcf.gz.tbi"}
    ran(shell(module, "stub", **names, **created, **values), bash)
    for pattern in files_of((MODULES / module / "main.nf").read_text(), "toy", "vcf.gz"):
        if "shard.json" not in pattern:
            assert list(bash.glob(pattern.replace("{tbi,csi}", "tbi"))), pattern
    assert gzip.decompress((bash / "toy.vcf.gz").read_bytes()) == b"\n"


@pytest.mark.parametrize("module", NAMES)
def test_what_is_described_is_what_there_is(module: str) -> None:
    text = (MODULES / module / "main.nf").read_text()
    meta = yaml.safe_load((MODULES / module / "meta.yml").read_text())
    assert meta["name"] == f"vepcli_{module}"
    assert f"process VEPCLI_{module.upper()} {{" in text
    assert list(meta["output"]) == re.findall(r"emit: (\w+)", text)
    declared = text.partition("input:")[2].partition("output:")[0]
    names = [
        name
        for group in meta["input"]
        for entry in (group if isinstance(group, list) else [group])
        for name in entry
    ]
    assert names == re.findall(r"(?:val|path)[( ](\w+)", declared)
    test = (MODULES / module / "tests" / "main.nf.test").read_text()
    assert f'process "VEPCLI_{module.upper()}"' in test


@pytest.mark.parametrize("module", NAMES)
def test_the_package_is_the_one_of_this_version(module: str) -> None:
    environment = yaml.safe_load((MODULES / module / "environment.yml").read_text())
    assert environment["dependencies"] == [f"bioconda::vep-cli={vep_cli.__version__}"]
    assert f'container "vep-cli:{vep_cli.__version__}-tools"' in (MODULES / module / "main.nf").read_text()


def test_the_command_that_tells_the_version(run: Run) -> None:
    (command,) = set(
        re.findall(r'eval\("vep-cli --version \| (.*?)"\)', (MODULES / "score/main.nf").read_text())
    )
    told = run("--version").stdout
    shown = subprocess.run(
        ["bash", "-c", command.replace("\\$", "$")], input=told, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == vep_cli.__version__
