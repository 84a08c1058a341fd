"""Records scored on several devices at once, in the order in which they came.

Every device has its own engine, with its own copy of the parameters, and scores what shares REF by
itself; so no score depends on the number of devices.
"""

import collections
import concurrent.futures
import contextlib
import queue
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from vep_cli.inference.engine import Engine
from vep_cli.inference.stream import ReadyRecord, score_records
from vep_cli.scoring.scored_record import ScoredRecord

Item = TypeVar("Item")
Result = TypeVar("Result")

MAX_GROUP = 16
"""Records handed to a device together at most, though more of them share REF, so that others get work."""

ITEMS_PER_WORKER = 2
"""Items in hand for each worker: the one it works on, and one that waits for it."""


@contextlib.contextmanager
def scored_on_devices(
    ready: Iterable[ReadyRecord], engines: Sequence[Engine]
) -> Iterator[Iterator[ScoredRecord]]:
    """Iterate over every record with its scores, in order.

    Args:
        ready: Records; taken by the thread that takes the scores.
        engines: One for each device; all alike.
    """
    if len(engines) == 1:
        yield score_records(ready, engines[0])
        return
    workers = [_scorer(engine) for engine in engines]
    with shared_out(sharing_reference(ready, MAX_GROUP), workers) as groups:
        yield (record for group in groups for record in group)


def _scorer(engine: Engine) -> Callable[[Sequence[ReadyRecord]], list[ScoredRecord]]:
    return lambda group: list(score_records(group, engine))


def sharing_reference(ready: Iterable[ReadyRecord], most: int) -> Iterator[list[ReadyRecord]]:
    """Yield neighbours of one REF sequence together; records without anything to score go with any.

    Args:
        ready: Records.
        most: Records of a group.
    """
    group: list[ReadyRecord] = []
    shared: object = None
    for record in ready:
        own = record.jobs[0].reference_key if record.jobs else shared
        if group and (len(group) == most or shared not in (None, own)):
            yield group
            group = []
        group.append(record)
        shared = own
    if group:
        yield group


@contextlib.contextmanager
def shared_out(
    items: Iterable[Item], workers: Sequence[Callable[[Item], Result]]
) -> Iterator[Iterator[Result]]:
    """Let each worker, in a thread of its own, work on the next item when it has done its last.

    Results come in the order of the items. What making an item or working on it raises is raised where
    its result would have come. All threads have ended when the block is left.

    Args:
        items: Taken by the thread that takes the results, not much ahead of them.
        workers: Each is called by one thread at a time.
    """
    free: queue.SimpleQueue[Callable[[Item], Result]] = queue.SimpleQueue()
    for worker in workers:
        free.put(worker)

    def work_on(item: Item) -> Result:
        worker = free.get()
        try:
            return worker(item)
        finally:
            free.put(worker)

    with concurrent.futures.ThreadPoolExecutor(len(workers), thread_name_prefix="vep-device") as threads:

        def results() -> Iterator[Result]:
            waiting: collections.deque[concurrent.futures.Future[Result]] = collections.deque()
            handed_out = (threads.submit(work_on, item) for item in items)
            for future in _with_failure(handed_out):
                waiting.append(future)
                if len(waiting) >= ITEMS_PER_WORKER * len(workers):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

        try:
            yield results()
        finally:
            threads.shutdown(cancel_futures=True)


def _with_failure(
    futures: Iterator[concurrent.futures.Future[Result]],
) -> Iterator[concurrent.futures.Future[Result]]:
    """Yield the futures, and in the place of one that cannot be made one that has failed, the last."""
    try:
        yield from futures
    except Exception as error:
        failed: concurrent.futures.Future[Result] = concurrent.futures.Future()
        failed.set_exception(error)
        yield failed
