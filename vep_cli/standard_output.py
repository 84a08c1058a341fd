"""Giving up on standard output."""

import contextlib
import os
import sys


def abandon() -> None:
    """Let what is still buffered for standard output go nowhere.

    After a broken pipe or a full disk the interpreter would try to write it once more at exit, complain,
    and change the exit status. A standard output without a file under it is left as it is.
    """
    # io.UnsupportedOperation, of a captured stream, is an OSError; without a stream there is None.
    with contextlib.suppress(OSError, ValueError, AttributeError):
        stream = sys.stdout.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream)
        os.close(nowhere)
