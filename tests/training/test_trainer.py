import functools
import json
import pathlib
import signal
from collections.abc import Iterator

import jax
import numpy as np
import pytest
from toy_training import OUTPUTS, Listener, ToyDataset, stage, toy_settings

from vep_cli.errors import OutputError, UsageError, VepError
from vep_cli.model import parameters
from vep_cli.model.output_type import OutputType
from vep_cli.model.weights_folder import open_weights
from vep_cli.training import stage_run
from vep_cli.training.checkpoints import last_progress
from vep_cli.training.run_folder import opened_run_folder
from vep_cli.training.settings import TrainSettings
from vep_cli.training.trainer import Outcome, check_outputs, train

TWO_STAGES = toy_settings(
    stage(steps=4), stage(name="second", steps=4), validate_every=2, checkpoint_every=2, ema=0.9
)


class Killed(BaseException):
    """What no code of ours catches."""


@pytest.fixture(scope="module", autouse=True)
def _programs(_compiled_programs: None) -> Iterator[None]:
    """Compile each program once, and in half the time, for the few steps that it runs."""
    with pytest.MonkeyPatch.context() as patch:
        options = {"xla_backend_optimization_level": 0}
        patch.setattr(jax, "jit", functools.partial(jax.jit, compiler_options=options))
        yield


def run(
    folder: pathlib.Path, dataset: ToyDataset, settings: TrainSettings = TWO_STAGES
) -> tuple[Outcome, Listener]:
    listener = Listener()
    outcome = train(settings, folder, jax.devices()[:1], listener, lambda *_: dataset)
    return outcome, listener


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The folder of a run that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    outcome, _ = run(folder, ToyDataset())
    assert outcome == Outcome(weights=folder / "weights", signal=None, step=8)
    return folder


def metrics(folder: pathlib.Path) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "bases_per_second"} for line in lines]


def test_metrics_are_written_as_it_goes(whole: pathlib.Path) -> None:
    lines = metrics(whole)
    # Every two steps a line and a validation.
    assert [(line["kind"], line["stage"], line["stage_step"], line["step"]) for line in lines] == [
        ("train", "first", 2, 2),
        ("validation", "first", 2, 2),
        ("train", "first", 4, 4),
        ("validation", "first", 4, 4),
        ("train", "second", 2, 6),
        ("validation", "second", 2, 6),
        ("train", "second", 4, 8),
        ("validation", "second", 4, 8),
    ]
    for line in lines:
        losses = line["losses"]
        assert isinstance(losses, dict)
        assert losses.keys() == OUTPUTS
        assert line["loss"] == pytest.approx(sum(losses.values()), rel=1e-5)


def test_weights_can_be_opened(whole: pathlib.Path) -> None:
    weights = open_weights(whole / "weights")
    assert (weights.manifest.name, weights.manifest.trained, weights.warning) == ("toy", True, None)
    assert weights.config == TWO_STAGES.model.config
    params = parameters.load(weights.parameters_path, weights.config)
    assert weights.manifest.parameter_count == parameters.count(params)
    after_first = open_weights(whole / "stages" / "1")
    assert after_first.manifest.name == "toy-stage-1-of-2"
    assert after_first.sha256 != weights.sha256
    assert [path.name for path in (whole / "stages").iterdir()] == ["1"]
    # They are the averages, not the last ones.
    found = last_progress(whole / "checkpoints")
    assert found is not None
    assert found[1].step == 8


@pytest.mark.parametrize("step", [0, 1, 3])
def test_a_killed_run_ends_as_if_it_had_not_been(
    whole: pathlib.Path, tmp_path: pathlib.Path, step: int
) -> None:
    killed = []

    def kill(at: int) -> None:
        # Once in either stage, before the step's batch: after checkpoints of none, one or two steps.
        if at == step and len(killed) < 4:
            killed.append(at)
            raise Killed

    dataset, attempts = ToyDataset(kill), 0
    while not (tmp_path / "run" / "weights").exists():
        attempts += 1
        try:
            run(tmp_path / "run", dataset)
        except Killed:
            continue
    assert attempts == 5
    assert_same_run(tmp_path / "run", whole)


