import os
import pathlib
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_inputs import vcf

from vep_cli.errors import VcfError
from vep_cli.genome.vcf_reader import VcfReader
from vep_cli.inference.prefetch import made_ahead

PATIENCE = 60
"""Seconds before a test that would wait for ever fails."""


def nothing() -> None:
    """Nothing waits here, so that nothing has to be ended."""


def is_at_work() -> bool:
    return any(thread.name.startswith("vep-ahead") for thread in threading.enumerate())


@pytest.mark.parametrize("depth", [1, 2, 7])
def test_order_is_kept(depth: int) -> None:
    with made_ahead(iter(range(5)), depth=depth, cancel=nothing) as items:
        assert list(items) == [0, 1, 2, 3, 4]
    with made_ahead([], depth=depth, cancel=nothing) as items:
        assert list(items) == []


@pytest.mark.parametrize("depth", [1, 3, 4])
def test_next_items_are_made_while_one_is_used_and_no_more(depth: int) -> None:
    made: list[int] = []
    semaphore = threading.Semaphore(0)

    def count() -> Iterator[int]:
        for number in range(24):
            made.append(number)
            semaphore.release()
            yield number

    with made_ahead(count(), depth=depth, cancel=nothing) as items:
        for number in range(24 - depth):
            if number % depth == 0:
                # Nobody takes any now: as many as there may be are made.
                for _ in range(depth):
                    assert semaphore.acquire(timeout=PATIENCE)
            assert len(made) <= number + depth
            assert next(items) == number


def test_large_items_are_not_made_while_others_wait() -> None:
    # Of sizes 1, 1, 5, 1, 9, 1 and room for 4, the shelf holds 1 1 5, then 1 9, then 1; without a room for
    # them, all five others would wait beside the first.
    sizes = [1, 1, 5, 1, 9, 1]
    made: list[int] = []

    def count() -> Iterator[int]:
        for size in sizes:
            made.append(size)
            yield size

    with made_ahead(count(), depth=9, cancel=nothing, size=int, room=4) as items:
        for number, size in enumerate(items):
            assert size == sizes[number]
            waiting = made[number + 1 :]
            # Each that was begun found no more than the room taken.
            assert sum(waiting[:-1]) <= 4 or len(waiting) == 1
    assert made == sizes


@given(sizes=st.lists(st.integers(0, 10), max_size=60), depth=st.integers(1, 8), room=st.integers(0, 30))
def test_all_items_come_in_order_whatever_their_sizes(sizes: list[int], depth: int, room: int) -> None:
    numbered = list(enumerate(sizes))
    with made_ahead(numbered, depth=depth, cancel=nothing, size=lambda one: one[1], room=room) as items:
        assert list(items) == numbered


def test_one_thread_alone_makes_the_items() -> None:
    def names() -> Iterator[str]:
        try:
            for _ in range(10):
                yield threading.current_thread().name
        finally:
            closed_by.append(threading.current_thread().name)

    closed_by: list[str] = []
    with made_ahead(names(), depth=3, cancel=nothing) as items:
        found = set(items)
    assert len(found) == 1
    assert found != {threading.current_thread().name}
    assert closed_by == list(found)


def test_error_is_raised_where_its_item_would_have_come() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise VcfError("the third is damaged")

    with made_ahead(broken(), depth=5, cancel=nothing) as items:
        assert [next(items), next(items)] == [1, 2]
        with pytest.raises(VcfError, match="the third is damaged"):
            next(items)
    assert not is_at_work()


@pytest.mark.parametrize("error", [KeyboardInterrupt, BrokenPipeError])
def test_thread_has_ended_when_the_block_is_left(error: type[BaseException]) -> None:
    made: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield made[-1]

    def leave() -> None:
        with made_ahead(endless(), depth=2, cancel=nothing) as items:
            assert next(items) == 0
            assert is_at_work()
            raise error

    with pytest.raises(error):
        leave()
    assert not is_at_work()
    assert len(made) <= 3


def test_waiting_for_a_pipe_ends_when_the_block_is_left(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "pipe.vcf"
    os.mkfifo(path)
    # Opened for both, so that neither side waits for the other, and the end never comes.
    writer = os.open(path, os.O_RDWR)
    os.write(writer, vcf("chr2 3000 . C A").encode())
    try:
        with VcfReader(str(path)) as reader:
            with made_ahead(reader, depth=1, cancel=reader.cancel) as records:
                assert next(records).position == 3000
                # The thread now waits for a line that nobody will write.
            assert not is_at_work()
    finally:
        os.close(writer)
