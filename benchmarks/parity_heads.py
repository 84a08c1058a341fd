"""The heads of a recorded forward pass, one by one and as `network.predict` gives them."""

import functools
from collections.abc import Iterator, Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from parity_oracle import Oracle

from vep_cli.model import heads, network
from vep_cli.model.embedders import Embeddings
from vep_cli.model.layers import organism_linear
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.parameters import with_track_means
from vep_cli.model.splice_sites import select_splice_sites, splice_junctions

Recorded = Iterator[tuple[str, Array]]
"""Names as in the oracle, with whole tensors, batch first and channels last."""

_SPLICE_NAMES = {
    OutputType.SPLICE_SITES: "splice_sites_classification",
    OutputType.SPLICE_SITE_USAGE: "splice_sites_usage",
    OutputType.SPLICE_JUNCTIONS: "splice_sites_junction",
}


def record_heads(oracle: Oracle, embeddings: Embeddings, organism_index: Array) -> Recorded:
    """Yield what each head predicts, in the space of training too."""
    for output in sorted(GENOME_TRACKS):
        yield from _record_tracks(oracle, output, embeddings, organism_index)
    contacts = oracle.weights("heads", OutputType.CONTACT_MAPS.value)
    maps = heads.contact_maps(contacts, embeddings.pair, organism_index)
    yield f"{_head(OutputType.CONTACT_MAPS)}/predictions", maps
    yield from _record_splicing(oracle, embeddings.base, organism_index)


def predict_whole(
    oracle: Oracle, length: int, organism_index: Array, recorded: Mapping[str, np.ndarray]
) -> Recorded:
    """Yield what `network.predict` gives in one call, of the outputs that were recorded."""
    means = {output: oracle.track_means(output) for output in GENOME_TRACKS}
    known = {output: mean for output, mean in means.items() if mean is not None}
    names = {
        output: _prediction(output)
        for output in OutputType
        if _prediction(output) in recorded and (output in known or output not in GENOME_TRACKS)
    }
    if not names:
        return
    params = with_track_means(oracle.weights(), known)
    predict = functools.partial(network.predict, config=oracle.config, outputs=frozenset(names))
    sequences = oracle.sequences(len(organism_index), length)
    predictions = jax.jit(predict)(params, sequences, organism_index)
    yield from ((name, predictions[output]) for output, name in names.items())


def _record_tracks(
    oracle: Oracle, output: OutputType, embeddings: Embeddings, organism_index: Array
) -> Recorded:
    params, means = oracle.weights("heads", output.value), oracle.track_means(output)
    for resolution in oracle.config.head(output).resolutions:
        embedding = embeddings.base if resolution == 1 else embeddings.token
        scaled = jax.jit(heads.genome_tracks)(params[f"resolution_{resolution}"], embedding, organism_index)
        yield f"{_head(output)}/scaled_predictions_{resolution}bp", scaled
        if means is not None:
            by_row = jnp.asarray(means)[organism_index]
            unscaled = heads.unscale(scaled, by_row, resolution, output is OutputType.RNA_SEQ)
            yield f"{_head(output)}/predictions_{resolution}bp", unscaled


def _record_splicing(oracle: Oracle, base: Array, organism_index: Array) -> Recorded:
    logits = _splice_logits(oracle, OutputType.SPLICE_SITES, base, organism_index)
    yield f"{_head(OutputType.SPLICE_SITES)}/logits", logits
    params = oracle.weights("heads", OutputType.SPLICE_SITES.value)
    probabilities = heads.splice_site_probabilities(params, base, organism_index)
    yield f"{_head(OutputType.SPLICE_SITES)}/predictions", probabilities
    usage_logits = _splice_logits(oracle, OutputType.SPLICE_SITE_USAGE, base, organism_index)
    yield f"{_head(OutputType.SPLICE_SITE_USAGE)}/logits", usage_logits
    params = oracle.weights("heads", OutputType.SPLICE_SITE_USAGE.value)
    yield (
        f"{_head(OutputType.SPLICE_SITE_USAGE)}/predictions",
        heads.splice_site_usage(params, base, organism_index),
    )
    yield from _record_junctions(oracle, base, probabilities, organism_index)


def _splice_logits(oracle: Oracle, output: OutputType, base: Array, organism_index: Array) -> Array:
    return organism_linear(oracle.weights("heads", output.value)["linear"], base, organism_index)


def _record_junctions(oracle: Oracle, base: Array, probabilities: Array, organism_index: Array) -> Recorded:
    config, name = oracle.config, _head(OutputType.SPLICE_JUNCTIONS)
    kept = config.max_splice_sites
    best, _ = jax.lax.top_k(probabilities[..., :4].swapaxes(1, 2), kept + 1)
    yield f"splice_prob_{kept}th", best[..., kept - 1]
    yield f"splice_prob_{kept + 1}th", best[..., kept]
    positions = select_splice_sites(probabilities, kept, config.splice_site_threshold)
    yield f"{name}/splice_site_positions", positions
    params = oracle.weights("heads", OutputType.SPLICE_JUNCTIONS.value)
    counts = jax.jit(splice_junctions, static_argnums=4)(
        params, base, positions, organism_index, config.junction_max_positions
    )
    yield f"{name}/predictions", counts
    is_site = np.asarray(positions) >= 0
    both = is_site[:, 0::2, :, None] & is_site[:, 1::2, None, :]
    # By strand, then by tissue: columns are all tissues of '+', then all of '-'.
    yield f"{name}/splice_junction_mask", np.repeat(np.moveaxis(both, 1, 3), counts.shape[-1] // 2, axis=-1)


def _head(output: OutputType) -> str:
    return f"head/{_SPLICE_NAMES.get(output, output.lower())}"


def _prediction(output: OutputType) -> str:
    resolution = f"_{output.resolution}bp" if output in GENOME_TRACKS else ""
    return f"{_head(output)}/predictions{resolution}"
