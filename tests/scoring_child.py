"""`vep` with a network that counts bases, slowly, in a process that can be killed.

    python scoring_child.py SECONDS STEP ARGUMENT...

Each allele takes so many seconds. STEP is nothing, or `before:MODULE:NAME` or `after:...`: the process kills
itself before or after that function is called for the first time.
"""

import functools
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from toy_inputs import CountingNetwork

from vep_cli import pipeline
from vep_cli.cli import main


class SlowNetwork(CountingNetwork):
    """Takes its time."""

    seconds = 0.0

    def alternate(self, reference: str, bases: str) -> str:
        """Take in an allele."""
        time.sleep(self.seconds)
        return super().alternate(reference, bases)


def kill_at(step: str) -> None:
    moment, module, name = step.split(":")
    owner: Any = importlib.import_module(module)
    *outer, last = name.split(".")
    for part in outer:
        owner = getattr(owner, part)
    setattr(owner, last, killing(getattr(owner, last), is_after=moment == "after"))


def killing(function: Callable[..., Any], *, is_after: bool) -> Callable[..., None]:
    @functools.wraps(function)
    def call(*arguments: object, **named: object) -> None:
        if is_after:
            function(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return call


if __name__ == "__main__":
    SlowNetwork.seconds = float(sys.argv[1])
    if sys.argv[2]:
        kill_at(sys.argv[2])
    pipeline.Predictor = lambda weights, tracks, **_: SlowNetwork(tracks)  # type: ignore[misc,assignment]
    sys.exit(main(sys.argv[3:]))
