"""The genes and the splice sites of a run, under the contig names of its reference."""

import logging
import pathlib
from collections.abc import Sequence

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.annotation_cache import read_annotation
from vep_cli.genome.contigs import rename_contigs
from vep_cli.genome.reference import Reference
from vep_cli.genome.registry import Genome
from vep_cli.genome.splice_sites import KnownSpliceSites

logger = logging.getLogger(__name__)


def read_genes(genome: Genome, reference: Reference) -> Annotation | None:
    """Return the genes under the reference's contig names, None where the genome has none.

    Raises:
        AnnotationError: The annotation cannot be read.
    """
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


def with_splice_sites(
    annotation: Annotation, sites: KnownSpliceSites, tables: Sequence[pathlib.Path], reference: Reference
) -> Annotation:
    """Put the tables' splice sites, under the reference's contig names, in the place of the annotation's.

    Args:
        annotation: The genes.
        sites: What the tables have.
        tables: Their paths, for messages.
        reference: The reference sequence.
    """
    renamed = sites.with_chromosome_names(rename_contigs(sites.positions, reference.lengths))
    if not any(name in reference.lengths for name in renamed.positions):
        names = ", ".join(map(str, tables))
        logger.warning("no contig of the splice sites %s is in the reference: none is known", names)
    return annotation.with_splice_sites(renamed)
