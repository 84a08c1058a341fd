import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import safetensors.numpy

from vep_cli.errors import WeightsError
from vep_cli.model import parameters
from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.shapes import flatten, parameter_shapes, unflatten

TOY = ModelConfig.toy()


@pytest.fixture
def weights(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "model.safetensors"
    parameters.save(path, parameters.initialise(TOY, jax.random.key(0)))
    return path


def rewrite(path: pathlib.Path, changes: dict[str, np.ndarray | None]) -> None:
    """Write the file again with some leaves replaced, or left out where None."""
    leaves = {**safetensors.numpy.load_file(path), **changes}
    kept = {name: leaf for name, leaf in leaves.items() if leaf is not None}
    safetensors.numpy.save_file(kept, path)


def test_official_size() -> None:
    leaves = flatten(parameter_shapes(ModelConfig.alphagenome()))
    variances = [shape for path, shape in leaves.items() if path[-1] == "variance"]
    # MODEL_SPEC's parameter tree: 589 parameters of 450,452,613 values, 81 running variances of 100,608.
    assert len(variances) == 81
    assert len(leaves) == 589 + 81
    assert sum(np.prod(shape, dtype=int) for shape in variances) == 100_608
    assert sum(np.prod(shape, dtype=int) for shape in leaves.values()) == 450_452_613 + 100_608


def test_flatten_and_unflatten_by_hand() -> None:
    tree = {"a": {"b": 1, "c": {"d": 2}}, "e": 3}
    assert flatten(tree) == {("a", "b"): 1, ("a", "c", "d"): 2, ("e",): 3}
    assert unflatten(flatten(tree)) == tree


def test_shapes_are_those_of_initialise() -> None:
    made = parameters.initialise(TOY, jax.random.key(0))
    found = jax.tree.map(lambda leaf: (leaf.shape, leaf.dtype), parameters.shapes(TOY))
    assert found == jax.tree.map(lambda leaf: (leaf.shape, leaf.dtype), made)


def test_initial_values_are_spread_by_their_inputs() -> None:
    made = parameters.initialise(ModelConfig.bundled({OutputType.CAGE: 3}), jax.random.key(0))
    kernel = made["encoder"]["bin_64"]["second"]["convolution"]["kernel"]
    # Variance 1 / (5 taps x 128 channels), from 81,920 values.
    assert float(kernel.std()) == pytest.approx((5 * 128) ** -0.5, rel=0.02)
    other = parameters.initialise(ModelConfig.bundled({OutputType.CAGE: 3}), jax.random.key(1))
    assert not np.array_equal(other["encoder"]["bin_64"]["second"]["convolution"]["kernel"], kernel)


def test_count_by_hand() -> None:
    # Track means are not stored, so they do not count.
    head = {"weight": jnp.zeros((2, 3)), "track_means": jnp.zeros((2, 9))}
    params = {"heads": {"CAGE": head}, "x": jnp.zeros(())}
    assert parameters.count(params) == 7


def test_round_trip(weights: pathlib.Path) -> None:
    saved = parameters.initialise(TOY, jax.random.key(0))
    loaded = parameters.load(weights, TOY)
    assert jax.tree.structure(loaded) == jax.tree.structure(saved)
    for found, expected in zip(jax.tree.leaves(loaded), jax.tree.leaves(saved), strict=True):
        np.testing.assert_array_equal(found, expected)


def test_track_means_are_not_stored(weights: pathlib.Path) -> None:
    means = {OutputType.CAGE: np.ones((2, 4), np.float32), OutputType.ATAC: np.ones((2, 4), np.float32)}
    params = parameters.with_track_means(parameters.load(weights, TOY), means)
    assert params["heads"]["CAGE"]["track_means"].shape == (2, 4)
    parameters.save(weights, params)
    assert "track_means" not in parameters.load(weights, TOY)["heads"]["CAGE"]


def test_track_means_pass_over_heads_that_were_dropped() -> None:
    params = parameters.select_columns(parameters.initialise(TOY, jax.random.key(0)), {OutputType.ATAC: [1]})
    found = parameters.with_track_means(params, {OutputType.CAGE: np.ones((2, 1), np.float32)})
    assert list(found["heads"]) == ["ATAC"]


def test_a_missing_leaf_is_named(weights: pathlib.Path) -> None:
    rewrite(weights, {"heads.CAGE.resolution_1.learnt_scale": None})
    with pytest.raises(WeightsError, match=r"heads\.CAGE\.resolution_1\.learnt_scale is missing") as caught:
        parameters.load(weights, TOY)
    assert caught.value.path == weights


def test_an_unknown_leaf_is_named(weights: pathlib.Path) -> None:
    rewrite(weights, {"encoder.bin_128": np.zeros(1, np.float32)})
    with pytest.raises(WeightsError, match=r"encoder\.bin_128 is unknown"):
        parameters.load(weights, TOY)


@pytest.mark.parametrize(
    ("leaf", "found"),
    [(np.zeros((2, 9), np.float32), r"float32\[2,9\]"), (np.zeros((2, 8), np.float64), r"float64\[2,8\]")],
)
def test_a_leaf_of_another_shape_or_type_is_named(
    weights: pathlib.Path, leaf: np.ndarray, found: str
) -> None:
    rewrite(weights, {"organism": leaf})
    with pytest.raises(WeightsError, match=rf"organism is {found}, expected float32\[2,8\]"):
        parameters.load(weights, TOY)


def test_another_models_weights_name_a_few_leaves_and_count_the_rest(weights: pathlib.Path) -> None:
    with pytest.raises(WeightsError, match=r"\(and \d+ more\)"):
        parameters.load(weights, ModelConfig.bundled({OutputType.CAGE: 3}))


@pytest.mark.parametrize("kept", [0, 4, 100, 50_000])
def test_a_truncated_file_is_an_error_of_ours(weights: pathlib.Path, kept: int) -> None:
    content = weights.read_bytes()
    assert len(content) > kept
    weights.write_bytes(content[:kept])
    with pytest.raises(WeightsError, match="cannot be read") as caught:
        parameters.load(weights, TOY)
    assert caught.value.remedy


def test_an_absent_file_is_an_error_of_ours(tmp_path: pathlib.Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        parameters.load(tmp_path / "model.safetensors", TOY)


def test_choosing_columns_drops_the_other_heads() -> None:
    params = parameters.initialise(TOY, jax.random.key(0))
    chosen = parameters.select_columns(params, {OutputType.CAGE: [3, 1]})
    assert list(chosen["heads"]) == ["CAGE"]
    weight = chosen["heads"]["CAGE"]["resolution_1"]["linear"]["weight"]
    whole = params["heads"]["CAGE"]["resolution_1"]["linear"]["weight"]
    np.testing.assert_array_equal(weight, np.asarray(whole)[:, :, [3, 1]])


def test_junctions_keep_the_splice_sites_that_they_need() -> None:
    params = parameters.initialise(TOY, jax.random.key(0))
    chosen = parameters.select_columns(params, {OutputType.SPLICE_JUNCTIONS: [0]})
    assert set(chosen["heads"]) == {"SPLICE_JUNCTIONS", "SPLICE_SITES"}
    assert chosen["heads"]["SPLICE_SITES"]["linear"]["weight"].shape == (2, 8, 5)


def test_columns_of_an_absent_head_are_refused() -> None:
    params = parameters.initialise(ModelConfig.bundled({OutputType.CAGE: 3}), jax.random.key(0))
    with pytest.raises(WeightsError, match="does not predict ATAC"):
        parameters.select_columns(params, {OutputType.ATAC: [0]})
