import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest
from toy_inputs import CountingNetwork, ToyGenome, WholeNetwork
from toy_windows import human_tracks, planned

from vep_cli.genome.alleles import AlleleFlag, AlleleStatus
from vep_cli.genome.gtf import read_gtf
from vep_cli.inference.engine import Engine
from vep_cli.inference.stream import PlannedRecord, ready_records, score_records
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.scored_record import ScoredAllele, ScoredRecord

LINES = (
    "chr9 5 A C",
    "chr2 3000 C A,<DEL>,G",
    "chr2 3001 C *",
    "chr2 3002 C T",
    "chr2 3003 A T",
    "chr2 3004 C CAAA",
    "chr2 90000 C A",
)
STATUSES = [
    ["UNKNOWN_CONTIG"],
    ["PASS", "SYMBOLIC", "PASS"],
    ["SPANNING_DELETION"],
    ["PASS"],
    ["REF_MISMATCH"],
    ["PASS"],
    ["OFF_CONTIG"],
]


def engine() -> Engine:
    tracks = human_tracks(OutputType.ATAC)
    return Engine([CountingNetwork(tracks)], recommended("human")[:1], tracks, None)


def score_all(
    records: Iterable[PlannedRecord], scored_by: Engine, variants: int = 1
) -> Iterator[ScoredRecord]:
    return score_records(ready_records(records, scored_by), scored_by, variants=variants)


@pytest.mark.parametrize("variants", [1, 2, 3, 100])
def test_order_is_kept_with_unscorable_alleles_between(toy_genome: ToyGenome, variants: int) -> None:
    records = planned(toy_genome.fasta, *LINES)
    scored = list(score_all(records, engine(), variants))
    assert [one.record for one in scored] == [one.record for one in records]
    assert [[allele.allele.status for allele in one.alleles] for one in scored] == STATUSES
    counts = [
        [tuple(allele.scores[0].alternate[0]) for allele in one.alleles if allele.scores] for one in scored
    ]
    # (A, C) among 501 bases that were all C.
    assert counts == [[], [(1, 500), (0, 500)], [], [(0, 500)], [], [(3, 498)], []]


def test_scored_alleles_have_their_window_and_others_none(toy_genome: ToyGenome) -> None:
    (scored,) = score_all(planned(toy_genome.fasta, LINES[1]), engine())
    assert [str(allele.interval) for allele in scored.alleles] == [
        "chr2:952-5048:.",
        "None",
        "chr2:952-5048:.",
    ]
    assert [len(allele.scores) for allele in scored.alleles] == [1, 0, 1]


def counted(records: Iterable[PlannedRecord], taken: list[int]) -> Iterator[PlannedRecord]:
    for record in records:
        taken.append(record.record.line_number)
        yield record


@pytest.mark.parametrize("variants", [1, 4])
def test_looks_no_further_ahead_than_it_was_told(toy_genome: ToyGenome, variants: int) -> None:
    records = planned(toy_genome.fasta, *(f"chr2 {position} C A" for position in range(2500, 2520)))
    taken: list[int] = []
    stream = score_all(counted(records, taken), engine(), variants)
    for number, _ in enumerate(stream, start=1):
        assert len(taken) - number < variants


def test_records_without_a_scorable_allele_flow(toy_genome: ToyGenome) -> None:
    (unscorable,) = planned(toy_genome.fasta, "chr9 5 A C")
    taken: list[int] = []
    stream = score_all(counted([unscorable] * 1000, taken), engine(), 8)
    for number, _ in enumerate(stream, start=1):
        assert len(taken) == number


def test_records_that_wait_for_a_full_batch_are_few(toy_genome: ToyGenome) -> None:
    first, unscorable = planned(toy_genome.fasta, "chr2 3000 C A", "chr9 5 A C")
    taken: list[int] = []
    stream = score_all(counted([first, *[unscorable] * 1000], taken), engine(), 8)
    next(stream)
    assert len(taken) <= 100


def broken_in(tracks_lost: slice, toy_genome: ToyGenome) -> ScoredAllele:
    """Return what becomes of an allele where the network predicts NaN for some of its two tracks."""

    def predict(sequences: Iterable[str]) -> Iterator[dict[OutputType, Any]]:
        for bases in sequences:
            values = np.ones((len(bases), 2), np.float32)
            values[:, tracks_lost] = math.nan
            yield {OutputType.ATAC: values}

    tracks = human_tracks(OutputType.ATAC)
    broken = Engine([WholeNetwork(predict)], recommended("human")[:1], tracks, None)
    (scored,) = score_all(planned(toy_genome.fasta, "chr2 3000 C A"), broken)
    return scored.alleles[0]


def test_allele_without_a_finite_prediction_is_not_scored(toy_genome: ToyGenome) -> None:
    lost = broken_in(slice(0, 2), toy_genome)
    assert (lost.allele.status, lost.allele.flags, lost.scores) == (AlleleStatus.NOT_FINITE, (), ())


def test_allele_with_some_finite_predictions_is_flagged(toy_genome: ToyGenome) -> None:
    partly = broken_in(slice(0, 1), toy_genome)
    assert (partly.allele.status, partly.allele.flags) == (
        AlleleStatus.PASS,
        (AlleleFlag.SOME_NOT_FINITE,),
    )
    assert np.isnan(partly.scores[0].raw).tolist() == [[True, False]]
    assert broken_in(slice(0, 0), toy_genome).allele.flags == ()


def test_allele_that_no_scorer_reads_has_no_score(toy_genome: ToyGenome) -> None:
    tracks = human_tracks(OutputType.RNA_SEQ)
    scorers = [one for one in recommended("human") if one.output_type is OutputType.RNA_SEQ]
    genes = read_gtf(toy_genome.gtf)
    of_genes = Engine([CountingNetwork(tracks)], scorers, tracks, genes)
    (scored,) = score_all(planned(toy_genome.fasta, "chr2 3000 C A"), of_genes)
    assert (scored.alleles[0].allele.status, scored.alleles[0].scores) == (AlleleStatus.NO_SCORE, ())
