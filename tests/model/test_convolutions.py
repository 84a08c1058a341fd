import jax.numpy as jnp
import numpy as np
import official_operations as official
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vep_cli.model import convolutions


@pytest.mark.parametrize("case", ["standardized_conv", "standardized_conv_even_len_w5"])
def test_standardised_convolution_matches_official(case: str) -> None:
    leaves = {name: leaf for (_, name), leaf in official.leaves(case).items()}
    params = {"kernel": leaves["w"], "scale": leaves["scale"], "bias": leaves["bias"]}
    found = convolutions.standardised_convolution(params, official.value(case, "in0"))
    official.assert_close(found, official.value(case, "out"))


def test_stem_convolution_matches_official() -> None:
    leaves = {name: leaf for (_, name), leaf in official.leaves("dna_conv15").items()}
    found = convolutions.convolution(leaves["w"], leaves["b"], official.value("dna_conv15", "in0"))
    official.assert_close(found, official.value("dna_conv15", "out"))


def test_pointwise_block_matches_official() -> None:
    case = "conv_block_width1"
    leaves = {
        f"{module.split('/')[1]}/{name}": leaf for (module, name), leaf in official.leaves(case).items()
    }
    params = {
        "linear": {"weight": leaves["linear/w"], "bias": leaves["linear/b"]},
        "norm": {
            "scale": leaves["rms_batch_norm/scale"],
            "offset": leaves["rms_batch_norm/offset"],
            "variance": leaves["rms_batch_norm/var_ema"],
        },
    }
    found = convolutions.pointwise_block(params, official.value(case, "in0"))
    official.assert_close(found, official.value(case, "out"))


def test_down_block_matches_official() -> None:
    params = official.params("down_res_block", "alphagenome/sequence_encoder/", "encoder.bin_2")
    found = convolutions.down_block(params, official.value("down_res_block", "in0"))
    official.assert_close(found, official.value("down_res_block", "out"))


def test_up_block_matches_official() -> None:
    params = official.params("up_res_block", "alphagenome/sequence_decoder/", "decoder.bin_64")
    x, skip = official.value("up_res_block", "in0"), official.value("up_res_block", "in1")
    official.assert_close(convolutions.up_block(params, x, skip), official.value("up_res_block", "out"))


def test_convolution_is_a_cross_correlation_with_zeros_outside() -> None:
    # Taps (1, 10, 100) on 1, 2, 3: 0 + 10x1 + 100x2 = 210; 1x1 + 10x2 + 100x3 = 321; 1x2 + 10x3 + 0 = 32.
    kernel = jnp.array([1.0, 10.0, 100.0]).reshape(3, 1, 1)
    x = jnp.array([1.0, 2.0, 3.0]).reshape(1, 3, 1)
    assert convolutions.convolution(kernel, jnp.zeros(1), x).ravel().tolist() == [210.0, 321.0, 32.0]


@given(seed=st.integers(0, 10**6), spread=st.floats(0.1, 100), shift=st.floats(-3, 3))
@settings(max_examples=20, deadline=None)
def test_a_standardised_kernel_does_not_depend_on_scale_or_shift(
    seed: int, spread: float, shift: float
) -> None:
    kernel = jnp.asarray(np.random.default_rng(seed).normal(size=(5, 3, 2)), jnp.float32)
    plain = convolutions.standardise(kernel, jnp.ones(2))
    moved = convolutions.standardise(kernel * spread + shift, jnp.ones(2))
    np.testing.assert_allclose(moved, plain, atol=1e-3)
    # Variance 1 / (5 x 3) about mean 0, so the squares of each output channel's 15 taps sum to 1.
    np.testing.assert_allclose(jnp.square(plain).sum((0, 1)), [1, 1], rtol=1e-5)


def test_a_constant_kernel_becomes_zero_not_nan() -> None:
    assert not convolutions.standardise(jnp.full((5, 2, 1), 0.25), jnp.ones(1)).any()


def test_a_stretch_of_sequence_is_exact_away_from_its_cuts() -> None:
    random = np.random.default_rng(1)
    params = official.params("down_res_block", "alphagenome/sequence_encoder/", "encoder.bin_2")
    x = jnp.asarray(random.normal(size=(1, 40, 8)), jnp.float32)
    whole = convolutions.down_block(params, x)
    stretch = convolutions.down_block(params, x[:, 10:30])
    # Two kernels of 5 taps reach 4 positions to each side.
    np.testing.assert_allclose(stretch[:, 4:-4], whole[:, 14:26], atol=1e-5)
    assert not np.allclose(stretch[:, :4], whole[:, 10:14], atol=1e-3)
