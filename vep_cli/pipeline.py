"""The whole run. READ FIRST.

    VCF record -> Variant per ALT -> Window (REF, ALT) -> one-hot -> predictions -> scores -> output line
      genome        genome             genome             genome     model          scoring   writers

`inference` drives the network over the windows. What can fail because of the user's input fails
before the network is loaded, the cheapest checks first, or costs one record and not the run.
"""

import contextlib
import dataclasses
import logging
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence

import jax

import vep_cli
from vep_cli.chosen_calibration import calibration_warning, choose_calibration
from vep_cli.explanation import Explanation, alignment_of, explain_scores
from vep_cli.genome.allele_flags import with_flags
from vep_cli.genome.alleles import Allele, Spelling, as_written, read_alleles
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.annotation_cache import read_annotation
from vep_cli.genome.contigs import rename_contigs
from vep_cli.genome.normalisation import normalise
from vep_cli.genome.placement import Placement, centred, snapped
from vep_cli.genome.polyadenylation import PolyadenylationSites, read_polyadenylation_sites
from vep_cli.genome.reference import Reference
from vep_cli.genome.registry import Genome
from vep_cli.genome.splice_site_table import read_splice_sites
from vep_cli.genome.splice_sites import KnownSpliceSites
from vep_cli.genome.variant_text import reference_bases_at
from vep_cli.genome.vcf_reader import VcfReader
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.genome.window import Window, build_window
from vep_cli.inference.devices import choose_devices, explained_memory_errors
from vep_cli.inference.engine import Engine
from vep_cli.inference.parallel import scored_on_devices
from vep_cli.inference.predictor import Predictor
from vep_cli.inference.prefetch import made_ahead
from vep_cli.inference.stream import PlannedRecord, ReadyRecord, ready_records, score_records
from vep_cli.input_checks import InputChecks
from vep_cli.model.ensemble import open_ensemble
from vep_cli.model.precision import Precision
from vep_cli.model.selection import Selection, select_tracks
from vep_cli.model.tissues import vocabulary
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.scoring.calibration import Calibration
from vep_cli.scoring.choice import Choice, choose_scorers
from vep_cli.scoring.scored_record import ScoredAllele, ScoredRecord
from vep_cli.settings import ScoreSettings
from vep_cli.statistics import Statistics
from vep_cli.writers.formats import check_format, make_writer
from vep_cli.writers.limits import ALL, Limits
from vep_cli.writers.output_file import OutputFile, check_output
from vep_cli.writers.vcf_index import index_output

logger = logging.getLogger(__name__)

RECORDS_AHEAD = 2
"""Records that are made ready while one is scored: of one of many genes, ALT by ALT, tens of megabytes."""

_SPELLINGS: dict[str, Spelling] = {"normalized": normalise, "as-written": as_written}
_PLACEMENTS: dict[str, Callable[[int], Placement]] = {"centered": centred, "snapped": snapped}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Preparation:
    """Everything a run needs before it reads a record, checked against one another.

    Attributes:
        settings: What was asked for.
        weights: The models, without their parameters; all predict the same tracks.
        selection: The tracks to predict.
        choice: The scorers, and those left out with the reason.
        devices: Where the network will run; variants are shared out among them.
        limits: Which scores are written.
        calibration: What quantiles are from; None for none.
        splice_sites: Known ones, by the tables' contig names; None for the annotation's.
    """

    settings: ScoreSettings
    weights: tuple[WeightsFolder, ...]
    selection: Selection
    choice: Choice
    devices: tuple[jax.Device, ...]
    limits: Limits = ALL
    calibration: Calibration | None = None
    splice_sites: KnownSpliceSites | None = None

    @property
    def warnings(self) -> list[str]:
        """What every user of the scores has to be told."""
        of_quantiles = calibration_warning(self.calibration, self.settings)
        of_models = (one.warning for one in self.weights)
        return [text for text in (*of_models, self.selection.warning, of_quantiles) if text is not None]


def prepare(settings: ScoreSettings) -> Preparation:
    """Check the settings against one another, the weights and the machine; takes no time to speak of.

    Raises:
        VepError: Something that was asked for does not exist or does not fit.
    """
    limits = Limits(top=settings.top, all_tracks=settings.all_tracks, min_score=settings.min_score)
    check_format(settings.output)
    check_output(settings.output, inputs=input_files(settings))
    weights = open_ensemble(settings.weights)
    weights[0].config.check_length(settings.window)
    window_placement(settings)
    selection = select_tracks(
        weights[0].tracks,
        organism=settings.genome.organism,
        modalities=settings.modalities,
        tissues=settings.tissues,
        ontologies=settings.ontologies,
        track_names=settings.track_names,
        strands=settings.strands,
        terms=vocabulary(),
    )
    choice = choose_scorers(
        settings.genome.organism,
        outputs=frozenset(selection.tracks.by_output),
        has_annotation=settings.genome.gtf is not None,
        polyadenylation_sites=_read_sites(settings.polyadenylation),
        is_ensemble=len(weights) > 1,
        names=settings.scorers,
    )
    return Preparation(
        settings=settings,
        weights=weights,
        selection=dataclasses.replace(selection, tracks=choice.read_by_a_scorer(selection.tracks)),
        choice=choice,
        devices=choose_devices(settings.device, settings.devices),
        limits=limits,
        calibration=choose_calibration(weights, settings.calibration) if settings.quantiles else None,
        splice_sites=read_splice_sites(settings.splice_sites) if settings.splice_sites else None,
    )


