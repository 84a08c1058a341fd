import pathlib
from typing import Any

import pytest
from toy_inputs import Run, toy_tracks, write_genes, write_genome

from vep_cli.cli import train_report
from vep_cli.model.tracks import write_tracks
from vep_cli.training import trainer
from vep_cli.training.settings import TrainSettings
from vep_cli.training.trainer import Listener, Outcome

CONFIG = """
[model]
preset = "toy"
tracks = "tracks.tsv"
[data]
[[data.piece]]
name = "one"
fasta = "toy.fa"
contig = "chr1"
start = 0
end = 12000
genome = "toy"
split = "train"
[[data.source]]
kind = "annotation"
gtf = "toy.gtf"
genome = "toy"
output = "SPLICE_SITES"
feature = "splice_sites"
[[stage]]
name = "short"
window = 2048
batch = 2
steps = 2
learning_rate = 1e-3
"""


@pytest.fixture
def config(tmp_path: pathlib.Path) -> pathlib.Path:
    write_genome(tmp_path)
    write_genes(tmp_path)
    write_tracks(tmp_path / "tracks.tsv", toy_tracks())
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path / "config.toml"


def fake_training(outcome: Outcome) -> Any:  # noqa: ANN401 - in the place of `trainer.train`
    """Return a training that tells of a step and a validation, and trains nothing."""

    def train(settings: TrainSettings, folder: pathlib.Path, devices: object, listener: Listener) -> Outcome:
        del folder, devices
        line = {"stage": "short", "stage_step": 1, "stage_steps": 2, "step": 1, "loss": 0.5}
        listener.say(f"training {settings.total_steps} steps")
        listener.advance({**line, "kind": "train", "bases_per_second": 9000})
        listener.advance({**line, "kind": "validation", "losses": {"SPLICE_SITES": 0.25}})
        return outcome

    return train


@pytest.mark.timeout(600)
def test_weights_are_trained_and_score(run: Run, config: pathlib.Path, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "run"
    outcome = run("train", config, "-o", folder)
    assert outcome.status == 0, outcome.stderr
    assert f"vep: trained for 2 steps: {folder / 'weights'}" in outcome.stderr
    assert outcome.stdout == ""
    assert run("weights", "verify", folder / "weights").status == 0
    # What is done is not done again, and another configuration is refused.
    assert "going on after step 2 of 2" in run("train", config, "-o", folder).stderr
    config.write_text(CONFIG.replace("1e-3", "2e-3"))
    refused = run("train", config, "-o", folder)
    assert refused.status == 2
    assert "another training" in refused.stderr


def test_progress_is_told(run: Run, config: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = Outcome(weights=pathlib.Path("run/weights"), signal=None, step=2)
    monkeypatch.setattr(trainer, "train", fake_training(done))
    told = run("train", config, "-o", "run")
    assert told.stderr.splitlines() == [
        "vep: training 2 steps",
        "vep: step 1: validation loss 0.5000 (SPLICE_SITES 0.2500)",
        "vep: trained for 2 steps: run/weights",
    ]
    assert run("train", config, "-o", "run", "--quiet").stderr == ""


def test_the_progress_line_has_place_loss_and_speed() -> None:
    drawn: list[str] = []
    listener = train_report.StderrListener(drawn.append, quiet=True)
    listener.advance(
        {
            "kind": "train",
            "stage": "short",
            "stage_step": 1000,
            "stage_steps": 2000,
            "loss": 0.5,
            "bases_per_second": 91_000,
        }
    )
    assert drawn == ["short 1,000/2,000  loss 0.5000  91 kb/s"]


@pytest.mark.parametrize(("signal", "status"), [(2, 130), (15, 143)])
def test_an_interrupted_training_says_how_it_goes_on(
    run: Run, config: pathlib.Path, monkeypatch: pytest.MonkeyPatch, signal: int, status: int
) -> None:
    stopped = Outcome(weights=None, signal=signal, step=1)
    monkeypatch.setattr(trainer, "train", fake_training(stopped))
    found = run("train", config, "-o", "run", "--quiet")
    assert found.status == status
    assert found.stderr == "vep: interrupted after step 1; the same command goes on from there\n"


def test_a_mistake_in_the_configuration_is_misuse(run: Run, config: pathlib.Path) -> None:
    config.write_text(CONFIG.replace("steps = 2", "steps = 0"))
    found = run("train", config, "-o", "run")
    assert found.status == 2
    assert "steps is 0" in found.stderr
    missing = run("train", config.with_name("none.toml"), "-o", "run")
    assert (missing.status, "No such file" in missing.stderr) == (2, True)


def test_training_is_an_extra(run: Run, config: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = run("train", config, "-o", "run")
    assert found.status == 2
    assert "pip install 'vep-cli[train]'" in found.stderr
