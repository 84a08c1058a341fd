"""Imports point one way: cli -> pipeline -> {writers, inference} -> scoring -> {genome, model} -> errors."""

import ast
import graphlib
import pathlib
import subprocess
import sys

import pytest

PACKAGE = pathlib.Path(__file__).parents[1] / "vep_cli"
GENERAL = ("vep_cli.errors", "vep_cli.bundled", "vep_cli.cache_folder", "vep_cli.whole_file")
GENOME_VALUES = ("vep_cli.genome.variant", "vep_cli.genome.interval", "vep_cli.genome.annotation")
GENOME_RECORDS = ("vep_cli.genome.vcf_record", "vep_cli.genome.alleles", "vep_cli.genome.genotype")
TRACKS = ("vep_cli.model.tracks", "vep_cli.model.output_type")

ALLOWED: dict[str, tuple[str, ...]] = {
    "vep_cli.genome": GENERAL,
    "vep_cli.model": ("vep_cli.errors", "vep_cli.whole_file"),
    "vep_cli.scoring": (
        *GENERAL,
        *GENOME_VALUES,
        *GENOME_RECORDS,
        "vep_cli.genome.polyadenylation",
        *TRACKS,
        "vep_cli.model.stretches",
    ),
    "vep_cli.inference": (
        *GENERAL,
        "vep_cli.settings",
        *GENOME_VALUES,
        *GENOME_RECORDS,
        "vep_cli.genome.window",
        "vep_cli.genome.haplotype",
        "vep_cli.genome.lifted_annotation",
        "vep_cli.scoring",
        "vep_cli.model",
    ),
    "vep_cli.writers": (
        *GENERAL,
        "vep_cli.explanation",
        "vep_cli.genome.window",
        "vep_cli.standard_output",
        "vep_cli.settings",
        *GENOME_VALUES,
        *GENOME_RECORDS,
        "vep_cli.scoring",
        *TRACKS,
    ),
    "vep_cli.plot": (
        *GENERAL,
        *GENOME_VALUES,
        "vep_cli.genome.vcf_record",
        "vep_cli.genome.window",
        "vep_cli.scoring",
        "vep_cli.model",
        "vep_cli.inference",
    ),
    "vep_cli.report": (*GENERAL, "vep_cli.genome"),
    "vep_cli.training": (
        *GENERAL,
        "vep_cli.genome",
        "vep_cli.model",
        "vep_cli.inference.prefetch",
    ),
    "vep_cli.journal": (
        *GENERAL,
        "vep_cli.identities",
        "vep_cli.statistics",
        "vep_cli.genome.vcf_record",
        "vep_cli.scoring.scored_record",
        "vep_cli.writers",
    ),
    "vep_cli.identities": (),
    "vep_cli.errors": (),
    "vep_cli.bundled": (),
    "vep_cli.cache_folder": (),
    "vep_cli.standard_output": (),
    "vep_cli.whole_file": (),
    "vep_cli.settings": ("vep_cli.errors", "vep_cli.genome.registry"),
    "vep_cli.statistics": (*GENERAL, *GENOME_RECORDS, "vep_cli.scoring"),
    "vep_cli.__main__": ("vep_cli.cli",),
}
"""What a part may import of ours besides itself and the version; one that is not named, all but cli."""

MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}


def imports(path: pathlib.Path) -> set[str]:
    """Return the full names of what a module imports, wherever in it and whether or not for types alone."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by a relative name"
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {member if member in MODULES else str(node.module) for member in members}
    return found


def is_of(name: str, part: str) -> bool:
    return name == part or name.startswith(f"{part}.")


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_what_is_below_it(module: str) -> None:
    ours = {name for name in imports(MODULES[module]) if is_of(name, "vep_cli")} - {"vep_cli", module}
    part = next((part for part in ALLOWED if is_of(module, part)), None)
    if part is not None:
        assert [
            name for name in ours if not any(is_of(name, known) for known in (part, *ALLOWED[part]))
        ] == []
    if not is_of(module, "vep_cli.cli") and module != "vep_cli.__main__":
        assert [name for name in ours if is_of(name, "vep_cli.cli")] == []


def test_only_the_command_knows_of_training() -> None:
    users = {
        module
        for module, path in MODULES.items()
        if any(is_of(name, "vep_cli.training") for name in imports(path))
    }
    assert {name for name in users if not is_of(name, "vep_cli.training")} == {
        "vep_cli.cli.train",
        "vep_cli.cli.train_report",
    }


@pytest.mark.parametrize("module", sorted(name for name in MODULES if is_of(name, "vep_cli.genome")))
def test_the_genome_has_never_heard_of_jax(module: str) -> None:
    assert [name for name in imports(MODULES[module]) if is_of(name, "jax")] == []


def test_no_module_imports_itself_round_a_corner() -> None:
    graph = {module: (imports(path) & MODULES.keys()) - {"vep_cli"} for module, path in MODULES.items()}
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) >= len(MODULES) - 1


def test_help_needs_neither_jax_nor_pandas() -> None:
    # `vep --help` answers at once, and on machines without the accelerator's libraries.
    program = (
        "import sys, vep_cli.cli; "
        "print(*sorted({'jax', 'jaxlib', 'pandas', 'cyvcf2', 'pysam', 'matplotlib'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []
