"""What bfloat16 costs the scores of an oracle's variants, beside what it cost the official ones."""

import csv
import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from parity_oracle import Oracle

from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval
from vep_cli.genome.one_hot import one_hot
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, build_window
from vep_cli.model import network
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
    """What bfloat16 costs one scorer at one variant.

    Attributes:
        variant: The oracle's name of the variant.
        scorer: Name of the scorer.
        spread: Standard deviation of the scores over tracks and genes, in float32.
        largest: The largest difference between our bfloat16 and our float32 score.
        official_largest: The same of the official software.
    """

    variant: str
    scorer: str
    spread: float
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
        pairs = {precision: tuple(map(predict[precision], _alleles(window))) for precision in Precision}
        for scorer in scorers:
            masks = scorer.masks(window.variant, window.interval, annotation)
            if not masks.rows or (name, scorer.name) not in official:
                continue
            exact, rounded = (
                np.asarray(scorer.compute(*pairs[precision], masks.arrays)[0])[: len(masks.rows)]
                for precision in Precision
            )
            yield ScoreCost(
                variant=name,
                scorer=scorer.name,
                spread=float(np.nanstd(exact)),
                largest=float(np.nanmax(np.abs(rounded - exact))),
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
    yield "| variant | scorer | std of the scores | largest difference | official largest difference |"
    yield "|---|---|---|---|---|"
    for cost in costs:
        numbers = (cost.spread, cost.largest, cost.official_largest)
        yield f"| {cost.variant} | {cost.scorer} | {' | '.join(f'{number:.4g}' for number in numbers)} |"


def _alleles(window: Window) -> tuple[str, str]:
    return window.reference_bases, window.alternate_bases


def _predictor(oracle: Oracle, precision: Precision) -> Callable[[str], Predictions]:
    means = {output: oracle.track_means(output) for output in GENOME_TRACKS}
    known = {output: mean for output, mean in means.items() if mean is not None}
    params = cast_parameters(with_track_means(oracle.weights(), known), precision)
    outputs = frozenset(OutputType) - {_JUNCTIONS}
    predict = jax.jit(functools.partial(network.predict, config=oracle.config, outputs=outputs))

    def predict_one(bases: str) -> Predictions:
        predictions = predict(params, jnp.asarray(one_hot(bases))[None], jnp.zeros(1, jnp.int32))
        return {output: values[0] for output, values in predictions.items()}

    return predict_one
