"""What the official prediction calls return: `api/` of an oracle.

api.npz   per call and output the values at rows `index` and their `sum` per track; of splice junctions
          their `count` (all, on '+'), and `start`, `end`, `plus` and `values` of those at `index`;
          interval scores with their genes; scores of single-base changes; and the table of each head's
          columns: which are padding, and which is read for which on the other strand
api.json  the calls, with those that fail

Bases, genes and variants are those of the oracle's folder `scores`. The windows of the calls are recorded
nowhere; those below are what the genes, junctions and sums of the recording tell.
"""

import csv
import dataclasses
import functools
import json
import re
from collections.abc import Iterator, Mapping

import numpy as np
from parity_checks import (
    DIFFERENCE,
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
from parity_oracle import Oracle
from parity_weights import load_predictor, read_tracks

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval
from vep_cli.genome.mutagenesis import mutagenesis_windows
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, build_window
from vep_cli.inference.engine import Engine
from vep_cli.inference.interval_engine import IntervalEngine, IntervalWindow
from vep_cli.inference.interval_prediction import IntervalPrediction, predict_interval, predict_variant
from vep_cli.inference.junction_list import JunctionList
from vep_cli.inference.predictor import Predictor
from vep_cli.model.output_type import OutputType
from vep_cli.model.selection import select_tracks
from vep_cli.model.strand import strand_partners
from vep_cli.model.tracks import TrackTable
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.interval_scorer import GeneIntervalScorer, IntervalAggregation

Recording = Mapping[str, np.ndarray]

_ORGANISMS = {"HOMO_SAPIENS": "human", "MUS_MUSCULUS": "mouse"}

_TERMS = ("UBERON:0002048", "CL:0000084")
"""What the recorded variants' predictions were narrowed to."""

_WINDOWS = {
    "interval16k_pos_human": (40_000, 56_384, "+"),
    "interval16k_neg_human": (40_000, 56_384, "-"),
    "interval4k_neg_human": (42_000, 46_096, "-"),
    "interval4k_neg_mouse": (42_000, 46_096, "-"),
    "predict_variant_v05": (42_000, 46_096, "."),
    "predict_variant_v08": (42_000, 46_096, "."),
    "predict_variant_v14": (52_000, 56_096, "."),
    "score_interval": (40_000, 56_384, "."),
    "ism": (42_000, 46_096, "."),
}
"""0-based first base, base after the last, and strand, all on chr1."""

_JUNCTIONS = OutputType.SPLICE_JUNCTIONS

_COUNTS = Tolerance(limit=1e-4, measure=Measure.SPREAD)
_USAGE = Tolerance(limit=1e-3, measure=Measure.ABSOLUTE)
_TOLERANCES = {OutputType.SPLICE_SITE_USAGE: _USAGE, OutputType.CONTACT_MAPS: SPREAD}
"""Of predictions. The others err by a share of themselves where they are large: counts, because undoing their
compression multiplies an error, and the probabilities of splice sites, most of which are near zero."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Calls:
    """The product, and the calls that were recorded.

    Attributes:
        oracle: The oracle.
        tracks: Every track of either organism.
    """

    oracle: Oracle
    tracks: TrackTable

    @functools.cached_property
    def recorded(self) -> Recording:
        """What the official calls returned."""
        return dict(np.load(self.oracle.path / "api" / "api.npz"))

    @functools.cached_property
    def reference(self) -> Reference:
        """The bases."""
        return Reference(self.oracle.path / "scores" / "genome.fa")

    @functools.cached_property
    def annotation(self) -> Annotation:
        """The genes."""
        return read_gtf(self.oracle.path / "scores" / "annotation.gtf")

    @functools.cached_property
    def _loaded(self) -> dict[str, Predictor]:
        return {}

    def tracks_of(self, organism: str) -> TrackTable:
        """Return all tracks of an organism."""
        return self.tracks.where(lambda track: track.organism == organism)

    def predictor(self, organism: str) -> Predictor:
        """Return the network that predicts all tracks of an organism, loaded at the first call and kept."""
        if organism not in self._loaded:
            chosen = self.tracks_of(organism)
            self._loaded[organism] = load_predictor(self.oracle, self.tracks, chosen, organism)
        return self._loaded[organism]


def api_groups(oracle: Oracle) -> Iterator[Group]:
    """Yield a group for each recorded call."""
    tracks = read_tracks(oracle)
    if tracks is None:
        missing = Skipped(tensor="api", reason="the oracle lacks the tracks (its metadata folder)")
        yield Group(name="api", run=lambda: iter([missing]))
        return
    calls = Calls(oracle=oracle, tracks=tracks)
    yield Group(name="api/tables", run=functools.partial(compare_tables, calls))
    for call in dict.fromkeys(name.partition("/")[0] for name in calls.recorded):
        if call in ("strand_reindexing", "padding"):
            continue
        if call not in _WINDOWS:
            left = Skipped(tensor=f"api/{call}", reason="nothing says which bases were predicted")
            yield Group(name=f"api/{call}", run=functools.partial(iter, [left]))
            continue
        yield Group(name=f"api/{call}", run=functools.partial(_COMPARISONS[_kind(call)], calls, call))


def compare_tables(calls: Calls) -> Iterator[Outcome]:
    """Compare which columns of each head are padding, and which change places on the other strand."""
    for name, organism in _ORGANISMS.items():
        by_output = calls.tracks_of(organism).by_output
        for head in calls.oracle.config.heads:
            tracks = by_output.get(head.output, ())
            table = f"{name}/{head.output}"
            partners = calls.recorded[f"strand_reindexing/{table}"]
            columns = [track.index for track in tracks]
            is_padding = np.ones(len(partners), bool)
            is_padding[columns] = False
            # The junctions' table of padding is of one strand.
            recorded = np.resize(calls.recorded[f"padding/{table}"], len(partners))
            yield compare(f"api/tables/padding/{table}", is_padding, recorded, IDENTICAL)
            found = np.array(columns, int)[strand_partners([track.strand for track in tracks])]
            expected = partners[columns]
            yield compare(f"api/tables/strand_reindexing/{table}", found, expected, IDENTICAL)


def compare_interval(calls: Calls, call: str) -> Iterator[Outcome]:
    """Predict an interval with all tracks and compare every output."""
    organism = call.rpartition("_")[2]
    interval = _window(call)
    bases = calls.reference.fetch(interval)
    found = predict_interval(calls.predictor(organism), calls.tracks_of(organism), interval, bases)
    yield from compare_prediction(call, found, calls.recorded)


def compare_variant(calls: Calls, call: str) -> Iterator[Outcome]:
    """Predict both alleles of a variant with the recorded terms' tracks and compare every output."""
    window = build_window(_variant(calls.oracle, call.rpartition("_")[2]), _window(call), calls.reference)
    outputs = {name.split("/")[2] for name in calls.recorded if name.startswith(f"{call}/")}
    chosen = select_tracks(
        calls.tracks, organism="human", modalities=sorted(outputs), tissues=(), terms=(), ontologies=_TERMS
    ).tracks
    predictor = load_predictor(calls.oracle, calls.tracks, chosen, "human")
    found = predict_variant(predictor, chosen, window, calls.annotation)
    yield from compare_prediction(f"{call}/ref", found.reference, calls.recorded)
    yield from compare_prediction(f"{call}/alt", found.alternate, calls.recorded)


def compare_prediction(call: str, found: IntervalPrediction, recorded: Recording) -> Iterator[Outcome]:
    """Compare every recorded output of one sequence's prediction."""
    for name in [name for name in recorded if re.fullmatch(f"{re.escape(call)}/[A-Z_]+/index", name)]:
        output = OutputType(name.split("/")[-2])
        if output is _JUNCTIONS:
            yield from compare_junctions(f"{call}/{output}", found.junctions, recorded)
        else:
            yield from _compare_output(f"{call}/{output}", output, found, recorded)


def compare_junctions(name: str, found: JunctionList | None, recorded: Recording) -> Iterator[Check]:
    """Compare how many junctions there are, and some of them."""
    count = recorded[f"{name}/count"]
    ours = np.zeros(2, int) if found is None else np.array([len(found), found.is_forward.sum()])
    yield compare(f"api/{name}/count", ours, count, IDENTICAL)
    if found is None or not np.array_equal(ours, count):
        return
    index = recorded[f"{name}/index"]
    yield compare(f"api/{name}/start", found.start[index], recorded[f"{name}/start"], IDENTICAL)
    yield compare(f"api/{name}/end", found.end[index], recorded[f"{name}/end"], IDENTICAL)
    yield compare(f"api/{name}/plus", found.is_forward[index], recorded[f"{name}/plus"], IDENTICAL)
    yield compare(f"api/{name}/values", found.counts[index], recorded[f"{name}/values"], _COUNTS)


def compare_interval_scores(calls: Calls, call: str) -> Iterator[Outcome]:
    """Compare the scores of the recorded interval scorers, and which of them refuse the window."""
    names = [name for name in calls.recorded if re.fullmatch(rf"{call}/\w+_(None|\d+)_[A-Z]+", name)]
    scorers = {name: _interval_scorer(name.partition("/")[2]) for name in names}
    tracks = calls.tracks_of("human")
    engine = IntervalEngine(
        calls.predictor("human").predict, tuple(scorers.values()), tracks, calls.annotation
    )
    window = IntervalWindow(interval=_window(call), bases=calls.reference.fetch(_window(call)))
    (answer,) = engine.score([window])
    by_scorer = {scores.scorer: scores for scores in answer}
    for name, scorer in scorers.items():
        scores, expected = by_scorer.get(scorer), calls.recorded[name]
        genes = [row.gene.gene_id for row in scores.rows if row.gene] if scores else []
        is_same = genes == calls.recorded[f"{name}/genes"].tolist()
        yield compare(f"api/{name}/genes_agree", np.array(is_same), np.array(True), IDENTICAL)
        width = len(tracks.by_output[scorer.requested_output])
        yield compare(f"api/{name}", scores.raw if scores else np.zeros((0, width)), expected, LARGER)
    yield from _compare_refusals(calls, call)


def compare_mutagenesis(calls: Calls, call: str) -> Iterator[Outcome]:
    """Score every single-base change of the recorded stretch, and compare which changes there are."""
    recorded = calls.recorded
    names = recorded[f"{call}/variants"].tolist()
    positions = [int(name.split(":")[1]) for name in names]
    mutated = Interval(chromosome=names[0].split(":")[0], start=min(positions) - 1, end=max(positions))
    windows = list(mutagenesis_windows(mutated, _window(call), calls.reference))
    is_same = [str(window.variant) for window in windows] == names
    yield compare(f"api/{call}/variants_agree", np.array(is_same), np.array(True), IDENTICAL)
    outputs = [
        OutputType(name.partition("/")[2]) for name in recorded if re.fullmatch(f"{call}/[A-Z_]+", name)
    ]
    for output, found in _mutagenesis_scores(calls, windows, outputs).items():
        tolerance = _USAGE if output is OutputType.SPLICE_SITE_USAGE else DIFFERENCE
        yield compare(f"api/{call}/{output}", found, recorded[f"{call}/{output}"], tolerance)


def _mutagenesis_scores(
    calls: Calls, windows: list[Window], outputs: list[OutputType]
) -> dict[OutputType, np.ndarray]:
    scorers = [scorer for scorer in recommended("human") if scorer.name in outputs]
    engine = Engine([calls.predictor("human")], scorers, calls.tracks_of("human"), calls.annotation)
    by_output: dict[OutputType, list[np.ndarray]] = {output: [] for output in outputs}
    for answer in engine.score(windows):
        for scores in answer:
            by_output[scores.scorer.output_type].append(scores.raw)
    return {output: np.array(matrices) for output, matrices in by_output.items()}


def _compare_refusals(calls: Calls, call: str) -> Iterator[Check]:
    """Compare which calls fail, of those that are recorded by the scorer's official name."""
    for title, outcome, *_ in json.loads((calls.oracle.path / "api" / "api.json").read_text()):
        found = re.fullmatch(
            rf"{call} GeneMaskScorer\(requested_output=(\w+), width=(\w+), aggregation_type=(\w+)\)", title
        )
        if found is None:
            continue
        try:
            _interval_scorer("_".join(found.groups())).masks(_window(call), calls.annotation)
            is_refused = False
        except UsageError:
            is_refused = True
        name = f"api/{call}/{'_'.join(found.groups())}/refused"
        yield compare(name, np.array(is_refused), np.array(outcome != "ok"), IDENTICAL)


def _compare_output(
    name: str, output: OutputType, found: IntervalPrediction, recorded: Recording
) -> Iterator[Check]:
    expected = recorded[name]
    values = found.values.get(output)
    if values is None:
        # Not predicted, because no track is left of it; the official answer has no columns then either.
        values = np.zeros((*_bins(output, found.interval), 0))
    index = recorded[f"{name}/index"]
    kept = values[np.ix_(index, index)] if output is OutputType.CONTACT_MAPS else values[index]
    yield compare(f"api/{name}", kept, expected, _TOLERANCES.get(output, LARGER))
    sums = values.astype(np.float64).sum(axis=tuple(range(values.ndim - 1)))
    # Contact maps have values of both signs, which may cancel.
    of_sums = SPREAD if output is OutputType.CONTACT_MAPS else SUM
    yield compare(f"api/{name}/sum", sums, recorded[f"{name}/sum"], of_sums)


def _bins(output: OutputType, interval: Interval) -> tuple[int, ...]:
    bins = interval.width // output.resolution
    return (bins, bins) if output is OutputType.CONTACT_MAPS else (bins,)


def _interval_scorer(name: str) -> GeneIntervalScorer:
    output, width, aggregation = name.rsplit("_", 2)
    return GeneIntervalScorer(
        requested_output=OutputType(output),
        width=None if width == "None" else int(width),
        aggregation=IntervalAggregation(aggregation),
    )


def _variant(oracle: Oracle, name: str) -> Variant:
    with (oracle.path / "scores" / "variants.tsv").open(newline="") as lines:
        row = next(row for row in csv.DictReader(lines, delimiter="\t") if row["id"] == name)
    return Variant(
        chromosome=row["chrom"],
        position=int(row["pos"]),
        reference_bases=row["ref"],
        alternate_bases=row["alt"],
    )


def _window(call: str) -> Interval:
    start, end, strand = _WINDOWS[call]
    return Interval(chromosome="chr1", start=start, end=end, strand=strand)


def _kind(call: str) -> str:
    return next(kind for kind in _COMPARISONS if call.startswith(kind))


_COMPARISONS = {
    "interval": compare_interval,
    "predict_variant": compare_variant,
    "score_interval": compare_interval_scores,
    "ism": compare_mutagenesis,
}
