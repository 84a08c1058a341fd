import dataclasses
import pathlib

import jax.numpy as jnp
import pytest
from parity_oracle import Oracle, open_oracle
from precision_scores import (
    ScoreCost,
    read_official_scores,
    score_costs,
    table,
    tf32_imitated,
    windows,
)

from vep_cli.model.convolutions import convolution
from vep_cli.model.layers import contract

DATA = pathlib.Path(__file__).parent / "data" / "oracle"


@pytest.fixture
def oracle(tmp_path: pathlib.Path) -> Oracle:
    scores = tmp_path / "scores"
    scores.mkdir()
    (scores / "genome.fa").write_text(">chr1\nACGTACGTAC\n")
    (scores / "genome.fa.fai").write_text("chr1\t10\t6\t10\t11\n")
    (scores / "variants.tsv").write_text(
        "id\twhat\tchrom\tpos\tref\talt\tinterval\n"
        "v1\tinside\tchr1\t3\tG\tT\tchr1:1-5:.\n"
        "v2\tnot wanted\tchr1\t3\tG\tA\tchr1:1-5:.\n"
        "v3\tbefore the start\tchr1\t1\tA\tT\tchr1:-2-2:.\n"
    )
    (scores / "precision_scores.tsv").write_text(
        "run\tvariant\tscorer\tmax_abs_diff\nbf16_default\tv1\tATAC\t0.5\nother\tv1\tATAC\t9\n"
    )
    return dataclasses.replace(open_oracle(DATA), path=tmp_path)


def test_windows_of_the_named_variants(oracle: Oracle) -> None:
    found = {name: (one.reference_bases, one.alternate_bases) for name, one in windows(oracle, {"v1", "v3"})}
    # Bases 1 to 4 of ACGTA..., 0-based, with G at 2; and two bases before the contig's start.
    assert found == {"v1": ("CGTA", "CTTA"), "v3": ("NNAC", "NNTC")}


def test_official_costs_are_those_of_the_default_policy(oracle: Oracle) -> None:
    assert read_official_scores(oracle) == {("v1", "ATAC"): 0.5}


def test_an_oracle_without_scores_has_no_costs() -> None:
    assert list(score_costs(open_oracle(DATA))) == []


def test_costs_are_tabled() -> None:
    cost = ScoreCost(
        variant="v1", scorer="ATAC", spread=0.25, tf32_largest=0.002, largest=0.01, official_largest=0.02
    )
    assert list(table([cost]))[-1] == "| v1 | ATAC | 0.25 | 0.002 | 0.01 | 0.02 |"


def test_imitated_tf32_has_ten_bits_of_mantissa() -> None:
    # 1 + 2^-10 is a number of TF32, 1 + 2^-12 is rounded to 1; the sum is not rounded.
    operands = jnp.array([1 + 2.0**-10, 1 + 2.0**-12]), jnp.array([1.0, 1.0])
    with tf32_imitated():
        product = contract("i,i->", *operands)
        kernel = convolution(jnp.full((1, 1, 1), 1 + 2.0**-12), jnp.zeros(1), jnp.ones((1, 1, 1)))
    assert float(product) == 2 + 2.0**-10
    assert float(kernel[0, 0, 0]) == 1.0
    assert float(contract("i,i->", *operands)) == 2 + 2.0**-10 + 2.0**-12