def run(prepared: Preparation, *, after_record: Callable[[Statistics], None]) -> Statistics:
    """Score every record of the input and write it.

    Args:
        prepared: What `prepare` returned.
        after_record: Told of the counts after each record.

    Returns:
        What became of every allele.

    Raises:
        VepError: The input ends in the middle, the output cannot be written, and the like.
    """
    settings = prepared.settings
    statistics = Statistics()
    with Reference(settings.genome.fasta) as reference, VcfReader(settings.source) as records:
        annotation = run_annotation(prepared, reference)
        writer = make_writer(settings.output, prepared.choice.scorers, provenance(prepared), prepared.limits)
        checks = InputChecks(records.name, settings.genome.fasta)
        with OutputFile(settings.output) as output, explained_memory_errors():
            engines = load_engines(prepared, annotation)
            output.write(writer.begin(records.header))
            with scored_records(records, reference, settings, engines, checks) as scored:
                for record in scored:
                    output.write(writer.format(record))
                    statistics.count(record)
                    after_record(statistics)
            output.write(writer.end())
            statistics.blank_lines = records.blank_lines
        index_output(settings.output, max(reference.lengths.values()))
    checks.finish()
    return statistics


def explain(prepared: Preparation, record: VcfRecord, *, top: int) -> Explanation:
    """Score the one allele of `record` as `run` does, and tell what lies behind each score.

    Args:
        prepared: What `prepare` returned; its source and its output are not asked for.
        record: The variant.
        top: Scores to tell of each scorer and gene.

    Raises:
        VepError: A file cannot be read, or memory does not suffice.
    """
    settings = prepared.settings
    with Reference(settings.genome.fasta) as reference, explained_memory_errors():
        annotation = run_annotation(prepared, reference)
        checks = InputChecks("the variant", settings.genome.fasta)
        (planned,) = plan([record], reference, settings)
        checks.see(record, planned.alleles)
        window, scored = planned.windows[0], ScoredAllele(allele=planned.alleles[0])
        if window is not None:
            engine = load_engine(prepared, annotation, prepared.devices[0])
            scored = next(score_records(ready_records([planned], engine), engine)).alleles[0]
        scorers = prepared.choice.scorers
        return Explanation(
            record=record,
            allele=scored.allele,
            reference_bases=reference_bases_at(record, reference),
            window=window,
            alignment=alignment_of(window.variant, window.interval) if window else None,
            scorers=explain_scores(scored, window, scorers, annotation, top=top) if window else (),
            left_out=prepared.choice.left_out,
            run=tuple(provenance(prepared)),
        )


@contextlib.contextmanager
def scored_records(
    records: VcfReader,
    reference: Reference,
    settings: ScoreSettings,
    engines: Sequence[Engine],
    checks: InputChecks,
) -> Iterator[Iterator[ScoredRecord]]:
    """Iterate over every record with its scores, in order.

    While the devices score records, a thread makes the next ones ready. It alone uses `records` and
    `reference`, and has ended when the block is left.

    Args:
        records: The input.
        reference: The reference sequence.
        settings: What was asked for.
        engines: Score the records, one on each device.
        checks: Sees each record when its turn comes, so that messages come in order.
    """
    ready = ready_records(plan(records, reference, settings), engines[0])
    with (
        made_ahead(ready, depth=RECORDS_AHEAD, cancel=records.cancel) as in_order,
        scored_on_devices(_seen(in_order, checks), engines) as scored,
    ):
        yield scored
    records.tell_of_blank_lines()


def _seen(ready: Iterable[ReadyRecord], checks: InputChecks) -> Iterator[ReadyRecord]:
    for one in ready:
        checks.see(one.planned.record, one.planned.alleles)
        yield one


def plan(
    records: Iterable[VcfRecord], reference: Reference, settings: ScoreSettings
) -> Iterator[PlannedRecord]:
    """Yield each record with the windows of its scorable alleles."""
    placement = window_placement(settings)
    for record in records:
        alleles = read_alleles(record, reference, placement.room, _SPELLINGS[settings.alleles])
        windows = tuple(_window(allele, reference, placement) for allele in alleles)
        flagged = tuple(
            with_flags(allele, record, window, reference)
            for allele, window in zip(alleles, windows, strict=True)
        )
        yield PlannedRecord(record=record, alleles=flagged, windows=windows)


