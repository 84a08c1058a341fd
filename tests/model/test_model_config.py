import dataclasses
import json

import pytest

from vep_cli.errors import UsageError, WeightsError
from vep_cli.model.config import HeadConfig, ModelConfig
from vep_cli.model.output_type import OutputType

KNOWN = [
    ModelConfig.alphagenome(),
    ModelConfig.bundled({OutputType.CAGE: 7, OutputType.SPLICE_SITES: 5}),
    ModelConfig.toy(),
]


@pytest.mark.parametrize("config", KNOWN, ids=["alphagenome", "bundled", "toy"])
def test_round_trip(config: ModelConfig) -> None:
    assert ModelConfig.from_json(config.to_json()) == config
    assert hash(ModelConfig.from_json(config.to_json())) == hash(config)


def test_official_lengths() -> None:
    config = ModelConfig.alphagenome()
    # 128 bp x 16 = 2,048 bp; 8,192 tokens x 128 bp = 2^20 bp.
    assert (config.pair_size, config.max_length, config.trunk_channels) == (2048, 2**20, 1536)
    for length in (2048, 16_384, 2**20):
        config.check_length(length)


@pytest.mark.parametrize("length", [-2048, 0, 1000, 2**20 + 2048])
def test_other_lengths_are_refused_with_a_remedy(length: int) -> None:
    with pytest.raises(UsageError) as caught:
        ModelConfig.alphagenome().check_length(length)
    assert caught.value.remedy == "choose a multiple of 2048 up to 1048576"


def test_heads_and_their_resolutions() -> None:
    config = ModelConfig.alphagenome()
    assert config.head(OutputType.ATAC).resolutions == (1, 128)
    assert config.head(OutputType.CHIP_TF).resolutions == (128,)
    assert config.head(OutputType.CONTACT_MAPS).width == 28
    assert config.outputs == frozenset(OutputType)
    with pytest.raises(WeightsError, match="does not predict ATAC"):
        KNOWN[1].head(OutputType.ATAC)


def edited(**changes: object) -> str:
    return json.dumps({**json.loads(ModelConfig.toy().to_json()), **changes})


def test_a_missing_key_is_named() -> None:
    fields = json.loads(ModelConfig.toy().to_json())
    del fields["key_size"]
    with pytest.raises(WeightsError, match="lacks the key 'key_size'"):
        ModelConfig.from_json(json.dumps(fields))


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(WeightsError, match="unknown key 'depth'"):
        ModelConfig.from_json(edited(depth=3))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key_size", "4"),
        ("key_size", 4.0),
        ("splice_site_threshold", None),
        ("encoder_channels", 4),
        ("encoder_channels", [4, "x"]),
        ("heads", {}),
    ],
)
def test_a_value_of_another_type_is_named(field: str, value: object) -> None:
    with pytest.raises(WeightsError, match=f"'{field}' cannot be"):
        ModelConfig.from_json(edited(**{field: value}))


@pytest.mark.parametrize("text", ["", "{", "[]", "3"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(WeightsError, match="model configuration"):
        ModelConfig.from_json(text)


def test_an_unknown_output_is_refused() -> None:
    head = {"output": "METHYLATION", "width": 3, "resolutions": [1]}
    with pytest.raises(WeightsError, match="'output' cannot be 'METHYLATION'"):
        ModelConfig.from_json(edited(heads=[head]))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"encoder_channels": (4, 4)}, "one number of channels per bin size"),
        ({"encoder_channels": (4, 4, 6, 6, 8, 8, 4)}, "never decrease"),
        ({"tower_blocks": 0}, "positive"),
        ({"tower_blocks": 10**9}, "at most 1000 transformer blocks"),
        ({"max_splice_sites": 10**9}, "at most 4096 splice sites"),
        ({"key_size": 3}, "even"),
        ({"heads": (HeadConfig(output=OutputType.ATAC, width=2, resolutions=(1, 528)),)}, "its forms"),
        ({"heads": (HeadConfig(output=OutputType.ATAC, width=2, resolutions=(128,)),)}, "its forms"),
        ({"heads": (HeadConfig(output=OutputType.CHIP_TF, width=2, resolutions=()),)}, "its forms"),
        ({"heads": ModelConfig.toy().heads * 2}, "one head"),
    ],
)
def test_impossible_sizes_are_refused(changes: dict[str, object], rule: str) -> None:
    with pytest.raises(WeightsError, match=rule):
        dataclasses.replace(ModelConfig.toy(), **changes)
