"""The whole run. READ FIRST.

    VCF record -> Variant per ALT -> Window (REF, ALT) -> one-hot -> predictions -> scores -> output line
      genome        genome             genome             genome     model          scoring   writers

`inference` drives the network over the windows. What can fail because of the user's input fails
before the network is loaded, the cheapest checks first, or costs one record and not the run.
"""

import dataclasses
import logging
import pathlib
from collections.abc import Callable, Iterable, Iterator

import jax

import vep_cli
from vep_cli.genome.alleles import Allele, Spelling, as_written, read_alleles
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.annotation_cache import read_annotation
from vep_cli.genome.contigs import rename_contigs
from vep_cli.genome.normalisation import normalise
from vep_cli.genome.polyadenylation import PolyadenylationSites, read_polyadenylation_sites
from vep_cli.genome.reference import Reference
from vep_cli.genome.registry import Genome
from vep_cli.genome.vcf_reader import VcfReader
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.genome.window import Window, build_window, centred_interval
from vep_cli.inference.devices import choose_device, explained_memory_errors
from vep_cli.inference.engine import Engine
from vep_cli.inference.predictor import Predictor
from vep_cli.inference.stream import PlannedRecord, score_records
from vep_cli.input_checks import InputChecks
from vep_cli.model.ensemble import open_ensemble
from vep_cli.model.precision import Precision
from vep_cli.model.selection import Selection, select_tracks
from vep_cli.model.tissues import vocabulary
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.scoring.choice import Choice, choose_scorers
from vep_cli.settings import ScoreSettings
from vep_cli.statistics import Statistics
from vep_cli.writers.formats import make_writer, output_format
from vep_cli.writers.output_file import OutputFile, check_output
from vep_cli.writers.vcf_index import index_output

logger = logging.getLogger(__name__)

_SPELLINGS: dict[str, Spelling] = {"normalized": normalise, "as-written": as_written}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Preparation:
    """Everything a run needs before it reads a record, checked against one another.

    Attributes:
        settings: What was asked for.
        weights: The models, without their parameters; all predict the same tracks.
        selection: The tracks to predict.
        choice: The scorers, and those left out with the reason.
        device: Where the network will run.
    """

    settings: ScoreSettings
    weights: tuple[WeightsFolder, ...]
    selection: Selection
    choice: Choice
    device: jax.Device


def prepare(settings: ScoreSettings) -> Preparation:
    """Check the settings against one another, the weights and the machine; takes no time to speak of.

    Raises:
        VepError: Something that was asked for does not exist or does not fit.
    """
    output_format(settings.output)
    check_output(settings.output, inputs=_input_files(settings))
    weights = open_ensemble(settings.weights)
    weights[0].config.check_length(settings.window)
    selection = select_tracks(
        weights[0].tracks,
        organism=settings.genome.organism,
        modalities=settings.modalities,
        tissues=settings.tissues,
        terms=vocabulary(),
    )
    choice = choose_scorers(
        settings.genome.organism,
        outputs=frozenset(selection.tracks.by_output),
        has_annotation=settings.genome.gtf is not None,
        polyadenylation_sites=_read_sites(settings.polyadenylation),
        is_ensemble=len(weights) > 1,
    )
    return Preparation(
        settings=settings,
        weights=weights,
        selection=dataclasses.replace(selection, tracks=choice.read_by_a_scorer(selection.tracks)),
        choice=choice,
        device=choose_device(settings.device),
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
        annotation = _read_annotation(settings.genome, reference)
        writer = make_writer(settings.output, prepared.choice.scorers, provenance(prepared))
        checks = InputChecks(records.name, settings.genome.fasta)
        planned = plan(records, reference, settings, checks)
        with OutputFile(settings.output) as output, explained_memory_errors():
            engine = load_engine(prepared, annotation)
            output.write(writer.begin(records.header))
            for record in score_records(planned, engine, variants=settings.batch_size):
                output.write(writer.format(record))
                statistics.count(record)
                after_record(statistics)
        index_output(settings.output, max(reference.lengths.values()))
    checks.finish()
    return statistics


def plan(
    records: Iterable[VcfRecord], reference: Reference, settings: ScoreSettings, checks: InputChecks
) -> Iterator[PlannedRecord]:
    """Yield each record with the windows of its scorable alleles."""
    for record in records:
        alleles = read_alleles(record, reference, settings.window, _SPELLINGS[settings.alleles])
        checks.see(record, alleles)
        windows = tuple(_window(allele, reference, settings.window) for allele in alleles)
        yield PlannedRecord(record=record, alleles=alleles, windows=windows)


def load_engine(prepared: Preparation, annotation: Annotation | None) -> Engine:
    """Load the network and join it with the scorers.

    Raises:
        WeightsError: The parameters are damaged or do not fit the model's configuration.
    """
    settings, tracks = prepared.settings, prepared.selection.tracks
    predictors = [
        Predictor(
            weights,
            tracks,
            organism=settings.genome.organism,
            device=prepared.device,
            batch_size=settings.batch_size,
            precision=Precision(settings.precision),
        )
        for weights in prepared.weights
    ]
    return Engine(
        [one.predict for one in predictors],
        prepared.choice.scorers,
        tracks,
        annotation,
        junctions=predictors[0].junctions,
    )


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
        ("window", str(settings.window)),
        ("alleles", settings.alleles),
        ("precision", settings.precision),
        ("tissues", "; ".join(tissues) or "all"),
        ("scorers", ", ".join(scorer.official_name for scorer in prepared.choice.scorers)),
    ]
    return lines + [("warning", one.warning) for one in models if one.warning is not None]


def _window(allele: Allele, reference: Reference, width: int) -> Window | None:
    if allele.variant is None:
        return None
    return build_window(allele.variant, centred_interval(allele.variant, width), reference)


def _read_annotation(genome: Genome, reference: Reference) -> Annotation | None:
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


def _read_sites(path: pathlib.Path | None) -> PolyadenylationSites | None:
    return None if path is None else read_polyadenylation_sites(path)


def _input_files(settings: ScoreSettings) -> list[pathlib.Path]:
    genome = settings.genome
    candidates = (pathlib.Path(settings.source), genome.fasta, genome.gtf, settings.polyadenylation)
    return [path for path in candidates if path is not None]
