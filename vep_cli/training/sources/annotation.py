"""Targets that follow from where genes are: coverage of exons, starts of transcription, splice sites, marks.

Splice sites are labels; the rest is mechanistic: what a typical expressed gene would show.
"""

import dataclasses
import enum
import functools
import pathlib
from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float32, Int64

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.annotation_cache import read_annotation
from vep_cli.genome.interval import Interval
from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import OPPOSITE_CLASSES
from vep_cli.model.tracks import TrackTable
from vep_cli.training.sources.columns import (
    ALL_TRACKS,
    STRAND_PARTNERS,
    Mixing,
    chosen_tracks,
    identity,
    stranded,
)
from vep_cli.training.sources.shapes import Shape, flags_of_spans, heights
from vep_cli.training.sources.source import ColumnTargets, ReferenceSource
from vep_cli.training.target_store import key_of, key_of_files

_CLASSES = len(OPPOSITE_CLASSES)


class Feature(enum.StrEnum):
    """What of a gene a target follows from."""

    EXONS = "exons"
    BODIES = "bodies"
    STARTS = "starts"
    SPLICE_SITES = "splice_sites"


@dataclasses.dataclass(frozen=True, kw_only=True)
class AnnotationSettings:
    """A `[[data.source]]` of the kind "annotation".

    Attributes:
        gtf: Annotation, GTF or GFF3.
        genome: Name of the assembly whose coordinates it has.
        output: The head that it has targets of.
        feature: "exons" and "bodies" cover the bases of exons or genes, "starts" is a peak at each start
            of transcription, "splice_sites" the five classes of splice sites.
        tracks: Weights of tracks, by patterns of their names; a track's value is weight * value.
        value: Of a covered base, or of the base at the middle of a peak.
        shape: Of a peak: "gaussian", "triangle" or "flat".
        width: Bases from the middle of a peak to its end; of a gaussian, its standard deviation.
        from_fraction: Part of a gene body, in the direction of its strand, before the covered bases.
        to_fraction: Part of a gene body at the end of the covered bases.
        gene_types: Biotypes that count; none means all.
        margin: Bases from an edit within which a copy's targets are unknown.
    """

    gtf: pathlib.Path
    genome: str
    output: OutputType
    feature: Feature
    tracks: Mapping[str, float] = dataclasses.field(default_factory=lambda: ALL_TRACKS)
    value: float = 1.0
    shape: Shape = Shape.GAUSSIAN
    width: int = 20
    from_fraction: float = 0.0
    to_fraction: float = 1.0
    gene_types: tuple[str, ...] = ()
    margin: int = 200

    def __post_init__(self) -> None:
        """Reject splice sites as targets of another head, and parts of genes without a base."""
        if (self.feature is Feature.SPLICE_SITES) != (self.output is OutputType.SPLICE_SITES):
            raise ValueError("the feature splice_sites and the output SPLICE_SITES go together")
        if not 0 <= self.from_fraction < self.to_fraction <= 1:
            raise ValueError("0 <= from_fraction < to_fraction <= 1 does not hold")