def load_engines(prepared: Preparation, annotation: Annotation | None) -> list[Engine]:
    """Return an engine for each device; see `load_engine`."""
    return [load_engine(prepared, annotation, device) for device in prepared.devices]


def load_engine(prepared: Preparation, annotation: Annotation | None, device: jax.Device) -> Engine:
    """Load the network onto a device and join it with the scorers.

    Raises:
        WeightsError: The parameters are damaged or do not fit the model's configuration.
    """
    settings, tracks = prepared.settings, prepared.selection.tracks
    predictors = [
        Predictor(
            weights,
            tracks,
            organism=settings.genome.organism,
            device=device,
            precision=Precision(settings.precision),
        )
        for weights in prepared.weights
    ]
    scorers = prepared.choice.scorers
    return Engine(predictors, scorers, tracks, annotation, calibration=prepared.calibration)


def provenance(prepared: Preparation) -> list[tuple[str, str]]:
    """Return what the output's header says about the run, by name."""
    settings, models = prepared.settings, prepared.weights
    tissues = [
        f"{choice.query}: {', '.join(map(' '.join, zip(choice.curies, choice.names, strict=True)))}"
        for choice in prepared.selection.tissues
    ]
    lines = [
        ("version", vep_cli.__version__),
        ("command", settings.command),
        ("notice", "Research use only; not for diagnosis"),
        *(("weights", f"{one.manifest.name} {one.manifest.version} sha256:{one.sha256}") for one in models),
        ("reference", settings.genome.describe(settings.genome.fasta)),
        ("annotation", settings.genome.describe(settings.genome.gtf)),
        ("polyadenylation", str(settings.polyadenylation or "none")),
        ("splice_sites", ", ".join(map(str, settings.splice_sites)) or "from the annotation"),
        ("window", str(settings.window)),
        ("window_mode", settings.window_mode),
        ("alleles", settings.alleles),
        ("precision", settings.precision),
        ("tissues", "; ".join(tissues) or "all"),
        ("scorers", ", ".join(scorer.official_name for scorer in prepared.choice.scorers)),
    ]
    supervisions = prepared.selection.tracks.supervisions.items()
    learnt_from = [f"{output} {' and '.join(kinds)}" for output, kinds in supervisions if kinds]
    if learnt_from:
        lines.append(("supervision", ", ".join(learnt_from)))
    if prepared.calibration is not None:
        lines.append(("calibration", str(prepared.calibration.made_of)))
    return lines + [("warning", text) for text in prepared.warnings]


def window_placement(settings: ScoreSettings) -> Placement:
    """Return where the run's windows lie.

    Raises:
        UsageError: Windows of this width cannot be placed so.
    """
    return _PLACEMENTS[settings.window_mode](settings.window)


def _window(allele: Allele, reference: Reference, placement: Placement) -> Window | None:
    if allele.variant is None:
        return None
    return build_window(allele.variant, placement.interval(allele.variant), reference)


def run_annotation(prepared: Preparation, reference: Reference) -> Annotation | None:
    """Return the genes and the splice sites of a run under the reference's contig names, None without genes.

    Raises:
        AnnotationError: The annotation cannot be read.
    """
    return _with_splice_sites(read_genes(prepared.settings.genome, reference), prepared, reference)


def read_genes(genome: Genome, reference: Reference) -> Annotation | None:
    """Return the genes under the reference's contig names."""
    if genome.gtf is None:
        return None
    annotation = read_annotation(genome.gtf)
    renamed = annotation.with_chromosome_names(rename_contigs(annotation.chromosomes, reference.lengths))
    if not any(name in reference.lengths for name in renamed.chromosomes):
        logger.warning(
            "no contig of the annotation %s (%s, ...) is in the reference %s: no gene will be scored",
            genome.gtf,
            renamed.chromosomes[0],
            genome.fasta,
        )
    return renamed


def _with_splice_sites(
    annotation: Annotation | None, prepared: Preparation, reference: Reference
) -> Annotation | None:
    """Put the tables' splice sites, under the reference's contig names, in the place of the annotation's."""
    sites = prepared.splice_sites
    if annotation is None or sites is None:
        return annotation
    renamed = sites.with_chromosome_names(rename_contigs(sites.positions, reference.lengths))
    if not any(name in reference.lengths for name in renamed.positions):
        tables = ", ".join(map(str, prepared.settings.splice_sites))
        logger.warning("no contig of the splice sites %s is in the reference: none is known", tables)
    return annotation.with_splice_sites(renamed)


def _read_sites(path: pathlib.Path | None) -> PolyadenylationSites | None:
    return None if path is None else read_polyadenylation_sites(path)


def input_files(settings: ScoreSettings) -> list[pathlib.Path]:
    """Return the files that a run reads besides the weights."""
    genome = settings.genome
    candidates = (
        pathlib.Path(settings.source),
        genome.fasta,
        genome.gtf,
        settings.polyadenylation,
        settings.calibration,
        *settings.splice_sites,
    )
    return [path for path in candidates if path is not None]
