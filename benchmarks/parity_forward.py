"""The whole network, depth by depth: `forward/forward_<length>.npz` of an oracle.

Tensors are computed in the network's order and only as far as something is recorded, so an oracle
of the first stages needs the weights of these alone.
"""

import dataclasses
import functools
import pathlib
import re
from collections.abc import Generator, Iterator, Mapping
from typing import TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from parity_checks import (
    IDENTICAL,
    LARGER,
    SPREAD,
    SUM,
    Check,
    Group,
    Measure,
    Outcome,
    Skipped,
    Tolerance,
    compare,
)
from parity_heads import Recorded, predict_whole, record_heads
from parity_oracle import Oracle

from vep_cli.model import embedders, network, pair
from vep_cli.model.attention import attention, attention_bias, mlp
from vep_cli.model.config import BIN_SIZES, ModelConfig
from vep_cli.model.convolutions import up_block
from vep_cli.model.layers import Parameters, organism_embedding

Value = TypeVar("Value")

Recording = Generator[tuple[str, Array], None, Value]
"""Yields as `Recorded` does, and returns what the next stage reads."""

_TOLERANCES = {
    # Rounded to float16: a value near a step's middle may go either way.
    "head/splice_sites_usage/predictions": Tolerance(limit=1e-3, measure=Measure.ABSOLUTE),
    "head/splice_sites_usage/predictions__trace": Tolerance(limit=1e-3, measure=Measure.ABSOLUTE),
    "head/splice_sites_junction/predictions": Tolerance(limit=1e-4, measure=Measure.SPREAD),
    "head/splice_sites_junction/splice_site_positions": IDENTICAL,
    "head/splice_sites_junction/splice_junction_mask__count_per_track": IDENTICAL,
}

_DERIVED = ("", "__mean", "__std", "__sum", "__sum_per_track", "__count_per_track", "__full", "__trace")

_LONGEST_WHOLE = 16384
"""Longest sequence, in bases, that is also run through `network.predict`, as one program."""

_COLUMNS_AT_A_TIME = 64
"""Columns whose values are held in float64 at a time, for their moments."""


def forward_groups(oracle: Oracle) -> Iterator[Group]:
    """Yield a group for each recorded length, shortest first."""
    files = {int(re.findall(r"\d+", path.stem)[-1]): path for path in (oracle.path / "forward").glob("*.npz")}
    for length in sorted(files):
        yield Group(
            name=f"forward/{length}", run=functools.partial(_compare_length, oracle, length, files[length])
        )


def record(oracle: Oracle, length: int, organism_index: Array) -> Recorded:
    """Yield every tensor of a forward pass that an oracle may hold, in the order of computation."""
    features = jax.jit(network.encode)(
        {"encoder": oracle.weights("encoder")}, oracle.sequences(len(organism_index), length)
    )
    yield from ((f"encoder_bin_size_{size}", features.skips[size]) for size in BIN_SIZES)
    yield "encoder_out", features.tokens
    trunk = yield from _record_tower(oracle, features.tokens, organism_index)
    decoded = yield from _record_decoder(oracle, trunk.tokens, features.skips)
    embeddings = yield from _record_embeddings(oracle, trunk, decoded, organism_index)
    yield from record_heads(oracle, embeddings, organism_index)


def _compare_length(oracle: Oracle, length: int, path: pathlib.Path) -> Iterator[Outcome]:
    recorded = dict(np.load(path))
    organism_index = jnp.asarray(recorded.pop("organism_index"))
    left = {name for name in recorded if not name.endswith(("__index", "__trace_tracks"))}
    everything = record(oracle, length, organism_index)
    while left and (item := next(everything, None)) is not None:
        for suffix in _DERIVED:
            if item[0] + suffix in left:
                left.remove(item[0] + suffix)
                yield _check(length, item[0], suffix, item[1], recorded)
    yield from (Skipped(tensor=f"forward/{length}/{name}", reason=_why_left(name)) for name in sorted(left))
    if length <= _LONGEST_WHOLE:
        for name, values in predict_whole(oracle, length, organism_index, recorded):
            check = _check(length, name, "", values, recorded)
            yield dataclasses.replace(check, tensor=f"forward/{length}/whole/{name}")


def _why_left(name: str) -> str:
    if "/predictions_" in name:
        return "the oracle lacks the tracks' means (its metadata folder)"
    return "this benchmark does not compute it"


def _check(length: int, name: str, suffix: str, values: Array, recorded: Mapping[str, np.ndarray]) -> Check:
    found = _derive(name, suffix, np.asarray(values), recorded)
    tolerance = _tolerance(name, suffix)
    # Means, deviations and single tracks of a tensor err as the tensor itself does.
    is_single = suffix in ("__mean", "__std", "__trace") and tolerance.measure is Measure.SPREAD
    whole = recorded.get(name) if is_single else None
    return compare(f"forward/{length}/{name}{suffix}", found, recorded[name + suffix], tolerance, whole)


