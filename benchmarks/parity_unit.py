"""Single operations and layers: `unit/ops.npz` and `unit/ops.json` of an oracle."""

import dataclasses
import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from parity_checks import IDENTICAL, Check, Group, Measure, Outcome, Skipped, Tolerance, compare
from parity_oracle import Oracle, params_of

from vep_cli.model import attention, convolutions, embedders, heads, layers, pair, strand
from vep_cli.model.layers import Parameters
from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import SITE_LISTS, select_splice_sites, splice_junctions

_TOWER = "alphagenome/transformer_tower/"
_UPDATE = f"{_TOWER}pair_update_block/"
_MAX_TOKENS, _MAX_BASES, _POOLING = 8192, 2**20, 16

_TOLERANCES = {
    # Rounded to float16, whose steps are 2^-11 below 1: a value near a step's middle may go either way.
    "head_splice_sites_usage/predictions": Tolerance(limit=1e-3, measure=Measure.ABSOLUTE),
    "head_splice_sites_junction/predictions": Tolerance(limit=1e-4, measure=Measure.SPREAD),
}
_EXACT = ("max_pool", "rope_inv_freq", "relative_shift", "splice_", "reverse_", "central_mask")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """One recorded case.

    Attributes:
        name: Its name.
        arrays: Inputs and outputs by name.
        leaves: Parameters by official module and leaf name, axes of length 1 left out.
        oracle: Where it comes from.
    """

    name: str
    arrays: Mapping[str, np.ndarray]
    leaves: Mapping[tuple[str, str], Array]
    oracle: Oracle

    def __getitem__(self, name: str) -> Array:
        """Return one recorded array."""
        return jnp.asarray(self.arrays[name])

    def params(self, prefix: str, ours: str) -> Parameters:
        """Return the parameters in our layout (see `params_of`)."""
        return params_of(self.leaves, prefix, ours, self.oracle)

    @property
    def by_leaf_name(self) -> Parameters:
        """The parameters of a single layer, by what we call the official leaf."""
        ours = {"w": "kernel", "var_ema": "variance"}
        return {ours.get(name, name): leaf for (_, name), leaf in self.leaves.items()}


Compute = Callable[[Case], Mapping[str, Any]]


def unit_groups(oracle: Oracle) -> Iterator[Group]:
    """Yield a group for each recorded case."""
    arrays = dict(np.load(oracle.path / "unit" / "ops.npz"))
    leaves = json.loads((oracle.path / "unit" / "ops.json").read_text())
    for name in dict.fromkeys(key.split("/")[0] for key in arrays):
        described = leaves.get(name, {}).get("leaves", ())
        yield Group(name=f"unit/{name}", run=functools.partial(_run, name, arrays, described, oracle))


def _run(
    name: str, arrays: Mapping[str, np.ndarray], described: list[dict[str, Any]], oracle: Oracle
) -> Iterator[Outcome]:
    own = {key.removeprefix(f"{name}/"): array for key, array in arrays.items() if key.startswith(f"{name}/")}
    compute = next((compute for pattern, compute in _CASES.items() if re.fullmatch(pattern, name)), None)
    if compute is None:
        yield Skipped(tensor=f"unit/{name}", reason=_NOT_OURS.get(name, "this benchmark does not know it"))
        return
    leaves = {(leaf["module"], leaf["name"]): _parameter(own, leaf, oracle) for leaf in described}
    for output, found in compute(Case(name=name, arrays=own, leaves=leaves, oracle=oracle)).items():
        yield _check(f"{name}/{output}", found, own[output])


def _check(name: str, found: Array, expected: np.ndarray) -> Check:
    tolerances = {**_TOLERANCES, **({name: IDENTICAL} if name.startswith(_EXACT) else {})}
    chosen = {"tolerance": tolerances[name]} if name in tolerances else {}
    return compare(f"unit/{name}", found, expected, **chosen)


def _parameter(arrays: Mapping[str, np.ndarray], leaf: Mapping[str, Any], oracle: Oracle) -> Array:
    module, name = leaf["module"], leaf["name"]
    if leaf["stored"]:
        return jnp.asarray(arrays[f"{leaf['kind']}:{module}:{name}"].squeeze())
    return jnp.asarray(oracle.leaf(module, name, tuple(leaf["shape"]), seed=oracle.seed).squeeze())


def _down_block(case: Case) -> Mapping[str, Array]:
    params = case.params("alphagenome/sequence_encoder/", "encoder.bin_2")
    return {"out": convolutions.down_block(params, case["in0"])}


def _up_block(case: Case) -> Mapping[str, Array]:
    params = case.params("alphagenome/sequence_decoder/", "decoder.bin_64")
    return {"out": convolutions.up_block(params, case["in0"], case["in1"])}


