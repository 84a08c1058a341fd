"""One float32 forward pass of the official size on one machine: how long it takes, and how much memory.

The weights are random numbers, which cost what trained ones cost. What is 1 bp wide is computed in
tiles; of each output the sum over the sequence is kept, because all 1 bp outputs of 1 Mb are 12 GB.
"""

import contextlib
import functools
import resource
import time
from collections.abc import Iterator, Mapping

import click
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from vep_cli.model import heads, network
from vep_cli.model.config import BIN_SIZES, TOKEN_SIZE, ModelConfig
from vep_cli.model.embedders import Embeddings, embed_bases, embed_pairs, embed_tokens
from vep_cli.model.layers import Parameters
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.parameters import initialise, with_track_means
from vep_cli.model.splice_sites import junctions_between
from vep_cli.model.tiles import Tile, encode_in_tiles, tiles_of

BASE_OUTPUTS = [
    output
    for output in sorted(OutputType)
    if output.resolution == 1 and output is not OutputType.SPLICE_JUNCTIONS
]
TOKEN_OUTPUTS = [output for output in sorted(GENOME_TRACKS) if output.resolution == TOKEN_SIZE]
_ORGANISM = jnp.zeros(1, jnp.int32)


@click.command()
@click.option("--length", default=2**20, show_default=True, help="Base pairs.")
@click.option("--tile", "tile_size", default=2**16, show_default=True, help="Base pairs computed at a time.")
@click.option("--bundled", is_flag=True, help="The bundled model's size instead of the official one.")
def main(length: int, tile_size: int, bundled: bool) -> None:
    """Run one forward pass and report the time of its parts and the largest memory of the process."""
    official = ModelConfig.alphagenome()
    widths = {head.output: head.width for head in official.heads}
    config = ModelConfig.bundled(widths) if bundled else official
    config.check_length(length)
    with timed("weights"):
        params = random_weights(config)
    started = time.perf_counter()
    sums = forward(params, config, random_bases(length), tiles_of(length, tile_size))
    click.echo(f"forward     {time.perf_counter() - started:8.1f} s")
    click.echo(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:8.2f} GiB")
    for output, total in sorted(sums.items()):
        click.echo(f"{output:<18} {total.size:5d} columns, sum {total.sum():.6e}")
        if not np.isfinite(total).all():
            raise click.ClickException(f"{output} is not finite")


def forward(
    params: Parameters, config: ModelConfig, sequence: np.ndarray, tiles: tuple[Tile, ...]
) -> dict[OutputType, np.ndarray]:
    """Return the sum of each column of each output."""
    with timed("encoder"):
        activations = encode_in_tiles(functools.partial(jax.jit(network.encode), params), sequence, tiles)
    with timed("transformer"):
        transform = jax.jit(functools.partial(network.transform, config=config))
        trunk = jax.block_until_ready(transform(params, jnp.asarray(activations[TOKEN_SIZE]), _ORGANISM))
    with timed("128 bp outputs"):
        token = jax.jit(embed_tokens)(params["embedders"]["token"], trunk.tokens, _ORGANISM)
        pairs = embed_pairs(params["embedders"]["pair"], trunk.pair, _ORGANISM)
        coarse = Embeddings(base=None, token=token, pair=pairs)
        outputs = (*TOKEN_OUTPUTS, OutputType.CONTACT_MAPS)
        sums = column_sums({output: predict(params, output, coarse, config) for output in outputs})
    with timed("1 bp outputs"):
        sums |= base_outputs(params, config, trunk.tokens, token, activations, tiles)
    return sums


