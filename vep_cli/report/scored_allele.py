"""What a scored file says of one record: its alleles, and the strongest score of each scorer for each."""

import dataclasses
from collections.abc import Callable, Mapping

NO_STATUS = "(none)"
"""Stands for the status of an allele that the file says none of, such as one that was added later."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What a score is of. Text is empty, and a number None, where the file has none.

    Attributes:
        gene_id: Identifier of the gene.
        gene: Name of the gene.
        junction: The intron, first to last base, 1-based.
        track: Name of the track.
        biosample: What the track was measured in.
        ontology: Its ontology identifier.
        reference: The aggregated REF prediction.
        alternate: The aggregated ALT prediction.
        quantile: Rank of the score in a background.
        spread: Standard deviation of the score over an ensemble.
    """

    gene_id: str = ""
    gene: str = ""
    junction: str = ""
    track: str = ""
    biosample: str = ""
    ontology: str = ""
    reference: float | None = None
    alternate: float | None = None
    quantile: float | None = None
    spread: float | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReportedScore:
    """The strongest score that a scorer gave an allele.

    Attributes:
        modality: What was predicted, such as 'RNA_SEQ'.
        raw: The score, finite.
        consequence: Its direction and kind in one word.
        details: Returns what the score is of. Called for the few that are shown: reading all would take
            longer than everything else.
    """

    modality: str
    raw: float
    consequence: str
    details: Callable[[], Details]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReportedAllele:
    """One ALT allele, as the file has it.

    Attributes:
        chromosome: CHROM; empty for a line that is not a record.
        position: POS, 1-based; 0 for a line that is not a record.
        identifier: ID, empty where the file has none.
        reference: REF.
        alternate: ALT.
        status: What became of it.
        flags: What to know about its scores.
        scores: The strongest score by the name of the scorer.
    """

    chromosome: str
    position: int
    identifier: str
    reference: str
    alternate: str
    status: str
    flags: tuple[str, ...]
    scores: Mapping[str, ReportedScore]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRecord:
    """One record.

    Attributes:
        alleles: Its ALT alleles, in order.
        unreadable: Scores that are not written as they should be.
        stray: Scores of alleles that the record does not have.
    """

    alleles: tuple[ReportedAllele, ...]
    unreadable: int = 0
    stray: int = 0
