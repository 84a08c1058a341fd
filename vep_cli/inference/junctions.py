"""The splice junctions of both alleles of a variant, between the sites of either.

What counts as a site is decided by both alleles together, and ALT is compared with REF base by base
(MODEL_SPEC section 5); so junctions are predicted once both alleles' sites are.
"""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float32, Int

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.window import Window
from vep_cli.model.config import ModelConfig
from vep_cli.model.layers import Parameters, rounded
from vep_cli.model.splice_sites import SpliceSites, junctions_between, select_splice_sites
from vep_cli.scoring.indel_alignment import alternate_positions, gather_aligned, inserted_positions
from vep_cli.scoring.masks import NOWHERE
from vep_cli.scoring.spans import gene_bodies
from vep_cli.scoring.splice_junctions import MAX_SITES, JunctionPredictions


def site_arrays(window: Window, annotation: Annotation) -> dict[str, np.ndarray]:
    """Return where sites may lie, and what of ALT is compared with each base.

    Args:
        window: The variant and its window.
        annotation: The genes.

    Returns:
        `in_gene` [bases], whether a gene that the variant touches, of any type, covers a base;
        `alternate_positions` [bases] and `inserted_positions` [padded] as in `indel_alignment`.
    """
    variant, interval = window.variant, window.interval
    in_gene = np.zeros(interval.width, bool)
    bodies = gene_bodies(annotation.genes_overlapping(variant), interval)
    for start, end in zip(bodies.start - interval.start, bodies.end - interval.start, strict=True):
        in_gene[start:end] = True
    positions = alternate_positions(np.arange(interval.width), variant, interval)
    return {
        "in_gene": in_gene,
        "alternate_positions": positions.astype(np.int32),
        "inserted_positions": inserted_positions(variant, interval),
    }


def junctions_of_alleles(
    params: Parameters,
    reference: SpliceSites,
    alternate: SpliceSites,
    arrays: Mapping[str, Array],
    *,
    config: ModelConfig,
    organism_index: int,
) -> tuple[JunctionPredictions, JunctionPredictions]:
    """Return the junctions of REF and of ALT, both between the sites that either has in the genes.

    Args:
        params: The junction head's parameters.
        reference: REF's sites, [bases, 5] and [bases, base_embedding].
        alternate: ALT's.
        arrays: From `site_arrays`.
        config: Sizes of the network.
        organism_index: 0 human, 1 mouse.
    """
    sites = _sites_of_either(reference.probabilities, alternate.probabilities, arrays, config)
    # The sites that do not count are left out here: all would take four times the memory.
    counted = sites[:, :MAX_SITES]
    before = reference.embedding[jnp.maximum(counted, 0)]
    after = gather_aligned(
        alternate.embedding, _aligned(counted, arrays["alternate_positions"]), arrays["inserted_positions"]
    )
    organism = jnp.full(1, organism_index)

    def junctions(embedding: Float[Array, "4 sites E"]) -> JunctionPredictions:
        counts = junctions_between(
            params, embedding[None], counted[None], organism, config.junction_max_positions
        )[0]
        return JunctionPredictions(sites=counted, counts=rounded(counts, before.dtype))

    return junctions(before), junctions(after.astype(before.dtype))


def _sites_of_either(
    reference: Float32[Array, "S 5"],
    alternate: Float32[Array, "S 5"],
    arrays: Mapping[str, Array],
    config: ModelConfig,
) -> Int[Array, "4 sites"]:
    aligned = gather_aligned(alternate, arrays["alternate_positions"], arrays["inserted_positions"])
    either = jnp.where(arrays["in_gene"][:, None], jnp.maximum(reference, aligned), 0)
    return select_splice_sites(either[None], config.max_splice_sites, config.splice_site_threshold)[0]


def _aligned(sites: Int[Array, "4 sites"], positions: Int[Array, " S"]) -> Int[Array, "4 sites"]:
    return jnp.where(sites >= 0, positions[jnp.maximum(sites, 0)], NOWHERE)
