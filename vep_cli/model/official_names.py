"""Where the official checkpoint keeps each of our parameters.

One leaf of ours is one leaf there; `array.reshape(our_shape)` goes from theirs to ours
(see `shapes`). The names are those of a Haiku network: a module path and a leaf name.
"""

from vep_cli.model.config import BIN_SIZES, ModelConfig
from vep_cli.model.shapes import Path, flatten, parameter_shapes

ROOT = "alphagenome"
"""First component of every module path."""

_LEAVES = {"weight": "w", "kernel": "w", "bias": "b", "variance": "var_ema"}

_TWO_NORMS = {"input_norm": "rms_batch_norm", "output_norm": "rms_batch_norm_1"}

_BLOCK = {
    "attention_bias": ("attention_bias_block", {"norm": "rms_batch_norm", "output": "linear"}),
    "attention": (
        "mha_block",
        {
            **_TWO_NORMS,
            **{name: f"{name[0]}_layer" for name in ("query", "key", "value")},
            **{f"{name}_norm": f"norm_{name[0]}" for name in ("query", "key", "value")},
            "output": "linear_embedding",
        },
    ),
    "mlp": ("mlp_block", {**_TWO_NORMS, "hidden": "linear", "output": "linear_1"}),
}

_PAIR_UPDATE = {
    "sequence_to_pair": (
        "sequence_to_pair_block",
        {
            "norm": "norm_seq2pair",
            "query": "linear_q",
            "key": "linear_k",
            "position": "linear_pos_features",
            "output": "linear_pair",
            "output_query": "linear_y_q",
            "output_key": "linear_y_k",
        },
    ),
    "row_attention": (
        "row_attention_block",
        {"norm": "layer_norm", "query": "linear_q", "key": "linear_k", "value": "linear_v"},
    ),
    "mlp": ("pair_mlp_block", {"norm": "layer_norm", "hidden": "linear", "output": "linear_1"}),
}

_CONVOLUTION = {"norm": "rms_batch_norm", "convolution": "standardized_conv1_d", "linear": "linear"}

_ENCODER_BLOCKS = {"block": "conv_block", "first": "conv_block", "second": "conv_block_1"}

_DECODER_BLOCKS = {"input": "conv_in", "skip": "pointwise_conv_unet_skip", "output": "conv_out"}

_EMBEDDERS = {"token": "output_embedder", "base": "output_embedder_1", "pair": "output_pair"}

_EMBEDDER = {"project": "linear", "project_tokens": "linear_1"}

_HEADS = {
    "SPLICE_SITES": "splice_sites_classification",
    "SPLICE_SITE_USAGE": "splice_sites_usage",
    "SPLICE_JUNCTIONS": "splice_sites_junction",
}


def official_names(config: ModelConfig) -> dict[Path, tuple[str, str]]:
    """Return the official (module, leaf name) of each leaf of ours, by our path."""
    return {path: _official_name(path) for path in flatten(parameter_shapes(config))}


def _official_name(path: Path) -> tuple[str, str]:
    part, *rest = path
    if part == "organism":
        return f"{ROOT}/embed", "embeddings"
    module, leaf = _PARTS[part](rest)
    return f"{ROOT}/{module}", leaf


def _suffixed(name: str, count: int) -> str:
    return f"{name}_{count}" if count else name


def _in_convolution_block(module: str, rest: list[str]) -> tuple[str, str]:
    layer, leaf = rest
    name = leaf if layer == "convolution" and leaf == "bias" else _LEAVES.get(leaf, leaf)
    return f"{module}/{_CONVOLUTION[layer]}", name


def _in_encoder(rest: list[str]) -> tuple[str, str]:
    stage, block, *leaf = rest
    if block == "convolution":
        return "sequence_encoder/dna_embedder/conv1_d", _LEAVES[leaf[0]]
    count = BIN_SIZES.index(int(stage.removeprefix("bin_"))) - 1
    module = "dna_embedder" if count < 0 else f"downres_block_{count}"
    return _in_convolution_block(f"sequence_encoder/{module}/{_ENCODER_BLOCKS[block]}", leaf)


def _in_tower(rest: list[str]) -> tuple[str, str]:
    block, part, *leaf = rest
    count = int(block.removeprefix("block_"))
    if part != "pair_update":
        module, layers = _BLOCK[part]
        return _in_layers(f"transformer_tower/{_suffixed(module, count)}", layers, leaf)
    sub_block, *leaf = leaf
    module, layers = _PAIR_UPDATE[sub_block]
    update = _suffixed("pair_update_block", count // 2)
    return _in_layers(f"transformer_tower/{update}/{module}", layers, leaf)


def _in_layers(module: str, layers: dict[str, str], rest: list[str]) -> tuple[str, str]:
    if len(rest) == 1:
        return module, {"query_bias": "q_r_bias", "key_bias": "k_r_bias"}[rest[0]]
    return f"{module}/{layers[rest[0]]}", _LEAVES.get(rest[1], rest[1])


def _in_decoder(rest: list[str]) -> tuple[str, str]:
    stage, *rest = rest
    count = BIN_SIZES[::-1].index(int(stage.removeprefix("bin_")))
    module = f"sequence_decoder/{_suffixed('up_res_block', count)}"
    if rest == ["residual_scale"]:
        return module, rest[0]
    return _in_convolution_block(f"{module}/{_DECODER_BLOCKS[rest[0]]}", rest[1:])


def _in_embedders(rest: list[str]) -> tuple[str, str]:
    embedder, layer, *leaf = rest
    module = _EMBEDDERS[embedder]
    if layer == "organism":
        return f"{module}/embed", "embeddings"
    norm = "layer_norm" if embedder == "pair" else "rms_batch_norm"
    return f"{module}/{_EMBEDDER.get(layer, norm)}", _LEAVES.get(leaf[0], leaf[0])


def _in_heads(rest: list[str]) -> tuple[str, str]:
    head, *modules, leaf = rest
    module = f"head/{_HEADS.get(head, head.lower())}"
    if modules[0] == "sites":
        sign, kind = leaf.split("_")
        return f"{module}/{sign[:3]}_{kind}_logits", "embeddings"
    official = ["multi_organism_linear" if name == "linear" else name for name in modules]
    return "/".join([module, *official]), _LEAVES.get(leaf, leaf)


_PARTS = {
    "encoder": _in_encoder,
    "tower": _in_tower,
    "decoder": _in_decoder,
    "embedders": _in_embedders,
    "heads": _in_heads,
}
