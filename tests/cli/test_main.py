import os
import pathlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import click
import pytest
from toy_inputs import Run

from vep_cli import cli, pipeline
from vep_cli.bundled import demo_genome_folder
from vep_cli.cli import main

HEAVY = ("jax", "jaxlib", "pandas", "pysam", "cyvcf2", "numpy", "rich")


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def prepare(settings: object) -> None:
        raise error

    monkeypatch.setattr(pipeline, "prepare", prepare)


def test_help_lists_the_commands_in_the_order_of_work(run: Run) -> None:
    shown = run("--help")
    assert shown.status == 0
    places = [shown.stdout.index(f"\n  {name} ") for name in ("score", "tracks", "weights", "genome")]
    assert places == sorted(places)
    assert shown.stderr == ""
    assert run("-h") == shown


def commands(group: click.Group = cli.vep, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every command, groups included."""
    yield path
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("command", tuple(commands()), ids=" ".join)
def test_every_help_has_an_example_of_its_command(run: Run, command: tuple[str, ...]) -> None:
    _, found, example = run(*command, "--help").stdout.partition("Example")
    assert found
    assert " ".join(("vep", *command)) in example.partition("Options:")[0]


def test_no_summary_of_a_command_is_cut(run: Run) -> None:
    for group in ((), ("weights",), ("genome",)):
        assert "..." not in run(*group, "--help").stdout.partition("Commands:")[2]


def test_version_is_one_line(run: Run) -> None:
    assert run("--version").stdout == f"vep-cli, version {cli.vep_cli.__version__}\n"


@pytest.mark.parametrize(
    "arguments", ["--help", "--version", "score --help", "tracks --help", "genome --help"]
)
def test_help_imports_nothing_that_takes_time(arguments: str) -> None:
    code = (
        "import sys; from vep_cli.cli import main; status = main(sys.argv[1:]); "
        "print(sorted(set(sys.modules) & {'jax', 'jaxlib', 'pandas'}), file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments.split()], capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"
    assert done.stdout


def test_groups_import_nothing_heavy_for_their_help() -> None:
    code = f"import sys, vep_cli.cli; print(sorted(set(sys.modules) & set({HEAVY!r})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (["-i", "in.vcf"], "-i"),
        (["--cache"], "--cache"),
        (["--input_file=in.vcf", "--cache"], "--input_file=in.vcf"),
        (["--offline", "--vcf"], "--offline"),
        (["-id", "rs699"], "-id"),
    ],
)
def test_calls_meant_for_ensembl(run: Run, arguments: list[str], option: str) -> None:
    done = run(*arguments)
    assert (done.status, done.stdout) == (2, "")
    assert done.stderr == (
        "vep: error: this is vep-cli, not Ensembl's Variant Effect Predictor: it has commands "
        f"(vep score INPUT), not the option {option}\n     see vep --help\n"
    )


def test_file_in_place_of_a_command(run: Run, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "in.vcf"
    path.touch()
    done = run(path)
    assert done.status == 2
    assert f"did you mean: vep score {path}" in done.stderr


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["score"], ["score", "x", "--nonsense"], ["genome", "x"]]
)
def test_misuse_is_one_message_with_a_hint(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.status, done.stdout) == (2, "")
    first, hint = done.stderr.splitlines()
    assert first.startswith("vep: error: ")
    assert hint.strip().endswith("--help")


@pytest.mark.parametrize("words", [[], ["score"], ["genome"], ["genome", "fetch"]], ids=" ".join)
def test_help_is_a_command_too(run: Run, words: list[str]) -> None:
    asked = run("help", *words)
    assert (asked.status, asked.stdout) == (0, run(*words, "--help").stdout)
    assert asked.stdout.startswith(f"Usage: {' '.join(['vep', *words])} ")


def test_help_for_what_is_no_command_is_misuse(run: Run) -> None:
    assert run("help", "nonsense").status == 2


@pytest.mark.parametrize("arguments", [[], ["weights"], ["genome"]])
def test_no_command_shows_the_help(run: Run, arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.status, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: vep ")


def test_internal_error_has_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, ZeroDivisionError("by zero"))
    done = run("score", "in.vcf")
    assert done.status == 1
    assert done.stderr.startswith(
        "vep: error: internal error: ZeroDivisionError: by zero\n     this is a bug"
    )
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["--debug", "score", "in.vcf"], ["score", "in.vcf", "--debug"]])
def test_debug_shows_the_traceback(run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    fail_with(monkeypatch, ZeroDivisionError("by zero"))
    done = run(*arguments)
    assert done.status == 1
    assert "Traceback (most recent call last)" in done.stderr
    assert "in prepare" in done.stderr


def test_interrupt(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, KeyboardInterrupt())
    done = run("score", "in.vcf")
    assert (done.status, done.stdout) == (130, "")
    assert done.stderr.strip() == "vep: error: interrupted"


def test_reader_that_has_gone_is_no_message(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, BrokenPipeError())
    assert (done := run("score", "in.vcf")).status == 141
    assert done.stderr == ""


def test_terminated_like_interrupted_and_the_handler_is_put_back(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def prepare(settings: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(pipeline, "prepare", prepare)
    before = signal.getsignal(signal.SIGTERM)
    assert run("score", "in.vcf").status == 130
    assert signal.getsignal(signal.SIGTERM) is before


def test_may_be_called_from_any_thread(capsys: pytest.CaptureFixture[str]) -> None:
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(main(["--version"])))
    thread.start()
    thread.join()
    assert statuses == [0]
    assert "vep-cli" in capsys.readouterr().out


@pytest.fixture
def program(tmp_path: pathlib.Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Run a shell line with `vep` in it, as a user does."""

    def call(line: str) -> subprocess.CompletedProcess[str]:
        command = line.replace("vep ", f"'{sys.executable}' -m vep_cli ")
        environment = {**os.environ, "VEP_CONFIG_DIR": str(tmp_path), "VEP_CACHE_DIR": str(tmp_path)}
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
        )

    return call


def test_head_ends_a_run_quietly(
    program: Callable[[str], subprocess.CompletedProcess[str]], tmp_path: pathlib.Path
) -> None:
    # More lines than a pipe holds, none of which can be scored: the network is loaded, not run.
    path = tmp_path / "many.vcf"
    header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    path.write_text(header + "chr6\t32039081\t.\tC\t<DEL>\t.\t.\t.\n" * 20_000)
    fasta = demo_genome_folder() / "demo.fa.gz"
    done = program(f"vep score {path} --quiet --window 2048 --modality ATAC --fasta {fasta} | head -n 1")
    assert done.stdout == "##fileformat=VCFv4.2\n"
    assert done.returncode == 141
    assert [line for line in done.stderr.splitlines() if not line.startswith("vep: warning: ")] == []


def test_full_disk_on_standard_output(program: Callable[[str], subprocess.CompletedProcess[str]]) -> None:
    done = program("vep tracks > /dev/full")
    assert done.returncode == 1
    assert done.stderr == "vep: error: [Errno 28] No space left on device\n     make room on the disk\n"
