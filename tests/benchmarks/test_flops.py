"""Operations counted on paper."""

import json

import flops
import jax
import jax.numpy as jnp
import pytest
from click.testing import CliRunner

from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.splice_junctions import MAX_SITES


def test_matrix_product() -> None:
    # 3 x 5 results, each of 4 multiply-adds.
    assert flops.operations(jnp.matmul, jnp.ones((3, 4)), jnp.ones((4, 5))) == 2 * 3 * 5 * 4


def test_convolution() -> None:
    # 10 positions x 6 outputs, each of 5 taps x 2 inputs.
    def convolve(x: jax.Array, kernel: jax.Array) -> jax.Array:
        layout = ("NWC", "WIO", "NWC")
        return jax.lax.conv_general_dilated(x, kernel, (1,), "SAME", dimension_numbers=layout)

    assert flops.operations(convolve, jnp.ones((1, 10, 2)), jnp.ones((5, 2, 6))) == 2 * 10 * 6 * 5 * 2


def test_loops_count_as_often_as_they_run() -> None:
    def seven_times(x: jax.Array) -> jax.Array:
        return jax.lax.map(lambda row: row @ x, jnp.ones((7, 3, 4)))

    def however_often(x: jax.Array, times: jax.Array) -> jax.Array:
        return jax.lax.fori_loop(0, times, lambda _, y: y @ x, x)

    assert flops.operations(seven_times, jnp.ones((4, 5))) == 7 * 2 * 3 * 5 * 4
    assert flops.operations(jax.jit(however_often), jnp.ones((4, 4)), jnp.int32(1), loops=3) == 3 * 2 * 64


@pytest.mark.parametrize(("length", "reads", "tiles"), [(2**20, 0, 0), (2**20, 501, 2), (2**20, 100_000, 14)])
def test_tiles_that_are_read(length: int, reads: int, tiles: int) -> None:
    # The middle of 1 Mb is the border of two tiles of 8,192 bp; 50,000 bp are 6.1 of them, to either side.
    assert flops.read_tiles(length, reads) == tiles


def test_junctions_are_counted_for_both_alleles() -> None:
    config = ModelConfig.toy()
    counter = flops.Counter(config, 2048)
    head = counter._params["heads"][OutputType.SPLICE_JUNCTIONS]
    _, embedding, hidden = head["linear"]["weight"].shape
    tissues = head["sites"]["positive_donor"].shape[-1]
    sites = min(config.max_splice_sites, MAX_SITES)
    of_sites, between_sites = 4 * sites * embedding * hidden, 2 * tissues * sites**2 * hidden
    assert counter.junctions(config.outputs) == 2 * 2 * (of_sites + between_sites)
    assert counter.junctions(frozenset({OutputType.ATAC})) == 0


def test_table_and_json_of_a_short_window(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = list(flops.all_costs(ModelConfig.toy(), 16384))
    monkeypatch.setattr(flops, "all_costs", lambda config, length: iter(counted))
    table = CliRunner().invoke(flops.main, ["--bundled"]).output.splitlines()
    assert len(table) == 1 + len(flops.CHOICES) * len(flops.VARIANTS)
    costs = json.loads(CliRunner().invoke(flops.main, ["--json"]).output)
    further = {(cost["scorers"], cost["variant"]): cost["further"] for cost in costs}
    assert further["contact", "substitution"] < further["accessibility", "substitution"]
    assert further["accessibility", "substitution"] < further["accessibility", "insertion"]
    assert all(cost["first"] > cost["further"] for cost in costs)
