import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from vep_cli.model.heads import unscale
from vep_cli.training.losses import (
    coarsen,
    contact_loss,
    genome_track_loss,
    junction_loss,
    masked_mean,
    poisson,
    scale_targets,
    splice_site_loss,
    splice_usage_loss,
)

NAN = math.nan


def test_masked_mean_is_of_what_is_known() -> None:
    values, known = jnp.array([[1.0, 5.0], [7.0, 3.0]]), jnp.array([[True], [False]])
    assert masked_mean(values, known) == 3  # (1 + 5) / 2
    assert masked_mean(values, known, jnp.array([[1.0, 2.0], [9.0, 9.0]])) == 5.5  # (1 + 2 * 5) / 2
    assert masked_mean(values, jnp.zeros((2, 2), bool)) == 0


def test_poisson_loss_on_paper() -> None:
    # 2 - 3 ln 2 - (3 - 3 ln 3) = -1 + 3 ln 1.5, of the one value that is known.
    found = poisson(jnp.array([3.0, 9.0]), jnp.array([2.0, 1.0]), jnp.array([True, False]))
    assert float(found) == pytest.approx(-1 + 3 * math.log(1.5), abs=1e-6)
    assert float(poisson(jnp.array([0.0, 4.0]), jnp.array([0.0, 4.0]), jnp.array(True))) == 0


@pytest.mark.parametrize(("resolution", "is_rna_seq"), [(1, False), (128, False), (1, True), (128, True)])
def test_targets_are_scaled_as_predictions_are_unscaled(resolution: int, is_rna_seq: bool) -> None:
    counts = jnp.array([[[0.0], [0.5], [10.0], [300.0], [1e5]]]) * resolution
    means = jnp.array([[2.0]])
    scaled = scale_targets(counts, means, resolution, is_rna_seq)
    np.testing.assert_allclose(unscale(scaled, means, resolution, is_rna_seq), counts, rtol=1e-5)
    assert float(scaled[0, 0, 0]) == 0
    if (resolution, is_rna_seq) == (1, False):
        # 300 / 2 = 150 is above 10: 2 sqrt(10 * 150) - 10.
        assert float(scaled[0, 3, 0]) == pytest.approx(2 * math.sqrt(1500) - 10)


def test_counts_are_added_up_over_bins() -> None:
    counts = jnp.array([[[1.0], [2.0], [3.0], [NAN]]])
    np.testing.assert_array_equal(coarsen(counts, 2), [[[3.0], [NAN]]])


def test_genome_track_loss_on_paper() -> None:
    # Of three known bins, counts 1, 0, 3 (4) are predicted as 1, 1, 2 (4): the total is right, so that
    # what is left is 5 * the mean of -true * ln(predicted / 4).
    targets = jnp.array([[[1.0], [NAN], [-2.0], [3.0]]])
    predicted = jnp.array([[[1.0], [50.0], [1.0], [2.0]]])
    expected = 5 * (-math.log(1 / 4) - 3 * math.log(2 / 4)) / 3
    assert float(genome_track_loss(predicted, targets, 128)) == pytest.approx(expected, abs=1e-5)
    # Twice as many everywhere: the places are the same, the total is 8 for 4, over 4 bins.
    more = 8 - 4 * math.log(8) - (4 - 4 * math.log(4))
    found = genome_track_loss(2 * predicted, targets, 128)
    assert float(found) == pytest.approx(expected + more / 4, abs=1e-5)


def test_genome_tracks_are_compared_segment_by_segment() -> None:
    # Two segments of 2^17 bases in bins of 2^16: right totals over both, but not in either.
    targets, predicted = jnp.array([[[2.0], [2.0], [1.0], [1.0]]]), jnp.array([[[1.0], [1.0], [2.0], [2.0]]])
    totals = [(4, 2), (2, 4)]  # true, predicted
    counts = np.mean([p - t * math.log(p) - (t - t * math.log(t)) for t, p in totals])
    places = np.mean([2, 2, 1, 1]) * math.log(2)
    found = genome_track_loss(predicted, targets, 2**16)
    assert float(found) == pytest.approx(counts / 2 + 5 * places, abs=1e-5)


def test_a_track_without_targets_costs_nothing() -> None:
    nothing = jnp.full((1, 4, 1), NAN)
    loss, slope = jax.value_and_grad(genome_track_loss)(jnp.ones((1, 4, 1)), nothing, 1)
    assert float(loss) == 0
    assert not slope.any()


