"""The genes of a window on a haplotype: where the exons and sites of the reference lie on it."""

import dataclasses

import numpy as np
from jaxtyping import Int64

from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.haplotype import Coordinates
from vep_cli.genome.interval import Interval
from vep_cli.genome.splice_sites import KnownSpliceSites


def lifted(annotation: Annotation, coordinates: Coordinates, interval: Interval) -> Annotation:
    """Return the genes and the sites of a window in the coordinates of a haplotype.

    What the haplotype gains inside an exon is exon. What it gains at an exon's edge is none. Sites at
    bases that it lacks are gone, and an exon of which it lacks all is empty.

    Args:
        annotation: On the reference.
        coordinates: The haplotype's.
        interval: The window, in these.
    """
    on_reference = _on_reference(interval, coordinates)
    near = annotation.near(on_reference)
    is_reverse = np.array([gene.strand == "-" for gene in near.genes], bool)[near.transcript_gene]
    start_site = near.transcript_start_site
    sites = annotation.splice_sites.within(on_reference)
    return dataclasses.replace(
        near,
        genes=tuple(_lifted_gene(gene, coordinates) for gene in near.genes),
        transcript_start_site=np.where(
            # That of '-' is the end of the last base.
            is_reverse,
            coordinates.behind_last(start_site),
            coordinates.first_from(start_site),
        ),
        exon_start=coordinates.first_from(near.exon_start),
        exon_end=coordinates.behind_last(near.exon_end),
        listed_splice_sites=KnownSpliceSites(
            positions={interval.chromosome: tuple(map(coordinates.placed, sites))}
        ),
        lift=coordinates.placed,
    )


def _on_reference(interval: Interval, coordinates: Coordinates) -> Interval:
    """Return what a window covers of the reference, and a base more at either end."""
    ends = np.array([interval.start - 1, interval.end + 1], np.int64)
    start, end = coordinates.original(ends).tolist()
    return Interval(chromosome=interval.chromosome, start=start, end=max(start, end))


def _lifted_gene(gene: Gene, coordinates: Coordinates) -> Gene:
    start = int(coordinates.first_from(_one(gene.start))[0])
    end = int(coordinates.behind_last(_one(gene.end))[0])
    return dataclasses.replace(gene, start=start, end=max(start, end))


def _one(position: int) -> Int64[np.ndarray, "1"]:
    return np.array([position], np.int64)
