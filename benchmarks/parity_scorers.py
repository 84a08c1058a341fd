"""Each scorer on small made-up predictions: `unit/scorers.json` and `unit/scorers.npz` of an oracle."""

import dataclasses
import functools
import json
import pathlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import numpy as np
from jaxtyping import Array
from parity_checks import IDENTICAL, LARGER, Group, Measure, Outcome, Skipped, Tolerance, compare
from parity_oracle import Oracle

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval
from vep_cli.genome.polyadenylation import PolyadenylationSites, read_polyadenylation_sites
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window
from vep_cli.inference.junctions import mirrored_site_arrays, site_arrays
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.contact_map import ContactMapScorer
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic
from vep_cli.scoring.indel_alignment import alternate_positions, gather_aligned, inserted_positions
from vep_cli.scoring.interval_scorer import GeneIntervalScorer, IntervalAggregation
from vep_cli.scoring.masks import NOWHERE
from vep_cli.scoring.polyadenylation import PolyadenylationScorer
from vep_cli.scoring.scorer import Predictions, ScoreMasks, Scorer, Scores, Values
from vep_cli.scoring.splice_junctions import JunctionPredictions, SpliceJunctionScorer
from vep_cli.scoring.splicing import GeneMaskSplicingScorer

Compared = tuple[str, Any, Any, Tolerance]
"""What was compared, ours, the recorded one, and what is allowed."""

Alleles = tuple[Any, Any]
"""Predictions of REF and ALT."""

_HALF = Tolerance(limit=2**-10, measure=Measure.VALUE)
"""Rounded to float16, whose steps are that share of a value: it may go either way."""

_ANOTHER_SHAPE = np.zeros((0, 0))
"""Equals nothing recorded; stands for an answer that is about other genes."""

_ANY_VARIANT = Variant(chromosome="chr1", position=1, reference_bases="A", alternate_bases="C")
"""Known splice sites do not depend on it."""

_SITE_STRANDS, _TISSUES = "++--", 3


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """One recorded case.

    Attributes:
        notes: Its name, kind and settings.
        arrays: All recorded arrays.
        interval: The window of all cases but those that name one.
        annotation: The genes of all cases.
        sites: The polyadenylation sites of all cases.
        strands: Strands of the tracks that stand for any output type.
    """

    notes: Mapping[str, Any]
    arrays: Mapping[str, np.ndarray]
    interval: Interval
    annotation: Annotation
    sites: PolyadenylationSites
    strands: str

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one of the case's own arrays."""
        return self.arrays[f"{self.notes['name']}/{name}"]

    @property
    def variant(self) -> Variant:
        """The variant that the case is about."""
        return parse_variant(self.notes["variant"])

    def alleles(self, prefix: str, suffix: str = "") -> Alleles:
        """Return the recorded predictions of REF and of ALT."""
        return self.arrays[f"{prefix}/ref{suffix}"], self.arrays[f"{prefix}/alt{suffix}"]

    def tracks(self, output: OutputType) -> tuple[Track, ...]:
        """Return the tracks of an output type's columns."""
        strands = _SITE_STRANDS if output is OutputType.SPLICE_SITES else self.strands
        if output in (OutputType.SPLICE_JUNCTIONS, OutputType.CONTACT_MAPS):
            strands = "." * _TISSUES
        return tuple(
            Track(organism="human", output_type=output, index=index, name=f"track {index}", strand=strand)
            for index, strand in enumerate(strands)
        )


def scorer_groups(oracle: Oracle) -> Iterator[Group]:
    """Yield a group for each recorded case; none where the oracle has no scorers."""
    folder = oracle.path / "unit"
    if (folder / "scorers.json").is_file():
        for case in read_cases(folder):
            yield Group(name=f"unit/scorers/{case.notes['name']}", run=functools.partial(_run, case))


def read_cases(folder: pathlib.Path) -> Iterator[Case]:
    """Yield the recorded cases."""
    notes = json.loads((folder / "scorers.json").read_text())
    arrays = dict(np.load(folder / "scorers.npz"))
    shared: dict[str, Any] = {
        "arrays": arrays,
        "interval": parse_interval(notes["interval"]),
        "annotation": read_gtf(folder / "unit.gtf"),
        "sites": read_polyadenylation_sites(folder / "unit_polya.tsv"),
        "strands": "".join(notes["track_strands"]),
    }
    for case in notes["cases"]:
        yield Case(notes=case, **shared)
    if "gene/exon_mask" in arrays:
        # Recorded without a case of its own; it is that of the first gene case.
        exons = {"name": "gene", "kind": "exon_mask", "variant": notes["variants"]["snv"]}
        yield Case(notes=exons, **shared)


