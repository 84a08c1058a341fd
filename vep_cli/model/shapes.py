"""The shape of every parameter, as one nested dict of the layout that the layers read.

Leaf names: `weight` and `bias` of linear maps, `kernel`, `bias` and (where standardised) `scale` of
convolutions, `scale`, `offset` and (batch norm) `variance` of norms. Axes of length 1 that the
official arrays carry for broadcasting are left out, and the splice junctions' flat embeddings
are unfolded; elements are in the same order, so a plain reshape goes between the two.
"""

from collections.abc import Mapping
from typing import Any

from vep_cli.model.config import BIN_SIZES, KERNEL, STEM_KERNEL, TOKEN_SIZE, HeadConfig, ModelConfig
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.splice_sites import SITE_LISTS

Shape = tuple[int, ...]

Shapes = dict[str, Any]
"""A nested dict whose leaves are shapes."""

Path = tuple[str, ...]
"""The keys that lead to a leaf."""


def parameter_shapes(config: ModelConfig) -> Shapes:
    """Return the shape of every leaf that a weights file holds."""
    return {
        "encoder": _encoder(config),
        "organism": (config.organisms, config.trunk_channels),
        "tower": {f"block_{block}": _tower_block(config, block) for block in range(config.tower_blocks)},
        "decoder": _decoder(config),
        "embedders": _embedders(config),
        "heads": {head.output.value: _head(config, head) for head in config.heads},
    }


def flatten(tree: Mapping[str, Any], prefix: Path = ()) -> dict[Path, Any]:
    """Return the leaves of a nested dict by their path, in the dict's order."""
    leaves: dict[Path, Any] = {}
    for key, value in tree.items():
        path = (*prefix, key)
        leaves.update(flatten(value, path) if isinstance(value, Mapping) else {path: value})
    return leaves


def unflatten(leaves: Mapping[Path, Any]) -> dict[str, Any]:
    """Return the nested dict that `flatten` took apart."""
    tree: dict[str, Any] = {}
    for path, leaf in leaves.items():
        branch = tree
        for key in path[:-1]:
            branch = branch.setdefault(key, {})
        branch[path[-1]] = leaf
    return tree


def _linear(inputs: int, outputs: int) -> Shapes:
    return {"weight": (inputs, outputs), "bias": (outputs,)}


def _weight(inputs: int, outputs: int) -> Shapes:
    return {"weight": (inputs, outputs)}


def _organism_linear(config: ModelConfig, inputs: int, outputs: int) -> Shapes:
    return {"weight": (config.organisms, inputs, outputs), "bias": (config.organisms, outputs)}


def _norm(channels: int) -> Shapes:
    return {"scale": (channels,), "offset": (channels,)}


def _batch_norm(channels: int) -> Shapes:
    return {**_norm(channels), "variance": (channels,)}


def _convolution_block(inputs: int, outputs: int) -> Shapes:
    convolution = {"kernel": (KERNEL, inputs, outputs), "scale": (outputs,), "bias": (outputs,)}
    return {"norm": _batch_norm(inputs), "convolution": convolution}


def _encoder(config: ModelConfig) -> Shapes:
    channels = config.encoder_channels
    first = channels[0]
    kernel = {"kernel": (STEM_KERNEL, 4, first), "bias": (first,)}
    stages: Shapes = {"bin_1": {"convolution": kernel, "block": _convolution_block(first, first)}}
    for bin_size, inputs, outputs in zip(BIN_SIZES[1:], channels, channels[1:], strict=False):
        stages[f"bin_{bin_size}"] = {
            "first": _convolution_block(inputs, outputs),
            "second": _convolution_block(outputs, outputs),
        }
    return stages


def _decoder(config: ModelConfig) -> Shapes:
    stages: Shapes = {}
    inputs = config.trunk_channels
    for bin_size, outputs in zip(reversed(BIN_SIZES), reversed(config.encoder_channels), strict=True):
        stages[f"bin_{bin_size}"] = {
            "residual_scale": (),
            "input": _convolution_block(inputs, outputs),
            "skip": {"norm": _batch_norm(outputs), "linear": _linear(outputs, outputs)},
            "output": _convolution_block(outputs, outputs),
        }
        inputs = outputs
    return stages


