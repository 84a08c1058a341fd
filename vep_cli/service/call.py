"""One call of a client: what it asks of the devices is let go of when the client is gone."""

import collections
import concurrent.futures
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, Protocol, runtime_checkable

from vep_cli.service.device_model import DeviceModel
from vep_cli.service.device_queue import DeviceQueue

MOST_AHEAD = 16
"""Pieces of one call's work that wait for a device at once: each holds what the device needs of the host."""

Work = Callable[[DeviceModel], Any]
Submit = Callable[[Hashable, Work], Any]
"""Has some work done, see `Call.result`."""


class CallEnded(Exception):  # noqa: N818 - not the server's error: nobody is there to read an answer
    """The client has hung up, or its deadline is over."""


@runtime_checkable
class CallContext(Protocol):
    """What is asked of gRPC's context of a call."""

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Have a function called when the call is over; False where it already is."""


class Call:
    """A call, by whose thread this is used."""

    def __init__(self, queue: DeviceQueue[DeviceModel], context: CallContext) -> None:
        """Begin.

        Args:
            queue: The devices.
            context: gRPC's.
        """
        self._queue = queue
        self._lock = threading.Lock()
        self._is_over = False
        self._pending: set[concurrent.futures.Future[Any]] = set()
        if not context.add_callback(self.end):
            self.end()

    def end(self) -> None:
        """Let go of all that waits: nobody will read it."""
        with self._lock:
            self._is_over = True
            pending = tuple(self._pending)
        for future in pending:
            future.cancel()

    def result(self, key: Hashable, work: Work) -> Any:  # noqa: ANN401 - of the work
        """Have some work done on a device and return its result.

        Args:
            key: Work with an equal key is done together, see `DeviceQueue.submit`.
            work: What to do.

        Raises:
            CallEnded: The client is gone.
        """
        return self._finished(self._begun(key, work))

    def results(self, keyed: Iterable[tuple[Hashable, Work]]) -> Iterator[Any]:
        """Yield the result of each piece of work, in order; a few are handed out ahead.

        Raises:
            CallEnded: The client is gone.
        """
        waiting: collections.deque[concurrent.futures.Future[Any]] = collections.deque()
        for key, work in keyed:
            waiting.append(self._begun(key, work))
            if len(waiting) == MOST_AHEAD:
                yield self._finished(waiting.popleft())
        while waiting:
            yield self._finished(waiting.popleft())

    def _begun(self, key: Hashable, work: Work) -> concurrent.futures.Future[Any]:
        with self._lock:
            if self._is_over:
                raise CallEnded
            future = self._queue.submit(key, work)
            self._pending.add(future)
        return future

    def _finished(self, future: concurrent.futures.Future[Any]) -> Any:  # noqa: ANN401 - of the work
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            raise CallEnded from None
        finally:
            with self._lock:
                self._pending.discard(future)
