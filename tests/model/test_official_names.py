import numpy as np

from vep_cli.model.config import ModelConfig
from vep_cli.model.official_names import official_names
from vep_cli.model.shapes import flatten, parameter_shapes

CONFIG = ModelConfig.alphagenome()
NAMES = official_names(CONFIG)


def path(dotted: str) -> tuple[str, ...]:
    return tuple(dotted.split("."))


def test_every_leaf_has_a_name_of_its_own() -> None:
    assert NAMES.keys() == flatten(parameter_shapes(CONFIG)).keys()
    assert len(set(NAMES.values())) == len(NAMES)


def test_names_by_hand() -> None:
    expected = {
        "organism": ("embed", "embeddings"),
        "encoder.bin_1.convolution.kernel": ("sequence_encoder/dna_embedder/conv1_d", "w"),
        "encoder.bin_1.convolution.bias": ("sequence_encoder/dna_embedder/conv1_d", "b"),
        "encoder.bin_64.second.norm.variance": (
            "sequence_encoder/downres_block_5/conv_block_1/rms_batch_norm",
            "var_ema",
        ),
        "tower.block_8.pair_update.row_attention.value.bias": (
            "transformer_tower/pair_update_block_4/row_attention_block/linear_v",
            "b",
        ),
        "tower.block_0.pair_update.sequence_to_pair.query_bias": (
            "transformer_tower/pair_update_block/sequence_to_pair_block",
            "q_r_bias",
        ),
        "tower.block_3.attention.output_norm.scale": (
            "transformer_tower/mha_block_3/rms_batch_norm_1",
            "scale",
        ),
        "decoder.bin_1.output.convolution.bias": (
            "sequence_decoder/up_res_block_6/conv_out/standardized_conv1_d",
            "bias",
        ),
        "decoder.bin_64.residual_scale": ("sequence_decoder/up_res_block", "residual_scale"),
        "embedders.base.project_tokens.weight": ("output_embedder_1/linear_1", "w"),
        "embedders.pair.norm.offset": ("output_pair/layer_norm", "offset"),
        "heads.RNA_SEQ.resolution_128.linear.weight": (
            "head/rna_seq/resolution_128/multi_organism_linear",
            "w",
        ),
        "heads.RNA_SEQ.resolution_1.learnt_scale": ("head/rna_seq/resolution_1", "learnt_scale"),
        "heads.SPLICE_SITES.linear.bias": ("head/splice_sites_classification/multi_organism_linear", "b"),
        "heads.SPLICE_JUNCTIONS.sites.negative_acceptor": (
            "head/splice_sites_junction/neg_acceptor_logits",
            "embeddings",
        ),
    }
    found = {dotted: NAMES[path(dotted)] for dotted in expected}
    assert found == {dotted: (f"alphagenome/{module}", leaf) for dotted, (module, leaf) in expected.items()}


def test_leaves_keep_their_number_of_values() -> None:
    # Two organisms of 2 x 367 x 768 flat junction parameters, and 15 taps of 4 bases into 768 channels.
    shapes = flatten(parameter_shapes(CONFIG))
    sites = shapes[path("heads.SPLICE_JUNCTIONS.sites.positive_donor")]
    assert np.prod(sites) == 2 * 563_712
    assert shapes[path("encoder.bin_1.convolution.kernel")] == (15, 4, 768)