def _tower_block(config: ModelConfig, block: int) -> Shapes:
    shapes = {
        "attention_bias": {
            "norm": _batch_norm(config.pair_channels),
            "output": _weight(config.pair_channels, config.attention_heads),
        },
        "attention": _attention(config),
        "mlp": {
            "input_norm": _batch_norm(config.trunk_channels),
            "hidden": _linear(config.trunk_channels, config.mlp_width),
            "output": _linear(config.mlp_width, config.trunk_channels),
            "output_norm": _batch_norm(config.trunk_channels),
        },
    }
    return shapes if block % 2 else {"pair_update": _pair_update(config), **shapes}


def _attention(config: ModelConfig) -> Shapes:
    trunk, heads = config.trunk_channels, config.attention_heads
    return {
        "input_norm": _batch_norm(trunk),
        "query": _weight(trunk, heads * config.key_size),
        "key": _weight(trunk, config.key_size),
        "value": _weight(trunk, config.value_size),
        "query_norm": _norm(config.key_size),
        "key_norm": _norm(config.key_size),
        "value_norm": _norm(config.value_size),
        "output": _linear(heads * config.value_size, trunk),
        "output_norm": _batch_norm(trunk),
    }


def _pair_update(config: ModelConfig) -> Shapes:
    pair = config.pair_channels
    return {
        "sequence_to_pair": _sequence_to_pair(config),
        "row_attention": {
            "norm": _norm(pair),
            "query": _weight(pair, pair),
            "key": _weight(pair, pair),
            "value": _linear(pair, pair),
        },
        "mlp": {
            "norm": _norm(pair),
            "hidden": _linear(pair, config.pair_mlp_width),
            "output": _linear(config.pair_mlp_width, pair),
        },
    }


def _sequence_to_pair(config: ModelConfig) -> Shapes:
    trunk, heads, size = config.trunk_channels, config.pair_heads, config.pair_head_size
    return {
        "norm": _norm(trunk),
        "query": _weight(trunk, heads * size),
        "key": _weight(trunk, heads * size),
        "query_bias": (heads, size),
        "key_bias": (heads, size),
        "position": _linear(config.position_features, heads * size),
        "output": _linear(heads, config.pair_channels),
        "output_query": _weight(trunk, config.pair_channels),
        "output_key": _weight(trunk, config.pair_channels),
    }


def _embedders(config: ModelConfig) -> Shapes:
    base, token, pair = config.base_embedding, config.token_embedding, config.pair_channels
    return {
        "token": {
            "project": _linear(config.trunk_channels, token),
            "norm": _batch_norm(token),
            "organism": (config.organisms, token),
        },
        "base": {
            "project": _linear(config.encoder_channels[0], base),
            "project_tokens": _weight(token, base),
            "norm": _batch_norm(base),
            "organism": (config.organisms, base),
        },
        "pair": {"norm": _norm(pair), "organism": (config.organisms, pair)},
    }


def _head(config: ModelConfig, head: HeadConfig) -> Shapes:
    coarsest = OutputType.CONTACT_MAPS.resolution
    inputs = {1: config.base_embedding, TOKEN_SIZE: config.token_embedding, coarsest: config.pair_channels}
    if head.output in GENOME_TRACKS:
        return {
            f"resolution_{resolution}": {
                "linear": _organism_linear(config, inputs[resolution], head.width),
                "learnt_scale": (config.organisms, head.width),
            }
            for resolution in head.resolutions
        }
    if head.output is OutputType.SPLICE_JUNCTIONS:
        sites = (config.organisms, 2, head.width, config.junction_channels)
        hidden = _organism_linear(config, config.base_embedding, config.junction_channels)
        return {"linear": hidden, "sites": dict.fromkeys(SITE_LISTS, sites)}
    return {"linear": _organism_linear(config, inputs[head.output.resolution], head.width)}
