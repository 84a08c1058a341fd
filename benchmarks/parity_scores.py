"""Scores of whole variants by the product's own path: `scores/` of an oracle.

variants.tsv           variants and the window of each
genome.fa              the bases, with an index; annotation.gtf the genes, polya.tsv their sites
splice_sites_*.tsv     the starts and the ends of known introns
scores.parquet         the official scores, one per row, run 'f32'
scores_obs.csv         what each row of a scorer's matrix is about
scores_other_scorers.parquet  optional: scorers that are not recommended ones, by their official spelling
scores_extra.parquet   optional: run 'f32_no_splice_annotation', junctions without known introns

The weights go to `Predictor` through a temporary file of 1.8 GB, as a user's weights would.
"""

import csv
import dataclasses
import functools
import importlib.util
import math
import pathlib
from collections.abc import Iterator, Mapping

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
from parity_weights import load_predictor, read_tracks
from precision_scores import windows

from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.polyadenylation import PolyadenylationSites, read_polyadenylation_sites
from vep_cli.genome.splice_site_table import read_splice_sites
from vep_cli.genome.splice_sites import KnownSpliceSites
from vep_cli.genome.window import Window
from vep_cli.inference.engine import Engine
from vep_cli.inference.predictor import Predictor
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.scorer import Scorer, Scores
from vep_cli.scoring.spelling import parse_scorer

Label = tuple[str, int, int]
"""Gene, and the first base and the base after the last of the intron; '' and 0 for none."""

Matrix = Mapping[Label, np.ndarray]
"""The scores in every track, by row."""

_RUN, _WITHOUT_SITES = "f32", "f32_no_splice_annotation"
_JUNCTIONS, _POLYADENYLATION = "SPLICE_JUNCTIONS", "POLYADENYLATION"

_PLAIN_DIFFERENCES = (Aggregation.DIFF_MEAN, Aggregation.DIFF_SUM, Aggregation.DIFF_SUM_LOG2)

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
        tables = [self.folder / f"splice_sites_{edges}.tsv" for edges in ("starts", "ends")]
        return self._engine(self.scorers, read_splice_sites(tables))

    @functools.cached_property
    def engine_without_sites(self) -> Engine:
        """The same for splice junctions alone, without known splice sites."""
        scorers = tuple(scorer for scorer in self.scorers if scorer.name == _JUNCTIONS)
        return self._engine(scorers, KnownSpliceSites(positions={}))

    @functools.cached_property
    def engine_of_others(self) -> Engine:
        """The same for scorers that are not recommended ones."""
        return self._engine(tuple(self.others.values()), KnownSpliceSites(positions={}))

    def _engine(self, scorers: tuple[Scorer, ...], sites: KnownSpliceSites) -> Engine:
        annotation = read_gtf(self.folder / "annotation.gtf").with_splice_sites(sites)
        predictor, tracks = self._predictor
        return Engine([predictor], scorers, tracks, annotation)

    @functools.cached_property
    def _predictor(self) -> tuple[Predictor, TrackTable]:
        outputs = {scorer.output_type for scorer in self.scorers}
        tracks = self.tracks.where(lambda t: t.organism == "human" and t.output_type in outputs)
        return load_predictor(self.oracle, self.tracks, tracks, "human"), tracks

    @functools.cached_property
    def recorded(self) -> pd.DataFrame:
        """The official scores of all variants."""
        return _read_run(self.folder / "scores.parquet", _RUN)

    @functools.cached_property
    def recorded_others(self) -> pd.DataFrame:
        """The official scores of scorers that are not recommended ones, by their official spelling."""
        path = self.folder / "scores_other_scorers.parquet"
        if not path.is_file():
            return self.recorded.iloc[:0]
        rows = pd.read_parquet(path)
        # The run has some of the recommended ones, too, by their names.
        return rows[rows["scorer"].astype(str).str.endswith(")")]

    @functools.cached_property
    def others(self) -> Mapping[str, Scorer]:
        """The scorers of `recorded_others` by their official spelling."""
        no_sites = PolyadenylationSites(start={})
        spellings = self.recorded_others["scorer"].unique()
        return {one: parse_scorer(one, polyadenylation_sites=no_sites) for one in spellings}

    @functools.cached_property
    def recorded_sites(self) -> pd.DataFrame:
        """How many polyadenylation sites the genes of all variants have, and how far the nearest is."""
        rows = pd.read_csv(self.folder / "scores_obs.csv")
        is_gene = (rows["run"] == _RUN) & (rows["scorer"] == _POLYADENYLATION) & (rows["row"] >= 0)
        return rows[is_gene].sort_values("row")

    @functools.cached_property
    def recorded_without_sites(self) -> pd.DataFrame:
        """The official scores of variants that were scored without a list of known splice sites."""
        extra = self.folder / "scores_extra.parquet"
        return _read_run(extra, _WITHOUT_SITES) if extra.is_file() else self.recorded.iloc[:0]


