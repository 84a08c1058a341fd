"""Scored records made by hand, for the tests of this folder."""

import dataclasses

import numpy as np

from vep_cli.genome.alleles import Allele, AlleleFlag, AlleleStatus
from vep_cli.genome.annotation import Gene
from vep_cli.genome.interval import Interval
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.genome.variant import Variant
from vep_cli.genome.vcf_record import parse_record
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic
from vep_cli.scoring.polyadenylation import PolyadenylationScorer
from vep_cli.scoring.scored_record import ScoredAllele, ScoredRecord
from vep_cli.scoring.scorer import RowLabel, Scorer, Scores
from vep_cli.scoring.splice_junctions import SpliceJunctionScorer
from vep_cli.scoring.splicing import GeneMaskSplicingScorer

ATAC = CenterMaskScorer(requested_output=OutputType.ATAC, width=501, aggregation=Aggregation.DIFF_LOG2_SUM)
ATAC_ACTIVE = CenterMaskScorer(
    requested_output=OutputType.ATAC, width=501, aggregation=Aggregation.ACTIVE_SUM
)
RNA = GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=GeneStatistic.LFC)
SPLICE_SITES = GeneMaskSplicingScorer(requested_output=OutputType.SPLICE_SITES)
POLYADENYLATION = PolyadenylationScorer(sites=PolyadenylationSites(start={}))
JUNCTIONS = SpliceJunctionScorer()
SCORERS: tuple[Scorer, ...] = (ATAC, RNA, SPLICE_SITES, ATAC_ACTIVE)


def gene(strand: str = "+", name: str = "GENE") -> Gene:
    return Gene(
        gene_id="ENSG01.7",
        name=name,
        gene_type="lncRNA",
        chromosome="chr1",
        start=90,
        end=200,
        strand=strand,
    )


def tracks(output: OutputType, strands: str) -> tuple[Track, ...]:
    return tuple(
        Track(
            organism="human",
            output_type=output,
            index=index,
            name=f"track {index}",
            strand=strand,
            biosample_name="liver",
            ontology_curie="UBERON:0002107",
        )
        for index, strand in enumerate(strands)
    )


def scores(
    scorer: Scorer, raw: list[list[float]], *, strands: str | None = None, genes: tuple[Gene, ...] = ()
) -> Scores:
    """Scores of one row per gene, or of one row; REF is 1 everywhere and ALT 2."""
    matrix = np.array(raw, np.float32)
    return Scores(
        scorer=scorer,
        rows=tuple(RowLabel(gene=one) for one in genes) or (RowLabel(),),
        tracks=tracks(scorer.output_type, strands or "." * matrix.shape[1]),
        raw=matrix,
        reference=np.full_like(matrix, 1),
        alternate=np.full_like(matrix, 2),
    )


def junction_scores(raw: list[list[float]], *rows: tuple[Gene, int]) -> Scores:
    """Scores of one row per gene and intron, which starts at the number and is of 10 bases."""
    labels = tuple(
        RowLabel(gene=one, junction=Interval(chromosome="chr1", start=start, end=start + 10, strand="+"))
        for one, start in rows
    )
    return dataclasses.replace(scores(JUNCTIONS, raw), rows=labels)


def scored_allele(
    text: str,
    *parts: Scores,
    status: AlleleStatus = AlleleStatus.PASS,
    flags: tuple[AlleleFlag, ...] = (),
) -> ScoredAllele:
    if status is not AlleleStatus.PASS:
        return ScoredAllele(allele=Allele(text=text, status=status))
    variant = Variant(chromosome="chr1", position=100, reference_bases="A", alternate_bases=text)
    return ScoredAllele(
        allele=Allele(text=text, status=status, variant=variant, flags=flags),
        interval=Interval(chromosome="chr1", start=50, end=150),
        scores=parts,
    )


def scored_line(line: str, *alleles: ScoredAllele) -> ScoredRecord:
    return ScoredRecord(record=parse_record(line, 7), alleles=alleles)


def scored_record(*alleles: ScoredAllele, info: str = ".") -> ScoredRecord:
    alternates = ",".join(allele.allele.text for allele in alleles)
    return scored_line(f"1\t100\t.\tA\t{alternates}\t.\t.\t{info}\n", *alleles)
