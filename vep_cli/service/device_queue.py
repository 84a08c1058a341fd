"""Work for the devices: what waits, and the threads that do it, one for each device.

Calls come from many threads at once; a device does one thing at a time. A free device takes what has
waited longest, and with it all that has the same key, so that calls that share a window and its programs
come one after the other, however they came in. No result depends on what else waits.
"""

import collections
import concurrent.futures
import dataclasses
import threading
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

Device = TypeVar("Device")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class _Task(Generic[Device]):
    key: Hashable
    work: Callable[[Device], Any]
    future: concurrent.futures.Future[Any]

    def done_by(self, device: Device) -> None:
        """Do the work, unless nobody waits for it any more."""
        if not self.future.set_running_or_notify_cancel():
            return
        try:
            result = self.work(device)
        except BaseException as error:
            self.future.set_exception(error)
        else:
            self.future.set_result(result)


class DeviceQueue(Generic[Device]):
    """Devices, and the work that waits for them."""

    def __init__(self, devices: Sequence[Device]) -> None:
        """Start a thread for each device.

        Args:
            devices: What work is done with; each is used by one thread alone.
        """
        self._waiting: collections.deque[_Task[Device]] = collections.deque()
        self._changed = threading.Condition()
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._work, args=(device,), name=f"vep-device-{number}", daemon=True)
            for number, device in enumerate(devices)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, key: Hashable, work: Callable[[Device], Any]) -> concurrent.futures.Future[Any]:
        """Return the future result of some work.

        Args:
            key: Work with an equal key is done together; what is read of one window by one set of programs.
            work: Called with a device, in that device's thread. One that is cancelled before is not called.

        Raises:
            RuntimeError: The queue is closed.
        """
        task: _Task[Device] = _Task(key=key, work=work, future=concurrent.futures.Future())
        with self._changed:
            if self._is_closed:
                raise RuntimeError("the queue is closed")
            self._waiting.append(task)
            self._changed.notify()
        return task.future

    @property
    def waiting(self) -> int:
        """How many pieces of work wait for a device and are still wanted."""
        with self._changed:
            return sum(not task.future.cancelled() for task in self._waiting)

    def close(self) -> None:
        """Take no more work, let go of what waits, and return when what is being done is done."""
        with self._changed:
            self._is_closed = True
            for task in self._waiting:
                task.future.cancel()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self, device: Device) -> None:
        while together := self._taken():
            for task in together:
                task.done_by(device)
            # Else what was done last would be kept while nothing waits.
            del task, together

    def _taken(self) -> list[_Task[Device]]:
        """Wait for work and take it: the oldest, and what is like it. Nothing means: the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._is_closed)
            if not self._waiting:
                return []
            key = self._waiting[0].key
            taken = [task for task in self._waiting if task.key == key]
            self._waiting = collections.deque(task for task in self._waiting if task.key != key)
            return taken
