import threading
import time

import pytest

from vep_cli.service.device_queue import DeviceQueue


@pytest.fixture
def busy() -> threading.Event:
    """What a device waits for that is busy."""
    return threading.Event()


def test_what_has_one_key_is_done_together_and_the_oldest_first(busy: threading.Event) -> None:
    done: list[str] = []
    queue = DeviceQueue(["device"])
    queue.submit("begin", lambda _: busy.wait(60))
    futures = [
        queue.submit(name[0], lambda _, name=name: done.append(name)) for name in ("b1", "a1", "b2", "a2")
    ]
    busy.set()
    for future in futures:
        future.result(60)
    assert done == ["b1", "b2", "a1", "a2"]
    queue.close()


def test_results_and_errors_come_back(busy: threading.Event) -> None:
    del busy
    queue = DeviceQueue([7])
    good = queue.submit("a", lambda device: device + 1)
    bad = queue.submit("a", lambda device: device / 0)
    after = queue.submit("a", lambda device: device + 2)
    assert good.result(60) == 8
    with pytest.raises(ZeroDivisionError):
        bad.result(60)
    assert after.result(60) == 9
    queue.close()


def test_what_is_cancelled_while_it_waits_is_not_done(busy: threading.Event) -> None:
    done: list[str] = []
    queue = DeviceQueue(["device"])
    queue.submit("begin", lambda _: busy.wait(60))
    unwanted = queue.submit("a", lambda _: done.append("unwanted"))
    wanted = queue.submit("a", lambda _: done.append("wanted"))
    assert unwanted.cancel()
    busy.set()
    wanted.result(60)
    assert done == ["wanted"]
    queue.close()


def test_every_device_takes_work(busy: threading.Event) -> None:
    queue = DeviceQueue(["first", "second"])
    meeting = threading.Barrier(2, timeout=60)

    def meet(device: str) -> str:
        meeting.wait()
        return device

    # Each waits for the other, so that one device alone would never be done.
    futures = [queue.submit(key, meet) for key in "ab"]
    assert {future.result(60) for future in futures} == {"first", "second"}
    del busy
    queue.close()


def test_closing_finishes_what_is_done_and_lets_go_of_what_waits(busy: threading.Event) -> None:
    queue = DeviceQueue(["device"])
    begun = threading.Event()

    def work(device: str) -> str:
        begun.set()
        busy.wait(60)
        return device

    running, waiting = queue.submit("a", work), queue.submit("b", work)
    begun.wait(60)
    closing = threading.Thread(target=queue.close)
    closing.start()
    while not waiting.cancelled():
        time.sleep(0.01)
    with pytest.raises(RuntimeError, match="closed"):
        queue.submit("c", lambda device: device)
    busy.set()
    closing.join(60)
    assert running.result(60) == "device"
