"""Work ahead: a thread makes the next items while the present one is used."""

import collections
import concurrent.futures
import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")

_END = object()


@contextlib.contextmanager
def made_ahead(items: Iterable[Item], *, depth: int, cancel: Callable[[], None]) -> Iterator[Iterator[Item]]:
    """Iterate over items in a thread of its own, ahead of whoever takes them.

    They come in order, and what making one raises is raised where it would have come. The thread alone
    touches `items`, from the first item on until the block is left, and has ended by then.

    Args:
        items: What to iterate over.
        depth: Items that exist beside the one in use, at most; 1 or more.
        cancel: Called when the block is left, from the thread that leaves it. Has to end the making of an
            item that waits for something, as for a pipe that nobody writes to; what then comes is dropped.
    """
    iterator = iter(items)
    with concurrent.futures.ThreadPoolExecutor(max_workers=1, thread_name_prefix="vep-ahead") as thread:

        def make_next() -> concurrent.futures.Future[Item | object]:
            return thread.submit(next, iterator, _END)

        waiting = collections.deque(make_next() for _ in range(depth))

        def taken() -> Iterator[Item]:
            while (item := waiting.popleft().result()) is not _END:
                waiting.append(make_next())
                yield item  # type: ignore[misc]

        try:
            yield taken()
        finally:
            cancel()
            thread.shutdown(cancel_futures=True)
