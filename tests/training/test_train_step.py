import functools
import json
import pathlib
import subprocess
import sys
from collections.abc import Iterator

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from toy_training import CONFIG, stage, toy_batch, toy_settings

from vep_cli.model import parameters
from vep_cli.model.config import ModelConfig
from vep_cli.model.convolutions import convolution
from vep_cli.model.output_type import OutputType
from vep_cli.model.precision import Precision
from vep_cli.model.shapes import flatten
from vep_cli.training.batches import JunctionTargets
from vep_cli.training.forward import batch_losses, total_loss, trained_outputs
from vep_cli.training.optimisation import learning_rates, optimiser
from vep_cli.training.parameter_roles import for_inference, for_training, is_statistic
from vep_cli.training.step import (
    Measures,
    TrainState,
    compiled_step,
    make_batch_mesh,
    train_step,
    validation_losses,
)
from vep_cli.training.trainer import initial_state, track_means

MEANS = track_means(toy_settings().model)
SCRIPT = pathlib.Path(__file__).with_name("shared_out_steps.py")


@pytest.fixture(scope="module", autouse=True)
def _programs(_compiled_programs: None) -> Iterator[None]:
    """Compile each program once, and in half the time, for the few steps that it runs."""
    with pytest.MonkeyPatch.context() as patch:
        options = {"xla_backend_optimization_level": 0}
        patch.setattr(jax, "jit", functools.partial(jax.jit, compiler_options=options))
        yield


ONE_OUTPUT = stage(output_weights={"SPLICE_SITES": 1.0}, precision=Precision.BFLOAT16)
ALL = stage(steps=40, warmup=5, learning_rate=3e-2)


@pytest.fixture(scope="module")
def steps() -> list[tuple[TrainState, Measures]]:
    """The states and measures after each of 40 steps on one batch, with an average of parameters."""
    step = compiled_step(CONFIG, ALL, MEANS, 0.9, make_batch_mesh(jax.devices()[:1]))
    state, after = initial_state(toy_settings(ALL, ema=0.9)), []
    for _ in range(ALL.steps):
        state, measures = step(state, toy_batch(3))
        after.append((jax.device_get(state), measures))
    return after


def test_what_can_be_learnt_is_learnt(steps: list[tuple[TrainState, Measures]]) -> None:
    first, last = (steps[number][1].losses[OutputType.SPLICE_SITES] for number in (0, -1))
    assert float(last) < 0.7 * float(first)
    assert float(steps[-1][1].total) < float(steps[0][1].total)


def test_statistics_move_to_those_of_the_batch(steps: list[tuple[TrainState, Measures]]) -> None:
    leaves = flatten(steps[0][0].params)
    moved = [leaf for path, leaf in leaves.items() if is_statistic(path)]
    # They begin at 1, and the first batch counts for 0.9 (test_batch_statistics).
    assert all((leaf > 0.1).all() for leaf in moved)
    assert np.mean([(leaf != 1).mean() for leaf in moved]) > 0.9
    # The bases' first norm, after a linear map of them: its statistic can be had from the parameters.
    stem = initial_state(toy_settings()).params["encoder"]["bin_1"]["convolution"]
    bases = jnp.asarray(toy_batch(3).sequence)
    seen = jnp.square(convolution(stem["kernel"], stem["bias"], bases)).mean((0, 1))
    norm = ("encoder", "bin_1", "block", "norm", "moving_variance")
    np.testing.assert_allclose(leaves[norm], 0.1 + 0.9 * seen, rtol=1e-4)


def test_an_average_follows_what_is_learnt(steps: list[tuple[TrainState, Measures]]) -> None:
    (before, _), (after, _) = steps[0], steps[1]
    assert before.average is not None
    assert after.average is not None
    path = ("heads", "CHIP_TF", "resolution_128", "linear", "weight")
    old, average = flatten(before.average)[path], flatten(after.average)[path]
    # The second value: (1 + 1) / (10 + 1) of the average is kept.
    np.testing.assert_allclose(
        average, (2 * old + 9 * flatten(after.params)[path]) / 11, rtol=1e-4, atol=1e-7
    )
    norm = ("encoder", "bin_1", "block", "norm", "moving_variance")
    np.testing.assert_array_equal(flatten(after.average)[norm], flatten(after.params)[norm])
    assert after.best is after.average
    assert (int(after.step), int(after.stage_step)) == (2, 2)


