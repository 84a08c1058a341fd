"""The whole run of `vep plot`: one variant in, what a figure of it shows out."""

import dataclasses
import logging
import pathlib
from collections.abc import Iterator, Sequence

import jax

import vep_cli
from vep_cli.chosen_genes import read_genes, with_splice_sites
from vep_cli.chosen_tracks import choose_tracks
from vep_cli.errors import UsageError, VcfError
from vep_cli.explanation import allele_problem, allele_remedy
from vep_cli.genome.alleles import read_alleles
from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.bed import parse_region
from vep_cli.genome.contigs import find_contig
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.splice_site_table import read_splice_sites
from vep_cli.genome.splice_sites import KnownSpliceSites
from vep_cli.genome.variant import Variant
from vep_cli.genome.variant_text import reference_bases_at
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.genome.window import Window, build_window, centred_interval
from vep_cli.inference.devices import check_precision, choose_device, explained_memory_errors
from vep_cli.inference.predictor import Predictor
from vep_cli.model.precision import Precision
from vep_cli.model.selection import MECHANISTIC, Selection
from vep_cli.model.weights_folder import WeightsFolder, open_weights
from vep_cli.pipeline import SPELLINGS
from vep_cli.plot.choice import PanelChoice, choose_panels
from vep_cli.plot.content import FigureContent
from vep_cli.plot.extent import around, default_extent, unknown_stretches, within
from vep_cli.plot.genes import gene_models, gene_name
from vep_cli.plot.panels import make_panel
from vep_cli.plot.prediction import ShownPrediction, predict_shown
from vep_cli.settings import PlotSettings
from vep_cli.writers.output_file import check_output

logger = logging.getLogger(__name__)

