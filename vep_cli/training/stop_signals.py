"""Signals that end a run between two steps rather than in one."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class StopSignal:
    """What a run looks at between its steps.

    Attributes:
        number: The signal that came, or None.
    """

    number: int | None = None


@contextlib.contextmanager
def stop_signals() -> Iterator[StopSignal]:
    """Note SIGINT and SIGTERM instead of dying of them; a second one ends the process as ever."""
    found = StopSignal()
    if threading.current_thread() is not threading.main_thread():
        yield found  # signals are the main thread's to handle
        return
    previous = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    def note(number: int, frame: FrameType | None) -> None:
        del frame
        found.number = number
        restore()

    for number in previous:
        signal.signal(number, note)
    try:
        yield found
    finally:
        restore()
