"""The three embeddings that the heads read (MODEL_SPEC section 2, "Embedders")."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from vep_cli.model.layers import (
    Parameters,
    batch_norm,
    gelu_sigmoid,
    linear,
    organism_embedding,
    rms_norm,
)
from vep_cli.model.parts import WHOLE, Part


class Embeddings(NamedTuple):
    """What the heads read; None where no head that was asked for reads it.

    Attributes:
        base: Per base, [B, S, base_embedding].
        token: Per 128 bp, [B, L, token_embedding].
        pair: Per two positions of 2,048 bp, [B, P, P, pair_channels].
    """

    base: Array | None
    token: Array | None
    pair: Array | None


def embed_tokens(
    params: Parameters, tokens: Float[Array, "B L D"], organism_index: Int[Array, " B"]
) -> Float[Array, "B L E"]:
    """Return the 128 bp embedding of the trunk's tokens."""
    normed = batch_norm(params["norm"], linear(params["project"], tokens))
    return gelu_sigmoid(organism_embedding(params["organism"], normed, organism_index))


def embed_bases(
    params: Parameters,
    decoded: Float[Array, "B S C"],
    token_embedding: Float[Array, "B L T"],
    organism_index: Int[Array, " B"],
) -> Float[Array, "B S E"]:
    """Return the 1 bp embedding of the decoder's output, or of a stretch of it.

    Args:
        params: The embedder's parameters.
        decoded: The decoder's output.
        token_embedding: The 128 bp embedding of the same stretch.
        organism_index: Organism of each batch row.
    """
    coarse = linear(params["project_tokens"], token_embedding)
    repeats = decoded.shape[1] // coarse.shape[1]
    mixed = linear(params["project"], decoded) + jnp.repeat(coarse, repeats, axis=1)
    normed = batch_norm(params["norm"], mixed)
    return gelu_sigmoid(organism_embedding(params["organism"], normed, organism_index))


def embed_pairs(
    params: Parameters, pair: Float[Array, "B R P F"], organism_index: Int[Array, " B"], part: Part = WHOLE
) -> Float[Array, "B R P F"]:
    """Return the embedding of the pair activations' rows of a part, the same for (p, q) as for (q, p)."""
    symmetric = (pair + part.transposed(pair)) / 2
    normed = rms_norm(params["norm"], symmetric)
    return gelu_sigmoid(organism_embedding(params["organism"], normed, organism_index))
