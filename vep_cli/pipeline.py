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
from vep_cli.chosen_genes import read_genes, with_splice_sites
from vep_cli.chosen_tracks import choose_tracks
from vep_cli.genome.allele_flags import with_flags
from vep_cli.genome.alleles import Allele, Spelling, as_written, read_alleles
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.haplotypes import Haplotypes
from vep_cli.genome.interval import Interval
from vep_cli.genome.normalisation import normalise
from vep_cli.genome.placement import Placement, centred, snapped
from vep_cli.genome.polyadenylation import read_polyadenylation_sites
from vep_cli.genome.reference import Reference
from vep_cli.genome.regions import check_indexed, chosen_regions
from vep_cli.genome.splice_site_table import read_splice_sites
from vep_cli.genome.splice_sites import KnownSpliceSites
from vep_cli.genome.variant import Variant
from vep_cli.genome.vcf_reader import VcfReader
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.genome.window import Window, build_window
from vep_cli.inference.devices import check_precision, choose_devices, explained_memory_errors
from vep_cli.inference.engine import Engine
from vep_cli.inference.parallel import scored_on_devices
from vep_cli.inference.predictor import Predictor
from vep_cli.inference.prefetch import made_ahead
from vep_cli.inference.stream import PlannedRecord, ReadyRecord, ready_records
from vep_cli.input_checks import InputChecks
from vep_cli.journal.outputs import ScoreOutput, check_resume, open_output
from vep_cli.model.ensemble import open_ensemble
from vep_cli.model.precision import Precision
from vep_cli.model.selection import Selection
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.phased import check_phased, chosen_haplotypes, on_haplotypes, phased_line
from vep_cli.run_identity import run_identity
from vep_cli.scoring.calibration import Calibration
from vep_cli.scoring.choice import Choice, choose_scorers
from vep_cli.scoring.scored_record import ScoredRecord
from vep_cli.settings import ScoreSettings
from vep_cli.shard_files import keep_beside
from vep_cli.sharding import Block, RunDescription, check_shard, chosen_block
from vep_cli.statistics import Statistics
from vep_cli.writers.formats import check_format, make_writer
from vep_cli.writers.limits import ALL, Limits
from vep_cli.writers.output_file import check_output
from vep_cli.writers.vcf_index import index_output

logger = logging.getLogger(__name__)

RECORDS_AHEAD = 256
"""Records that are made ready while others are scored, at most."""

BYTES_AHEAD = 64_000_000
"""No further record is made ready while those that wait take more: one of many genes takes a good part."""

