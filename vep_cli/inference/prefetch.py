"""Work ahead: a thread makes the next items while the present one is used."""

import collections
import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


@contextlib.contextmanager
def made_ahead(
    items: Iterable[Item],
    *,
    depth: int,
    cancel: Callable[[], None],
    size: Callable[[Item], int] = lambda _: 0,
    room: int = 0,
) -> Iterator[Iterator[Item]]:
    """Iterate over items in a thread of its own, ahead of whoever takes them.

    They come in order, and what making one raises is raised where it would have come. The thread alone
    touches `items`, from the first item on until the block is left, and has ended by then.

    Args:
        items: What to iterate over.
        depth: Items that exist beside the one in use, at most; 1 or more.
        cancel: Called when the block is left, from the thread that leaves it. Has to end the making of an
            item that waits for something, as for a pipe that nobody writes to; what then comes is dropped.
        size: Of an item, in any unit.
        room: No item is begun while those that wait are larger than this together.
    """
    shelf = _Shelf(depth=depth, size=size, room=room)
    thread = threading.Thread(target=shelf.fill, args=(iter(items),), name="vep-ahead")
    thread.start()
    try:
        yield shelf.taken()
    finally:
        shelf.close()
        cancel()
        thread.join()


class _Shelf(Generic[Item]):
    """Items that wait, between the thread that makes them and the one that takes them.

    Whoever waits is woken late: the maker when half of the shelf is empty, the taker when there is nothing
    on it. Handing over item by item would cost more than making most items does.
    """

    def __init__(self, *, depth: int, size: Callable[[Item], int], room: int) -> None:
        self._depth, self._size, self._room = depth, size, room
        self._waiting: collections.deque[tuple[Item, int]] = collections.deque()
        self._sizes = 0
        self._error: BaseException | None = None
        self._is_over = False
        self._changed = threading.Condition()

    def fill(self, items: Iterator[Item]) -> None:
        """Put all items on the shelf, or as many as are wanted."""
        try:
            while self._has_room() and self._put_next(items):
                pass
        except BaseException as error:
            self._error = error
        finally:
            self.close()

    def taken(self) -> Iterator[Item]:
        """Yield the items until there are none, and raise what making the next one raised."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_over)
                if not self._waiting:
                    break
                item, size = self._waiting.popleft()
                self._sizes -= size
                if self._is_below(0.5):
                    self._changed.notify()
            yield item
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Let nobody wait any more: nothing more comes, or nothing more is wanted."""
        with self._changed:
            self._is_over = True
            self._changed.notify()

    def _has_room(self) -> bool:
        """Wait for room; False where nothing more is wanted."""
        with self._changed:
            if not self._is_below(1.0):
                self._changed.wait_for(lambda: self._is_below(0.5) or self._is_over)
            return not self._is_over

    def _put_next(self, items: Iterator[Item]) -> bool:
        for item in items:
            size = self._size(item)
            with self._changed:
                self._waiting.append((item, size))
                self._sizes += size
                self._changed.notify()
            return True
        return False

    def _is_below(self, part: float) -> bool:
        """Return whether less than a part of the shelf is taken; of an empty one always."""
        count = len(self._waiting)
        return not count or (count < max(1, part * self._depth) and self._sizes <= part * self._room)
