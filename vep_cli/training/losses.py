"""How far predictions are from their targets (MODEL_SPEC section 9).

Every function takes targets that are NaN where nothing is known, and passes no gradient from there. All
are sums in float32.
"""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Float32

from vep_cli.model.heads import RNA_SEQ_POWER, SOFT_CLIP

SEGMENT = 2**17
"""Bases over which a track's counts are first added up, then shared out."""

MULTINOMIAL_WEIGHT = 5.0
"""Weight of where counts lie, beside how many they are."""

TOTALS_WEIGHT = 0.2
"""Weight of the reads of each donor and acceptor, beside how they are shared out."""

TINY = 1e-7
"""Added to what a logarithm is taken of."""


def masked_mean(
    values: Float[Array, "*shape"],
    known: Bool[Array, "*#shape"],
    weights: Float[Array, "*#shape"] | float = 1.0,
) -> Float32[Array, ""]:
    """Return the mean of the known values, each times its weight; 0 where none is known."""
    everywhere = jnp.broadcast_to(known, values.shape)
    total = jnp.sum(jnp.where(everywhere, values * weights, 0.0), dtype=jnp.float32)
    return total / jnp.maximum(1.0, jnp.sum(everywhere, dtype=jnp.float32))


def poisson(
    targets: Float[Array, "*shape"], predicted: Float[Array, "*shape"], known: Bool[Array, "*#shape"]
) -> Float32[Array, ""]:
    """Return the mean Poisson loss of counts, shifted to be 0 where the prediction is the target."""
    counts = jnp.abs(targets)
    loss = predicted - counts * jnp.log(predicted + TINY)
    least = counts - counts * jnp.log(counts + TINY)
    return masked_mean(loss - least, known)


def scale_targets(
    counts: Float[Array, "B N T"], track_means: Float[Array, "B T"], resolution: int, is_rna_seq: bool
) -> Float[Array, "B N T"]:
    """Return counts in the space of training, the inverse of `heads.unscale`.

    Args:
        counts: As the experiments report them, NaN where unknown.
        track_means: Mean of each track's non-zero values, NaN for columns without a track.
        resolution: Base pairs per bin.
        is_rna_seq: Whether counts are raised to the power of RNA-seq.
    """
    scaled = counts / (track_means[:, None] * resolution)
    if is_rna_seq:
        scaled = jnp.maximum(scaled, 0.0) ** RNA_SEQ_POWER
    compressed = 2 * jnp.sqrt(SOFT_CLIP * jnp.maximum(scaled, SOFT_CLIP)) - SOFT_CLIP
    return jnp.where(scaled > SOFT_CLIP, compressed, scaled)


def coarsen(counts: Float[Array, "B N T"], bins: int) -> Float[Array, "B N//{bins} T"]:
    """Return the sums of each `bins` neighbours; NaN where one of them is."""
    batch, length, columns = counts.shape
    return counts.reshape(batch, length // bins, bins, columns).sum(2)


def genome_track_loss(
    predicted: Float[Array, "B N T"], targets: Float[Array, "B N T"], resolution: int
) -> Float32[Array, ""]:
    """Return the loss of counts: how many there are in each segment, and where in it.

    Args:
        predicted: In the space of training, not negative.
        targets: In the same space, NaN where unknown.
        resolution: Base pairs per bin. A window is a segment, or a whole number of them if it is longer.
    """
    bins = min(predicted.shape[1], SEGMENT // resolution)
    batch, length, columns = predicted.shape
    by_segment = (batch, length // bins, bins, columns)
    known = ~jnp.isnan(targets).reshape(by_segment)
    true = jnp.where(known, jnp.maximum(targets.reshape(by_segment), 0.0), 0.0)
    found = jnp.where(known, predicted.reshape(by_segment), 0.0)
    true_total, total = true.sum(2, keepdims=True), found.sum(2, keepdims=True)
    counts = poisson(true_total, total, known.any(2, keepdims=True)) / bins
    places = masked_mean(-true * jnp.log(found / (total + TINY) + TINY), known)
    return counts + MULTINOMIAL_WEIGHT * places


def splice_site_loss(
    logits: Float[Array, "B S 5"], targets: Float[Array, "B S 5"], weights: Float[Array, "B S"]
) -> Float32[Array, ""]:
    """Return the cross-entropy of the classes of splice site.

    Args:
        logits: Of donor and acceptor on '+', donor and acceptor on '-', none.
        targets: Probabilities of the same, NaN where unknown; bases without any label count as unknown.
        weights: Of the bases.
    """
    known = ~jnp.isnan(targets).any(-1)
    true = jnp.where(known[..., None], targets, 0.0)
    entropies = -(true * jax.nn.log_softmax(logits)).sum(-1)
    return masked_mean(entropies, known & (true.sum(-1) > 0), weights)


def splice_usage_loss(
    logits: Float[Array, "B S T"], targets: Float[Array, "B S T"], weights: Float[Array, "B S"]
) -> Float32[Array, ""]:
    """Return the binary cross-entropy of the fractions of transcripts that use each base as a splice site.

    Args:
        logits: Of the fractions.
        targets: The fractions, NaN where unknown.
        weights: Of the bases.
    """
    known = ~jnp.isnan(targets)
    true = jnp.where(known, targets, 0.0)
    entropies = -true * jax.nn.log_sigmoid(logits) - (1 - true) * jax.nn.log_sigmoid(-logits)
    return masked_mean(entropies, known, weights[..., None])


def contact_loss(predicted: Float[Array, "B P P T"], targets: Float[Array, "B P P T"]) -> Float32[Array, ""]:
    """Return the mean squared error of contact maps; targets are NaN where unknown."""
    known = ~jnp.isnan(targets)
    return masked_mean(jnp.square(predicted - jnp.where(known, targets, 0.0)), known)


def junction_loss(predicted: Float[Array, "B K K T"], counts: Float[Array, "B K K T"]) -> Float32[Array, ""]:
    """Return the loss of reads across introns: how each acceptor's come from the donors, and the reverse.

    Args:
        predicted: Counts by donor, acceptor and column, not negative.
        counts: The true ones, NaN where unknown.
    """
    known = ~jnp.isnan(counts)
    true = jnp.where(known, counts, 0.0)
    found = jnp.where(known, predicted, 0.0)
    shares = sum((_share_loss(true, found, known, axis) for axis in (1, 2)), jnp.zeros(()))
    totals = sum(
        (poisson(true.sum(axis), found.sum(axis), known.any(axis)) for axis in (1, 2)), jnp.zeros(())
    )
    return shares + TOTALS_WEIGHT * totals


def _share_loss(
    true: Float[Array, "B K K T"], found: Float[Array, "B K K T"], known: Bool[Array, "B K K T"], axis: int
) -> Float32[Array, ""]:
    """Return the mean cross-entropy of the shares along an axis, of the sites that have reads at all."""
    true_share, share = _shares(true, known, axis), _shares(found, known, axis)
    entropies = -jnp.where(known, true_share * jnp.log(jnp.where(known, share, 1.0)), 0.0).sum(axis)
    return masked_mean(entropies, true.sum(axis) > 0)


def _shares(
    counts: Float[Array, "B K K T"], known: Bool[Array, "B K K T"], axis: int
) -> Float[Array, "B K K T"]:
    raised = jnp.where(known, counts + TINY, 0.0)
    return raised / jnp.maximum(raised.sum(axis, keepdims=True), TINY)
