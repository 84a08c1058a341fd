"""Splice sites picked from their probabilities, and the junctions between them (MODEL_SPEC section 3)."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from vep_cli.model.layers import Parameters, contract_in_float32, organism_linear, rotary_angles, rotate
from vep_cli.model.stretches import Stretches

SITE_LISTS = ("positive_donor", "positive_acceptor", "negative_donor", "negative_acceptor")
"""Order of the lists of splice sites, which is that of the first four classes."""

OPPOSITE_CLASSES = (2, 3, 0, 1, 4)
"""The class, "none" included, that each class is on the other strand."""

_STRANDS = (slice(0, 2), slice(2, 4))

TISSUES_AT_A_TIME = 8
"""Tissues whose sites' embeddings are held at a time; all 367 would take gigabytes."""


class SpliceSites(NamedTuple):
    """What the junctions between any sites of a sequence are predicted from.

    Attributes:
        probabilities: The prediction of splice sites, [B, S, 5], or stretches of one sequence.
        embedding: The embedding of each base, [B, S, base_embedding], or stretches of one sequence.
    """

    probabilities: Array | Stretches
    embedding: Array | Stretches


def select_splice_sites(
    probabilities: Float[Array, "B S 5"], max_sites: int, threshold: float
) -> Int[Array, "B 4 {max_sites}"]:
    """Return the most probable positions of each class of splice site.

    Args:
        probabilities: Per base: donor and acceptor on '+', donor and acceptor on '-', none.
        max_sites: Positions per class.
        threshold: Least probability of a position that is kept.

    Returns:
        0-based positions, ascending, padded with -1.
    """
    batch, length, _ = probabilities.shape
    by_class = probabilities[..., :4].swapaxes(1, 2)
    values, positions = jax.lax.top_k(by_class, min(max_sites, length))
    kept = jnp.sort(jnp.where(values >= threshold, positions, length), axis=-1)
    padding = jnp.full((batch, 4, max_sites - kept.shape[-1]), -1, kept.dtype)
    return jnp.concatenate([jnp.where(kept < length, kept, -1), padding], -1)


def splice_junctions(
    params: Parameters,
    base_embedding: Float[Array, "B S E"],
    positions: Int[Array, "B 4 K"],
    organism_index: Int[Array, " B"],
    max_positions: int,
) -> Float[Array, "B K K columns"]:
    """Return `junctions_between` the sites at `positions` of an interval's 1 bp embedding."""
    sites = jnp.take_along_axis(base_embedding[:, None], jnp.maximum(positions, 0)[..., None], axis=2)
    return junctions_between(params, sites, positions, organism_index, max_positions)


def junctions_between(
    params: Parameters,
    sites: Float[Array, "B 4 K E"],
    positions: Int[Array, "B 4 K"],
    organism_index: Int[Array, " B"],
    max_positions: int,
) -> Float[Array, "B K K columns"]:
    """Return the counts of reads that join each donor to each acceptor.

    Args:
        params: The head's parameters.
        sites: The 1 bp embedding of each site.
        positions: Lists of sites in the order of `SITE_LISTS`, -1 for none.
        organism_index: Organism of each batch row.
        max_positions: Bases that the rotary frequencies are spread over.

    Returns:
        By donor, acceptor, and tissue: all tissues for '+', then all for '-'. Zero where a site is none.
    """
    hidden = organism_linear(params["linear"], sites, organism_index)
    cosines, sines = rotary_angles(positions, hidden.shape[-1], max_positions)
    angles = jnp.stack([cosines, sines], 1)
    strands = [
        _strand_counts(
            params["sites"], SITE_LISTS[strand], hidden[:, strand], angles[:, :, strand], organism_index
        )
        for strand in _STRANDS
    ]
    is_site = positions >= 0
    both = is_site[:, 0::2, :, None] & is_site[:, 1::2, None, :]
    counts = [jnp.where(both[:, strand, :, :, None], strands[strand], 0) for strand in (0, 1)]
    return jnp.concatenate(counts, -1)


def _strand_counts(
    params: Parameters,
    names: Sequence[str],
    hidden: Float[Array, "B 2 K C"],
    angles: Float[Array, "B 2 2 K C"],
    organism_index: Int[Array, " B"],
) -> Float[Array, "B K K T"]:
    scale_offset = jnp.stack([params[name][organism_index] for name in names], 1)

    def tissue_counts(tissue: Float[Array, "B 2 2 C"]) -> Float[Array, "B K K"]:
        """Return one tissue's counts; `tissue` is by site class, then scale and offset."""
        scaled = tissue[:, :, 0, None] * hidden + tissue[:, :, 1, None]
        # The official products take their operands in the type of the parameters.
        turned = rotate(scaled, angles[:, 0], angles[:, 1]).astype(scale_offset.dtype)
        return jax.nn.softplus(contract_in_float32("bdc,bac->bda", turned[:, 0], turned[:, 1]))

    by_tissue = jnp.moveaxis(scale_offset, 3, 0)
    return jnp.moveaxis(jax.lax.map(tissue_counts, by_tissue, batch_size=TISSUES_AT_A_TIME), 0, 3)
