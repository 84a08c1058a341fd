"""Scores of whole variants by the product's own path: `scores/` of an oracle.

variants.tsv           variants and the window of each
genome.fa              the bases, with an index; annotation.gtf the genes, polya.tsv their sites
scores.parquet         the official scores, one per row, run 'f32'
scores_extra.parquet   optional: run 'f32_no_splice_annotation', for splice junctions

The weights go to `Predictor` through a temporary file of 1.8 GB, as a user's weights would.
"""

import csv
import dataclasses
import functools
import importlib.util
import pathlib
import tempfile
from collections.abc import Iterator, Mapping

import jax
import numpy as np
import pandas as pd
from parity_checks import (
    DIFFERENCE,
    IDENTICAL,
    LARGER,
    Check,
    Group,
    Measure,
    Outcome,
    Skipped,
    Tolerance,
    compare,
)
from parity_oracle import Oracle
from precision_scores import windows

from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.polyadenylation import read_polyadenylation_sites
from vep_cli.inference.engine import Engine
from vep_cli.inference.predictor import Predictor
from vep_cli.model.official_metadata import read_metadata
from vep_cli.model.output_type import OutputType
from vep_cli.model.parameters import save
from vep_cli.model.tracks import TrackTable
from vep_cli.model.weights_folder import PARAMETERS, Manifest, WeightsFolder, file_sha256
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.scorer import Scorer, Scores

Label = tuple[str, int, int]
"""Gene, and the first base and the base after the last of the intron; '' and 0 for none."""

Matrix = Mapping[Label, np.ndarray]
"""The scores in every track, by row."""

_RUN, _WITHOUT_SITES = "f32", "f32_no_splice_annotation"
_JUNCTIONS = "SPLICE_JUNCTIONS"

_USAGE = Tolerance(limit=1e-3, measure=Measure.ABSOLUTE)
"""A difference of two values rounded to float16, whose steps are 2^-11 below 1."""

_HALF = Tolerance(limit=2**-10, measure=Measure.LARGER)
"""Rounded to float16, whose steps are that share of a value: it may go either way."""

_LISTED = Tolerance(limit=0.02, measure=Measure.ABSOLUTE)
"""The share of introns on one side only: which one changes most may be a near tie of rounded values."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Product:
    """What a run of the product over an oracle's variants needs.

    Attributes:
        oracle: The oracle.
        tracks: Every track of either organism.
    """

    oracle: Oracle
    tracks: TrackTable

    @property
    def folder(self) -> pathlib.Path:
        """The oracle's folder of scores."""
        return self.oracle.path / "scores"

    @functools.cached_property
    def scorers(self) -> tuple[Scorer, ...]:
        """The recommended scorers that the product has."""
        return recommended(
            "human", polyadenylation_sites=read_polyadenylation_sites(self.folder / "polya.tsv")
        )

    @functools.cached_property
    def engine(self) -> Engine:
        """The product with the oracle's weights, made at the first call and kept."""
        outputs = {scorer.output_type for scorer in self.scorers}
        tracks = self.tracks.where(lambda t: t.organism == "human" and t.output_type in outputs)
        annotation = read_gtf(self.folder / "annotation.gtf")
        predictor = _predictor(self.oracle, self.tracks, tracks)
        return Engine([predictor.predict], self.scorers, tracks, annotation, junctions=predictor.junctions)

    @functools.cached_property
    def recorded(self) -> pd.DataFrame:
        """The official scores of all variants."""
        return _read_run(self.folder / "scores.parquet", _RUN)

    @functools.cached_property
    def recorded_without_sites(self) -> pd.DataFrame:
        """The official scores of variants that were scored without a list of known splice sites."""
        extra = self.folder / "scores_extra.parquet"
        return _read_run(extra, _WITHOUT_SITES) if extra.is_file() else self.recorded.iloc[:0]