def test_only_what_a_stage_trains_changes_and_stays_in_float32() -> None:
    before = initial_state(toy_settings(ONE_OUTPUT))
    step = functools.partial(
        train_step, config=CONFIG, stage=ONE_OUTPUT, track_means=MEANS, average_decay=0.0
    )
    after, measures = jax.jit(step)(before, toy_batch(3))
    assert measures.losses.keys() == {OutputType.SPLICE_SITES}
    old, new = flatten(before.params), flatten(after.params)
    for path, leaf in old.items():
        # Nothing but an attention's bias comes from the pairs, and of one pair position it matters not.
        is_flat = "pair_update" in path or "attention_bias" in path
        if path[:2] == ("heads", "CHIP_TF"):
            np.testing.assert_array_equal(new[path], leaf)
        elif not is_flat and path[-1] in ("kernel", "moving_variance"):
            assert (new[path] != leaf).any(), path
        assert new[path].dtype == jnp.float32
        assert jnp.isfinite(new[path]).all()


def test_validation_is_by_the_averages() -> None:
    state = initial_state(toy_settings())
    batch = jax.tree.map(jnp.asarray, toy_batch(1))
    found = validation_losses(for_inference(state.best), batch, CONFIG, stage(), MEANS)
    trained = batch_losses(state.params, batch, CONFIG, stage(), MEANS)
    assert found.keys() == trained.keys() == {OutputType.SPLICE_SITES, OutputType.CHIP_TF}
    assert all(float(found[output]) != float(trained[output]) for output in found)


def test_every_output_has_a_loss() -> None:
    config = ModelConfig.toy()
    shapes = {head.output: (1, 2048 // head.output.resolution, head.width) for head in config.heads}
    shapes[OutputType.CONTACT_MAPS] = (1, 1, 1, 4)
    del shapes[OutputType.SPLICE_JUNCTIONS]
    # A donor at 10 and an acceptor at 900 on '+', a donor at 700 and acceptors at 20 and 30 on '-'.
    sites = jnp.array([[[10, -1], [900, -1], [700, -1], [20, 30]]])
    batch = jax.tree.map(jnp.asarray, toy_batch(1, batch=1))._replace(
        targets={output: jnp.full(shape, 0.2) for output, shape in shapes.items()},
        junctions=JunctionTargets(sites=sites, counts=jnp.ones((1, 2, 2, 8))),
    )
    means = {output: jnp.ones((2, 4)) for output in OutputType}
    everything = stage(batch=1)
    assert trained_outputs(batch, everything) == frozenset(OutputType)
    whole = for_training(parameters.initialise(config, jax.random.key(0)))

    def total(tree: object) -> tuple[jax.Array, object]:
        losses = batch_losses(tree, batch, config, everything, means)  # type: ignore[arg-type]
        return total_loss(losses, everything), losses

    (loss, losses), slopes = jax.jit(jax.value_and_grad(total, has_aux=True))(whole)
    assert losses.keys() == frozenset(OutputType)
    weights = {output: 0.2 if output is OutputType.SPLICE_JUNCTIONS else 1.0 for output in OutputType}
    assert float(loss) == pytest.approx(sum(weights[output] * float(one) for output, one in losses.items()))
    for path, leaf in flatten(slopes).items():
        assert jnp.isfinite(leaf).all(), path
        if path[0] == "heads":
            assert leaf.any(), path


def test_the_learning_rate_goes_up_and_down() -> None:
    rates = learning_rates(stage(steps=110, warmup=10, learning_rate=2.0, final_fraction=0.5))
    # Half of the warm-up; its end; half of the cosine, between 2 and 1; the end.
    assert [float(rates(step)) for step in (0, 5, 10, 60, 110)] == pytest.approx([0, 1, 2, 1.5, 1])
    assert float(learning_rates(stage(steps=4, learning_rate=2.0))(0)) == 2


def test_weight_decay_is_for_maps_alone() -> None:
    leaves = {("a", "kernel"): jnp.ones(2), ("a", "bias"): jnp.ones(2)}
    adam = optimiser(stage(learning_rate=0.1, weight_decay=0.5))
    updates, _ = adam.update(optax.tree.zeros_like(leaves), adam.init(leaves), leaves)
    np.testing.assert_allclose(updates[("a", "kernel")], -0.05)
    np.testing.assert_array_equal(updates[("a", "bias")], 0)


@pytest.mark.timeout(600)
def test_devices_that_share_a_batch_out_do_what_one_does() -> None:
    ran = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = json.loads(ran.stdout)
    assert found["devices"] == 4
    assert found["changed"] > 100 * found["difference"]
    assert found["difference"] < 1e-5
    assert found["loss"] == pytest.approx(found["loss_of_one"], rel=1e-5)
