"""How much arithmetic a variant takes, against two whole passes: counted, not timed.

Counts are of the programs that the product compiles, traced for the shapes and the tile counts that it
calls them with; nothing is computed, so the official size at 1 Mb takes seconds. A multiply-add counts
as two operations, and only matrix products and convolutions count. (The compiler's own estimate, XLA's
`cost_analysis`, counts the body of a loop once however often it runs, and here nearly all work is in loops.)
"""

import dataclasses
import functools
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click
import jax
import jax.numpy as jnp
import numpy as np
from jax.extend import core
from jaxtyping import Bool

from vep_cli.bundled import weights_folder
from vep_cli.inference.junctions import junctions_of_alleles
from vep_cli.model import network
from vep_cli.model.config import TOKEN_SIZE, ModelConfig
from vep_cli.model.incremental import (
    Activations,
    Encoded,
    encode_stretch,
    predict_coarse,
    predict_tiles,
)
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.parameters import shapes
from vep_cli.model.splice_sites import SpliceSites
from vep_cli.model.tiles import (
    Stretch,
    changed_stretch,
    decoded_tile,
    decoded_tiles,
    tiles_of_tokens,
    whole_sequence,
)
from vep_cli.model.weights_folder import open_weights
from vep_cli.scoring.indel_alignment import SHORT_INSERTION

GENE = 100_000
"""Base pairs of the one gene that lies round the variant."""

NARROW, WIDE = 501, 2001
"""Base pairs that the centre masks read."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Choice:
    """A set of scorers: the outputs that they read, and how far round the variant they read bases."""

    outputs: frozenset[OutputType]
    reads: int


CHOICES: Mapping[str, Choice] = {
    "accessibility": Choice(outputs=frozenset({OutputType.ATAC, OutputType.DNASE}), reads=NARROW),
    "contact": Choice(outputs=frozenset({OutputType.CONTACT_MAPS}), reads=0),
    "accessibility and contact": Choice(
        outputs=frozenset({OutputType.ATAC, OutputType.DNASE, OutputType.CONTACT_MAPS}), reads=NARROW
    ),
    "expression": Choice(outputs=frozenset({OutputType.RNA_SEQ}), reads=GENE),
    "splicing": Choice(
        outputs=frozenset(
            {OutputType.SPLICE_SITES, OutputType.SPLICE_SITE_USAGE, OutputType.SPLICE_JUNCTIONS}
        ),
        reads=GENE,
    ),
    "all": Choice(outputs=frozenset(OutputType), reads=GENE),
}

VARIANTS: Mapping[str, tuple[str, str]] = {
    "substitution": ("C", "G"),
    "deletion": ("CTT", "C"),
    "insertion": ("C", "CTT"),
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cost:
    """Operations of one case.

    Attributes:
        scorers: Name of the set of scorers.
        variant: Kind of the variant.
        whole: One whole pass over all outputs and tracks.
        first: REF and one ALT.
        further: One more ALT with the same REF.
    """

    scorers: str
    variant: str
    whole: float
    first: float
    further: float

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        numbers = (f"{one / 1e12:.4g}" for one in (2 * self.whole, self.first, self.further))
        ratios = (f"{2 * self.whole / self.first:.1f}", f"{self.whole / self.further:.1f}")
        return (self.scorers, self.variant, *numbers, *ratios)


HEADER = ("scorers", "variant", "two whole passes", "REF + ALT", "further ALT", "ratio", "ratio, further")


@click.command()
@click.option("--length", default=2**20, show_default=True, help="Base pairs of the window.")
@click.option("--bundled", is_flag=True, help="The bundled model instead of the official sizes.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, in operations.")
def main(length: int, bundled: bool, as_json: bool) -> None:
    """Count the operations (TFLOP) of a variant in the middle of a window, with a gene of 100 kb round it."""
    config = open_weights(weights_folder()).config if bundled else ModelConfig.alphagenome()
    costs = list(all_costs(config, length))
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(cost) for cost in costs]))
        return
    for row in (HEADER, *(cost.cells for cost in costs)):
        click.echo(f"{row[0]:<27}{row[1]:<14}" + "".join(f"{cell:>18}" for cell in row[2:]))


def all_costs(config: ModelConfig, length: int) -> Iterator[Cost]:
    """Yield the cost of each set of scorers for each kind of variant."""
    counter = Counter(config, length)
    whole, of_reference = counter.whole_pass(config.outputs), counter.encode(whole_sequence(config, length))
    of_change = {
        kind: counter.encode(changed_between(length, *alleles)) for kind, alleles in VARIANTS.items()
    }
    for name, choice in CHOICES.items():
        outputs = choice.outputs & config.outputs
        behind = counter.behind_encoder(outputs, read_tiles(length, choice.reads))
        for kind, changed in of_change.items():
            further = changed + behind + counter.junctions(outputs)
            first = of_reference + behind + further
            yield Cost(scorers=name, variant=kind, whole=whole, first=first, further=further)


def read_tokens(length: int, reads: int) -> Bool[np.ndarray, " tokens"]:
    """Return which tokens hold `reads` bp round the middle of the window."""
    is_read = np.zeros(length // TOKEN_SIZE, bool)
    if reads:
        first, last = (max(0, length - reads) // 2, min(length, (length + reads) // 2) - 1)
        is_read[first // TOKEN_SIZE : last // TOKEN_SIZE + 1] = True
    return is_read


def read_tiles(length: int, reads: int) -> int:
    """Return how many of the decoder's tiles hold `reads` bp round the middle of the window."""
    return decoded_tiles(tiles_of_tokens(read_tokens(length, reads)))[1]


