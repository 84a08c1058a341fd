import json
import pathlib
import subprocess
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vep_cli.errors import UsageError
from vep_cli.model.config import ModelConfig
from vep_cli.model.pair import distance_features, relative_shift
from vep_cli.model.sharded_network import AXIS, check_shards, make_mesh

TOY = ModelConfig.toy()

Differences = dict[str, dict[str, dict[str, Any]]]

SCRIPT = pathlib.Path(__file__).with_name("sharded_predictions.py")


@pytest.fixture(scope="module")
def differences() -> Differences:
    ran = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    found: Differences = json.loads(ran.stdout)
    return found


@pytest.mark.timeout(1200)
def test_every_output_is_that_of_one_device(differences: Differences) -> None:
    assert len(differences["parts of two halos"]) == 11
    for case in ("parts of two halos", "two parts, two mouse sequences"):
        for output, found in differences[case].items():
            assert found["same_shape"], (case, output)
            assert found["nonzero"], (case, output)
            # Usage is rounded to float16, whose steps are up to 2^-10 of a value.
            most = 2**-10 if output == "SPLICE_SITE_USAGE" else 1e-4
            assert found["error"] <= most, (case, output)


@pytest.mark.timeout(1200)
def test_predictions_stay_shared_out(differences: Differences) -> None:
    for output, found in differences["parts of two halos"].items():
        assert found["devices"] == 8
        assert found["is_shared_out"] == (output != "SPLICE_JUNCTIONS"), output


@pytest.mark.timeout(1200)
def test_bfloat16_differs_by_its_rounding_alone(differences: Differences) -> None:
    # Eight bits of a number are kept, and sums of other orders round otherwise.
    assert all(found["error"] < 0.05 for found in differences["bfloat16"].values())


@pytest.mark.parametrize(
    ("length", "shards"), [(2048, 2), (6144, 2), (16384, 3), (16384, 16), (8192 + 128, 1)]
)
def test_sequences_that_cannot_be_shared_out_are_refused(length: int, shards: int) -> None:
    with pytest.raises(UsageError, match=str(length)):
        check_shards(TOY, length, shards)


@pytest.mark.parametrize(("length", "shards"), [(4096, 2), (16384, 8), (6144, 3), (1_048_576, 8)])
def test_sequences_of_whole_pair_positions_are_shared_out(length: int, shards: int) -> None:
    check_shards(TOY, length, shards)


def test_a_mesh_has_one_axis() -> None:
    mesh = make_mesh(jax.devices()[:1])
    assert (mesh.axis_names, mesh.size) == ((AXIS,), 1)


@pytest.mark.parametrize(("rows", "first"), [(4, 0), (2, 0), (2, 2), (1, 3)])
def test_rows_of_a_part_find_the_distances_of_the_whole(rows: int, first: int) -> None:
    # Values that are their distance, -4 .. 3: of rows q = first .. and keys k they become k - q.
    distances = jnp.arange(-4.0, 4)
    to_keys = distances[4 - rows - first :][: rows + 4]
    found = relative_shift(jnp.broadcast_to(to_keys, (1, 1, rows, rows + 4)))
    np.testing.assert_array_equal(found[0, 0], np.arange(4) - np.arange(first, first + rows)[:, None])
    # And the other way round, of all keys: q - k.
    to_queries = distances[first:][: rows + 4]
    found = relative_shift(jnp.broadcast_to(to_queries, (1, 1, 4, rows + 4)))
    np.testing.assert_array_equal(found[0, 0], np.arange(first, first + rows) - np.arange(4)[:, None])
    assert len(distance_features(4, 8, 64)) == len(distances)
