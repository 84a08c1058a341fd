"""Which way of computing a convolution along the sequence is fastest here, by length and channels.

All ways run in one process, in turn, on the same arrays; each is checked against the first, which is the
one that the product uses.
"""

import statistics
import time
from collections.abc import Callable, Mapping

import click
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from vep_cli.model.config import KERNEL
from vep_cli.model.convolutions import convolution

Input = Float[Array, "1 S inputs"]
Kernel = Float[Array, "taps inputs outputs"]

SHAPES = ((2**20, 32), (2**18, 64), (2**16, 128), (2**17, 256), (10_240, 768))
"""Positions and channels: of the bundled model at 1 Mb, and a tile of the official size."""


def as_used(x: Input, kernel: Kernel) -> Array:
    """Return the product's own convolution."""
    return convolution(kernel, jnp.zeros(kernel.shape[-1]), x)


def sum_of_taps(x: Input, kernel: Kernel) -> Array:
    """Return one matrix product for each tap, added up."""
    taps, length = len(kernel), x.shape[1]
    padded = jnp.pad(x, ((0, 0), (taps // 2, taps // 2), (0, 0)))
    products = [padded[:, tap : tap + length] @ kernel[tap] for tap in range(taps)]
    total: Array = sum(products[1:], products[0])
    return total


def patches(x: Input, kernel: Kernel) -> Array:
    """Return one matrix product of the positions' neighbourhoods, laid side by side."""
    taps, length = len(kernel), x.shape[1]
    padded = jnp.pad(x, ((0, 0), (taps // 2, taps // 2), (0, 0)))
    sides = jnp.concatenate([padded[:, tap : tap + length] for tap in range(taps)], axis=-1)
    return sides @ kernel.reshape(-1, kernel.shape[-1])


def in_two_dimensions(x: Input, kernel: Kernel) -> Array:
    """Return a convolution of an image of one row, channels last."""
    return jax.lax.conv_general_dilated(
        x[:, None], kernel[None], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )[:, 0]


WAYS: Mapping[str, Callable[[Input, Kernel], Array]] = {
    "as used": as_used,
    "2-D, channels last": in_two_dimensions,
    "a product per tap": sum_of_taps,
    "patches, one product": patches,
}


@click.command()
@click.option("--repeats", default=5, show_default=True, help="Runs of each way that are timed.")
def main(repeats: int) -> None:
    """Print GFLOP/s of each way, by shape."""
    click.echo(f"{'positions':>10}{'channels':>10}" + "".join(f"{name:>24}" for name in WAYS))
    for length, channels in SHAPES:
        rates = measure(length, channels, repeats)
        click.echo(f"{length:>10}{channels:>10}" + "".join(f"{rates[name]:>24.0f}" for name in WAYS))


def measure(length: int, channels: int, repeats: int) -> dict[str, float]:
    """Return the GFLOP/s of each way, from the median time.

    Raises:
        click.ClickException: A way gives another result than the first.
    """
    keys = jax.random.split(jax.random.key(0))
    x = jax.random.normal(keys[0], (1, length, channels))
    kernel = jax.random.normal(keys[1], (KERNEL, channels, channels)) / channels
    programs = {name: jax.jit(way) for name, way in WAYS.items()}
    results = {name: np.asarray(program(x, kernel)) for name, program in programs.items()}
    for name, result in results.items():
        if not np.allclose(result, results["as used"], atol=1e-4):
            raise click.ClickException(f"{name!r} gives another result")
    times: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(repeats):
        for name, program in programs.items():
            started = time.perf_counter()
            program(x, kernel).block_until_ready()
            times[name].append(time.perf_counter() - started)
    operations = 2 * length * KERNEL * channels**2
    return {name: operations / statistics.median(seconds) / 1e9 for name, seconds in times.items()}


if __name__ == "__main__":
    main()
