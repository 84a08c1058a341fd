"""One sequence on several devices: each holds an equal part of it, for memory's sake and for speed.

    encoder, decoder   each part with a halo of its neighbours' positions, exchanged once
    transformer        the part's queries against the keys and values of all tokens
    pair activations   the part's rows, which read the tokens of all parts but not one another
    heads              the part's positions; splice junctions, of sites anywhere, on every device

Pair activations are not replicated: at 1 Mb they are 134 MB in float32 and their updates take several
times that and a tenth of the transformer's arithmetic, which would not shrink with more devices.
"""

import functools

import jax
from jax.sharding import Mesh, PartitionSpec
from jaxtyping import Array, Float, Float32, Int

from vep_cli.errors import UsageError
from vep_cli.model.config import ModelConfig
from vep_cli.model.embedders import Embeddings
from vep_cli.model.heads import present, splice_site_probabilities
from vep_cli.model.layers import Parameters, rounded
from vep_cli.model.network import embed_sequence, predict, predict_heads
from vep_cli.model.output_type import OutputType
from vep_cli.model.parts import Part, Shard
from vep_cli.model.splice_sites import junctions_between, select_splice_sites
from vep_cli.model.tiles import HALO

AXIS = "sequence"
"""The axis of the mesh."""


def make_mesh(devices: list[jax.Device]) -> Mesh:
    """Return the devices as a mesh that a sequence is laid along, in their order."""
    return Mesh(devices, (AXIS,))


def predict_on_mesh(
    params: Parameters,
    sequence: Float[Array, "B S 4"],
    organism_index: Int[Array, " B"],
    config: ModelConfig,
    outputs: frozenset[OutputType],
    mesh: Mesh,
) -> dict[OutputType, Float32[Array, "B *positions tracks"]]:
    """Return what `network.predict` does, computed by all devices of a mesh.

    Args:
        params: As for `network.predict`; every device gets all of them.
        sequence: One-hot bases; each device takes an equal part of them.
        organism_index: 0 human, 1 mouse.
        config: Sizes of the network.
        outputs: What to predict.
        mesh: From `make_mesh`.

    Returns:
        Predictions in float32 that stay on the devices: by position on that of the position, contact maps
        by row, and splice junctions on all of them.

    Raises:
        UsageError: The sequence has another length than the network takes, or cannot be shared out.
    """
    if mesh.size == 1:
        return predict(params, sequence, organism_index, config, outputs)
    check_shards(config, sequence.shape[1], mesh.size)
    predict_shard = functools.partial(
        _predict_part, config=config, outputs=outputs, part=Shard(axis=AXIS, shards=mesh.size)
    )
    along, everywhere = PartitionSpec(None, AXIS), PartitionSpec()  # type: ignore[no-untyped-call]
    on_mesh = jax.shard_map(
        predict_shard,
        mesh=mesh,
        in_specs=(everywhere, along, everywhere),
        out_specs={out: everywhere if out is OutputType.SPLICE_JUNCTIONS else along for out in outputs},
        # What is gathered is the same on every device; jax cannot tell.
        check_vma=False,
    )
    predictions: dict[OutputType, Array] = on_mesh(params, sequence, organism_index)
    return predictions


def check_shards(config: ModelConfig, length: int, shards: int) -> None:
    """Refuse a sequence that cannot be shared out.

    Args:
        config: Sizes of the network.
        length: Of the sequence, in base pairs.
        shards: Devices.

    Raises:
        UsageError: The network does not take the length, or a share is not a whole number of pair
            positions, or shorter than the halo of its neighbours.
    """
    config.check_length(length)
    if length % (shards * config.pair_size) or length < shards * 2 * HALO:
        raise UsageError(
            f"a window of {length} bp cannot be shared by {shards} devices",
            remedy=f"each needs a multiple of {config.pair_size} bp, and at least {2 * HALO}",
        )


def _predict_part(
    params: Parameters,
    sequence: Float[Array, "B own 4"],
    organism_index: Int[Array, " B"],
    *,
    config: ModelConfig,
    outputs: frozenset[OutputType],
    part: Part,
) -> dict[OutputType, Array]:
    embeddings = embed_sequence(params, sequence, organism_index, config, outputs, part)
    local = outputs - {OutputType.SPLICE_JUNCTIONS}
    predictions = predict_heads(params, embeddings, organism_index, config, local) if local else {}
    if OutputType.SPLICE_JUNCTIONS in outputs:
        junctions = _predict_junctions(params, embeddings, organism_index, config, part)
        predictions[OutputType.SPLICE_JUNCTIONS] = junctions
    return predictions


def _predict_junctions(
    params: Parameters,
    embeddings: Embeddings,
    organism_index: Int[Array, " B"],
    config: ModelConfig,
    part: Part,
) -> Float32[Array, "B K K columns"]:
    """Return the junctions between the sites of all parts."""
    heads, base = params["heads"], present(embeddings.base)
    own = splice_site_probabilities(heads[OutputType.SPLICE_SITES], base, organism_index)
    # Five numbers per base are few; the embeddings stay where they are, but for those of the sites.
    sites = select_splice_sites(part.gathered(own), config.max_splice_sites, config.splice_site_threshold)
    junctions = junctions_between(
        heads[OutputType.SPLICE_JUNCTIONS],
        part.taken(base, sites),
        sites,
        organism_index,
        config.junction_max_positions,
    )
    return rounded(junctions, base.dtype)
