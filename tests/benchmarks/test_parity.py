"""The parity benchmark itself, and the slice of it that is small enough to run every time.

`data/oracle` holds official numbers of the full-size network as far as the first transformer block.
"""

import json
import pathlib

import click.testing
import numpy as np
import pytest
from parity import main
from parity_forward import sample
from parity_oracle import open_oracle, read_means

from vep_cli.model.output_type import OutputType

ORACLE = pathlib.Path(__file__).parent / "data" / "oracle"


def run(*arguments: object) -> click.testing.Result:
    return click.testing.CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def small_oracle(tmp_path: pathlib.Path) -> pathlib.Path:
    """Two operations by hand: gelu of 0 and of 100, and one row's root mean square norm."""
    for name in ("manifest.json", "recipe.py"):
        (tmp_path / name).write_bytes((ORACLE / name).read_bytes())
    (tmp_path / "unit").mkdir()
    arrays = {
        "gelu/x": np.array([0.0, 100.0], np.float32),
        "gelu/out": np.array([0.0, 100.0], np.float32),
        # The mean square of 3, 4 is 12.5.
        "layer_norm_rms/in0": np.array([[[3.0, 4.0]]], np.float32),
        "layer_norm_rms/out": np.array([[[3.0, 4.0]]], np.float32) / np.float32(np.sqrt(12.5)),
        "layer_norm_rms/param:layer_norm:scale": np.ones(2, np.float32),
        "layer_norm_rms/param:layer_norm:offset": np.zeros(2, np.float32),
    }
    np.savez(tmp_path / "unit" / "ops.npz", **arrays)
    leaves = [
        {"kind": "param", "module": "layer_norm", "name": name, "shape": [2], "stored": True}
        for name in ("scale", "offset")
    ]
    (tmp_path / "unit" / "ops.json").write_text(json.dumps({"layer_norm_rms": {"leaves": leaves}}))
    return tmp_path


def change(oracle: pathlib.Path, **changes: np.ndarray) -> None:
    path = oracle / "unit" / "ops.npz"
    np.savez(path, **{**np.load(path), **changes})


def test_the_trunk_equals_the_official_one() -> None:
    result = run("--golden", ORACLE)
    assert result.exit_code == 0, result.output
    lines = {line.split()[0]: line for line in result.output.splitlines()}
    assert lines["unit"].endswith("skipped: the oracle has no such folder")
    compared = [line for name, line in lines.items() if name.startswith("forward/4096/")]
    assert len(compared) == 8
    assert all(line.endswith("yes") for line in compared)


def test_what_agrees_passes(small_oracle: pathlib.Path) -> None:
    result = run("--golden", small_oracle)
    assert result.exit_code == 0, result.output
    assert "2 tensors compared, 0 failed, 3 skipped" in result.output
    assert "forward" in result.output


def test_what_differs_fails(small_oracle: pathlib.Path, tmp_path: pathlib.Path) -> None:
    change(small_oracle, **{"gelu/out": np.array([0.0, 100.01], np.float32)})
    report = tmp_path / "report.md"
    result = run("--golden", small_oracle, "--markdown", report)
    assert result.exit_code == 1
    assert "2 tensors compared, 1 failed" in result.output
    text = report.read_text()
    assert "| unit | 2 | 1 | 2.0e-04 | 667% |" in text
    assert "| unit/gelu/out | 2 | 1.00e-02 | 2.00e-04 | 3e-05 of std | NO |" in text
    assert "`forward`, `scores`, `api`, because the oracle has no such folder" in text


def test_only_what_is_named_is_compared(small_oracle: pathlib.Path) -> None:
    change(small_oracle, **{"gelu/out": np.array([0.0, 1.0], np.float32)})
    assert (
        "1 tensors compared, 0 failed"
        in run("--golden", small_oracle, "--only", "unit/layer_norm_rms").output
    )
    assert "2 tensors compared, 1 failed" in run("--golden", small_oracle, "--only", "unit").output


def test_nothing_to_compare_is_misuse(small_oracle: pathlib.Path) -> None:
    result = run("--golden", small_oracle, "--only", "unit/gel")
    assert result.exit_code == 2
    assert "'unit/gel'" in result.output


def test_an_unknown_operation_is_said_to_be_skipped(small_oracle: pathlib.Path) -> None:
    change(small_oracle, **{"new_layer/out": np.zeros(1)})
    result = run("--golden", small_oracle)
    assert result.exit_code == 0
    assert "this benchmark does not know it" in result.output


def test_the_seed_changes_the_weights(small_oracle: pathlib.Path) -> None:
    path = ("embedders", "pair", "norm", "scale")
    first = open_oracle(small_oracle).weight(*path)
    manifest = json.loads((small_oracle / "manifest.json").read_text())
    (small_oracle / "manifest.json").write_text(json.dumps({**manifest, "seed": 1}))
    assert not np.array_equal(open_oracle(small_oracle).weight(*path), first)


def test_weights_below_a_path() -> None:
    found = open_oracle(ORACLE).weights("embedders", "pair")
    assert {name: np.shape(leaf) for name, leaf in found["norm"].items()} == {
        "scale": (128,),
        "offset": (128,),
    }
    assert found["organism"].shape == (2, 128)


def test_sequences_follow_from_the_manifest() -> None:
    sequences = open_oracle(ORACLE).sequences(2, 2048)
    # Bases 1000 to 1039 of the first row are N; the second row goes on where the first ends.
    assert np.flatnonzero(sequences[0].sum(-1) == 0).tolist() == list(range(1000, 1040))
    whole = open_oracle(ORACLE).sequences(1, 4096)
    np.testing.assert_array_equal(sequences.reshape(1, 4096, 4), whole)


def test_samples_are_evenly_spaced_along_shortened_axes() -> None:
    values = np.arange(14).reshape(1, 7, 2)
    # Positions 0, 3 and 6 of 7.
    assert sample(values, (1, 3, 2), None)[0, :, 0].tolist() == [0, 6, 12]
    assert sample(values, (1, 2, 2), np.array([1, 5]))[0, :, 0].tolist() == [2, 10]
    np.testing.assert_array_equal(sample(values, (1, 7, 2), None), values)


def test_means_of_the_metadata(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "metadata.textproto"
    path.write_text(
        "output_type: OUTPUT_TYPE_ATAC tracks {\n metadata {\n nonzero_mean: 0.5 }\n metadata {\n } }\n"
        "output_type: OUTPUT_TYPE_PROCAP tracks {\n metadata {\n } }\n"
    )
    means = read_means(path)
    np.testing.assert_array_equal(means[OutputType.ATAC], [0.5, np.nan])
    assert means[OutputType.PROCAP].tolist() == [1.0]