def changed_between(length: int, reference: str, alternate: str) -> Stretch:
    """Return the stretch that a variant in the middle of a window of made-up bases changes."""
    bases = np.random.default_rng(0).choice(np.frombuffer(b"ACGT", np.uint8), length + len(reference))
    middle = length // 2
    before, behind = bases[:middle], bases[middle + len(reference) :]
    letters = [np.frombuffer(allele.encode(), np.uint8) for allele in (reference, alternate)]
    of_reference, of_alternate = (np.concatenate([before, one, behind])[:length] for one in letters)
    return changed_stretch(of_reference, of_alternate, decoded_tile(length))


class Counter:
    """Operations of the network's programs at one length of window, one sequence at a time."""

    def __init__(self, config: ModelConfig, length: int) -> None:
        self._config = config
        self._length = length
        self._params = abstract_parameters(config)
        self._organism = jnp.zeros(1, jnp.int32)
        self._sequence = abstract((1, length, 4))
        self._letters = abstract((1, length), jnp.uint8)
        self._features = jax.eval_shape(network.encode, self._params, self._sequence)
        self._trunk = jax.eval_shape(self._transform, self._params, self._features.tokens)

    def whole_pass(self, outputs: frozenset[OutputType]) -> float:
        """Return those of a plain pass over a sequence, all columns of the heads."""
        predict = functools.partial(
            network.predict, organism_index=self._organism, config=self._config, outputs=outputs
        )
        return operations(predict, self._params, self._sequence)

    def encode(self, stretch: Stretch) -> float:
        """Return those of the encoder on a stretch."""
        encode = functools.partial(encode_stretch, tile=stretch.tile, capacity=stretch.capacity)
        number = abstract((), jnp.int32)
        return operations(encode, self._params, self._letters, number, number, loops=stretch.tiles)

    def behind_encoder(self, outputs: frozenset[OutputType], tiles: int) -> float:
        """Return those of transformer, decoder and heads for one allele."""
        per_base = frozenset(output for output in outputs if output.resolution == 1)
        coarse = functools.partial(
            predict_coarse, organism_index=self._organism, config=self._config, outputs=outputs - per_base
        )
        return (
            operations(self._transform, self._params, self._features.tokens)
            + operations(coarse, self._params, self._trunk)
            + self._decode(per_base, tiles)
        )

    def junctions(self, outputs: frozenset[OutputType]) -> float:
        """Return those of the splice junctions of REF and one ALT, whose sites depend on both."""
        if OutputType.SPLICE_JUNCTIONS not in outputs:
            return 0.0
        head = self._params["heads"][OutputType.SPLICE_JUNCTIONS]
        bases, channels = self._length, head["linear"]["weight"].shape[1]
        sites = SpliceSites(abstract((bases, 5)), abstract((bases, channels)))
        arrays = {
            "in_gene": abstract((bases,), jnp.bool_),
            "is_known": abstract((bases, 5), jnp.bool_),
            "alternate_positions": abstract((bases,), jnp.int32),
            "inserted_positions": abstract((SHORT_INSERTION,), jnp.int32),
        }
        of_alleles = functools.partial(junctions_of_alleles, config=self._config, organism_index=0)
        return operations(of_alleles, head, sites, sites, arrays)

    def _decode(self, outputs: frozenset[OutputType], tiles: int) -> float:
        activations: Activations = {**self._features.skips, TOKEN_SIZE: self._features.tokens}
        patch = Encoded(abstract((), jnp.int32), abstract((), jnp.int32), activations)
        predict = functools.partial(
            predict_tiles,
            organism_index=self._organism,
            tile=decoded_tile(self._length),
            config=self._config,
            outputs=outputs,
        )
        numbers, place = abstract((4,), jnp.int32), abstract((self._length // TOKEN_SIZE,), jnp.int32)
        tokens = self._trunk.tokens
        arguments = (self._params, tokens, activations, patch, numbers, abstract((), jnp.int32), place)
        return operations(predict, *arguments, loops=tiles)

    @property
    def _transform(self) -> Callable[..., Any]:
        return functools.partial(network.transform, organism_index=self._organism, config=self._config)


def operations(function: Callable[..., Any], *arguments: Any, loops: int = 1) -> float:  # noqa: ANN401 - pytrees
    """Return the operations of the matrix products and convolutions of a function.

    Args:
        function: Traceable by jax.
        arguments: Its arguments; shapes are enough.
        loops: How often loops run whose length the trace does not know.
    """
    return _of_program(jax.make_jaxpr(function)(*arguments).jaxpr, loops)


def _of_program(program: core.Jaxpr, loops: int) -> float:
    return sum(_of_equation(equation, loops) for equation in program.eqns)


def _of_equation(equation: core.JaxprEqn, loops: int) -> float:
    sizes, params = [one.aval.shape for one in (*equation.invars, *equation.outvars)], equation.params  # type: ignore[attr-defined]
    match equation.primitive.name:
        case "dot_general":
            (contracted, _), _ = params["dimension_numbers"]
            return float(2 * math.prod(sizes[-1]) * math.prod(sizes[0][axis] for axis in contracted))
        case "conv_general_dilated":
            outputs_axis = params["dimension_numbers"].rhs_spec[0]
            return float(2 * math.prod(sizes[-1]) * math.prod(sizes[1]) // sizes[1][outputs_axis])
        case "scan":
            return _of_inner(params, loops) * int(params["length"])
        case "while":
            return _of_program(params["body_jaxpr"].jaxpr, loops) * loops
        case _:
            return _of_inner(params, loops)


def _of_inner(params: Mapping[str, Any], loops: int) -> float:
    """Return the operations of the programs that an equation calls."""
    inner: Sequence[Any] = [one for name, one in params.items() if name in ("jaxpr", "call_jaxpr")]
    return sum(_of_program(getattr(one, "jaxpr", one), loops) for one in inner)


def abstract(shape: tuple[int, ...], dtype: Any = jnp.float32) -> Any:  # noqa: ANN401 - a shape for an array
    """Return what stands for an array where nothing is computed."""
    return jax.ShapeDtypeStruct(shape, dtype)  # type: ignore[no-untyped-call]


def abstract_parameters(config: ModelConfig) -> dict[str, Any]:
    """Return what stands for the parameters of a network, track means included."""
    params = shapes(config)
    for head in config.heads:
        if head.output in GENOME_TRACKS:
            params["heads"][head.output]["track_means"] = abstract((config.organisms, head.width))
    return params


if __name__ == "__main__":
    main()
