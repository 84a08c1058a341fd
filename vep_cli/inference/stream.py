"""Records in, scored records out, in order and with bounded memory."""

import dataclasses
from collections.abc import Iterable, Iterator

import numpy as np

from vep_cli.genome.alleles import Allele, AlleleFlag, AlleleStatus
from vep_cli.genome.haplotype import Coordinates
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.genome.window import Window
from vep_cli.inference.engine import Engine
from vep_cli.inference.jobs import Job
from vep_cli.scoring.scored_record import ScoredAllele, ScoredRecord
from vep_cli.scoring.scorer import RowLabel, Scores

_MAX_RECORDS = 100
"""Records held together at most; a line can be a megabyte, and few of them may have a scorable allele."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRecord:
    """A record and what of it can be scored.

    Attributes:
        record: The record as read.
        alleles: Its alleles.
        windows: The window of each allele that can be scored, None for the others.
    """

    record: VcfRecord
    alleles: tuple[Allele, ...]
    windows: tuple[Window | None, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReadyRecord:
    """A record for which all work of the host is done.

    Attributes:
        planned: The record.
        jobs: What is to be scored, one for each of its windows that there are.
    """

    planned: PlannedRecord
    jobs: tuple[Job, ...]

    @property
    def nbytes(self) -> int:
        """Memory that the record holds, about."""
        return sum(map(len, self.planned.record.columns)) + sum(job.nbytes for job in self.jobs)


def ready_records(planned: Iterable[PlannedRecord], engine: Engine) -> Iterator[ReadyRecord]:
    """Yield every record with what the engine needs to score it; uses no device."""
    for record in planned:
        jobs = tuple(engine.job(window) for window in record.windows if window is not None)
        yield ReadyRecord(planned=record, jobs=jobs)


def score_records(
    ready: Iterable[ReadyRecord], engine: Engine, *, variants: int = 1
) -> Iterator[ScoredRecord]:
    """Yield every record with its scores, in the order in which they came.

    Args:
        ready: Records.
        engine: What made them ready.
        variants: Alleles handed to the engine together, about; one record is never taken apart. Records
            ahead of the first scorable one do not wait for it. No score depends on it.
    """
    for batch in _batches(ready, variants):
        scores = engine.score_jobs([job for record in batch for job in record.jobs])
        for record in batch:
            yield _scored(record.planned, scores)


def _batches(ready: Iterable[ReadyRecord], variants: int) -> Iterator[list[ReadyRecord]]:
    batch: list[ReadyRecord] = []
    waiting = 0
    for record in ready:
        batch.append(record)
        waiting += len(record.jobs)
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
        return ScoredAllele(
            allele=scored,
            interval=window.interval,
            scores=tuple(_on_reference(one, window) for one in scores),
        )
    status = AlleleStatus.NO_SCORE if is_finite else AlleleStatus.NOT_FINITE
    unscored = dataclasses.replace(allele, status=status, flags=())
    return ScoredAllele(allele=unscored, interval=window.interval)


def _on_reference(scores: Scores, window: Window) -> Scores:
    """Return the scores with introns where the reference has their ends."""
    if window.coordinates is None:
        return scores
    rows = tuple(_row_on_reference(row, window.coordinates) for row in scores.rows)
    return dataclasses.replace(scores, rows=rows)


def _row_on_reference(row: RowLabel, coordinates: Coordinates) -> RowLabel:
    if row.junction is None:
        return row
    # The exons' bases that the intron adjoins, as the haplotype may have gained bases at its edges.
    exons = np.array([row.junction.start - 1, row.junction.end], np.int64)
    last, first = coordinates.original(exons).tolist()
    junction = dataclasses.replace(row.junction, start=last + 1, end=max(last + 1, first))
    return dataclasses.replace(row, junction=junction)
