"""Every size of the network, and the sizes of the networks we know.

The official 1 Mb network and the small bundled one are the same code with two of these.
"""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from vep_cli.errors import UsageError, WeightsError
from vep_cli.model.output_type import GENOME_TRACKS, OutputType

BIN_SIZES = (1, 2, 4, 8, 16, 32, 64)
"""Base pairs per position of the encoder's stages, in the order they run."""

TOKEN_SIZE = 128
"""Base pairs per token of the transformer."""

STEM_KERNEL = 15
"""Taps of the first convolution, which reads the bases."""

KERNEL = 5
"""Taps of every standardised convolution."""


MAX_BLOCKS = 1000
MAX_SITES = 4096
"""Far above any network's; a configuration that somebody made up shall not keep a machine busy for hours."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class HeadConfig:
    """One output head.

    Attributes:
        output: What it predicts.
        width: Columns, padding included. Splice junctions have one per tissue and predict two per
            tissue, all '+' first; splice sites have the five classes of MODEL_SPEC section 3.
        resolutions: Base pairs per bin of each of a genome-track head's two forms; of the others,
            the one that they have.
    """

    output: OutputType
    width: int
    resolutions: tuple[int, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """Sizes of one network (MODEL_SPEC sections 1 to 3 give the official ones).

    Attributes:
        encoder_channels: Channels of the encoder's stages at 1, 2, 4, ... 64 bp, never decreasing;
            the tokens of 128 bp have as many as the last.
        tower_blocks: Transformer blocks; every second one, from the first, updates the pair activations.
        attention_heads: Query heads; keys and values are shared between them.
        key_size: Width of one query or key; even, for the rotary embedding.
        value_size: Width of one head's value.
        mlp_width: Hidden width of the transformer's multi-layer perceptrons.
        pair_channels: Channels of the pair activations.
        pair_heads: Heads of the products that start the pair activations.
        pair_head_size: Width of one of those heads.
        pair_mlp_width: Hidden width of the pair activations' multi-layer perceptrons.
        position_features: Features of a distance between two pair positions; even.
        pair_pooling: Tokens per pair position.
        max_positions: Largest number of tokens; it sets the rotary frequencies and distance features.
        token_embedding: Channels of the 128 bp output embedding.
        base_embedding: Channels of the 1 bp output embedding.
        junction_channels: Channels of a splice site's embedding; even, for the rotary embedding.
        junction_max_positions: Largest interval in bases; it sets the junctions' rotary frequencies.
        max_splice_sites: Splice sites kept of each of the four classes.
        splice_site_threshold: Least probability of a splice site that is kept.
        organisms: Number of organisms that share the trunk.
        heads: The heads, in the order of `OutputType`.
    """

    encoder_channels: tuple[int, ...]
    tower_blocks: int
    attention_heads: int
    key_size: int
    value_size: int
    mlp_width: int
    pair_channels: int
    pair_heads: int
    pair_head_size: int
    pair_mlp_width: int
    position_features: int
    token_embedding: int
    base_embedding: int
    junction_channels: int
    heads: tuple[HeadConfig, ...]
    pair_pooling: int = 16
    max_positions: int = 8192
    junction_max_positions: int = 2**20
    max_splice_sites: int = 512
    splice_site_threshold: float = 0.1
    organisms: int = 2

    def __post_init__(self) -> None:
        """Reject sizes that no network can have."""
        problem = _first_problem(self)
        if problem is not None:
            raise WeightsError(f"the model configuration cannot be used: {problem}")

    @property
    def trunk_channels(self) -> int:
        """Channels of a 128 bp token."""
        return self.encoder_channels[-1]

    @property
    def pair_size(self) -> int:
        """Base pairs per pair position; sequence lengths are multiples of it."""
        return TOKEN_SIZE * self.pair_pooling

    @property
    def max_length(self) -> int:
        """Largest sequence length, in bases."""
        return TOKEN_SIZE * self.max_positions

    @property
    def outputs(self) -> frozenset[OutputType]:
        """What the network can predict."""
        return frozenset(head.output for head in self.heads)

    def head(self, output: OutputType) -> HeadConfig:
        """Return one head's sizes.

        Raises:
            WeightsError: The network has no such head.
        """
        for head in self.heads:
            if head.output == output:
                return head
        raise WeightsError(f"the model does not predict {output}")

    def check_length(self, length: int) -> None:
        """Reject a sequence length, in bases, that the network does not take.

        Raises:
            UsageError: It is not a positive multiple of the pair size, or longer than the network sees.
        """
        if length <= 0 or length % self.pair_size or length > self.max_length:
            raise UsageError(
                f"the model cannot read a sequence of {length} bp",
                remedy=f"choose a multiple of {self.pair_size} up to {self.max_length}",
            )

    def to_json(self) -> str:
        """Return the configuration as the text of a weights folder's `config.json`."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "ModelConfig":
        """Read what `to_json` wrote.

        Raises:
            WeightsError: It is not JSON, a key is unknown or missing, or a value cannot be used.
        """
        try:
            fields = json.loads(text)
        except json.JSONDecodeError as error:
            raise WeightsError(f"the model configuration is not JSON: {error}") from error
        _check_fields(cls, fields)
        for entry in fields["heads"]:
            _check_fields(HeadConfig, entry)
        heads = tuple(_parse_head(entry) for entry in fields["heads"])
        return cls(**{**fields, "heads": heads, "encoder_channels": tuple(fields["encoder_channels"])})

    @classmethod
    def alphagenome(cls) -> "ModelConfig":
        """Return the official network's sizes (MODEL_SPEC sections 2 and 3)."""
        return cls(
            encoder_channels=(768, 896, 1024, 1152, 1280, 1408, 1536),
            tower_blocks=9,
            attention_heads=8,
            key_size=128,
            value_size=192,
            mlp_width=3072,
            pair_channels=128,
            pair_heads=32,
            pair_head_size=128,
            pair_mlp_width=256,
            position_features=64,
            token_embedding=3072,
            base_embedding=1536,
            junction_channels=768,
            heads=make_heads(OFFICIAL_WIDTHS),
        )

    @classmethod
    def bundled(cls, head_widths: Mapping[OutputType, int]) -> "ModelConfig":
        """Return the sizes of a network that reads 1 Mb in seconds on a laptop."""
        return cls(
            encoder_channels=(32, 40, 48, 64, 80, 96, 128),
            tower_blocks=2,
            attention_heads=2,
            key_size=32,
            value_size=48,
            mlp_width=256,
            pair_channels=32,
            pair_heads=8,
            pair_head_size=16,
            pair_mlp_width=64,
            position_features=64,
            token_embedding=256,
            base_embedding=64,
            junction_channels=64,
            heads=make_heads(head_widths),
        )

    @classmethod
    def toy(cls) -> "ModelConfig":
        """Return the smallest sizes that exercise every part; for tests, it predicts nothing real."""
        return cls(
            encoder_channels=(4, 4, 6, 6, 8, 8, 8),
            tower_blocks=3,
            attention_heads=2,
            key_size=4,
            value_size=6,
            mlp_width=16,
            pair_channels=4,
            pair_heads=2,
            pair_head_size=4,
            pair_mlp_width=8,
            position_features=8,
            token_embedding=16,
            base_embedding=8,
            junction_channels=4,
            max_splice_sites=8,
            heads=make_heads(
                {output: 5 if output is OutputType.SPLICE_SITES else 4 for output in OutputType}
            ),
        )


