"""Records of one line, variants and genes of one contig, `chr1`."""

import numpy as np

from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.variant import Variant
from vep_cli.genome.vcf_record import VcfRecord, parse_record


def record(text: str, line: int = 1) -> VcfRecord:
    """Return the record of its first five columns, by spaces."""
    return parse_record("\t".join([*text.split(" "), ".", ".", "."]) + "\n", line)


def variant(position: int, reference: str, alternate: str) -> Variant:
    """Return a variant at a 1-based position."""
    return Variant(chromosome="chr1", position=position, reference_bases=reference, alternate_bases=alternate)


def gene_bodies(*bodies: tuple[int, int]) -> Annotation:
    """Return genes G0, G1, ... with these starts and ends, and neither transcripts nor exons."""
    none = np.zeros(0, np.int64)
    return Annotation(
        genes=tuple(
            Gene(
                gene_id=f"G{number}",
                name="",
                gene_type="",
                chromosome="chr1",
                start=start,
                end=end,
                strand="+",
            )
            for number, (start, end) in enumerate(bodies)
        ),
        transcript_gene=none,
        transcript_start_site=none,
        exon_transcript=none,
        exon_start=none,
        exon_end=none,
    )