_ON_REFERENCE = {
    True: "ALT is laid on REF: the base before the insertion has the largest prediction of it and them.",
    False: "ALT is laid on REF: deleted bases count as zero.",
}
"""How ALT is drawn, by whether it is the longer allele."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PlotPreparation:
    """Everything a figure needs before the genome is read, checked against one another.

    Attributes:
        settings: What was asked for.
        weights: The model, without its parameters.
        selection: The tracks to choose from.
        device: Where the network will run.
        splice_sites: Known ones, by the tables' contig names; None for the annotation's.
    """

    settings: PlotSettings
    weights: WeightsFolder
    selection: Selection
    device: jax.Device
    splice_sites: KnownSpliceSites | None

    @property
    def is_tissue_chosen(self) -> bool:
        """Whether the tracks are of a choice of tissues or tracks, and not simply all of some kinds."""
        settings = self.settings
        return bool(settings.tissues or settings.ontologies or settings.track_names)


def prepare_plot(settings: PlotSettings) -> PlotPreparation:
    """Check the settings against one another, the weights and the machine.

    Raises:
        VepError: Something that was asked for does not exist or does not fit.
    """
    if settings.around is not None and settings.interval is not None:
        raise UsageError("--around and --interval both say what to show", remedy="choose one of them")
    genome = settings.genome
    inputs = (genome.fasta, genome.gtf, *settings.splice_sites)
    check_output(settings.output, inputs=[path for path in inputs if path is not None])
    weights = open_weights(settings.weights)
    weights.config.check_length(settings.window)
    selection = choose_tracks(weights.tracks, settings)
    device = choose_device(settings.device)
    check_precision(Precision(settings.precision), [device])
    return PlotPreparation(
        settings=settings,
        weights=weights,
        selection=selection,
        device=device,
        splice_sites=read_splice_sites(settings.splice_sites) if settings.splice_sites else None,
    )


def figure_content(prepared: PlotPreparation, record: VcfRecord) -> FigureContent:
    """Predict the one allele of `record` and return what a figure shows of it.

    Args:
        prepared: What `prepare_plot` returned.
        record: The variant.

    Raises:
        VcfError: The allele has no prediction.
        UsageError: Nothing of what is to be shown lies in the window.
        VepError: A file cannot be read, or memory does not suffice.
    """
    settings = prepared.settings
    with Reference(settings.genome.fasta) as reference, explained_memory_errors():
        variant = _variant(record, reference, settings)
        window = build_window(variant, centred_interval(variant, settings.window), reference)
        annotation = _annotation(prepared, reference)
        genes = annotation.genes_overlapping(variant) if annotation else ()
        asked = _asked(settings, variant, genes, reference)
        length = reference.lengths[variant.chromosome]
        shown = within(asked, window, length)
        choice = _choice(prepared, genes)
        predicted = _predicted(prepared, choice, window, shown, annotation)
        models, left_out = gene_models(annotation, shown, genes) if annotation else ((), 0)
        return FigureContent(
            variant=variant,
            touched=tuple(map(gene_name, sorted(genes, key=lambda gene: not gene.is_protein_coding))),
            shown=shown,
            has_annotation=annotation is not None,
            genes=models,
            genes_left_out=left_out,
            panels=tuple(
                make_panel(track, choice.predicted, predicted, shown, length) for track in choice.tracks
            ),
            unknown=unknown_stretches(window, shown),
            notes=tuple(_notes(prepared, choice, variant)),
        )


def _variant(record: VcfRecord, reference: Reference, settings: PlotSettings) -> Variant:
    (allele,) = read_alleles(record, reference, settings.window, SPELLINGS[settings.alleles])
    if allele.variant is None:
        problem = allele_problem(record, allele, reference_bases_at(record, reference))
        text = f"{record.chromosome}:{record.position}:{record.reference}:{allele.text}"
        raise VcfError(f"{text} cannot be drawn: {problem}", remedy=allele_remedy(allele))
    return allele.variant


def _annotation(prepared: PlotPreparation, reference: Reference) -> Annotation | None:
    settings = prepared.settings
    annotation = read_genes(settings.genome, reference)
    if annotation is None or prepared.splice_sites is None:
        return annotation
    return with_splice_sites(annotation, prepared.splice_sites, settings.splice_sites, reference)


def _asked(settings: PlotSettings, variant: Variant, genes: Sequence[Gene], reference: Reference) -> Interval:
    if settings.around is not None:
        return around(variant, settings.around)
    if settings.interval is None:
        return default_extent(variant, genes)
    region = parse_region(settings.interval)
    if region is None:
        raise UsageError(
            f"--interval {settings.interval} is no region",
            remedy="write it as chr6:32,038,001-32,042,000: 1-based, both ends included",
        )
    chromosome = find_contig(region.chromosome, reference.lengths) or region.chromosome
    return dataclasses.replace(region, chromosome=chromosome)


def _choice(prepared: PlotPreparation, genes: Sequence[Gene]) -> PanelChoice:
    settings = prepared.settings
    choice = choose_panels(
        prepared.selection.tracks,
        genes,
        is_tissue_chosen=prepared.is_tissue_chosen,
        is_strand_chosen=bool(settings.strands),
        limit=settings.panels,
    )
    for line in _choice_lines(choice):
        logger.info("%s", line)
    return choice


def _choice_lines(choice: PanelChoice) -> Iterator[str]:
    if choice.tissue is not None:
        name, curie = choice.tissue.biosample_name, choice.tissue.ontology_curie
        yield f"no tissue was asked for: {name} {curie} is drawn; choose with --tissue"
    if choice.left_out:
        total = len(choice.tracks) + sum(choice.left_out.values())
        kinds = ", ".join(f"{kind} {count}" for kind, count in choice.left_out.items())
        yield (
            f"{len(choice.tracks)} of {total} panels are drawn, left out are {kinds}: "
            f"--panels {total} draws all, --modality and --track choose"
        )


def _predicted(
    prepared: PlotPreparation,
    choice: PanelChoice,
    window: Window,
    shown: Interval,
    annotation: Annotation | None,
) -> ShownPrediction:
    settings = prepared.settings
    predictor = Predictor(
        prepared.weights,
        choice.predicted,
        organism=settings.genome.organism,
        device=prepared.device,
        precision=Precision(settings.precision),
    )
    return predict_shown(predictor, choice.predicted, window, shown, annotation)


def _notes(prepared: PlotPreparation, choice: PanelChoice, variant: Variant) -> Iterator[str]:
    """Yield what has to be known of a figure that has left its caption behind."""
    settings, manifest = prepared.settings, prepared.weights.manifest
    if prepared.weights.warning is not None:
        yield f"{prepared.weights.warning[0].upper()}{prepared.weights.warning[1:]}."
    if any(track.supervision == MECHANISTIC for track in choice.tracks):
        yield "Mechanistic tracks follow rules that someone wrote down, not measurements: a demonstration."
    if variant.length_change != 0:
        yield _ON_REFERENCE[variant.length_change > 0]
        yield "What lies behind it moves in the network's bins, which alone changes predictions a little."
    genome = settings.genome
    yield (
        f"Predicted with {manifest.name} {manifest.version} from {settings.window:,} bp of "
        f"{genome.name or pathlib.Path(genome.fasta).name} by vep-cli {vep_cli.__version__}. "
        "Research use only; not for diagnosis."
    )
