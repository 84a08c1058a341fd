"""The checkpoint of the public PyTorch port: one safetensors file.

Layout of github.com/genomicsxai/alphagenome-pytorch at commit 3c6b556, as its published conversion
from the official checkpoint defines it. PyTorch keeps outputs before inputs, hence the transposes.
The file also has the track means; ours come from the track metadata, so those are passed over.
"""

import dataclasses
import pathlib
from collections.abc import Mapping

import numpy as np
import safetensors
from jaxtyping import Shaped

from vep_cli.errors import WeightsError
from vep_cli.model.config import BIN_SIZES, ModelConfig
from vep_cli.model.leaves import LeafType, safetensors_leaves
from vep_cli.model.shapes import Path, Shape, flatten, parameter_shapes
from vep_cli.model.stored_leaf import Checkpoint, StoredLeaf

SUFFIX = ".safetensors"

_TRACK_MEANS = ".track_means"

_LEAVES = {"kernel": "weight", "offset": "bias", "variance": "running_var"}

_BLOCK = {
    "attention": {
        "": "mha",
        "input_norm": "norm",
        "output_norm": "final_norm",
        **{name: f"{name[0]}_proj" for name in ("query", "key", "value")},
        **{f"{name}_norm": f"norm_{name[0]}" for name in ("query", "key", "value")},
        "output": "linear_embedding",
    },
    "mlp": {
        "": "mlp",
        "input_norm": "norm",
        "output_norm": "final_norm",
        "hidden": "fc1",
        "output": "fc2",
    },
    "attention_bias": {"": "attn_bias", "norm": "norm", "output": "proj"},
}

_PAIR_UPDATE = {
    "sequence_to_pair": {
        "": "seq2pair",
        "norm": "norm_seq2pair",
        "query": "linear_q",
        "key": "linear_k",
        "query_bias": "q_r_bias",
        "key_bias": "k_r_bias",
        "position": "linear_pos_features",
        "output": "linear_pair",
        "output_query": "linear_y_q",
        "output_key": "linear_y_k",
    },
    "row_attention": {
        "": "row_attn",
        "norm": "norm",
        "query": "linear_q",
        "key": "linear_k",
        "value": "linear_v",
    },
    "mlp": {"": "pair_mlp", "norm": "norm", "hidden": "linear1", "output": "linear2"},
}

_CONVOLUTION = {"norm": "norm", "convolution": "conv", "linear": "conv"}

_CONVOLUTION_BLOCKS = {
    "block": "block",
    "first": "block1",
    "second": "block2",
    "input": "conv_in",
    "skip": "pointwise",
    "output": "conv_out",
}

_EMBEDDERS = {"token": "embedder_128bp", "base": "embedder_1bp", "pair": "embedder_pair"}

_EMBEDDER = {"project": "project_in", "project_tokens": "project_skip", "norm": "norm"}