def parse_variant(text: str) -> Variant:
    """Return the variant that is written like chr1:1200:A>AC."""
    chromosome, position, alleles = text.split(":")
    reference, alternate = alleles.split(">")
    return Variant(
        chromosome=chromosome,
        position=int(position),
        reference_bases=reference,
        alternate_bases=alternate,
    )


def parse_interval(text: str) -> Interval:
    """Return the interval that is written like chr1:-100-412:+; its start may be negative."""
    chromosome, span, strand = text.split(":")
    start, end = span.rsplit("-", 1)
    return Interval(chromosome=chromosome, start=int(start), end=int(end), strand=strand)


def _run(case: Case) -> Iterator[Outcome]:
    name, kind = f"unit/scorers/{case.notes['name']}", case.notes["kind"]
    if kind not in _KINDS:
        yield Skipped(tensor=name, reason="this benchmark does not know it")
        return
    for what, found, expected, tolerance in _KINDS[kind](case):
        yield compare(f"{name}/{what}", found, np.asarray(expected), tolerance)


def _align(case: Case) -> Iterator[Compared]:
    interval = parse_interval(case.notes["interval"])
    positions = alternate_positions(np.arange(interval.width), case.variant, interval)
    inserted = inserted_positions(case.variant, interval)
    aligned = np.asarray(jax.jit(gather_aligned)(case.arrays["align/alt"], positions, inserted))
    if "error" in case.notes:
        yield (
            "official_fails/is_finite",
            np.isfinite(aligned),
            np.ones_like(case.arrays["align/alt"]),
            IDENTICAL,
        )
    else:
        yield "out", aligned, case["out"], IDENTICAL


def _center_mask(case: Case) -> Iterator[Compared]:
    scorer = CenterMaskScorer(
        requested_output=OutputType(case.notes["output"]),
        width=case.notes["width"],
        aggregation=Aggregation(case.notes["aggregation"]),
    )
    suffix = f"_{scorer.output_type.resolution}bp"
    masks, scores = _score(case, scorer, case.alleles("cm", suffix))
    bins = np.unique(masks.arrays["positions"])
    bins = bins[bins != NOWHERE]
    yield "mask_bins", bins[[0, -1]] if len(bins) else bins, case.notes["mask_bins"], IDENTICAL
    yield "score", scores.raw[0], case["score"], LARGER


def _contact_map(case: Case) -> Iterator[Compared]:
    own = dataclasses.replace(case, interval=parse_interval(case.notes["interval"]))
    masks, scores = _score(own, ContactMapScorer(), case.alleles("contact"))
    yield "bin", masks.arrays["bin"], [case.notes["bin"]], IDENTICAL
    yield "score", scores.raw[0], case["score"], LARGER


def _genes(case: Case, scorer: Scorer, suffix: str = "") -> Iterator[Compared]:
    masks, scores = _score(case, scorer, case.alleles("gene", suffix))
    if f"{case.notes['name']}/mask_len" in case.arrays:
        yield "mask_len", masks.arrays["length"][: len(masks.rows)], case["mask_len"], IDENTICAL
    same_genes = _gene_ids(masks) == case.notes["genes"]
    yield "score", scores.raw if same_genes else _ANOTHER_SHAPE, case["score"], LARGER


def _exon_mask(case: Case) -> Iterator[Compared]:
    arrays = _gene_scorer(GeneStatistic.LFC).masks(case.variant, case.interval, case.annotation).arrays
    expected = case["exon_mask"]
    painted = np.zeros_like(expected)
    blocks, places = np.nonzero(arrays["positions"] != NOWHERE)
    painted[arrays["positions"][blocks, places], arrays["row_of_block"][blocks]] = True
    yield "exon_mask", painted, expected, IDENTICAL


def _junctions(case: Case) -> Iterator[Compared]:
    sites: Any = case.arrays["junction/positions"]
    alleles = [JunctionPredictions(sites=sites, counts=counts) for counts in case.alleles("junction")]
    _, scores = _score(case, SpliceJunctionScorer(), (alleles[0], alleles[1]))
    # Where no intron is inside a gene, there is nothing to report.
    columns = [case.notes.get(column, ()) for column in ("gene_id", "start", "end")]
    keys = list(zip(*columns, strict=True))
    expected = case["score"] if keys else np.zeros((0, _TISSUES))
    found = {
        (row.gene.gene_id, row.junction.start, row.junction.end): values
        for row, values in zip(scores.rows, scores.raw, strict=True)
        if row.gene is not None and row.junction is not None
    }
    same_junctions = found.keys() == set(keys)
    in_order = np.array([found[key] for key in keys] if same_junctions else []).reshape(-1, _TISSUES)
    what = "official_fails/is_empty" if "error" in case.notes else "score"
    yield what, in_order if same_junctions else _ANOTHER_SHAPE, expected, _HALF


