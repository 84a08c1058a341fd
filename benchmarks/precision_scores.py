"""What bfloat16 and TF32 cost the scores of an oracle's variants, beside the official cost of bfloat16.

TF32 is imitated, so that any machine can tell: the operands of every product are rounded to its 10 bits of
mantissa before they are multiplied in float32.
"""

import contextlib
import csv
import dataclasses
import functools
import unittest.mock
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from parity_oracle import Oracle

from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, build_window
from vep_cli.model import network
from vep_cli.model.one_hot import letters_of, one_hot
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.parameters import with_track_means
from vep_cli.model.precision import Precision, cast_parameters
from vep_cli.scoring.catalogue import recommended

_RUN = "bf16_default"
"""The official default's rows of the oracle's `precision_scores.tsv`."""

_JUNCTIONS = OutputType.SPLICE_JUNCTIONS
"""Left out: which junctions there are depends on the last bit of the sites' probabilities."""

Predictions = Mapping[OutputType, Array]


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoreCost:
    """What other number formats cost one scorer at one variant.

    Attributes:
        variant: The oracle's name of the variant.
        scorer: Name of the scorer.
        spread: Standard deviation of the scores over tracks and genes, in float32.
        tf32_largest: The largest difference between our score in (imitated) TF32 and in float32.
        largest: The largest difference between our score in bfloat16 and in float32.
        official_largest: The same of the official software.
    """

    variant: str
    scorer: str
    spread: float
    tf32_largest: float
    largest: float
    official_largest: float


def score_costs(oracle: Oracle) -> Iterator[ScoreCost]:
    """Yield the cost for each variant and scorer that the official software was measured with."""
    official = read_official_scores(oracle)
    if not official:
        return
    annotation = read_gtf(oracle.path / "scores" / "annotation.gtf")
    scorers = [scorer for scorer in recommended("human") if scorer.output_type is not _JUNCTIONS]
    predict = {precision: _predictor(oracle, precision) for precision in Precision}
    for name, window in windows(oracle, {variant for variant, _ in official}):
        alleles = window.reference_bases, window.alternate_bases
        pairs = {precision: [predict[precision](bases) for bases in alleles] for precision in Precision}
        for scorer in scorers:
            masks = scorer.masks(window.variant, window.interval, annotation)
            if not masks.rows or (name, scorer.name) not in official:
                continue
            scores = {
                precision: np.asarray(scorer.compute(before, after, masks.arrays)[0])[: len(masks.rows)]
                for precision, (before, after) in pairs.items()
            }
            exact = scores[Precision.FLOAT32]
            yield ScoreCost(
                variant=name,
                scorer=scorer.name,
                spread=float(np.nanstd(exact)),
                tf32_largest=float(np.nanmax(np.abs(scores[Precision.TF32] - exact))),
                largest=float(np.nanmax(np.abs(scores[Precision.BFLOAT16] - exact))),
                official_largest=official[name, scorer.name],
            )


def read_official_scores(oracle: Oracle) -> dict[tuple[str, str], float]:
    """Return the official largest difference by variant and scorer; none where the oracle lacks scores."""
    path = oracle.path / "scores" / "precision_scores.tsv"
    if not path.is_file():
        return {}
    with path.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["run"] == _RUN]
    return {(row["variant"], row["scorer"]): float(row["max_abs_diff"]) for row in rows}


def windows(oracle: Oracle, names: set[str]) -> Iterator[tuple[str, Window]]:
    """Yield the named variants' windows."""
    with (
        (oracle.path / "scores" / "variants.tsv").open(newline="") as lines,
        Reference(oracle.path / "scores" / "genome.fa") as reference,
    ):
        for row in csv.DictReader(lines, delimiter="\t"):
            if row["id"] not in names:
                continue
            chromosome, span, strand = row["interval"].split(":")
            start, end = map(int, span.rsplit("-", 1))
            variant = Variant(
                chromosome=row["chrom"],
                position=int(row["pos"]),
                reference_bases=row["ref"],
                alternate_bases=row["alt"],
            )
            interval = Interval(chromosome=chromosome, start=start, end=end, strand=strand)
            yield row["id"], build_window(variant, interval, reference)


def table(costs: list[ScoreCost]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    yield "| variant | scorer | std of the scores | TF32 | bfloat16 | official bfloat16 |"
    yield "|---|---|---|---|---|---|"
    for cost in costs:
        numbers = (cost.spread, cost.tf32_largest, cost.largest, cost.official_largest)
        yield f"| {cost.variant} | {cost.scorer} | {' | '.join(f'{number:.4g}' for number in numbers)} |"


def _predictor(oracle: Oracle, precision: Precision) -> Callable[[str], Predictions]:
    means = {output: oracle.track_means(output) for output in GENOME_TRACKS}
    known = {output: mean for output, mean in means.items() if mean is not None}
    params = cast_parameters(with_track_means(oracle.weights(), known), precision)
    outputs = frozenset(OutputType) - {_JUNCTIONS}
    predict = jax.jit(functools.partial(network.predict, config=oracle.config, outputs=outputs))

    def predict_one(bases: str) -> Predictions:
        with tf32_imitated() if precision is Precision.TF32 else contextlib.nullcontext():
            predictions = predict(params, one_hot(letters_of(bases))[None], jnp.zeros(1, jnp.int32))
        return {output: values[0] for output, values in predictions.items()}

    return predict_one


@contextlib.contextmanager
def tf32_imitated() -> Iterator[None]:
    """Let programs that are traced meanwhile round the operands of their products as TF32 does."""

    def rounded(operand: Array) -> Array:
        return jax.lax.reduce_precision(operand, exponent_bits=8, mantissa_bits=10)

    def einsum(subscripts: str, *operands: Array, **options: Any) -> Array:  # noqa: ANN401 - passed on
        return exact_einsum(subscripts, *map(rounded, operands), **options)

    def convolution(x: Array, kernel: Array, **options: Any) -> Array:  # noqa: ANN401 - passed on
        return exact_convolution(rounded(x), rounded(kernel), **options)

    exact_einsum, exact_convolution = jnp.einsum, jax.lax.conv_general_dilated
    with (
        unittest.mock.patch.object(jnp, "einsum", einsum),
        unittest.mock.patch.object(jax.lax, "conv_general_dilated", convolution),
    ):
        yield
