"""The losses of one batch: the network and the heads of inference, up to the space of training."""

import functools
from collections.abc import Callable, Mapping

import jax.numpy as jnp
from jaxtyping import Array, Float, Float32

from vep_cli.model.config import TOKEN_SIZE, ModelConfig
from vep_cli.model.embedders import Embeddings
from vep_cli.model.heads import contact_maps, genome_tracks, present
from vep_cli.model.layers import Parameters, organism_linear
from vep_cli.model.network import embed_sequence
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.splice_sites import splice_junctions
from vep_cli.training.batches import Batch, JunctionTargets
from vep_cli.training.losses import (
    coarsen,
    contact_loss,
    genome_track_loss,
    junction_loss,
    scale_targets,
    splice_site_loss,
    splice_usage_loss,
)
from vep_cli.training.settings import StageSettings

SITE_PROBABILITY = 0.1
"""Bases above it are splice sites, whose weight a stage may raise."""

Losses = dict[OutputType, Float32[Array, ""]]


def trained_outputs(batch: Batch, stage: StageSettings) -> frozenset[OutputType]:
    """Return the outputs that a batch has targets of and a stage does not leave out."""
    found = set(batch.targets)
    if batch.junctions is not None:
        found.add(OutputType.SPLICE_JUNCTIONS)
    return frozenset(output for output in found if stage.weight(output))


def batch_losses(
    params: Parameters,
    batch: Batch,
    config: ModelConfig,
    stage: StageSettings,
    track_means: Mapping[OutputType, Float[Array, "organisms columns"]],
) -> Losses:
    """Return the loss of each output that a stage trains, before its weight.

    Args:
        params: In the type to compute in; of training or of inference (`parameter_roles`).
        batch: Sequences and targets.
        config: Sizes of the network.
        stage: Which outputs, and the weight of splice sites.
        track_means: Of the heads of genome tracks, `TrackTable.nonzero_means`.
    """
    outputs = trained_outputs(batch, stage)
    embeddings = embed_sequence(params, batch.sequence, batch.organism_index, config, outputs)
    weights = _site_weights(batch, stage.splice_site_weight)
    losses: Losses = {}
    for output in sorted(outputs):
        head = params["heads"][output]
        if output in GENOME_TRACKS:
            means = track_means[output][batch.organism_index]
            losses[output] = _genome_track_losses(output, head, embeddings, batch, means)
        elif output is OutputType.CONTACT_MAPS:
            predicted = contact_maps(head, present(embeddings.pair), batch.organism_index)
            losses[output] = contact_loss(predicted, batch.targets[output])
        elif output is OutputType.SPLICE_JUNCTIONS and batch.junctions is not None:
            losses[output] = _junction_losses(head, embeddings, batch, batch.junctions, config)
        else:
            logits = organism_linear(head["linear"], present(embeddings.base), batch.organism_index)
            losses[output] = _SPLICE_LOSSES[output](logits, batch.targets[output], weights)
    return losses


_SPLICE_LOSSES: Mapping[OutputType, Callable[[Array, Array, Array], Array]] = {
    OutputType.SPLICE_SITES: splice_site_loss,
    OutputType.SPLICE_SITE_USAGE: splice_usage_loss,
}


def total_loss(losses: Losses, stage: StageSettings) -> Float32[Array, ""]:
    """Return the sum of losses, each times its output's weight."""
    weighted = (stage.weight(output) * loss for output, loss in losses.items())
    return functools.reduce(jnp.add, weighted, jnp.zeros((), jnp.float32))


def _site_weights(batch: Batch, site_weight: float) -> Float[Array, "B S"]:
    sites = batch.targets.get(OutputType.SPLICE_SITES)
    if sites is None:
        return jnp.ones(batch.sequence.shape[:2])
    return jnp.where((sites[..., :4] > SITE_PROBABILITY).any(-1), site_weight, 1.0)


def _genome_track_losses(
    output: OutputType,
    head: Parameters,
    embeddings: Embeddings,
    batch: Batch,
    means: Float[Array, "B T"],
) -> Float32[Array, ""]:
    """Return the sum of the losses at each resolution that the head has."""
    finest, loss = output.resolution, jnp.zeros((), jnp.float32)
    for resolution in sorted({finest, TOKEN_SIZE}):
        embedding = present(embeddings.token if resolution == TOKEN_SIZE else embeddings.base)
        predicted = genome_tracks(head[f"resolution_{resolution}"], embedding, batch.organism_index)
        counts = coarsen(batch.targets[output], resolution // finest)
        scaled = scale_targets(counts, means, resolution, output is OutputType.RNA_SEQ)
        loss += genome_track_loss(predicted, scaled, resolution)
    return loss


def _junction_losses(
    head: Parameters, embeddings: Embeddings, batch: Batch, junctions: JunctionTargets, config: ModelConfig
) -> Float32[Array, ""]:
    predicted = splice_junctions(
        head, present(embeddings.base), junctions.sites, batch.organism_index, config.junction_max_positions
    )
    return junction_loss(predicted, _where_sites(junctions))


def _where_sites(junctions: JunctionTargets) -> Float[Array, "B K K T"]:
    """Return counts that are NaN wherever donor or acceptor of the column's strand is none."""
    is_site = junctions.sites >= 0
    both = is_site[:, 0::2, :, None] & is_site[:, 1::2, None, :]
    columns = junctions.counts.shape[-1] // 2
    by_column = jnp.repeat(jnp.moveaxis(both, 1, -1), columns, axis=-1)
    return jnp.where(by_column, junctions.counts, jnp.nan)