def score_groups(oracle: Oracle) -> Iterator[Group]:
    """Yield a group for each recorded variant."""
    reason, tracks = _why_not(oracle), read_tracks(oracle)
    if reason is not None or tracks is None:
        missing = Skipped(
            tensor="scores", reason=reason or "the oracle lacks the tracks (its metadata folder)"
        )
        yield Group(name="scores", run=lambda: iter([missing]))
        return
    product = Product(oracle=oracle, tracks=tracks)
    with (product.folder / "variants.tsv").open(newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            run = functools.partial(compare_variant, product, row["id"])
            yield Group(name=f"scores/{row['id']}", run=run)


def compare_variant(product: Product, variant: str) -> Iterator[Outcome]:
    """Score one variant and compare every scorer.

    Args:
        product: Scores it.
        variant: The oracle's name of the variant.
    """
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
    yield from _compare_without_sites(product, variant, window)
    yield from _compare_others(product, variant, window)


def recorded_matrix(scores: pd.DataFrame) -> Matrix:
    """Return the official scores of one scorer at one variant.

    Args:
        scores: One row per score, with the columns row, track, gene_id, junction_Start, junction_End
            and raw_score.
    """
    ordered = scores.sort_values(["row", "track"])
    genes = ordered["gene_id"].astype(object).where(ordered["gene_id"].notna(), "")
    starts, ends = (pd.to_numeric(ordered[name]).fillna(0) for name in ("junction_Start", "junction_End"))
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


def compare_scores(
    name: str, found: Matrix, expected: Matrix, tolerance: Tolerance, whole: np.ndarray | None = None
) -> Check:
    """Compare the scores of one scorer; other rows, or in another order, fail.

    Args:
        name: Of the comparison.
        found: Ours.
        expected: The recorded ones.
        tolerance: What to allow.
        whole: Per score what the error is a share of, if not the recorded scores.
    """
    if list(found) != list(expected):
        return compare(name, np.zeros(0), np.zeros((len(expected), 0)), tolerance)
    return compare(name, _stacked(found), _stacked(expected), tolerance, whole)


def compare_sites(name: str, found: Scores | None, recorded: pd.DataFrame) -> Check:
    """Compare how many polyadenylation sites each gene has, and how far the nearest is.

    Args:
        name: Of the comparison.
        found: Ours; None has no genes.
        recorded: One row per gene, with the columns num_pas and min_pas_var_distance.
    """
    rows = found.rows if found is not None else ()
    ours = [(row.polyadenylation_site_count, row.polyadenylation_distance) for row in rows]
    expected = recorded[["num_pas", "min_pas_var_distance"]].to_numpy(float)
    return compare(name, np.array(ours, float).reshape(-1, 2), expected, IDENTICAL)


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
        yield from compare_junctions(name, found_matrix(found), recorded_matrix(recorded))
    else:
        expected = recorded_matrix(recorded)
        yield compare_scores(name, found_matrix(found), expected, tolerances[scorer])
    if scorer == _POLYADENYLATION:
        sites = product.recorded_sites
        yield compare_sites(f"{name}/sites", found, sites[sites["variant"] == variant])


def _compare_without_sites(product: Product, variant: str, window: Window) -> Iterator[Outcome]:
    """Compare the junctions of a variant that was also scored without a list of known splice sites."""
    recorded = product.recorded_without_sites
    own = recorded[(recorded["variant"] == variant) & (recorded["scorer"] == _JUNCTIONS)]
    if own.empty:
        return
    (answer,) = product.engine_without_sites.score([window])
    found = {scores.scorer.name: scores for scores in answer}.get(_JUNCTIONS)
    name = f"scores/{variant}/{_JUNCTIONS}/without_known_sites"
    yield from compare_junctions(name, found_matrix(found), recorded_matrix(own))


def _compare_others(product: Product, variant: str, window: Window) -> Iterator[Outcome]:
    """Compare the scorers that are not recommended ones, at a variant that was scored by some."""
    own = product.recorded_others[product.recorded_others["variant"] == variant]
    if own.empty:
        return
    (answer,) = product.engine_of_others.score([window])
    found = {scores.scorer: scores for scores in answer}
    for spelling, scorer in product.others.items():
        expected, ours = recorded_matrix(own[own["scorer"] == spelling]), found.get(scorer)
        whole = _compared_levels(scorer, ours) if ours is not None else None
        name = f"scores/{variant}/others/{scorer.name}"
        yield compare_scores(name, found_matrix(ours), expected, tolerance_of(scorer), whole)


def _compared_levels(scorer: Scorer, scores: Scores) -> np.ndarray | None:
    """Return what a plain difference is a difference of, because it errs as that does, however small it is.

    Of a distance between two vectors that is their length; it is at least their sum over the root of
    their number, which is what is returned. None for scores that are no plain differences.
    """
    if not isinstance(scorer, CenterMaskScorer) or scores.reference is None:
        return None
    if scorer.aggregation is Aggregation.L2_DIFF and scorer.width is not None:
        return scores.reference / math.sqrt(max(1, scorer.width // scorer.output_type.resolution))
    return scores.reference if scorer.aggregation in _PLAIN_DIFFERENCES else None


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


def _read_run(path: pathlib.Path, run: str) -> pd.DataFrame:
    return pd.read_parquet(path, filters=[("run", "==", run)])


def _why_not(oracle: Oracle) -> str | None:
    if not (oracle.path / "scores" / "scores.parquet").is_file():
        return "the oracle has no scores.parquet"
    return (
        None if importlib.util.find_spec("pyarrow") else "pyarrow, which reads the scores, is not installed"
    )
