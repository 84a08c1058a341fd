import pathlib
from typing import Any

import click
import pytest
from toy_inputs import Run

from vep_cli import pipeline
from vep_cli.api.options import ScorerOptions, score_settings, several
from vep_cli.cli.score import score
from vep_cli.errors import UsageError
from vep_cli.settings import ScoreSettings

OPTIONS: dict[str, tuple[Any, Any]] = {
    # Two values of each: one alone, and where several are possible, several.
    "tissue": ("liver", ["liver", "brain"]),
    "modality": ("ATAC", ("ATAC", "RNA_SEQ")),
    "ontology": ("UBERON:0002107", ["UBERON:0002107", "UBERON:0000955"]),
    "track": ("*seq", ["a*", "b?"]),
    "strand": ("+", ["-", "."]),
    "scorer": ("ATAC", ["ATAC", "ATAC:2001:DIFF_MEAN"]),
    "polya": ("sites.tsv", pathlib.Path("sites.tsv")),
    "splice_sites": ("starts.tsv", [pathlib.Path("starts.tsv"), "ends.tsv"]),
    "weights": ("fold_0", ["fold_0", pathlib.Path("fold_1")]),
    "calibration": ("file", pathlib.Path("file")),
    "alleles": ("normalized", "as-written"),
    "window": (2048, 4096),
    "window_mode": ("centered", "snapped"),
    "precision": ("float32", "bfloat16"),
    "device": ("cpu", "gpu"),
    "devices": ("all", 2),
    "top": (1, 5),
    "min_score": (0, 0.25),
    "phased": ("NA12878", "HG002"),
    "phased_from": ("phased.vcf.gz", pathlib.Path("phased.bcf")),
    "genome": ("demo", "demo"),
    "organism": ("human", "mouse"),
}


def words(name: str, value: Any) -> list[str]:  # noqa: ANN401 - of every kind
    """Return an option as the command line has it."""
    values = value if isinstance(value, list | tuple) else [value]
    return [word for one in values for word in (f"--{name.replace('_', '-')}", str(one))]


def of_command(run: Run, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> ScoreSettings:
    """Return the settings that a call of `vep score` makes."""
    asked: list[ScoreSettings] = []

    def prepare(settings: ScoreSettings) -> None:
        asked.append(settings)
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "prepare", prepare)
    run("score", "in.vcf", *arguments)
    (settings,) = asked
    return settings


def without_files(settings: ScoreSettings) -> dict[str, Any]:
    left_out = ("source", "output", "command")
    return {name: value for name, value in vars(settings).items() if name not in left_out}


@pytest.mark.parametrize(
    "name", [name for name in ScorerOptions.__annotations__ if name not in ("fasta", "gtf")]
)
@pytest.mark.parametrize("which", [0, 1])
def test_an_option_is_that_of_the_command(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, which: int
) -> None:
    value = OPTIONS[name][which]
    expected = of_command(run, monkeypatch, *words(name, value))
    options: ScorerOptions = {name: value}  # type: ignore[misc]
    assert without_files(score_settings(options)) == without_files(expected)


@pytest.mark.usefixtures("run")  # with its own list of genomes
def test_files_of_a_genome(tmp_path: pathlib.Path) -> None:
    fasta, gtf = tmp_path / "a.fa", tmp_path / "a.gtf"
    fasta.touch()
    gtf.touch()
    genome = score_settings({"fasta": str(fasta), "gtf": gtf}).genome
    assert (genome.fasta, genome.gtf, genome.organism) == (fasta, gtf, "human")


def test_every_option_of_the_command_is_there() -> None:
    of_command = {
        max(one.opts, key=len).removeprefix("--").replace("-", "_")
        for one in score.params
        if isinstance(one, click.Option)
    }
    # What is about the output, and what is said of the variants and not of the scorer.
    elsewhere = {"output", "all_tracks", "resume", "shard", "strict", "stats", "quiet", "multiqc"}
    assert of_command - elsewhere - {"regions", "regions_file"} == set(ScorerOptions.__annotations__)


@pytest.mark.usefixtures("run")
def test_names_that_come_once() -> None:
    assert score_settings({"strand": iter("+-")}).strands == ("+", "-")


@pytest.mark.usefixtures("run")
def test_none_is_nothing() -> None:
    nothing: ScorerOptions = dict.fromkeys(ScorerOptions.__annotations__)  # type: ignore[assignment]
    assert score_settings(nothing) == score_settings({})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strand": ["+", "plus"]}, "strand='plus' is not a choice"),
        ({"alleles": "normalised"}, "alleles='normalised' is not a choice"),
        ({"window_mode": "centred"}, "window_mode='centred'"),
        ({"precision": "float16"}, "precision='float16'"),
        ({"device": "cuda"}, "device='cuda'"),
        ({"organism": "rat"}, "unknown organism 'rat'"),
        ({"top": 0}, "top=0 is too small"),
        ({"min_score": -0.1}, "min_score=-0.1 is too small"),
        ({"window": 0}, "window=0 is too small"),
    ],
)
@pytest.mark.usefixtures("run")
def test_values_that_are_none(options: ScorerOptions, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        score_settings(options)


def test_unknown_option() -> None:
    with pytest.raises(TypeError, match=r"no option 'tisue'; did you mean 'tissue'\?"):
        score_settings({"tisue": "liver"})  # type: ignore[typeddict-unknown-key]
    with pytest.raises(TypeError, match=r"no option 'x'$"):
        score_settings({"x": 1})  # type: ignore[typeddict-unknown-key]


def test_one_name_or_several() -> None:
    assert several("liver") == ("liver",)
    assert several(name for name in ("liver", "brain")) == ("liver", "brain")
