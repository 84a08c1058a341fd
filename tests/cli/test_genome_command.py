import json
import pathlib

import click
import pytest
from click.testing import CliRunner, Result

from vep_cli.cli.genome import genome as genome_command
from vep_cli.errors import UsageError, VepError
from vep_cli.genome.registry import Genome, demo_genome, load_registry
from vep_cli.genome.sources import genome_source


@pytest.fixture(autouse=True)
def config_folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEP_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("VEP_CACHE_DIR", str(tmp_path / "cache"))


@pytest.fixture
def fasta(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "tiny.fa"
    path.write_bytes(b">chr1\nACGT\n")
    return path


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(genome_command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result


def failure(*arguments: str) -> VepError:
    with pytest.raises(VepError) as caught:
        genome_command.main(list(arguments), standalone_mode=False)
    return caught.value


def test_added_genome_is_listed(fasta: pathlib.Path) -> None:
    gtf = fasta.with_suffix(".gtf")
    gtf.write_bytes(b'chr1\ttest\tgene\t1\t4\t.\t+\t.\tgene_id "G1";\n')
    added = run("add", "tiny", "--fasta", str(fasta), "--gtf", str(gtf), "--organism", "mouse", "--default")
    assert added.stdout == ""
    assert added.stderr.splitlines() == [
        f"reading the genes of {gtf}",
        f"indexing {fasta}",
        f"registered tiny (mouse): {fasta}, genes from {gtf}",
    ]
    assert load_registry().get() == Genome(
        name="tiny", fasta=fasta, gtf=gtf, organism="mouse", source="added by hand"
    )


def test_table_is_aligned_and_marks_the_default(fasta: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = Genome(name="demo", fasta=fasta, gtf=fasta, organism="human", source="test")
    monkeypatch.setattr("vep_cli.genome.registry.demo_genome", lambda: demo)
    run("add", "tiny", "--fasta", str(fasta), "--default")
    listed = run("list")
    header, first, second = listed.stdout.splitlines()
    path = str(fasta)
    assert header == f"name  default  organism  {'fasta'.ljust(len(path))}  gtf"
    assert first == f"demo           human     {path}  {path}"
    assert second == f"tiny  *        human     {path}  -"
    assert listed.stderr == ""


def test_json_has_every_field(fasta: pathlib.Path) -> None:
    run("add", "tiny", "--fasta", str(fasta))
    demo, tiny = json.loads(run("list", "--json").stdout)
    assert (demo["name"], demo["default"], demo["fasta"]) == ("demo", True, str(demo_genome().fasta))
    assert tiny == {
        "name": "tiny",
        "default": False,
        "organism": "human",
        "fasta": str(fasta),
        "gtf": None,
        "source": "added by hand",
    }


def test_files_that_have_gone_are_told_on_stderr(fasta: pathlib.Path) -> None:
    run("add", "tiny", "--fasta", str(fasta))
    fasta.unlink()
    listed = run("list")
    assert f"tiny: {fasta} is not there\n" in listed.stderr
    assert "not there" not in listed.stdout


def test_name_is_only_replaced_with_force(fasta: pathlib.Path) -> None:
    other = fasta.with_name("other.fa")
    other.write_bytes(fasta.read_bytes())
    run("add", "tiny", "--fasta", str(fasta))
    refused = failure("add", "tiny", "--fasta", str(other))
    assert isinstance(refused, UsageError)
    assert load_registry().get("tiny").fasta == fasta
    run("add", "tiny", "--fasta", str(other), "--force")
    assert load_registry().get("tiny").fasta == other


def test_default_is_set_and_falls_back_on_removal(fasta: pathlib.Path) -> None:
    run("add", "tiny", "--fasta", str(fasta))
    assert run("default", "tiny").stderr == "the default genome is now tiny\n"
    assert load_registry().default == "tiny"
    removed = run("remove", "tiny").stderr
    assert removed == (f"forgot tiny; its files stay at {fasta.parent}\nthe default genome is now demo\n")
    assert load_registry().default == "demo"
    assert fasta.exists()


@pytest.mark.parametrize("command", ["default", "remove"])
def test_unknown_name_is_an_error(command: str) -> None:
    assert "vep genome list" in str(failure(command, "absent").remedy)


def test_demo_cannot_be_removed() -> None:
    assert "cannot be removed" in failure("remove", "demo").message


def test_fetch_passes_its_options_on(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[object, dict[str, object]]] = []

    def record(source: object, **options: object) -> Genome:
        calls.append((source, options))
        return demo_genome()

    monkeypatch.setattr("vep_cli.cli.genome.fetch_genome", record)
    run("fetch", "mm10", "--to", str(tmp_path), "--mirror", "http://127.0.0.1/x", "--default", "--force")
    run("fetch", "hg38")
    # The two callbacks are the terminal's: what they do is seen in the other tests.
    seen = [
        (source, {key: value for key, value in options.items() if key not in ("progress", "notify")})
        for source, options in calls
    ]
    assert seen == [
        (
            genome_source("mm10", mirror="http://127.0.0.1/x"),
            {"folder": tmp_path, "make_default": True, "replace": True},
        ),
        (genome_source("hg38"), {"folder": None, "make_default": False, "replace": False}),
    ]


def test_unknown_download_is_refused_with_the_choice() -> None:
    refused = CliRunner().invoke(genome_command, ["fetch", "hg19"])
    assert refused.exit_code == 2
    assert "hg38" in refused.stderr
    assert "mm10" in refused.stderr


def test_bars_are_drawn_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def report_half(source: object, *, progress: object, **options: object) -> Genome:
        assert callable(progress)
        progress("genome.fa.gz", 5, 10)
        progress("genome.fa.gz", 10, 10)
        return demo_genome()

    monkeypatch.setattr("vep_cli.cli.genome.fetch_genome", report_half)
    assert "genome.fa.gz" not in run("fetch", "hg38").stderr.replace("demo.fa.gz", "")
    monkeypatch.setenv("FORCE_COLOR", "1")
    drawn = run("fetch", "hg38")
    assert "genome.fa.gz" in drawn.stderr
    assert drawn.stdout == ""


@pytest.mark.parametrize("name", ["fetch", "add", "list", "default", "remove"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    shown = run(name, "--help").stdout
    assert f"Example:\n    vep genome {name}" in shown


def test_commands_are_listed_in_the_order_of_work() -> None:
    with click.Context(genome_command) as context:
        assert genome_command.list_commands(context) == ["fetch", "add", "list", "default", "remove"]
