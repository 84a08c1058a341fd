"""A window of ten bases, and annotations short enough to score on paper."""

import numpy as np

from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track

TOY_WINDOW = Interval(chromosome="chr1", start=1000, end=1010)


def toy_variant(position: int, reference: str, alternate: str) -> Variant:
    return Variant(chromosome="chr1", position=position, reference_bases=reference, alternate_bases=alternate)


def strand_tracks(output_type: OutputType, strands: str) -> tuple[Track, ...]:
    return tuple(
        Track(organism="human", output_type=output_type, index=index, name=f"track {index}", strand=strand)
        for index, strand in enumerate(strands)
    )


def one_exon_genes(*genes: tuple[int, int, str], gene_type: str = "lncRNA") -> Annotation:
    """Genes G0.1, G1.1, ... of one transcript and one exon each: (start, end, strand)."""
    return Annotation(
        genes=tuple(
            Gene(
                gene_id=f"G{number}.1",
                name="",
                gene_type=gene_type,
                chromosome="chr1",
                start=start,
                end=end,
                strand=strand,
            )
            for number, (start, end, strand) in enumerate(genes)
        ),
        transcript_gene=np.arange(len(genes)),
        transcript_start_site=np.array([end if strand == "-" else start for start, end, strand in genes]),
        exon_transcript=np.arange(len(genes)),
        exon_start=np.array([start for start, _, _ in genes]),
        exon_end=np.array([end for _, end, _ in genes]),
    )
