import itertools
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_inputs import CountingNetwork, ToyGenome
from toy_windows import human_tracks, planned

from vep_cli.inference.engine import Engine
from vep_cli.inference.parallel import (
    ITEMS_PER_WORKER,
    scored_on_devices,
    shared_out,
    sharing_reference,
)
from vep_cli.inference.stream import ReadyRecord, ready_records, score_records
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.catalogue import recommended

TIMEOUT = 60


def doubled(number: int) -> int:
    return 2 * number


@given(st.lists(st.integers()), st.integers(1, 5))
def test_results_are_in_the_order_of_the_items(items: list[int], workers: int) -> None:
    with shared_out(items, [doubled] * workers) as results:
        assert list(results) == [2 * item for item in items]


def test_workers_work_at_the_same_time_and_each_on_one_thing() -> None:
    meeting = threading.Barrier(3, timeout=TIMEOUT)
    done: list[list[int]] = [[], [], []]

    def worker(own: list[int]) -> Callable[[int], int]:
        def work(item: int) -> int:
            # Passes only if all three are here together.
            meeting.wait()
            own.append(item)
            return item

        return work

    with shared_out(range(9), [worker(own) for own in done]) as results:
        assert list(results) == list(range(9))
    assert [len(own) for own in done] == [3, 3, 3]


def test_a_slow_first_item_does_not_keep_the_others_waiting() -> None:
    others_done = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert others_done.wait(TIMEOUT)
        elif item == 2:
            others_done.set()
        return item

    with shared_out(range(3), [work, work]) as results:
        assert list(results) == [0, 1, 2]


def test_items_are_taken_no_further_ahead_than_workers_need() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(100):
            taken.append(item)
            yield item

    with shared_out(items(), [doubled] * 3) as results:
        for number, _ in enumerate(results, start=1):
            assert len(taken) - number < 3 * ITEMS_PER_WORKER
    assert len(taken) == 100


def test_what_a_worker_raises_comes_in_its_place() -> None:
    def inverse(item: int) -> float:
        return 1 / item

    found: list[float] = []
    with pytest.raises(ZeroDivisionError), shared_out([2, 4, 0, 5], [inverse, inverse]) as results:
        found.extend(results)
    # `extend` keeps what came before.
    assert found == [0.5, 0.25]


def test_what_the_items_raise_comes_behind_the_results_of_those_before() -> None:
    def items() -> Iterator[int]:
        yield from (1, 2, 3)
        raise ValueError("the input ends in the middle")

    found: list[int] = []
    with pytest.raises(ValueError, match="in the middle"), shared_out(items(), [doubled] * 4) as results:
        found.extend(results)
    assert found == [2, 4, 6]


def test_leaving_early_ends_the_threads() -> None:
    with shared_out(itertools.count(), [doubled, doubled]) as results:
        assert next(results) == 0
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("vep-device")]


LINES = (
    "chr9 5 A C",
    "chr2 3000 C A,<DEL>,G",
    "chr2 3000 C T",
    "chr2 3001 C *",
    "chr2 3002 C T",
    "chr2 3003 A T",
    "chr2 3004 C CAAA",
)


def engines(number: int) -> list[Engine]:
    tracks = human_tracks(OutputType.ATAC)
    return [Engine([CountingNetwork(tracks)], recommended("human")[:1], tracks, None) for _ in range(number)]


def ready(genome: ToyGenome) -> list[ReadyRecord]:
    return list(ready_records(planned(genome.fasta, *LINES), engines(1)[0]))


def positions(groups: Sequence[list[ReadyRecord]]) -> list[list[int]]:
    return [[record.planned.record.position for record in group] for group in groups]


def test_records_that_share_reference_stay_together(toy_genome: ToyGenome) -> None:
    # Position 5 and 3001 have nothing to score, 3003 neither: its REF is not the reference's.
    assert positions(list(sharing_reference(ready(toy_genome), 16))) == [
        [5, 3000, 3000, 3001],
        [3002, 3003],
        [3004],
    ]
    assert positions(list(sharing_reference(ready(toy_genome), 2))) == [
        [5, 3000],
        [3000, 3001],
        [3002, 3003],
        [3004],
    ]


@pytest.mark.parametrize("devices", [1, 2, 3])
def test_scores_are_those_of_one_device(toy_genome: ToyGenome, devices: int) -> None:
    expected = list(score_records(ready(toy_genome), engines(1)[0]))
    with scored_on_devices(ready(toy_genome), engines(devices)) as scored:
        found = list(scored)
    assert [one.record for one in found] == [one.record for one in expected]
    for one, other in zip(found, expected, strict=True):
        for allele, same in zip(one.alleles, other.alleles, strict=True):
            assert (allele.allele, allele.interval) == (same.allele, same.interval)
            assert [scores.raw.tobytes() for scores in allele.scores] == [
                scores.raw.tobytes() for scores in same.scores
            ]