def _tolerance(name: str, suffix: str) -> Tolerance:
    if name + suffix in _TOLERANCES:
        return _TOLERANCES[name + suffix]
    if suffix.startswith("__sum"):
        # Logits of both signs may cancel, so that their sum is no measure of its error.
        return SPREAD if "logits" in name else SUM
    # Undoing the compression of counts multiplies a rounding error by the size of the count.
    return LARGER if "/predictions_" in name and suffix in ("", "__trace") else SPREAD


def _derive(name: str, suffix: str, values: np.ndarray, recorded: Mapping[str, np.ndarray]) -> np.ndarray:
    if suffix == "":
        return sample(values, recorded[name].shape, recorded.get(f"{name}__index"))
    if suffix == "__full":
        return values
    if suffix == "__trace":
        return values[..., recorded[f"{name}__trace_tracks"]]
    moment = suffix.removesuffix("_per_track").removeprefix("__").replace("count", "sum")
    blocks = range(0, values.shape[-1], _COLUMNS_AT_A_TIME)
    axes = tuple(range(1, values.ndim - 1))
    columns = [values[..., first : first + _COLUMNS_AT_A_TIME].astype(np.float64) for first in blocks]
    return np.concatenate([getattr(block, moment)(axes) for block in columns], -1)


def sample(values: np.ndarray, shape: tuple[int, ...], index: np.ndarray | None) -> np.ndarray:
    """Return the positions that the oracle kept: evenly spaced along every axis that it shortened."""
    for axis, (size, kept) in enumerate(zip(values.shape, shape, strict=True)):
        if size != kept:
            evenly = np.unique(np.round(np.linspace(0, size - 1, kept)).astype(int))
            values = values.take(evenly if index is None else index, axis)
    return values


def _record_tower(oracle: Oracle, tokens: Array, organism_index: Array) -> Recording[network.Trunk]:
    config = oracle.config
    block = jax.jit(functools.partial(network.transform_block, config=config))
    pairs = tokens.shape[1] // config.pair_pooling
    tokens = organism_embedding(oracle.weight("organism"), tokens, organism_index)
    no_pair = jnp.zeros((len(tokens), pairs, pairs, config.pair_channels), tokens.dtype)
    trunk = network.Trunk(tokens, no_pair)
    yield "trunk_in", tokens
    yield from _record_first_block(oracle.weights("tower", "block_0"), tokens, config)
    for count in range(config.tower_blocks):
        params = oracle.weights("tower", f"block_{count}")
        trunk = block(params, trunk)
        if "pair_update" in params:
            yield f"pair_after_update_{count // 2}", trunk.pair
        yield f"trunk_after_block_{count}", trunk.tokens
    yield "pair_final", trunk.pair
    return trunk


def _record_first_block(params: Parameters, tokens: Array, config: ModelConfig) -> Recorded:
    """Yield what the parts of the first block add to their residual streams."""
    update, positions = params["pair_update"], config.max_positions
    activations = pair.sequence_to_pair(update["sequence_to_pair"], tokens, config.pair_pooling, positions)
    yield "block0_seq_to_pair", activations
    from_rows = pair.row_attention(update["row_attention"], activations)
    yield "block0_row_attention", from_rows
    activations += from_rows
    from_mlp = pair.pair_mlp(update["mlp"], activations)
    yield "block0_pair_mlp", from_mlp
    bias = attention_bias(params["attention_bias"], activations + from_mlp)
    # Recorded heads first and for every token.
    by_token = jnp.repeat(bias.swapaxes(1, 2), config.pair_pooling, axis=2)
    yield "block0_attention_bias", jnp.repeat(by_token, config.pair_pooling, axis=3)
    attended = attention(params["attention"], tokens, bias, positions)
    yield "block0_mha", attended
    yield "block0_mlp", mlp(params["mlp"], tokens + attended)


def _record_decoder(oracle: Oracle, tokens: Array, skips: Mapping[int, Array]) -> Recording[Array]:
    activations = tokens
    for count, bin_size in enumerate(reversed(BIN_SIZES)):
        params = oracle.weights("decoder", f"bin_{bin_size}")
        activations = jax.jit(up_block)(params, activations, skips[bin_size])
        yield f"decoder_after_up_{count}", activations
    return activations


def _record_embeddings(
    oracle: Oracle, trunk: network.Trunk, decoded: Array, organism_index: Array
) -> Recording[embedders.Embeddings]:
    weights = oracle.weights("embedders")
    token = jax.jit(embedders.embed_tokens)(weights["token"], trunk.tokens, organism_index)
    yield "embeddings_128bp", token
    base = jax.jit(embedders.embed_bases)(weights["base"], decoded, token, organism_index)
    yield "embeddings_1bp", base
    pairs = embedders.embed_pairs(weights["pair"], trunk.pair, organism_index)
    yield "embeddings_pair", pairs
    return embedders.Embeddings(base=base, token=token, pair=pairs)
