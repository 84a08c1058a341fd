"""The output heads: embeddings to predictions (MODEL_SPEC section 3).

A head's arrays may hold all its columns or only the chosen ones; the code is the same.
"""

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from vep_cli.model.config import TOKEN_SIZE, ModelConfig
from vep_cli.model.embedders import Embeddings
from vep_cli.model.layers import Parameters, organism_linear
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.splice_sites import select_splice_sites, splice_junctions

SOFT_CLIP = 10.0
"""Counts above this were compressed for training, and are expanded on the way out."""

RNA_SEQ_POWER = 0.75
"""RNA-seq counts were raised to this power for training."""


def genome_tracks(
    params: Parameters, embedding: Float[Array, "B N E"], organism_index: Int[Array, " B"]
) -> Float[Array, "B N T"]:
    """Return counts in the space of training, from a head's form at one resolution.

    Args:
        params: The head's parameters at that resolution.
        embedding: The embedding of that resolution.
        organism_index: Organism of each batch row.
    """
    positive = jax.nn.softplus(organism_linear(params["linear"], embedding, organism_index))
    learnt_scale = params["learnt_scale"].astype(jnp.float32)
    return positive * jax.nn.softplus(learnt_scale)[organism_index][:, None]


def unscale(
    scaled: Float[Array, "B N T"], track_means: Float[Array, "B T"], resolution: int, is_rna_seq: bool
) -> Float[Array, "B N T"]:
    """Return counts as the experiments report them.

    Args:
        scaled: Counts in the space of training.
        track_means: Mean of each track's non-zero values; NaN makes the track's counts NaN.
        resolution: Base pairs per bin.
        is_rna_seq: Whether the power of RNA-seq is to be undone.
    """
    expanded = jnp.where(scaled <= SOFT_CLIP, scaled, jnp.square(scaled + SOFT_CLIP) / (4 * SOFT_CLIP))
    if is_rna_seq:
        expanded = expanded ** (1 / RNA_SEQ_POWER)
    return expanded * track_means[:, None] * resolution


def contact_maps(
    params: Parameters, embedding: Float[Array, "B R P E"], organism_index: Int[Array, " B"]
) -> Float[Array, "B R P T"]:
    """Return contact frequencies as log-fold changes over what the distance alone explains."""
    return organism_linear(params["linear"], embedding, organism_index)


def splice_site_probabilities(
    params: Parameters, embedding: Float[Array, "B S E"], organism_index: Int[Array, " B"]
) -> Float[Array, "B S 5"]:
    """Return the probabilities of donor and acceptor on '+', donor and acceptor on '-', none."""
    return jax.nn.softmax(organism_linear(params["linear"], embedding, organism_index), axis=-1)


def splice_site_usage(
    params: Parameters, embedding: Float[Array, "B S E"], organism_index: Int[Array, " B"]
) -> Float[Array, "B S T"]:
    """Return the fraction of transcripts that use each base as a splice site.

    Values are rounded to float16, as the official ones are.
    """
    usage = jax.nn.sigmoid(organism_linear(params["linear"], embedding, organism_index))
    return usage.astype(jnp.float16).astype(usage.dtype)


def predict_head(
    output: OutputType,
    params: Parameters,
    embeddings: Embeddings,
    organism_index: Int[Array, " B"],
    config: ModelConfig,
) -> Float[Array, "B *positions tracks"]:
    """Return one head's predictions as the experiments report them, at `output.resolution`.

    Args:
        output: Which head.
        params: The parameters of all heads, with track means (`parameters.with_track_means`).
        embeddings: At least the one that the head reads.
        organism_index: Organism of each batch row.
        config: Sizes of the network.
    """
    if output in GENOME_TRACKS:
        return _experimental_tracks(output, params[output], embeddings, organism_index)
    if output is OutputType.CONTACT_MAPS:
        return contact_maps(params[output], present(embeddings.pair), organism_index)
    base = present(embeddings.base)
    if output is OutputType.SPLICE_JUNCTIONS:
        probabilities = splice_site_probabilities(params[OutputType.SPLICE_SITES], base, organism_index)
        sites = select_splice_sites(probabilities, config.max_splice_sites, config.splice_site_threshold)
        return splice_junctions(params[output], base, sites, organism_index, config.junction_max_positions)
    return _SPLICE_HEADS[output](params[output], base, organism_index)


_SPLICE_HEADS: Mapping[OutputType, Callable[[Parameters, Array, Array], Array]] = {
    OutputType.SPLICE_SITES: splice_site_probabilities,
    OutputType.SPLICE_SITE_USAGE: splice_site_usage,
}


def _experimental_tracks(
    output: OutputType, params: Parameters, embeddings: Embeddings, organism_index: Int[Array, " B"]
) -> Float[Array, "B N T"]:
    embedding = embeddings.token if output.resolution == TOKEN_SIZE else embeddings.base
    resolution = params[f"resolution_{output.resolution}"]
    scaled = genome_tracks(resolution, present(embedding), organism_index)
    means = params["track_means"][organism_index]
    return unscale(scaled, means, output.resolution, output is OutputType.RNA_SEQ)


def present(embedding: Array | None) -> Array:
    """Return an embedding that was computed.

    Raises:
        ValueError: It was not, because no output that reads it was asked for.
    """
    if embedding is None:
        raise ValueError("the embedding that this head reads was not computed")
    return embedding
