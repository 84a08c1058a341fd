"""The splice junctions of both alleles of a variant, between the sites of either and the known ones.

What counts as a site is decided by both alleles together, and ALT is compared with REF base by base
(MODEL_SPEC section 5); so junctions are predicted once both alleles' sites are.
"""

import dataclasses
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Int32

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.window import Window
from vep_cli.model.config import ModelConfig
from vep_cli.model.layers import Parameters, rounded
from vep_cli.model.splice_sites import (
    OPPOSITE_CLASSES,
    SITE_LISTS,
    SpliceSites,
    junctions_between,
    select_splice_sites,
)
from vep_cli.model.stretches import dense, held_positions, take
from vep_cli.scoring.indel_alignment import (
    SHORT_INSERTION,
    alternate_positions,
    gather_aligned,
    inserted_positions,
)
from vep_cli.scoring.masks import NOWHERE
from vep_cli.scoring.spans import gene_bodies
from vep_cli.scoring.splice_junctions import MAX_SITES, JunctionPredictions


def site_arrays(window: Window, annotation: Annotation) -> dict[str, np.ndarray]:
    """Return where sites may lie, which are known, and what of ALT is compared with each base.

    Bases are in the order of the forward strand, whatever the window's.

    Args:
        window: The variant and its window.
        annotation: The genes.

    Returns:
        `in_gene` [bases], whether a gene that the variant touches, of any type, covers a base;
        `is_known` [bases, 5], whether a base is a site of REF's annotation, by class as the network's;
        `alternate_positions` [bases] and `inserted_positions` [padded] as in `indel_alignment`.
    """
    variant, interval = window.variant, dataclasses.replace(window.interval, strand=".")
    in_gene = np.zeros(interval.width, bool)
    bodies = gene_bodies(annotation.genes_overlapping(variant), interval)
    for start, end in zip(bodies.start - interval.start, bodies.end - interval.start, strict=True):
        in_gene[start:end] = True
    is_known = np.zeros((interval.width, len(SITE_LISTS) + 1), bool)
    for kind, bases in enumerate(annotation.splice_sites.within(interval)):
        is_known[bases - interval.start, kind] = True
    positions = alternate_positions(np.arange(interval.width), variant, interval)
    return {
        "in_gene": in_gene,
        "is_known": is_known,
        "alternate_positions": positions.astype(np.int32),
        "inserted_positions": inserted_positions(variant, interval),
    }


def arrays_of_sequence(places: Int[np.ndarray, " bases"], width: int) -> dict[str, np.ndarray]:
    """Return `site_arrays` of a sequence without a variant, whose sites are looked for at some bases.

    Args:
        places: The bases, from the window's start.
        width: Bases of the window.
    """
    in_gene = np.zeros(width, bool)
    in_gene[places] = True
    return {
        "in_gene": in_gene,
        "is_known": np.zeros((width, len(SITE_LISTS) + 1), bool),
        "alternate_positions": np.arange(width, dtype=np.int32),
        "inserted_positions": np.full(SHORT_INSERTION, NOWHERE, np.int32),
    }


def mirrored_site_arrays(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return `site_arrays` for the reverse complement of both alleles."""
    last = len(arrays["in_gene"]) - 1

    def opposite(positions: Int32[np.ndarray, " positions"]) -> Int32[np.ndarray, " positions"]:
        return np.where(positions == NOWHERE, positions, last - positions)

    return {
        "in_gene": arrays["in_gene"][::-1],
        "is_known": arrays["is_known"][::-1, OPPOSITE_CLASSES],
        "alternate_positions": opposite(arrays["alternate_positions"])[::-1],
        "inserted_positions": opposite(arrays["inserted_positions"]),
    }


def junctions_of_alleles(
    params: Parameters,
    reference: SpliceSites,
    alternate: SpliceSites,
    arrays: Mapping[str, Array],
    *,
    config: ModelConfig,
    organism_index: int,
    max_sites: int | None = MAX_SITES,
) -> tuple[JunctionPredictions, JunctionPredictions]:
    """Return the junctions of REF and of ALT, both between the genes' sites, known or of either allele.

    Args:
        params: The junction head's parameters.
        reference: REF's sites, [bases, 5] and [bases, base_embedding].
        alternate: ALT's.
        arrays: From `site_arrays`.
        config: Sizes of the network.
        organism_index: 0 human, 1 mouse.
        max_sites: Sites of each list between which junctions are predicted, the first ones; None for all.
            Scorers read no more than `MAX_SITES`, and all would take four times the memory.
    """
    sites = _sites_of_either(reference, alternate, arrays, config)
    counted = sites[:, :max_sites]
    before = take(reference.embedding, jnp.where(counted >= 0, counted, NOWHERE))
    after = gather_aligned(
        alternate.embedding, _aligned(counted, arrays["alternate_positions"]), arrays["inserted_positions"]
    )

    def junctions(embedding: Float[Array, "4 sites E"]) -> JunctionPredictions:
        return _junctions_between(params, embedding, counted, config, organism_index)

    return junctions(before), junctions(after.astype(before.dtype))


def junctions_of_sequence(
    params: Parameters, sites: SpliceSites, *, config: ModelConfig, organism_index: int
) -> JunctionPredictions:
    """Return the junctions of one sequence, between all sites that it has, wherever they lie.

    Args:
        params: The junction head's parameters.
        sites: [bases, 5] and [bases, base_embedding].
        config: Sizes of the network.
        organism_index: 0 human, 1 mouse.
    """
    chosen = select_splice_sites(
        jnp.asarray(dense(sites.probabilities))[None], config.max_splice_sites, config.splice_site_threshold
    )[0]
    embedding = dense(sites.embedding)[jnp.maximum(chosen, 0)]
    return _junctions_between(params, embedding, chosen, config, organism_index)


def _junctions_between(
    params: Parameters,
    embedding: Float[Array, "4 sites E"],
    sites: Int[Array, "4 sites"],
    config: ModelConfig,
    organism_index: int,
) -> JunctionPredictions:
    organism = jnp.full(1, organism_index)
    counts = junctions_between(params, embedding[None], sites[None], organism, config.junction_max_positions)[
        0
    ]
    return JunctionPredictions(sites=sites, counts=rounded(counts, embedding.dtype))


def _sites_of_either(
    reference: SpliceSites,
    alternate: SpliceSites,
    arrays: Mapping[str, Array],
    config: ModelConfig,
) -> Int[Array, "4 sites"]:
    # All bases of the genes were computed, in the order of the sequence; of the rest perhaps nothing.
    positions = held_positions(reference.probabilities)
    at = jnp.maximum(positions, 0)
    before = dense(reference.probabilities)
    aligned = jnp.where(positions >= 0, arrays["alternate_positions"][at], NOWHERE)
    after = gather_aligned(alternate.probabilities, aligned, arrays["inserted_positions"])
    # A known site is certain. Like REF's, it lies where it is: only ALT's sites are aligned.
    any_of_them = jnp.maximum(jnp.maximum(before, after), arrays["is_known"][at])
    is_candidate = (positions >= 0) & arrays["in_gene"][at]
    either = jnp.where(is_candidate[:, None], any_of_them, 0)
    chosen = select_splice_sites(either[None], config.max_splice_sites, config.splice_site_threshold)[0]
    return jnp.where(chosen >= 0, positions[chosen], -1)


def _aligned(sites: Int[Array, "4 sites"], positions: Int[Array, " S"]) -> Int[Array, "4 sites"]:
    return jnp.where(sites >= 0, positions[jnp.maximum(sites, 0)], NOWHERE)