def score_groups(oracle: Oracle) -> Iterator[Group]:
    """Yield a group for each recorded variant."""
    reason, tracks = _why_not(oracle), _read_tracks(oracle)
    if reason is not None or tracks is None:
        missing = Skipped(
            tensor="scores", reason=reason or "the oracle lacks the tracks (its metadata folder)"
        )
        yield Group(name="scores", run=lambda: iter([missing]))
        return
    product = Product(oracle=oracle, tracks=tracks)
    with (product.folder / "variants.tsv").open(newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            run = functools.partial(compare_variant, product, row["id"], row["interval"])
            yield Group(name=f"scores/{row['id']}", run=run)


def compare_variant(product: Product, variant: str, interval: str) -> Iterator[Outcome]:
    """Score one variant and compare every scorer.

    Args:
        product: Scores it.
        variant: The oracle's name of the variant.
        interval: The window, as the oracle writes it.
    """
    if interval.endswith(":-"):
        reason = "windows are always on the forward strand here"
        yield Skipped(tensor=f"scores/{variant}", reason=reason)
        return
    ((_, window),) = windows(product.oracle, {variant})
    (answer,) = product.engine.score([window])
    found = {scores.scorer.name: scores for scores in answer}
    recorded = product.recorded
    own = recorded[recorded["variant"] == variant]
    if own.empty:
        yield _has_numbers(f"scores/{variant}/has_numbers", answer)
        return
    for name in dict.fromkeys(recorded["scorer"]):
        yield from _compare_scorer(product, variant, name, found.get(name), own[own["scorer"] == name])


def recorded_matrix(scores: pd.DataFrame) -> Matrix:
    """Return the official scores of one scorer at one variant.

    Args:
        scores: One row per score, with the columns row, track, gene_id, junction_Start, junction_End
            and raw_score.
    """
    ordered = scores.sort_values(["row", "track"])
    genes = ordered["gene_id"].astype(object).fillna("")
    starts, ends = (ordered[column].fillna(0) for column in ("junction_Start", "junction_End"))
    labels = list(zip(genes, starts, ends, strict=True))
    values = ordered["raw_score"].to_numpy()
    first = np.flatnonzero(~ordered["row"].duplicated())
    return {
        (str(labels[place][0]), int(labels[place][1]), int(labels[place][2])): one
        for place, one in zip(first, np.split(values, first)[1:], strict=True)
    }


def found_matrix(scores: Scores | None) -> Matrix:
    """Return our scores of one scorer at one variant; None has no rows."""
    if scores is None:
        return {}
    genes = [row.gene.gene_id if row.gene else "" for row in scores.rows]
    spans = [(row.junction.start, row.junction.end) if row.junction else (0, 0) for row in scores.rows]
    return {(gene, *span): values for gene, span, values in zip(genes, spans, scores.raw, strict=True)}


def tolerance_of(scorer: Scorer) -> Tolerance:
    """Return what is allowed of a scorer's scores.

    Most compare two alleles that are nearly alike, so that their score is a small difference of large
    numbers and errs as these do, however small it is: counts that are good to 1e-5 of their sum (the
    network's tolerance) give a log2 of their ratio that is good to 2 x 1e-5 / ln 2 = 3e-5.
    """
    if scorer.output_type is OutputType.SPLICE_SITE_USAGE:
        return _USAGE
    return DIFFERENCE if scorer.is_difference else LARGER


def compare_scores(name: str, found: Matrix, expected: Matrix, tolerance: Tolerance) -> Check:
    """Compare the scores of one scorer; other rows, or in another order, fail."""
    if list(found) != list(expected):
        return compare(name, np.zeros(0), np.zeros((len(expected), 0)), tolerance)
    return compare(name, _stacked(found), _stacked(expected), tolerance)


def compare_junctions(name: str, found: Matrix, expected: Matrix) -> Iterator[Check]:
    """Compare introns that both list, the largest change per gene and track, and which are listed."""
    shared = [label for label in expected if label in found]
    ours, theirs = ({label: one[label] for label in shared} for one in (found, expected))
    yield compare(f"{name}/shared", _stacked(ours), _stacked(theirs), _HALF)
    yield compare(f"{name}/largest", _largest(found), _largest(expected), _HALF)
    different = len(found.keys() ^ expected.keys()) / max(len(found.keys() | expected.keys()), 1)
    yield compare(f"{name}/listed_by_one", np.array(different), np.array(0.0), _LISTED)


def _compare_scorer(
    product: Product, variant: str, scorer: str, found: Scores | None, recorded: pd.DataFrame
) -> Iterator[Outcome]:
    name = f"scores/{variant}/{scorer}"
    tolerances = {one.name: tolerance_of(one) for one in product.scorers}
    if scorer not in tolerances:
        yield Skipped(tensor=name, reason="the product does not compute this scorer yet")
    elif scorer == _JUNCTIONS:
        yield from _compare_junction_run(product, variant, name, found)
    else:
        expected = recorded_matrix(recorded)
        yield compare_scores(name, found_matrix(found), expected, tolerances[scorer])


def _compare_junction_run(
    product: Product, variant: str, name: str, found: Scores | None
) -> Iterator[Outcome]:
    recorded = product.recorded_without_sites
    own = recorded[(recorded["variant"] == variant) & (recorded["scorer"] == _JUNCTIONS)]
    if own.empty:
        yield Skipped(tensor=name, reason="it was recorded with a list of known splice sites only")
    else:
        yield from compare_junctions(name, found_matrix(found), recorded_matrix(own))


def _has_numbers(name: str, answer: tuple[Scores, ...]) -> Check:
    """Compare with nothing: the official code fails here, ours is to give each scorer some number."""
    has_number = np.array([np.isfinite(scores.raw).any() for scores in answer], float)
    return compare(name, has_number if len(answer) else np.zeros(1), np.ones(max(len(answer), 1)), IDENTICAL)


def _largest(matrix: Matrix) -> np.ndarray:
    genes = sorted({gene for gene, _, _ in matrix})
    by_gene = [[values for label, values in matrix.items() if label[0] == gene] for gene in genes]
    return np.array([np.max(rows, axis=0) for rows in by_gene])


def _stacked(matrix: Matrix) -> np.ndarray:
    return np.array(list(matrix.values()))


def _predictor(oracle: Oracle, named: TrackTable, chosen: TrackTable) -> Predictor:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        save(path / PARAMETERS, oracle.weights())
        manifest = Manifest(
            name="oracle",
            version=str(oracle.seed),
            licence="",
            trained=False,
            parameter_count=0,
            sha256={PARAMETERS: file_sha256(path / PARAMETERS)},
        )
        weights = WeightsFolder(path=path, manifest=manifest, config=oracle.config, tracks=named)
        return Predictor(weights, chosen, organism="human", device=jax.devices()[0], batch_size=1)


def _read_tracks(oracle: Oracle) -> TrackTable | None:
    files = sorted((oracle.path / oracle.manifest.get("metadata", "metadata")).glob("*ORGANISM*"))
    return read_metadata(files, oracle.config) if files else None


def _read_run(path: pathlib.Path, run: str) -> pd.DataFrame:
    return pd.read_parquet(path, filters=[("run", "==", run)])


def _why_not(oracle: Oracle) -> str | None:
    if not (oracle.path / "scores" / "scores.parquet").is_file():
        return "the oracle has no scores.parquet"
    return (
        None if importlib.util.find_spec("pyarrow") else "pyarrow, which reads the scores, is not installed"
    )