def base_outputs(
    params: Parameters,
    config: ModelConfig,
    tokens: Array,
    token_embedding: Array,
    skips: Mapping[int, np.ndarray],
    tiles: tuple[Tile, ...],
) -> dict[OutputType, np.ndarray]:
    """Return the sums of the outputs that read the 1 bp embedding, tile by tile."""
    decode = jax.jit(_decode_window)
    predict_all = jax.jit(functools.partial(_predict_bases, config=config))
    sums: dict[OutputType, np.ndarray] = {}
    candidates = []
    for tile in tiles:
        windows = {bin_size: jnp.asarray(tile.window(skips[bin_size], bin_size)) for bin_size in BIN_SIZES}
        coarse = (tile.window(tokens, TOKEN_SIZE), tile.window(token_embedding, TOKEN_SIZE))
        base = tile.core(decode(params, *coarse, windows), 1)
        predictions = predict_all(params, base)
        for output, total in column_sums(predictions).items():
            sums[output] = sums.get(output, 0) + total
        own = np.asarray(predictions[OutputType.SPLICE_SITES])
        candidates.append(best_sites(own, np.asarray(base), tile.start, config.max_splice_sites))
    junctions = join_sites(params, config, candidates)
    return sums | column_sums({OutputType.SPLICE_JUNCTIONS: junctions})


def best_sites(
    probabilities: np.ndarray, base: np.ndarray, start: int, kept: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return probabilities, positions and embeddings of a tile's most probable sites of each class."""
    by_class = probabilities[0, :, :4].T
    best = np.argsort(-by_class, axis=-1, kind="stable")[:, :kept]
    return np.take_along_axis(by_class, best, -1), start + best, base[0][best]


def join_sites(
    params: Parameters, config: ModelConfig, candidates: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
) -> Array:
    """Return the junctions between the best sites of all tiles."""
    values, positions, embeddings = (np.concatenate(parts, axis=1) for parts in zip(*candidates, strict=True))
    best = np.argsort(-values, axis=-1, kind="stable")[:, : config.max_splice_sites]
    chosen = np.where(
        np.take_along_axis(values, best, 1) >= config.splice_site_threshold,
        np.take_along_axis(positions, best, 1),
        -1,
    )
    sites = np.take_along_axis(embeddings, best[..., None], 1)
    join = jax.jit(functools.partial(junctions_between, max_positions=config.junction_max_positions))
    head = params["heads"][OutputType.SPLICE_JUNCTIONS.value]
    return join(head, jnp.asarray(sites)[None], jnp.asarray(chosen, jnp.int32)[None], _ORGANISM)


def predict(params: Parameters, output: OutputType, embeddings: Embeddings, config: ModelConfig) -> Array:
    """Return one output."""
    return heads.predict_head(output, params["heads"], embeddings, _ORGANISM, config)


def column_sums(predictions: Mapping[OutputType, Array]) -> dict[OutputType, np.ndarray]:
    """Return the sums over all positions in float64, which does not depend on the tiles."""
    return {
        output: np.asarray(values).reshape(-1, values.shape[-1]).sum(0, dtype=np.float64)
        for output, values in predictions.items()
    }


def random_weights(config: ModelConfig) -> Parameters:
    """Return random weights, with 1 for the tracks' means."""
    means = {output: np.ones((2, config.head(output).width), np.float32) for output in GENOME_TRACKS}
    return with_track_means(initialise(config, jax.random.key(0)), means)


def random_bases(length: int) -> np.ndarray:
    """Return one random sequence."""
    return np.eye(4, dtype=np.float32)[np.random.default_rng(0).integers(0, 4, (1, length))]


@contextlib.contextmanager
def timed(name: str) -> Iterator[None]:
    """Report how long the block took."""
    started = time.perf_counter()
    yield
    click.echo(f"{name:<15} {time.perf_counter() - started:8.1f} s")


def _decode_window(
    params: Parameters, tokens: Array, token_embedding: Array, skips: Mapping[int, Array]
) -> Array:
    decoded = network.decode(params, tokens, skips)
    return embed_bases(params["embedders"]["base"], decoded, token_embedding, _ORGANISM)


def _predict_bases(params: Parameters, base: Array, config: ModelConfig) -> dict[OutputType, Array]:
    embeddings = Embeddings(base=base, token=None, pair=None)
    return {output: predict(params, output, embeddings, config) for output in BASE_OUTPUTS}


if __name__ == "__main__":
    main()