def _pointwise_block(case: Case) -> Mapping[str, Array]:
    # Recorded under a name of its own; in the network it is such a block of the decoder.
    ours = "alphagenome/sequence_decoder/up_res_block/pointwise_conv_unet_skip"
    leaves = {(name.replace("conv_block", ours), leaf): value for (name, leaf), value in case.leaves.items()}
    params = params_of(leaves, "", "decoder.bin_64.skip", case.oracle)
    return {"out": convolutions.pointwise_block(params, case["in0"])}


def _attention(case: Case) -> Mapping[str, Array]:
    params = case.params(_TOWER, "tower.block_0.attention")
    bias = case["in1"].swapaxes(1, 2)
    return {"out": attention.attention(params, case["in0"], bias, _MAX_TOKENS)}


def _attention_bias(case: Case) -> Mapping[str, Array]:
    bias = attention.attention_bias(case.params(_TOWER, "tower.block_0.attention_bias"), case["in0"])
    repeated = jnp.repeat(jnp.repeat(bias.swapaxes(1, 2), _POOLING, axis=2), _POOLING, axis=3)
    return {"out": repeated}


def _sequence_to_pair(case: Case) -> Mapping[str, Array]:
    params = case.params(_UPDATE, "tower.block_0.pair_update.sequence_to_pair")
    return {"out": pair.sequence_to_pair(params, case["in0"], _POOLING, _MAX_TOKENS)}


def _pair_update(case: Case) -> Mapping[str, Array]:
    params = case.params(_TOWER, "tower.block_0.pair_update")
    return {"out": pair.pair_update(params, case["in0"], case["in1"], _POOLING, _MAX_TOKENS)}


def _base_embedding(case: Case) -> Mapping[str, Array]:
    # Recorded as the first embedder of its own network; in the whole network it is the second.
    leaves = {
        (module.replace("output_embedder", "alphagenome/output_embedder_1"), name): leaf
        for (module, name), leaf in case.leaves.items()
    }
    params = params_of(leaves, "", "embedders.base", case.oracle)
    return {"out": embedders.embed_bases(params, case["in0"], case["in2"], case["in1"])}


def _genome_tracks(case: Case) -> Mapping[str, Array]:
    output = OutputType(case.name.removeprefix("head_").upper())
    params, found = case.params("", f"heads.{output}"), {}
    # The recorded heads' tracks have means evenly spaced from 0.2 to 3.
    means = jnp.broadcast_to(jnp.linspace(0.2, 3.0, 4), (2, 4))
    for resolution in (1, 128):
        embedding = case[f"embeddings_{resolution}bp"]
        scaled = heads.genome_tracks(params[f"resolution_{resolution}"], embedding, case["in0"])
        found[f"scaled_predictions_{resolution}bp"] = scaled
        unscaled = heads.unscale(scaled, means, resolution, output is OutputType.RNA_SEQ)
        found[f"predictions_{resolution}bp"] = unscaled
    return found


def _contact_maps(case: Case) -> Mapping[str, Array]:
    params = case.params("", "heads.CONTACT_MAPS")
    return {"predictions": heads.contact_maps(params, case["embeddings_pair"], case["in0"])}


def _splice_head(
    case: Case, output: OutputType, apply: Callable[[Parameters, Array, Array], Array]
) -> Mapping[str, Array]:
    params, embedding, organism = case.params("", f"heads.{output}"), case["embeddings_1bp"], case["in0"]
    logits = layers.organism_linear(params["linear"], embedding, organism)
    return {"logits": logits, "predictions": apply(params, embedding, organism)}


def _junctions(case: Case) -> Mapping[str, Array]:
    params = case.params("", "heads.SPLICE_JUNCTIONS")
    channels = params["linear"]["bias"].shape[-1]
    sites = {name: params["sites"][name].reshape(2, 2, -1, channels) for name in SITE_LISTS}
    positions = case["in1"]
    arguments = (case["embeddings_1bp"], positions, case["in0"], _MAX_BASES)
    return {"predictions": splice_junctions({**params, "sites": sites}, *arguments)}


def _rotation(case: Case) -> Mapping[str, Array]:
    x = case["x"]
    given = "positions" in case.arrays
    positions = case["positions"] if given else jnp.arange(x.shape[1])
    cosines, sines = layers.rotary_angles(positions, x.shape[-1], _MAX_BASES if given else _MAX_TOKENS)
    return {"out": layers.rotate(x, cosines[..., None, :], sines[..., None, :])}


def _rotary_frequencies(case: Case) -> Mapping[str, Array]:
    steps, positions = map(int, case.name.removeprefix("rope_inv_freq_").split("_"))
    return {"inv_freq": layers.rotary_frequencies(2 * steps, positions)}


def _central_mask(case: Case) -> Mapping[str, np.ndarray]:
    recorded, longest = len(case.arrays["features_0_599"]), _MAX_TOKENS // _POOLING
    features = pair.distance_features(recorded, 64, longest)[recorded:, :32]
    counted = pair.distance_features(longest, 64, longest)[longest:, :32].sum(0)
    return {"features_0_599": features, "n_distances_on": counted}


