import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from toy_training import stage

from vep_cli.errors import UsageError
from vep_cli.training.checkpoints import Progress, last_progress, load_checkpoint, save_checkpoint
from vep_cli.training.metrics_log import MetricsLog
from vep_cli.training.step import TrainState, begin_stage


def state(value: float = 1.0, average: bool = True) -> TrainState:
    params = {"encoder": {"kernel": jnp.full((2, 3), value), "moving_variance": jnp.ones(3)}}
    return begin_stage(params, jax.tree.map(jnp.copy, params) if average else None, stage(), 7)


def progress(step: int) -> Progress:
    return Progress(stage=1, stage_step=step - 3, step=step, metrics_bytes=99)


def test_a_state_comes_back_bit_by_bit(tmp_path: pathlib.Path) -> None:
    saved = state(1 / 3)
    save_checkpoint(tmp_path / "new", saved, progress(5))
    found = last_progress(tmp_path / "new")
    assert found is not None
    assert found[1] == progress(5)
    loaded = load_checkpoint(found[0], state(0.0))
    assert jax.tree.structure(loaded) == jax.tree.structure(saved)
    for one, other in zip(jax.tree.leaves(loaded), jax.tree.leaves(saved), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


def test_the_last_two_are_kept(tmp_path: pathlib.Path) -> None:
    for step in (9, 10, 100):
        save_checkpoint(tmp_path, state(), progress(step))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "step_000000010.safetensors",
        "step_000000100.safetensors",
    ]


def test_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path: pathlib.Path) -> None:
    for step in (9, 10):
        path = save_checkpoint(tmp_path, state(), progress(step))
    path.write_bytes(path.read_bytes()[:100])
    found = last_progress(tmp_path)
    assert found is not None
    assert found[1].step == 9


def test_what_a_killed_process_left_is_no_checkpoint(tmp_path: pathlib.Path) -> None:
    (tmp_path / ".step_000000012.safetensors.1.part").write_bytes(b"half")
    assert last_progress(tmp_path) is None
    assert last_progress(tmp_path / "nowhere") is None


def test_nothing_is_left_of_a_checkpoint_that_could_not_be_written(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError("no space")

    save_checkpoint(tmp_path, state(), progress(4))
    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="no space"):
        save_checkpoint(tmp_path, state(), progress(5))
    assert [path.name for path in tmp_path.iterdir()] == ["step_000000004.safetensors"]


def test_another_trainings_checkpoint_is_refused(tmp_path: pathlib.Path) -> None:
    path = save_checkpoint(tmp_path, state(), progress(5))
    with pytest.raises(UsageError, match="does not fit"):
        load_checkpoint(path, state(average=False))


def test_metrics_are_cut_at_the_checkpoint(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "metrics.jsonl"
    with MetricsLog(path, 0) as metrics:
        metrics.add({"step": 1})
        kept = metrics.synced_bytes()
        metrics.add({"step": 2})
    with MetricsLog(path, kept) as metrics:
        metrics.add({"step": 3})
    assert [json.loads(line)["step"] for line in path.read_text().splitlines()] == [1, 3]


def test_metrics_that_were_lost_are_not_made_up(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "metrics.jsonl"
    path.write_bytes(b'{"step": 1}\n')
    with MetricsLog(path, 1000) as metrics:
        metrics.add({"step": 2})
    assert path.read_bytes() == b'{"step": 1}\n{"step": 2}\n'