def test_a_run_killed_while_it_writes_ends_as_if_it_had_not_been(
    whole: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = []

    def save_and_die(*arguments: object) -> None:
        saved.append(real(*arguments))  # type: ignore[arg-type]
        raise Killed

    real = stage_run.save_checkpoint
    monkeypatch.setattr(stage_run, "save_checkpoint", save_and_die)
    # After steps 2 and 4 of the first stage, and 2 and 4 of the second: the last has nothing left to train.
    for _ in range(4):
        with pytest.raises(Killed):
            run(tmp_path / "run", ToyDataset())
    run(tmp_path / "run", ToyDataset())
    assert len(saved) == 4
    assert_same_run(tmp_path / "run", whole)


def assert_same_run(one: pathlib.Path, other: pathlib.Path) -> None:
    for name in ("model.safetensors", "config.json", "tracks.tsv"):
        assert (one / "weights" / name).read_bytes() == (other / "weights" / name).read_bytes()
    assert metrics(one) == metrics(other)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_after_a_step(
    whole: pathlib.Path, tmp_path: pathlib.Path, number: signal.Signals
) -> None:
    signalled = []

    def interrupt(step: int) -> None:
        # The second call is from the thread that makes batches ahead: the first is made before.
        if step == 1 and not signalled:
            signalled.append(step)
            signal.raise_signal(number)

    before = signal.getsignal(number)
    outcome, _ = run(tmp_path / "run", ToyDataset(interrupt))
    assert signal.getsignal(number) == before
    assert (outcome.weights, outcome.signal) == (None, number)
    assert 1 <= outcome.step < 8
    found = last_progress(tmp_path / "run" / "checkpoints")
    assert found is not None
    assert found[1].step == outcome.step
    resumed, listener = run(tmp_path / "run", ToyDataset())
    assert resumed.weights is not None
    assert listener.said[0].startswith(f"going on after step {outcome.step} of 8")
    name = "model.safetensors"
    assert (resumed.weights / name).read_bytes() == (whole / "weights" / name).read_bytes()


def test_a_finished_run_has_nothing_left_to_do(whole: pathlib.Path) -> None:
    before = (whole / "weights" / "model.safetensors").read_bytes()
    outcome, listener = run(whole, ToyDataset(lambda step: pytest.fail("a step was run")))
    assert outcome.step == 8
    assert not listener.records
    assert (whole / "weights" / "model.safetensors").read_bytes() == before


def test_a_folder_of_other_things_is_left_alone(tmp_path: pathlib.Path) -> None:
    (tmp_path / "thesis.txt").write_text("all of it")
    with pytest.raises(UsageError, match="other things"):
        run(tmp_path, ToyDataset())
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_folder_is_for_one_process_at_a_time(tmp_path: pathlib.Path) -> None:
    with (
        opened_run_folder(tmp_path / "run", TWO_STAGES),
        pytest.raises(OutputError, match="another process"),
        opened_run_folder(tmp_path / "run", TWO_STAGES),
    ):
        pass


def test_a_loss_that_is_no_number_ends_the_run(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(ToyDataset):
        def batch(self, stage: object, step: int, split: str = "train") -> object:  # type: ignore[override]
            batch = super().batch(stage, step, split)  # type: ignore[arg-type]
            return batch._replace(sequence=batch.sequence + np.float32(np.inf if step else 0))

    settings = toy_settings(stage(steps=4), checkpoint_every=1, ema=0.9)
    with pytest.raises(VepError, match="the loss is nan at step 2") as raised:
        run(tmp_path / "run", Broken(), settings)
    assert raised.value.remedy is not None
    found = last_progress(tmp_path / "run" / "checkpoints")
    assert found is not None
    assert found[1].step == 1


@pytest.mark.parametrize(
    ("settings", "devices", "said"),
    [(toy_settings(stage(window=3000)), 1, "3000"), (toy_settings(stage(batch=3)), 2, "batch of 3")],
)
def test_stages_that_cannot_run_are_refused(
    tmp_path: pathlib.Path, settings: TrainSettings, devices: int, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        train(settings, tmp_path / "run", jax.devices()[:1] * devices, Listener(), lambda *_: ToyDataset())
    assert not (tmp_path / "run").exists()


def test_a_stage_needs_targets_of_what_it_trains() -> None:
    settings = toy_settings(stage(output_weights={"CHIP_TF": 1.0}))
    check_outputs(settings, OUTPUTS)
    with pytest.raises(UsageError, match="trains CHIP_TF, but no"):
        check_outputs(settings, OUTPUTS - {OutputType.CHIP_TF})
    with pytest.raises(UsageError, match="targets of ATAC, but no tracks"):
        check_outputs(settings, OUTPUTS | {OutputType.ATAC})
