"""The whole run of `vep score-interval`: intervals in, scores of the genes round their centres out."""

import collections
import dataclasses
import logging
import os
import pathlib
from collections.abc import Iterable, Iterator

import jax

from vep_cli.chosen_genes import read_genes
from vep_cli.chosen_tracks import choose_tracks
from vep_cli.errors import BedError, UsageError
from vep_cli.genome.bed import STANDARD_STREAM, BedLine, parse_region, read_bed
from vep_cli.genome.contigs import find_contig
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.inference.devices import choose_device, explained_memory_errors
from vep_cli.inference.interval_engine import IntervalEngine, IntervalWindow
from vep_cli.inference.predictor import Predictor
from vep_cli.model.output_type import OutputType
from vep_cli.model.selection import Selection, parse_modality
from vep_cli.model.weights_folder import WeightsFolder, open_weights
from vep_cli.scoring.interval_scorer import GeneIntervalScorer, IntervalAggregation
from vep_cli.scoring.labels import on_gene_strand
from vep_cli.scoring.scored_interval import INTERVAL_REASONS, IntervalStatus, ScoredInterval
from vep_cli.settings import IntervalScoreSettings
from vep_cli.writers.interval_table import interval_header, interval_rows
from vep_cli.writers.output_file import COMPRESSED_SUFFIXES, OutputFile, check_output, is_special

logger = logging.getLogger(__name__)

MAX_WARNINGS = 20
"""Intervals without a score that are named."""

_NOT_ALONG_THE_WINDOW = (OutputType.CONTACT_MAPS, OutputType.SPLICE_JUNCTIONS)

Counts = collections.Counter[IntervalStatus]


@dataclasses.dataclass(frozen=True, kw_only=True)
class IntervalPreparation:
    """Everything a run needs before it reads an interval, checked against one another.

    Attributes:
        settings: What was asked for.
        weights: The model, without its parameters.
        selection: The tracks to predict.
        scorers: One per output type.
        device: Where the network will run.
    """

    settings: IntervalScoreSettings
    weights: WeightsFolder
    selection: Selection
    scorers: tuple[GeneIntervalScorer, ...]
    device: jax.Device


def prepare_intervals(settings: IntervalScoreSettings) -> IntervalPreparation:
    """Check the settings against one another, the weights and the machine.

    Raises:
        VepError: Something that was asked for does not exist or does not fit.
    """
    _check_source(settings.source)
    _check_table(settings.output, settings)
    if settings.genome.gtf is None:
        raise UsageError("interval scores are of genes, and there are none", remedy="give them with --gtf")
    weights = open_weights(settings.weights)
    weights.config.check_length(settings.window)
    if settings.width > settings.window:
        raise UsageError(
            f"genes within {settings.width} bp are asked for in a window of {settings.window} bp",
            remedy=f"choose --width {settings.window} or less, or a larger --window",
        )
    selection = _select(weights, settings)
    scorers = tuple(
        GeneIntervalScorer(
            requested_output=output,
            width=settings.width,
            aggregation=IntervalAggregation(settings.aggregation.upper()),
        )
        for output in selection.tracks.by_output
    )
    return IntervalPreparation(
        settings=settings,
        weights=weights,
        selection=selection,
        scorers=scorers,
        device=choose_device(settings.device),
    )


def run_intervals(prepared: IntervalPreparation) -> Counts:
    """Score every interval and write it.

    Returns:
        How many intervals there were, by what became of them.

    Raises:
        VepError: The input ends in the middle, the output cannot be written, and the like.
    """
    settings = prepared.settings
    counts: Counts = collections.Counter()
    with (
        Reference(settings.genome.fasta) as reference,
        OutputFile(settings.output) as output,
        explained_memory_errors(),
    ):
        engine = _load_engine(prepared, reference)
        output.write(interval_header())
        for scored in score_lines(_lines(settings.source), engine, reference, settings):
            output.write(interval_rows(scored))
            counts[scored.status] += 1
    if not counts:
        logger.warning("%s has no intervals", settings.source)
    return counts