def _polyadenylation(case: Case) -> Iterator[Compared]:
    scorer = PolyadenylationScorer(sites=case.sites)
    rows = scorer.masks(case.variant, case.interval, case.annotation).rows
    counts = [row.polyadenylation_site_count for row in rows]
    yield "num_pas", np.array(counts, float), case.notes["num_pas"], IDENTICAL
    distances = [row.polyadenylation_distance for row in rows]
    yield "min_dist", np.array(distances, float), case.notes["min_dist"], IDENTICAL
    yield from _genes(case, scorer)


def _splice_annotation(case: Case) -> Iterator[Compared]:
    window = Window(variant=_ANY_VARIANT, interval=case.interval, reference_bases="", alternate_bases="")
    arrays = site_arrays(window, case.annotation)
    is_backward = case.notes["name"].endswith("/neg")
    sites = np.argwhere((mirrored_site_arrays(arrays) if is_backward else arrays)["is_known"])
    yield "position", sites[:, 0], case["position"], IDENTICAL
    yield "cls", sites[:, 1], case["cls"], IDENTICAL


def _interval(case: Case) -> Iterator[Compared]:
    _, output, width, aggregation = case.notes["name"].split("/")
    scorer = GeneIntervalScorer(
        requested_output=OutputType(output),
        width=None if width == "None" else int(width),
        aggregation=IntervalAggregation(aggregation),
    )
    recorded = {OutputType.CHIP_TF: "cm/ref_128bp"}.get(scorer.requested_output, "gene/ref")
    masks = scorer.masks(case.interval, case.annotation)
    values = jax.jit(scorer.compute)({scorer.requested_output: case.arrays[recorded]}, dict(masks.arrays))
    scores = scorer.label(np.asarray(values), masks.rows, case.tracks(scorer.requested_output))
    yield "mask_len", masks.arrays["length"][: len(masks.rows)], case["mask_len"], IDENTICAL
    same_genes = _gene_ids(masks) == case.notes["genes"]
    yield "score", scores.raw if same_genes else _ANOTHER_SHAPE, case["score"], LARGER


def _score(case: Case, scorer: Scorer, alleles: Alleles) -> tuple[ScoreMasks, Scores]:
    masks = scorer.masks(case.variant, case.interval, case.annotation)
    reference, alternate = ({scorer.output_type: allele} for allele in alleles)
    values = _compute(scorer, reference, alternate, dict(masks.arrays))
    return masks, scorer.label(jax.device_get(values), masks.rows, case.tracks(scorer.output_type))


@functools.partial(jax.jit, static_argnums=0)
def _compute(
    scorer: Scorer, reference: Predictions, alternate: Predictions, masks: Mapping[str, Array]
) -> Values:
    return scorer.compute(reference, alternate, masks)


def _gene_ids(masks: ScoreMasks) -> list[str]:
    return [row.gene.gene_id for row in masks.rows if row.gene is not None]


def _gene_scorer(statistic: GeneStatistic) -> Scorer:
    return GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=statistic)


def _splicing_scorer(output: OutputType) -> Scorer:
    return GeneMaskSplicingScorer(requested_output=output)


_KINDS: Mapping[str, Callable[[Case], Iterator[Compared]]] = {
    "align": _align,
    "center_mask": _center_mask,
    "contact_map": _contact_map,
    "lfc": lambda case: _genes(case, _gene_scorer(GeneStatistic.LFC)),
    "active": lambda case: _genes(case, _gene_scorer(GeneStatistic.ACTIVE)),
    "exon_mask": _exon_mask,
    "splicing": lambda case: _genes(case, _splicing_scorer(OutputType.SPLICE_SITES), "_splice_sites"),
    "splicing_usage": lambda case: _genes(case, _splicing_scorer(OutputType.SPLICE_SITE_USAGE)),
    "splice_junction": _junctions,
    "polya": _polyadenylation,
    "splice_annotation": _splice_annotation,
    "interval": _interval,
}
