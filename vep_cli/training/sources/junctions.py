"""Splice junctions: the introns of an annotation, each with the same reads across it in every tissue."""

import bisect
import dataclasses
import functools
import pathlib
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float32

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.annotation_cache import read_annotation
from vep_cli.genome.interval import Interval
from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import ORGANISMS, TrackTable
from vep_cli.training.sources.columns import ALL_TRACKS, chosen_tracks
from vep_cli.training.sources.source import Intron, IntronSource


@dataclasses.dataclass(frozen=True, kw_only=True)
class JunctionSettings:
    """A `[[data.source]]` of the kind "junctions".

    Attributes:
        gtf: Annotation, GTF or GFF3.
        genome: Name of the assembly whose coordinates it has.
        tracks: Weights of tissues, by patterns of the names of their '+' tracks.
        value: Reads across an intron; of a tissue, weight * value.
        max_sites: Sites of each kind that a window has targets of, those nearest its middle.
        margin: Bases from an edit within which the sites of a copy are unknown.
    """

    gtf: pathlib.Path
    genome: str
    tracks: Mapping[str, float] = dataclasses.field(default_factory=lambda: ALL_TRACKS)
    value: float = 1.0
    max_sites: int = 64
    margin: int = 200


class JunctionSource(IntronSource):
    """The gaps between the exons of every transcript."""

    def __init__(self, settings: JunctionSettings, tracks: TrackTable, model: ModelConfig) -> None:
        """Take the settings; the annotation is read when it is needed.

        Raises:
            UsageError: A pattern names no track.
            WeightsError: The model has no such head.
        """
        self._gtf = settings.gtf
        self.genome, self.margin, self.max_sites = settings.genome, settings.margin, settings.max_sites
        tissues = model.head(OutputType.SPLICE_JUNCTIONS).width
        self._counts = {organism: np.full(tissues, np.nan, np.float32) for organism in ORGANISMS}
        for track, weight in chosen_tracks(tracks, OutputType.SPLICE_JUNCTIONS, settings.tracks):
            if track.strand != "-":
                self._counts[track.organism][track.index] = weight * settings.value

    def introns(self, interval: Interval, organism: str) -> list[Intron]:
        """Return the introns whose two exons' ends lie in an interval.

        Raises:
            AnnotationError: The annotation cannot be read.
        """
        counts = self._counts[organism]
        known = self._introns.get(interval.chromosome, [])
        first = bisect.bisect_right(known, interval.start, key=lambda intron: intron[0])
        last = bisect.bisect_left(known, interval.end, key=lambda intron: intron[0])
        return [
            intron_of(start, end, is_forward, counts)
            for start, end, is_forward in known[first:last]
            if end < interval.end
        ]

    @functools.cached_property
    def _introns(self) -> Mapping[str, list[tuple[int, int, bool]]]:
        return introns_of(read_annotation(self._gtf))


def introns_of(annotation: Annotation) -> dict[str, list[tuple[int, int, bool]]]:
    """Return the distinct introns of each contig: 0-based start, end, and whether they are on '+'."""
    found: dict[str, set[tuple[int, int, bool]]] = {}
    order = np.lexsort((annotation.exon_start, annotation.exon_transcript))
    transcript = annotation.exon_transcript[order]
    start, end = annotation.exon_end[order][:-1], annotation.exon_start[order][1:]
    for place in np.flatnonzero((transcript[1:] == transcript[:-1]) & (start < end)).tolist():
        gene = annotation.genes[int(annotation.transcript_gene[transcript[place]])]
        if gene.strand != ".":
            intron = (int(start[place]), int(end[place]), gene.strand == "+")
            found.setdefault(gene.chromosome, set()).add(intron)
    return {contig: sorted(introns) for contig, introns in found.items()}


def intron_of(start: int, end: int, is_forward: bool, counts: Float32[np.ndarray, " tissues"]) -> Intron:
    """Return the intron [start, end), 0-based, with the exons' bases beside it as its sites."""
    donor, acceptor = (start - 1, end) if is_forward else (end, start - 1)
    return Intron(donor=donor, acceptor=acceptor, is_forward=is_forward, counts=counts)