_HEADS = {
    "CONTACT_MAPS": ("contact_maps_head", "linear"),
    "SPLICE_SITES": ("splice_sites_classification_head", "conv"),
    "SPLICE_SITE_USAGE": ("splice_sites_usage_head", "conv"),
    "SPLICE_JUNCTIONS": ("splice_sites_junction_head", "conv"),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class PortFile(Checkpoint):
    """A safetensors file of the PyTorch port.

    Attributes:
        file: The file.
    """

    file: pathlib.Path

    @property
    def path(self) -> pathlib.Path:
        """See base class."""
        return self.file

    def layout(self, config: ModelConfig) -> Mapping[Path, StoredLeaf]:
        """See base class."""
        return {path: _stored_leaf(path, shape) for path, shape in flatten(parameter_shapes(config)).items()}

    def leaves(self) -> Mapping[str, LeafType]:
        """See base class."""
        found = safetensors_leaves(self.file)
        return {name: leaf for name, leaf in found.items() if not name.endswith(_TRACK_MEANS)}

    def read(self, name: str) -> Shaped[np.ndarray, "..."]:
        """See base class."""
        try:
            with safetensors.safe_open(self.file, framework="numpy") as arrays:
                return np.asarray(arrays.get_tensor(name))
        except (OSError, safetensors.SafetensorError) as error:
            raise WeightsError(f"{name} cannot be read: {error}", path=self.file) from error


def _stored_leaf(path: Path, shape: Shape) -> StoredLeaf:
    order = _axes(path, len(shape))
    return StoredLeaf(
        name=_name(path), shape=tuple(shape[axis] for axis in np.argsort(order)), axes=tuple(order)
    )


def _axes(path: Path, count: int) -> list[int]:
    """Return the port's axes in our order."""
    if path[-1] == "kernel":
        return [2, 1, 0]
    if path[-1] != "weight" or path[:2] == ("heads", "CONTACT_MAPS"):
        return list(range(count))
    return [0, 2, 1] if path[0] == "heads" else [1, 0]


def _name(path: Path) -> str:
    part, *rest = path
    if part == "organism":
        return "organism_embed.weight"
    return ".".join(_PARTS[part](rest))


def _in_convolution_block(rest: list[str]) -> list[str]:
    block, layer, leaf = rest
    return [_CONVOLUTION_BLOCKS[block], _CONVOLUTION[layer], _leaf(layer, leaf)]


def _leaf(layer: str, leaf: str) -> str:
    in_norm = "norm" in layer and leaf == "scale"
    return "weight" if in_norm else _LEAVES.get(leaf, leaf)


def _in_encoder(rest: list[str]) -> list[str]:
    stage, *rest = rest
    if rest[0] == "convolution":
        return ["encoder", "dna_embedder", "conv1", _leaf(*rest)]
    count = BIN_SIZES.index(int(stage.removeprefix("bin_"))) - 1
    module = ["dna_embedder"] if count < 0 else ["down_blocks", str(count)]
    return ["encoder", *module, *_in_convolution_block(rest)]


def _in_tower(rest: list[str]) -> list[str]:
    block, part, *rest = rest
    module = ["tower", "blocks", block.removeprefix("block_")]
    if part != "pair_update":
        return [*module, *_in_layers(_BLOCK[part], rest)]
    return [*module, "pair_update", *_in_layers(_PAIR_UPDATE[rest[0]], rest[1:])]


def _in_layers(layers: Mapping[str, str], rest: list[str]) -> list[str]:
    layer, *leaf = rest
    return [layers[""], layers[layer], *(_leaf(layer, name) for name in leaf)]


def _in_decoder(rest: list[str]) -> list[str]:
    stage, *rest = rest
    module = ["decoder", "up_blocks", str(BIN_SIZES[::-1].index(int(stage.removeprefix("bin_"))))]
    return [*module, *(rest if rest == ["residual_scale"] else _in_convolution_block(rest))]


def _in_embedders(rest: list[str]) -> list[str]:
    embedder, layer, *leaf = rest
    module = _EMBEDDERS[embedder]
    if layer == "organism":
        return [module, "organism_embed", "weight"]
    return [module, _EMBEDDER[layer], _leaf(layer, leaf[0])]


def _in_heads(rest: list[str]) -> list[str]:
    head, *modules, leaf = rest
    if modules[0] == "sites":
        sign, kind = leaf.split("_")
        return [_HEADS[head][0], "rope_params", f"{sign[:3]}_{kind}"]
    if head in _HEADS:
        return [*_HEADS[head], leaf]
    resolution = modules[0].removeprefix("resolution_")
    layer = ["residual_scales", resolution] if leaf == "learnt_scale" else ["convs", resolution, leaf]
    return ["heads", head.lower(), *layer]


_PARTS = {
    "encoder": _in_encoder,
    "tower": _in_tower,
    "decoder": _in_decoder,
    "embedders": _in_embedders,
    "heads": _in_heads,
}