SPELLINGS: dict[str, Spelling] = {"normalized": normalise, "as-written": as_written}
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
    limits = dataclasses.replace(limits, haplotypes=settings.phased is not None)
    check_format(settings.output)
    check_output(settings.output, inputs=input_files(settings))
    check_resume(settings.output, resume=settings.resume)
    check_shard(settings)
    check_phased(settings)
    if chosen_regions(settings.regions, settings.regions_file) is not None:
        check_indexed(settings.source)
    weights, polya = open_ensemble(settings.weights), settings.polyadenylation
    weights[0].config.check_length(settings.window)
    window_placement(settings)
    selection = choose_tracks(weights[0].tracks, settings)
    choice = choose_scorers(
        settings.genome.organism,
        outputs=frozenset(selection.tracks.by_output),
        has_annotation=settings.genome.gtf is not None,
        polyadenylation_sites=read_polyadenylation_sites(polya) if polya is not None else None,
        is_ensemble=len(weights) > 1,
        names=settings.scorers,
    )
    return Preparation(
        settings=settings,
        weights=weights,
        selection=dataclasses.replace(selection, tracks=choice.read_by_a_scorer(selection.tracks)),
        choice=choice,
        devices=_devices(settings),
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
    block, regions = chosen_block(settings), chosen_regions(settings.regions, settings.regions_file)
    with Reference(settings.genome.fasta) as reference, VcfReader(settings.source, regions) as records:
        annotation = run_annotation(prepared, reference)
        checks = InputChecks(records.name, settings.genome.fasta)
        haplotypes = chosen_haplotypes(settings, reference)
        described = _described(prepared, reference, records.header, block, haplotypes)
        with _open_output(prepared, records.header, described) as output, explained_memory_errors():
            checks.pass_over(output.counts)
            left = output.left_of(iter(records) if block is None else block.of(records))
            # Where an earlier run has done all, nobody needs the network.
            if left is not None:
                engines = load_engines(prepared, annotation)
                planned = plan(left, reference, settings, haplotypes)
                with scored_records(planned, engines, checks, records.cancel) as scored:
                    output.write(scored, after_record)
            records.tell_of_oddities()
            output.counts.blank_lines = records.blank_lines
            output.finish(lambda: _complete(settings.output, described))
    checks.finish()
    return output.counts


def _described(
    prepared: Preparation,
    reference: Reference,
    header: tuple[str, ...],
    block: Block | None,
    haplotypes: Haplotypes | None,
) -> RunDescription:
    identity = run_identity(
        prepared.settings,
        weights=prepared.weights,
        calibration=prepared.calibration,
        device=prepared.devices[0],
        reference=reference,
        header=header,
        haplotypes=haplotypes,
    )
    return RunDescription(block=block, identity=identity, longest_contig=max(reference.lengths.values()))


def _open_output(prepared: Preparation, header: tuple[str, ...], described: RunDescription) -> ScoreOutput:
    settings = prepared.settings
    told = provenance(prepared) + described.provenance
    writer = make_writer(settings.output, prepared.choice.scorers, told, prepared.limits)
    return open_output(settings.output, writer, header, described.own_identity, resume=settings.resume)


def _complete(path: str, described: RunDescription) -> None:
    """Put beside a finished file what belongs to it."""
    index_output(path, described.longest_contig)
    keep_beside(path, described)


@contextlib.contextmanager
def scored_records(
    planned: Iterable[PlannedRecord],
    engines: Sequence[Engine],
    checks: InputChecks,
    cancel: Callable[[], None],
) -> Iterator[Iterator[ScoredRecord]]:
    """Iterate over every record with its scores, in order.

    While the devices score records, a thread makes the next ones ready. It alone uses `planned`, and has
    ended when the block is left.

    Args:
        planned: What is to be scored of the input, from `plan`.
        engines: Score the records, one on each device.
        checks: Sees each record when its turn comes, so that messages come in order.
        cancel: Ends the reading of a record that the thread waits for.
    """
    ready = ready_records(planned, engines[0])
    with (
        made_ahead(
            ready, depth=RECORDS_AHEAD, size=lambda one: one.nbytes, room=BYTES_AHEAD, cancel=cancel
        ) as in_order,
        scored_on_devices(_seen(in_order, checks), engines) as scored,
    ):
        yield scored


def _seen(ready: Iterable[ReadyRecord], checks: InputChecks) -> Iterator[ReadyRecord]:
    for one in ready:
        checks.see(one.planned.record, one.planned.alleles)
        yield one


def plan(
    records: Iterable[VcfRecord],
    reference: Reference,
    settings: ScoreSettings,
    haplotypes: Haplotypes | None = None,
) -> Iterator[PlannedRecord]:
    """Yield each record with the windows of its scorable alleles, on the haplotypes that carry them."""
    placement, spelling = window_placement(settings), SPELLINGS[settings.alleles]
    for record in records:
        planned = planned_record(record, reference, placement.room, spelling, placement.interval)
        if haplotypes is not None:
            planned = on_haplotypes(planned, haplotypes, reference, spelling, placement.interval)
        yield planned


def planned_record(
    record: VcfRecord,
    reference: Reference,
    room: int,
    spelling: Spelling,
    place: Callable[[Variant], Interval],
) -> PlannedRecord:
    """Return a record with the windows of its scorable alleles.

    Args:
        record: The record.
        reference: The reference sequence.
        room: Bases that an allele has to fit.
        spelling: Rewrites each variant that agrees with the reference.
        place: Returns the window of a variant.
    """
    alleles = read_alleles(record, reference, room, spelling)
    windows = tuple(_window(allele, reference, place) for allele in alleles)
    flagged = tuple(
        with_flags(allele, record, window, reference) for allele, window in zip(alleles, windows, strict=True)
    )
    return PlannedRecord(record=record, alleles=flagged, windows=windows)


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
    if settings.phased is not None:
        lines.append(("phased", phased_line(settings)))
    if prepared.calibration is not None:
        lines.append(("calibration", str(prepared.calibration.made_of)))
    return lines + [("warning", text) for text in prepared.warnings]


def window_placement(settings: ScoreSettings) -> Placement:
    """Return where the run's windows lie.

    Raises:
        UsageError: Windows of this width cannot be placed so.
    """
    return _PLACEMENTS[settings.window_mode](settings.window)


def _devices(settings: ScoreSettings) -> tuple[jax.Device, ...]:
    devices = choose_devices(settings.device, settings.devices)
    check_precision(Precision(settings.precision), devices)
    return devices


def _window(allele: Allele, reference: Reference, place: Callable[[Variant], Interval]) -> Window | None:
    if allele.variant is None:
        return None
    return build_window(allele.variant, place(allele.variant), reference)


def run_annotation(prepared: Preparation, reference: Reference) -> Annotation | None:
    """Return the genes and the splice sites of a run under the reference's contig names, None without genes.

    Raises:
        AnnotationError: The annotation cannot be read.
    """
    settings = prepared.settings
    annotation = read_genes(settings.genome, reference)
    if annotation is None or prepared.splice_sites is None:
        return annotation
    return with_splice_sites(annotation, prepared.splice_sites, settings.splice_sites, reference)


def input_files(settings: ScoreSettings) -> list[pathlib.Path]:
    """Return the files that a run reads besides the weights."""
    genome = settings.genome
    candidates = (
        pathlib.Path(settings.source),
        genome.fasta,
        genome.gtf,
        settings.polyadenylation,
        settings.calibration,
        settings.regions_file,
        settings.phased_from,
        *settings.splice_sites,
    )
    return [path for path in candidates if path is not None]