OFFICIAL_WIDTHS = {
    OutputType.ATAC: 256,
    OutputType.CAGE: 640,
    OutputType.DNASE: 384,
    OutputType.RNA_SEQ: 768,
    OutputType.CHIP_HISTONE: 1152,
    OutputType.CHIP_TF: 1664,
    OutputType.SPLICE_SITES: 5,
    OutputType.SPLICE_SITE_USAGE: 734,
    OutputType.SPLICE_JUNCTIONS: 367,
    OutputType.CONTACT_MAPS: 28,
    OutputType.PROCAP: 128,
}
"""Columns of each official head, padding included (MODEL_SPEC section 3)."""


def make_heads(widths: Mapping[OutputType, int]) -> tuple[HeadConfig, ...]:
    """Return heads of these widths at the official resolutions, in the order of `OutputType`."""
    return tuple(
        HeadConfig(output=output, width=widths[output], resolutions=_resolutions(output))
        for output in OutputType
        if output in widths
    )


def _resolutions(output: OutputType) -> tuple[int, ...]:
    both_forms = output in GENOME_TRACKS and output.resolution == 1
    return (1, TOKEN_SIZE) if both_forms else (output.resolution,)


def _first_problem(config: ModelConfig) -> str | None:
    channels = config.encoder_channels
    sizes = [value for value in dataclasses.asdict(config).values() if isinstance(value, int)]
    checks = {
        f"there is one number of channels per bin size {BIN_SIZES}": len(channels) == len(BIN_SIZES),
        "channels never decrease along the encoder": list(channels) == sorted(channels),
        "every size is positive": min(*sizes, *channels, *(head.width for head in config.heads), 1) > 0,
        "key_size, junction_channels and position_features are even": not any(
            size % 2 for size in (config.key_size, config.junction_channels, config.position_features)
        ),
        # Arrays of other sizes are in the weights' file, which has to have them; these take time and memory.
        f"there are at most {MAX_BLOCKS} transformer blocks": config.tower_blocks <= MAX_BLOCKS,
        f"at most {MAX_SITES} splice sites of a class are kept": config.max_splice_sites <= MAX_SITES,
        "each output type has one head": len(config.outputs) == len(config.heads),
        "each head has its output's resolution, and no other than its forms have": all(
            head.output.resolution in head.resolutions
            and set(head.resolutions) <= set(_resolutions(head.output))
            for head in config.heads
        ),
        "splice sites have 5 classes": all(
            head.width == 5 for head in config.heads if head.output is OutputType.SPLICE_SITES
        ),
    }
    return next((f"it breaks the rule that {rule}" for rule, holds in checks.items() if not holds), None)


def _check_fields(kind: type, fields: object) -> None:
    if not isinstance(fields, dict):
        raise WeightsError(f"the model configuration has {fields!r} where {kind.__name__}'s fields belong")
    known = {field.name: field for field in dataclasses.fields(kind)}
    for name in fields.keys() - known.keys():
        raise WeightsError(f"the model configuration has the unknown key {name!r}")
    for name in sorted(known.keys() - fields.keys()):
        raise WeightsError(f"the model configuration lacks the key {name!r}")
    for name, value in fields.items():
        if not _fits(value, known[name].type):
            raise WeightsError(f"the model configuration's {name!r} cannot be {value!r}")


def _fits(value: object, annotation: object) -> bool:
    if annotation is int:
        return type(value) is int
    if annotation is float:
        return type(value) in (int, float)
    if annotation is OutputType:
        return value in list(OutputType)
    of_integers = annotation == tuple[int, ...]
    return isinstance(value, list) and (not of_integers or all(type(item) is int for item in value))


def _parse_head(entry: dict[str, Any]) -> HeadConfig:
    return HeadConfig(
        output=OutputType(entry["output"]), width=entry["width"], resolutions=tuple(entry["resolutions"])
    )
