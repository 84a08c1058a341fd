"""What the pipeline hands to a writer: a record with the scores of its alleles."""

import dataclasses

from vep_cli.genome.alleles import Allele
from vep_cli.genome.interval import Interval
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.scoring.scorer import Scores


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScoredAllele:
    """One ALT allele and its scores.

    Attributes:
        allele: The allele; its status is final.
        interval: The window that was predicted, or None where nothing was.
        scores: One entry per scorer that had something to say; empty unless the status is PASS.
    """

    allele: Allele
    interval: Interval | None = None
    scores: tuple[Scores, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScoredRecord:
    """One record and its alleles, in the order of ALT.

    Attributes:
        record: The record as read.
        alleles: Its alleles; a malformed record has one, of that status.
    """

    record: VcfRecord
    alleles: tuple[ScoredAllele, ...]
