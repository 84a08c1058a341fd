import os
import pathlib
import re
import shutil
import subprocess
import sys

import click
import pytest
from click.shell_completion import get_completion_class
from toy_inputs import Run

from vep_cli.cli import completed_names, vep
from vep_cli.model.output_type import OutputType
from vep_cli.model.tissues import resolve_tissue, vocabulary
from vep_cli.model.tracks import Track


def offered(line: str, config: pathlib.Path) -> list[str]:
    """Return what a shell is told to offer at the end of a line, by a process without jax and pandas."""
    words = line.split(" ")
    program = (
        "import sys\n"
        "from vep_cli.cli import main\n"
        "try: main([])\n"
        "finally: print(sorted({'jax', 'jaxlib', 'pandas'} & sys.modules.keys()), file=sys.stderr)"
    )
    asked = {
        "_VEP_COMPLETE": "bash_complete",
        "COMP_WORDS": "\n".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    environment = {**os.environ, **asked, "VEP_CONFIG_DIR": str(config)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stderr == "[]\n"
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("vep sco", ["plain,score", "plain,score-interval", "plain,scorers"]),
        ("vep score in.vcf --tissue Right_lobe", ["plain,right_lobe_of_liver"]),
        ("vep tracks --modality rna", ["plain,RNA_SEQ"]),
        ("vep score --genome ", ["plain,demo"]),
    ],
)
def test_what_is_offered(line: str, expected: list[str], tmp_path: pathlib.Path) -> None:
    assert offered(line, tmp_path) == expected


def complete(*words: str) -> list[tuple[str, str]]:
    """Return what is offered in the place of the last word, as a shell of any kind is told."""
    kind = get_completion_class("bash")
    assert kind is not None
    found = kind(vep, {}, "vep", "_VEP_COMPLETE").get_completions(list(words[:-1]), words[-1])
    return [(one.type, one.value) for one in found]


def names(*words: str) -> list[str]:
    return [value for _, value in complete(*words)]


@pytest.mark.usefixtures("run")  # with its own list of genomes
def test_names_of_genomes(tmp_path: pathlib.Path) -> None:
    assert names("genome", "remove", "") == ["demo"]
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "genomes.json").write_text("damaged")
    assert names("genome", "default", "") == []


def test_names_of_modalities() -> None:
    assert sorted(names("score", "--modality", "")) == sorted(OutputType)
    assert names("score", "--modality", "chip-h") == ["CHIP_HISTONE"]


@pytest.mark.parametrize("command", ["score", "score-interval", "report"])
def test_outputs_are_files(command: str) -> None:
    assert complete(command, "-o", "sco") == [("file", "sco")]
    assert complete(command, "sco") == [("file", "sco")]


def test_every_offered_tissue_is_one_word_that_the_program_takes() -> None:
    terms = vocabulary()
    tracks = [
        Track(
            organism="human",
            output_type=OutputType.ATAC,
            index=index,
            name=term.curie,
            strand=".",
            ontology_curie=term.curie,
            biosample_name=term.name,
        )
        for index, term in enumerate(terms)
    ]
    every = names("score", "--tissue", "")
    assert len(every) == len(set(every)) > len(terms)
    assert [name for name in every if re.search(r"[^\w+]", name)] == []
    # Not all of them, which would take long: of each letter the first.
    for name in {name[0].casefold(): name for name in reversed(every)}.values():
        assert name in names("score", "--tissue", name.swapcase())
        assert resolve_tissue(name, tracks, terms).curies


def test_words_between_which_there_is_something_else() -> None:
    context = click.Context(vep)
    found = completed_names.tissues(context, vep.params[0], "Brain - C")
    assert "Brain_Cortex" in found
    assert all(name.casefold().startswith("brain_c") for name in found)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts(run: Run, shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/bin/vep-cli"])
    other = run("completion", shell)
    monkeypatch.setattr(sys, "argv", ["/usr/bin/pytest"])
    done = run("completion", shell)
    assert (done.status, other.status) == (0, 0)
    assert f"_VEP_COMPLETE={shell}_complete" in done.stdout
    assert f"_VEP_COMPLETE={shell}_complete" in other.stdout
    assert re.search(r"\bvep\b", done.stdout)
    assert "vep-cli" not in done.stdout
    assert re.search(r"\bvep-cli\b", other.stdout)


def test_unknown_shell(run: Run) -> None:
    done = run("completion", "csh")
    assert done.status == 2
    assert "'csh' is not one of 'bash', 'zsh', 'fish'" in done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_itself(run: Run, tmp_path: pathlib.Path) -> None:
    program = tmp_path / "vep"
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m vep_cli \"$@\"\n")
    program.chmod(0o755)
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash").stdout)
    # What bash does when the Tab key is pressed behind `vep score --tissue right_lob`.
    asked = (
        f"source {script}; COMP_WORDS=(vep score --tissue right_lob); COMP_CWORD=3; COMPREPLY=(); "
        f"complete -p vep; _vep_completion {program}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", asked],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "VEP_CONFIG_DIR": str(tmp_path)},
    )
    registered, *found = done.stdout.splitlines()
    assert registered == "complete -o nosort -F _vep_completion vep"
    assert "right_lobe_of_liver" in found
    assert all(name.startswith("right_lob") for name in found)
