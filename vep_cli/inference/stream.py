"""Records in, scored records out, in order and with bounded memory."""

import dataclasses
from collections.abc import Iterable, Iterator

import numpy as np

from vep_cli.genome.alleles import Allele, AlleleFlag, AlleleStatus
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.genome.window import Window
from vep_cli.inference.engine import Engine
from vep_cli.scoring.scored_record import ScoredAllele, ScoredRecord
from vep_cli.scoring.scorer import Scores

_MAX_RECORDS = 100
"""Records held together at most; a line can be a megabyte, and few of them may have a scorable allele."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRecord:
    """A record ready for the engine.

    Attributes:
        record: The record as read.
        alleles: Its alleles.
        windows: The window of each allele that can be scored, None for the others.
    """

    record: VcfRecord
    alleles: tuple[Allele, ...]
    windows: tuple[Window | None, ...]

    @property
    def scorable(self) -> list[Window]:
        """The windows that there are."""
        return [window for window in self.windows if window is not None]


def score_records(
    planned: Iterable[PlannedRecord], engine: Engine, *, variants: int
) -> Iterator[ScoredRecord]:
    """Yield every record with its scores, in the order in which they came.

    Args:
        planned: Records.
        engine: Scores windows.
        variants: Alleles handed to the engine together, about; one record is never taken apart. Records
            ahead of the first scorable one do not wait for it.
    """
    for batch in _batches(planned, variants):
        scores = engine.score([window for record in batch for window in record.scorable])
        for record in batch:
            yield _scored(record, scores)


def _batches(planned: Iterable[PlannedRecord], variants: int) -> Iterator[list[PlannedRecord]]:
    batch: list[PlannedRecord] = []
    waiting = 0
    for record in planned:
        batch.append(record)
        waiting += len(record.scorable)
        if waiting == 0 or waiting >= variants or len(batch) >= _MAX_RECORDS:
            yield batch
            batch, waiting = [], 0
    if batch:
        yield batch


def _scored(planned: PlannedRecord, scores: Iterator[tuple[Scores, ...]]) -> ScoredRecord:
    alleles = tuple(
        ScoredAllele(allele=allele) if window is None else _scored_allele(allele, window, next(scores))
        for allele, window in zip(planned.alleles, planned.windows, strict=True)
    )
    return ScoredRecord(record=planned.record, alleles=alleles)


def _scored_allele(allele: Allele, window: Window, scores: tuple[Scores, ...]) -> ScoredAllele:
    is_finite = all(one.is_finite for one in scores)
    if any(np.isfinite(one.raw).any() for one in scores):
        flags = allele.flags if is_finite else (*allele.flags, AlleleFlag.SOME_NOT_FINITE)
        scored = dataclasses.replace(allele, flags=flags)
        return ScoredAllele(allele=scored, interval=window.interval, scores=scores)
    status = AlleleStatus.NO_SCORE if is_finite else AlleleStatus.NOT_FINITE
    unscored = dataclasses.replace(allele, status=status, flags=())
    return ScoredAllele(allele=unscored, interval=window.interval)
