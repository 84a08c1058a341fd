import hashlib
import pathlib

import numpy as np
import pytest
import safetensors.numpy
from toy_checkpoint import CONFIG, SHAPES, values

from vep_cli.errors import WeightsError
from vep_cli.model.config import ModelConfig
from vep_cli.model.port_file import PortFile
from vep_cli.model.shapes import Path, Shape
from vep_cli.model.stored_leaf import check_layout

ANYWHERE = PortFile(file=pathlib.Path("port.safetensors"))


def path(dotted: str) -> Path:
    return tuple(dotted.split("."))


def without_units(shape: Shape) -> list[int]:
    return [size for size in shape if size != 1]


def test_names_and_shapes_are_those_of_the_ports_own_model() -> None:
    # The sorted lines "NAME SHAPE" of `AlphaGenome(num_organisms=2).state_dict()` of the port at commit
    # 3c6b556, track means and axes of length 1 left out: 670 lines with this hash.
    layout = ANYWHERE.layout(ModelConfig.alphagenome())
    lines = sorted(f"{leaf.name} {without_units(leaf.shape)}" for leaf in layout.values())
    assert len(set(lines)) == 670
    found = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert found == "f44ce06b93abe3047c31635b50ebf0ff705b3be60ec94832ff48a32f3816eac0"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("organism", "organism_embed.weight"),
        ("encoder.bin_1.convolution.kernel", "encoder.dna_embedder.conv1.weight"),
        ("encoder.bin_1.block.convolution.scale", "encoder.dna_embedder.block.conv.scale"),
        ("encoder.bin_64.second.norm.variance", "encoder.down_blocks.5.block2.norm.running_var"),
        (
            "tower.block_2.pair_update.row_attention.value.bias",
            "tower.blocks.2.pair_update.row_attn.linear_v.bias",
        ),
        (
            "tower.block_0.pair_update.sequence_to_pair.query_bias",
            "tower.blocks.0.pair_update.seq2pair.q_r_bias",
        ),
        ("tower.block_1.attention.query_norm.scale", "tower.blocks.1.mha.norm_q.weight"),
        ("tower.block_1.attention.output_norm.offset", "tower.blocks.1.mha.final_norm.bias"),
        ("tower.block_1.attention_bias.output.weight", "tower.blocks.1.attn_bias.proj.weight"),
        ("decoder.bin_64.residual_scale", "decoder.up_blocks.0.residual_scale"),
        ("decoder.bin_1.skip.linear.weight", "decoder.up_blocks.6.pointwise.conv.weight"),
        ("embedders.base.project_tokens.weight", "embedder_1bp.project_skip.weight"),
        ("heads.RNA_SEQ.resolution_128.learnt_scale", "heads.rna_seq.residual_scales.128"),
        ("heads.SPLICE_SITES.linear.bias", "splice_sites_classification_head.conv.bias"),
        (
            "heads.SPLICE_JUNCTIONS.sites.negative_acceptor",
            "splice_sites_junction_head.rope_params.neg_acceptor",
        ),
    ],
)
def test_names_by_hand(ours: str, theirs: str) -> None:
    assert ANYWHERE.layout(CONFIG)[path(ours)].name == theirs


def test_transposes_by_hand() -> None:
    layout = ANYWHERE.layout(CONFIG)

    def ours(dotted: str, stored: np.ndarray) -> np.ndarray:
        return layout[path(dotted)].to_ours(stored, SHAPES[path(dotted)])

    # A kernel of 4 outputs, 4 inputs, 15 taps: output 1, input 2, tap 3 is value 1 x 60 + 2 x 15 + 3 = 93.
    kernel = ours("encoder.bin_1.convolution.kernel", np.arange(240.0).reshape(4, 4, 15))
    assert kernel[3, 2, 1] == 93
    # A 1 x 1 convolution of 16 outputs and 8 inputs, [16, 8, 1]: output 3, input 5 is 3 x 8 + 5 = 29.
    project = ours("embedders.token.project.weight", np.arange(128.0).reshape(16, 8, 1))
    assert project[5, 3] == 29
    # Two organisms, 3 tracks, 16 channels: organism 1, track 2, channel 7 is 48 + 2 x 16 + 7 = 87.
    head = ours("heads.RNA_SEQ.resolution_128.linear.weight", np.arange(96.0).reshape(2, 3, 16))
    assert head[1, 7, 2] == 87
    assert ours("decoder.bin_64.residual_scale", np.array([7.0])) == 7
    scale = ours("encoder.bin_1.block.convolution.scale", np.arange(4.0).reshape(4, 1, 1))
    np.testing.assert_array_equal(scale, [0, 1, 2, 3])


def test_contact_maps_keep_inputs_before_outputs() -> None:
    # Their head on pairs is a linear map, not a convolution, and is stored as the official one is.
    leaf = ANYWHERE.layout(ModelConfig.toy())[path("heads.CONTACT_MAPS.linear.weight")]
    stored = np.arange(32.0).reshape(2, 4, 4)
    np.testing.assert_array_equal(leaf.to_ours(stored, (2, 4, 4)), stored)


@pytest.fixture
def port(tmp_path: pathlib.Path) -> PortFile:
    arrays = {
        leaf.name: np.ascontiguousarray(values(keys).transpose(np.argsort(leaf.axes)))
        for keys, leaf in ANYWHERE.layout(CONFIG).items()
    }
    means = {"heads.rna_seq.track_means": np.ones((2, 3), np.float32)}
    safetensors.numpy.save_file(arrays | means, tmp_path / "port.safetensors")
    return PortFile(file=tmp_path / "port.safetensors")


def test_a_file_is_read_in_our_layout(port: PortFile) -> None:
    layout = port.layout(CONFIG)
    check_layout(port, layout)
    for keys, leaf in layout.items():
        ours = leaf.to_ours(port.read(leaf.name), SHAPES[keys])
        np.testing.assert_array_equal(ours, values(keys), strict=True)


def test_a_missing_leaf_is_named(port: PortFile) -> None:
    arrays = safetensors.numpy.load_file(port.file)
    del arrays["organism_embed.weight"]
    safetensors.numpy.save_file(arrays, port.file)
    with pytest.raises(WeightsError, match=r"organism_embed\.weight is missing"):
        check_layout(port, port.layout(CONFIG))


@pytest.mark.parametrize("kept", [0, 100, 5000])
def test_a_truncated_file_is_an_error_of_ours(port: PortFile, kept: int) -> None:
    port.file.write_bytes(port.file.read_bytes()[:kept])
    with pytest.raises(WeightsError, match="cannot be read"):
        port.leaves()
    with pytest.raises(WeightsError, match="cannot be read"):
        port.read("organism_embed.weight")
