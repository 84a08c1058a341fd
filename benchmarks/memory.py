"""How much of a device's memory scoring takes, by what holds it: counted, not measured.

Sizes are those of the arrays that are kept between the programs, and of what the compiler sets aside within
the largest of them, for the shapes that the product calls them with. Nothing is computed, so that the
official size takes minutes and no memory. The programs are compiled for the machine's own device.
"""

import dataclasses
import functools
import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import click
import jax
import jax.numpy as jnp
import numpy as np
from flops import CHOICES, Choice, abstract, abstract_parameters, changed_between, read_tokens

from vep_cli.bundled import weights_folder
from vep_cli.model import network
from vep_cli.model.config import TOKEN_SIZE, ModelConfig
from vep_cli.model.incremental import encode_stretch, predict_coarse, predict_tiles
from vep_cli.model.precision import Precision, cast_parameters
from vep_cli.model.tiles import Stretch, decoded_tile, decoded_tiles, tiles_of_tokens, whole_sequence
from vep_cli.model.weights_folder import open_weights

GIB = 2**30


@dataclasses.dataclass(frozen=True, kw_only=True)
class Footprint:
    """Bytes of one set of scorers, with REF and one ALT at hand.

    Attributes:
        scorers: Name of the set.
        parameters: Of the network, all columns of the heads.
        encoder: REF's activations.
        patch: ALT's, where an indel in the middle changes them.
        predictions: Of both alleles.
        temporary: What the program that needs most sets aside while it runs.
    """

    scorers: str
    parameters: int
    encoder: int
    patch: int
    predictions: int
    temporary: int

    @property
    def total(self) -> int:
        """All of it, as if the largest program ran last."""
        return self.parameters + self.encoder + self.patch + self.predictions + self.temporary


HEADER = ("scorers", "parameters", "encoder", "patch", "predictions", "temporary", "total")


@click.command()
@click.option("--length", default=2**20, show_default=True, help="Base pairs of the window.")
@click.option("--bundled", is_flag=True, help="The bundled model instead of the official sizes.")
@click.option(
    "--precision", default="float32", type=click.Choice([one.value for one in Precision]), show_default=True
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, in bytes.")
def main(length: int, bundled: bool, precision: str, as_json: bool) -> None:
    """Count the memory (GiB) of a variant in the middle of a window, with all tracks and a gene of 100 kb."""
    config = open_weights(weights_folder()).config if bundled else ModelConfig.alphagenome()
    footprints = list(all_footprints(config, length, Precision(precision)))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(one) | {"total": one.total} for one in footprints]))
        return
    click.echo(f"{HEADER[0]:<27}" + "".join(f"{name:>13}" for name in HEADER[1:]))
    for one in footprints:
        sizes = (*dataclasses.astuple(one)[1:], one.total)
        click.echo(f"{one.scorers:<27}" + "".join(f"{size / GIB:>13.2f}" for size in sizes))


def all_footprints(config: ModelConfig, length: int, precision: Precision) -> Iterator[Footprint]:
    """Yield what each set of scorers takes."""
    programs = Programs(config, length, precision)
    for name, choice in CHOICES.items():
        yield programs.footprint(name, choice)


class Programs:
    """The network's programs at one length of window, compiled and not run."""

    def __init__(self, config: ModelConfig, length: int, precision: Precision) -> None:
        self._config, self._length, self._precision = config, length, precision
        params = jax.tree.map(lambda leaf: abstract(leaf.shape), abstract_parameters(config))
        self._params = jax.eval_shape(functools.partial(cast_parameters, precision=precision), params)
        self._choice: dict[str, Any] = {"config": config, "organism_index": jnp.zeros(1, jnp.int32)}
        self._encoded, of_reference = self._encode(whole_sequence(config, length))
        indel = changed_between(length, "C", "CTT")
        self._patch, of_patch = self._encode(indel)
        transform = functools.partial(network.transform, **self._choice)
        tokens = self._encoded.activations[TOKEN_SIZE]
        self._trunk, of_transform = self._compiled(transform, self._params, tokens)
        self._temporary = max(of_reference, of_patch, of_transform)

    def footprint(self, name: str, choice: Choice) -> Footprint:
        """Return what a set of scorers takes."""
        outputs = choice.outputs & self._config.outputs
        per_base = frozenset(output for output in outputs if output.resolution == 1)
        coarse = functools.partial(predict_coarse, outputs=outputs - per_base, **self._choice)
        of_bins, in_coarse = self._compiled(coarse, self._params, self._trunk)
        tile = decoded_tile(self._length)
        tiles = functools.partial(predict_tiles, outputs=per_base, tile=tile, **self._choice)
        numbers, _ = decoded_tiles(tiles_of_tokens(read_tokens(self._length, choice.reads)))
        room, scalar = abstract(numbers.shape, jnp.int32), abstract((), jnp.int32)
        place = abstract((self._length // TOKEN_SIZE,), jnp.int32)
        activations = self._encoded.activations
        arguments = (self._trunk.tokens, activations, self._patch, room, scalar, place)
        of_bases, in_tiles = self._compiled(tiles, self._params, *arguments)
        return Footprint(
            scorers=name,
            parameters=_bytes(self._params),
            encoder=_bytes(self._encoded),
            patch=_bytes(self._patch),
            predictions=2 * (_bytes(self._trunk) + _bytes(of_bins) + _bytes(of_bases)),
            temporary=max(self._temporary, in_coarse, in_tiles),
        )

    def _encode(self, stretch: Stretch) -> tuple[Any, int]:
        encode = functools.partial(encode_stretch, tile=stretch.tile, capacity=stretch.capacity)
        letters, number = abstract((1, self._length), jnp.uint8), abstract((), jnp.int32)
        return self._compiled(encode, self._params, letters, number, number)

    def _compiled(self, function: Callable[..., Any], *arguments: Any) -> tuple[Any, int]:  # noqa: ANN401 - pytrees
        """Return the shapes of a function's results, and the bytes that it sets aside while it runs."""
        with self._precision.products():
            program = jax.jit(function).lower(*arguments)
            set_aside = program.compile().memory_analysis().temp_size_in_bytes
        return jax.eval_shape(function, *arguments), int(set_aside)


def _bytes(tree: Any) -> int:  # noqa: ANN401 - any pytree of shapes
    return sum(math.prod(leaf.shape) * np.dtype(leaf.dtype).itemsize for leaf in jax.tree.leaves(tree))


if __name__ == "__main__":
    main()