class AnnotationSource(ReferenceSource):
    """Profiles of '+' and '-', or of the five classes of splice sites."""

    is_kept = True

    def __init__(self, settings: AnnotationSettings, tracks: TrackTable) -> None:
        """Take the settings; the annotation is read when it is needed.

        Raises:
            UsageError: A pattern names no track, or the annotation cannot be read.
        """
        self._settings = settings
        self.output, self.genome, self.margin = settings.output, settings.genome, settings.margin
        described = dataclasses.asdict(settings) | {"gtf": key_of_files([settings.gtf]), "tracks": None}
        self.key = key_of("annotation", 1, described)
        is_sites = settings.feature is Feature.SPLICE_SITES
        self.partners = np.array(OPPOSITE_CLASSES) if is_sites else STRAND_PARTNERS
        self._mixing: Mixing = (
            identity(settings.output, _CLASSES)
            if is_sites
            else stranded(settings.output, chosen_tracks(tracks, settings.output, settings.tracks))
        )

    def profiles(self, interval: Interval) -> Float32[np.ndarray, "bases profiles"]:
        """Return the feature of each base.

        Raises:
            AnnotationError: The annotation cannot be read.
        """
        if self._settings.feature is Feature.SPLICE_SITES:
            return splice_classes(self._annotation, interval)
        strands = [self._of_strand(interval, strand) for strand in "+-"]
        return np.stack(strands, axis=-1) * np.float32(self._settings.value)

    def targets(self, profiles: Float32[np.ndarray, "bases profiles"], organism: str) -> ColumnTargets:
        """Return the targets of a window from its profiles."""
        return self._mixing.targets(profiles, organism)

    @functools.cached_property
    def _annotation(self) -> Annotation:
        return read_annotation(self._settings.gtf)

    def _of_strand(self, interval: Interval, strand: str) -> Float32[np.ndarray, " bases"]:
        settings = self._settings
        is_here = genes_here(self._annotation, interval.chromosome, strand, settings.gene_types)
        match settings.feature:
            case Feature.EXONS:
                gene = self._annotation.transcript_gene[self._annotation.exon_transcript]
                start, end = self._annotation.exon_start, self._annotation.exon_end
                return flags_of_spans(start[is_here[gene]], end[is_here[gene]], interval)
            case Feature.BODIES:
                fractions = (settings.from_fraction, settings.to_fraction)
                return flags_of_spans(*body_parts(self._annotation, is_here, strand, fractions), interval)
            case _:
                points = start_sites(self._annotation, is_here, strand)
                return heights(points, interval, settings.shape, settings.width)


def genes_here(
    annotation: Annotation, contig: str, strand: str, gene_types: tuple[str, ...]
) -> Bool[np.ndarray, " genes"]:
    """Return which genes are on a strand of a contig, and of one of the types if any are named."""
    return np.array(
        [
            gene.chromosome == contig
            and gene.strand == strand
            and (not gene_types or gene.gene_type in gene_types)
            for gene in annotation.genes
        ],
        bool,
    )


def start_sites(
    annotation: Annotation, is_here: Bool[np.ndarray, " genes"], strand: str
) -> Int64[np.ndarray, " sites"]:
    """Return the first transcribed bases of the chosen genes' transcripts, ascending and distinct."""
    sites = annotation.transcript_start_site[is_here[annotation.transcript_gene]]
    # On '-', the annotation has the base after the first one.
    return np.unique(sites - (strand == "-"))


def body_parts(
    annotation: Annotation, is_here: Bool[np.ndarray, " genes"], strand: str, fractions: tuple[float, float]
) -> tuple[Int64[np.ndarray, " chosen"], Int64[np.ndarray, " chosen"]]:
    """Return where a part of each chosen gene's body starts and ends; fractions count from its 5' end."""
    genes = [gene for gene, is_chosen in zip(annotation.genes, is_here, strict=True) if is_chosen]
    start = np.array([gene.start for gene in genes], np.int64)
    end = np.array([gene.end for gene in genes], np.int64)
    low, high = fractions if strand == "+" else (1 - fractions[1], 1 - fractions[0])
    length = end - start
    return start + np.round(low * length).astype(np.int64), start + np.round(high * length).astype(np.int64)


def splice_classes(annotation: Annotation, interval: Interval) -> Float32[np.ndarray, "bases 5"]:
    """Return the classes of each base: donor and acceptor of '+', of '-', and none.

    A base of several classes has equal parts of each.
    """
    classes = np.zeros((interval.width, _CLASSES), np.float32)
    for kind, bases in enumerate(annotation.splice_sites.within(interval)):
        classes[bases - interval.start, kind] = 1
    classes[classes.sum(axis=1) == 0, -1] = 1
    classes /= classes.sum(axis=1, keepdims=True)
    return classes