def score_lines(
    lines: Iterable[BedLine], engine: IntervalEngine, reference: Reference, settings: IntervalScoreSettings
) -> Iterator[ScoredInterval]:
    """Yield every line's interval with its scores, in the order in which they came."""
    warned = 0
    for line in lines:
        scored = _scored(line, engine, reference, settings.window)
        if scored.status not in (IntervalStatus.PASS, IntervalStatus.NO_GENE) and warned < MAX_WARNINGS:
            warned += 1
            reason = line.problem or INTERVAL_REASONS[scored.status]
            logger.warning("%s: no score: %s", _place(settings.source, line), reason)
        yield scored


def _place(source: str, line: BedLine) -> str:
    """Return what messages call an interval: its line, or the region that was asked for."""
    if source == STANDARD_STREAM:
        return f"standard input:{line.line_number}"
    return f"{source}:{line.line_number}" if os.path.exists(source) else source


def _scored(line: BedLine, engine: IntervalEngine, reference: Reference, width: int) -> ScoredInterval:
    if line.interval is None:
        title = f"line {line.line_number}"
        return ScoredInterval(title=title, name=line.name, status=IntervalStatus.MALFORMED)
    chromosome = find_contig(line.interval.chromosome, reference.lengths)
    interval = dataclasses.replace(line.interval, chromosome=chromosome or line.interval.chromosome)
    status = _status(interval, reference, width)
    if status is not IntervalStatus.PASS:
        return ScoredInterval(title=str(interval), name=line.name, status=status)
    window = interval.resize(width)
    (scores,) = engine.score([IntervalWindow(interval=window, bases=reference.fetch(window))])
    if not any(on_gene_strand(one.rows, one.tracks).any() for one in scores):
        return ScoredInterval(
            title=str(interval), name=line.name, status=IntervalStatus.NO_GENE, window=window
        )
    return ScoredInterval(title=str(interval), name=line.name, status=status, window=window, scores=scores)


def _status(interval: Interval, reference: Reference, width: int) -> IntervalStatus:
    if interval.chromosome not in reference.lengths:
        return IntervalStatus.UNKNOWN_CONTIG
    if interval.end > reference.lengths[interval.chromosome]:
        return IntervalStatus.OFF_CONTIG
    return IntervalStatus.TOO_LONG if interval.width > width else IntervalStatus.PASS


def _select(weights: WeightsFolder, settings: IntervalScoreSettings) -> Selection:
    for output in map(parse_modality, settings.modalities):
        if output in _NOT_ALONG_THE_WINDOW:
            raise UsageError(
                f"{output} has no interval score: it is not predicted base by base",
                remedy="choose another --modality",
            )
    along = weights.tracks.where(lambda track: track.output_type not in _NOT_ALONG_THE_WINDOW)
    return choose_tracks(along, settings)


def _load_engine(prepared: IntervalPreparation, reference: Reference) -> IntervalEngine:
    settings, tracks = prepared.settings, prepared.selection.tracks
    annotation = read_genes(settings.genome, reference)
    if annotation is None:
        raise ValueError("`prepare_intervals` lets no genome without genes pass")
    predictor = Predictor(
        prepared.weights,
        tracks,
        organism=settings.genome.organism,
        device=prepared.device,
    )
    return IntervalEngine(predictor.predict, prepared.scorers, tracks, annotation)


def _lines(source: str) -> Iterator[BedLine]:
    region = None if os.path.exists(source) else parse_region(source)
    return read_bed(source) if region is None else iter([BedLine(line_number=1, interval=region)])


def _check_source(source: str) -> None:
    if os.path.isdir(source):
        raise BedError("a folder, not a BED file", path=source, remedy="give a file in it")
    if source != STANDARD_STREAM and not os.path.exists(source) and parse_region(source) is None:
        raise BedError(
            "there is no such file, and it is no region",
            path=source,
            remedy="give a BED file, or a region such as chr1:1001-2000 (1-based, both ends included)",
        )


def _check_table(output: str, settings: IntervalScoreSettings) -> None:
    plain = output
    for suffix in COMPRESSED_SUFFIXES:
        plain = plain.removesuffix(suffix)
    if output != STANDARD_STREAM and not plain.endswith(".tsv") and not is_special(output):
        raise UsageError(
            f"interval scores are written as .tsv or .tsv.gz, not to {output}",
            remedy="end its name in .tsv or .tsv.gz",
        )
    genome = settings.genome
    inputs = (pathlib.Path(settings.source), genome.fasta, genome.gtf)
    check_output(output, inputs=[path for path in inputs if path is not None])