def _unscale(case: Case) -> Mapping[str, Array]:
    is_rna_seq, resolution = re.findall(r"\d+", case.name)
    means = jnp.asarray(case["track_means"], jnp.float32)
    return {"out": heads.unscale(case["x"], means, int(resolution), is_rna_seq == "1")}


def _selected_sites(case: Case) -> Mapping[str, np.ndarray]:
    match = re.fullmatch(r"splice_topk_k(\d+)_pad\d+_th(.+)", case.name)
    assert match is not None
    return _padded_sites(case, case["probs"], int(match[1]), float(match[2]))


def _united_sites(case: Case) -> Mapping[str, np.ndarray]:
    united = jnp.maximum(jnp.maximum(case["ref"], case["alt"]), case["annotated"].astype(jnp.float32))
    # Recorded with 8 sites of each class.
    return _padded_sites(case, united, 8, 0.1)


def _padded_sites(case: Case, probabilities: Array, kept: int, threshold: float) -> Mapping[str, np.ndarray]:
    found = select_splice_sites(probabilities, kept, threshold)
    missing = case.arrays["out"].shape[-1] - kept
    return {"out": np.pad(found, ((0, 0), (0, 0), (0, missing)), constant_values=-1)}


def _reverse_complement(case: Case) -> Mapping[str, Array]:
    output = OutputType(case.name.removeprefix("reverse_complement_").upper())
    unstranded = np.arange(case.arrays["x"].shape[-1])
    partners = case.arrays.get("strand_reindexing", unstranded).astype(int)
    found = {"out": strand.reverse_complement_predictions(output, case["x"], partners)}
    if "positions" in case.arrays:
        # Recorded for an interval of 256 bp.
        found["out_positions"] = strand.reverse_splice_sites(case["positions"], 256)
    return found


_CASES: Mapping[str, Compute] = {
    "gelu": lambda case: {"out": layers.gelu_sigmoid(case["x"])},
    "max_pool_by2_len8": lambda case: {"out": layers.max_pool(case["x"])},
    "rms_batch_norm(_rank4)?": lambda case: {"out": layers.batch_norm(case.by_leaf_name, case["in0"])},
    "layer_norm": lambda case: {"out": layers.layer_norm(case.by_leaf_name, case["in0"])},
    "layer_norm_rms": lambda case: {"out": layers.rms_norm(case.by_leaf_name, case["in0"])},
    "standardized_conv.*": lambda case: {
        "out": convolutions.standardised_convolution(case.by_leaf_name, case["in0"])
    },
    "dna_conv15": lambda case: {
        "out": convolutions.convolution(case.by_leaf_name["kernel"], case.by_leaf_name["b"], case["in0"])
    },
    "conv_block_width1": _pointwise_block,
    "down_res_block": _down_block,
    "up_res_block": _up_block,
    "mha_block": _attention,
    "mlp_block": lambda case: {"out": attention.mlp(case.params(_TOWER, "tower.block_0.mlp"), case["in0"])},
    "attention_bias_block": _attention_bias,
    "row_attention_block": lambda case: {
        "out": pair.row_attention(
            case.params(_UPDATE, "tower.block_0.pair_update.row_attention"), case["in0"]
        )
    },
    "pair_mlp_block": lambda case: {
        "out": pair.pair_mlp(case.params(_UPDATE, "tower.block_0.pair_update.mlp"), case["in0"])
    },
    "sequence_to_pair_block": _sequence_to_pair,
    "pair_update_block": _pair_update,
    "output_embedder": lambda case: {
        "out": embedders.embed_tokens(
            case.params("alphagenome/", "embedders.token"), case["in0"], case["in1"]
        )
    },
    "output_embedder_skip": _base_embedding,
    "output_pair": lambda case: {
        "out": embedders.embed_pairs(case.params("alphagenome/", "embedders.pair"), case["in0"], case["in1"])
    },
    "head_(atac|rna_seq)": _genome_tracks,
    "head_contact_maps": _contact_maps,
    "head_splice_sites_classification": functools.partial(
        _splice_head, output=OutputType.SPLICE_SITES, apply=heads.splice_site_probabilities
    ),
    "head_splice_sites_usage": functools.partial(
        _splice_head, output=OutputType.SPLICE_SITE_USAGE, apply=heads.splice_site_usage
    ),
    "head_splice_sites_junction": _junctions,
    "rope_(default|given)_positions": _rotation,
    "rope_inv_freq_.*": _rotary_frequencies,
    "relative_shift": lambda case: {"out": pair.relative_shift(case["x"])},
    "central_mask": _central_mask,
    "unscale_.*": _unscale,
    "splice_topk_.*": _selected_sites,
    "splice_positions_union": _united_sites,
    "reverse_complement_.*": _reverse_complement,
}

_NOT_OURS = {
    "max_pool_by2_len7": "odd lengths do not occur: sequences are multiples of 2,048 bp",
    "mean_pool_by16_len40": "partial windows do not occur: sequences are multiples of 2,048 bp",
}