@pytest.mark.parametrize("resolution", [1, 128])
def test_the_right_counts_are_the_best_ones(resolution: int) -> None:
    targets = jnp.abs(jax.random.normal(jax.random.key(0), (2, 8, 3))) + 0.1
    slope = jax.grad(genome_track_loss)(targets, targets, resolution)
    np.testing.assert_allclose(slope, 0, atol=1e-4)


def test_splice_site_loss_on_paper() -> None:
    # Softmax of (ln 2, 0, 0, 0, 0) is (2, 1, 1, 1, 1) / 6. Known: the first base (weight 3) and the second.
    logits = jnp.tile(jnp.array([math.log(2), 0.0, 0.0, 0.0, 0.0]), (1, 4, 1))
    targets = jnp.array([[[1.0, 0, 0, 0, 0], [0, 0, 0, 0, 1.0], [NAN] * 5, [0.0] * 5]])
    found = splice_site_loss(logits, targets, jnp.array([[3.0, 1, 1, 1]]))
    assert float(found) == pytest.approx((3 * math.log(3) + math.log(6)) / 2, abs=1e-6)


def test_soft_labels_are_what_is_learnt() -> None:
    labels = jax.nn.softmax(jax.random.normal(jax.random.key(0), (2, 6, 5)))
    slope = jax.grad(splice_site_loss)(jnp.log(labels), labels, jnp.full((2, 6), 7.0))
    np.testing.assert_allclose(slope, 0, atol=1e-6)


def test_splice_usage_loss_on_paper() -> None:
    # sigmoid(ln 3) = 3/4: -0.5 ln(3/4) - 0.5 ln(1/4) for usage 0.5, -ln(1/4) for none.
    logits = jnp.full((1, 2, 2), math.log(3))
    targets = jnp.array([[[0.5, NAN], [0.0, NAN]]])
    first, second = -0.5 * (math.log(0.75) + math.log(0.25)), -math.log(0.25)
    found = splice_usage_loss(logits, targets, jnp.array([[2.0, 1.0]]))
    assert float(found) == pytest.approx((2 * first + second) / 2, abs=1e-6)


def test_contact_loss_on_paper() -> None:
    predicted, targets = jnp.array([[[[1.0], [4.0]]] * 2]), jnp.array([[[[3.0], [NAN]]] * 2])
    assert float(contact_loss(predicted, targets)) == 4


def test_junction_loss_on_paper() -> None:
    # Two donors (rows), one acceptor with reads; the second acceptor's are unknown.
    counts = jnp.array([[3.0, NAN], [1.0, NAN]])[None, ..., None]
    predicted = jnp.array([[1.0, 99.0], [1.0, 99.0]])[None, ..., None]
    # The acceptor's reads are shared 3 : 1, and predicted 1 : 1; each donor has but one known acceptor.
    shares = math.log(2)
    acceptor = 2 - 4 * math.log(2) - (4 - 4 * math.log(4))
    donors = [1 - 3 * math.log(1) - (3 - 3 * math.log(3)), 0]
    expected = shares + 0.2 * (acceptor + np.mean(donors))
    assert float(junction_loss(predicted, counts)) == pytest.approx(expected, abs=1e-5)


def test_the_right_junctions_are_the_best_ones() -> None:
    counts = jnp.abs(jax.random.normal(jax.random.key(0), (1, 3, 3, 2))) + 0.1
    np.testing.assert_allclose(jax.grad(junction_loss)(counts, counts), 0, atol=1e-4)


def test_what_is_unknown_has_no_slope() -> None:
    track = jnp.array([[[1.0], [NAN]]])
    square = jnp.full((1, 2, 2, 1), 2.0).at[0, 1, 0].set(NAN)
    slopes = {
        "tracks": (jax.grad(genome_track_loss)(jnp.ones((1, 2, 1)), track, 1), track),
        "usage": (jax.grad(splice_usage_loss)(jnp.ones((1, 2, 1)), track, jnp.ones((1, 2))), track),
        "contacts": (jax.grad(contact_loss)(jnp.ones((1, 2, 2, 1)), square), square),
        "junctions": (jax.grad(junction_loss)(jnp.ones((1, 2, 2, 1)), square), square),
    }
    for name, (slope, targets) in slopes.items():
        assert jnp.isfinite(slope).all(), name
        assert not slope[jnp.isnan(targets)].any(), name
        assert slope.any(), name
