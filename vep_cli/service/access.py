"""Who may call: clients that know a key, where keys were given; anybody else's calls are refused."""

import hmac
import pathlib
from collections.abc import Iterable

from vep_cli.errors import UsageError, reason

KEY_HEADER = "x-goog-api-key"
"""Where the official client sends its key."""


def read_keys(path: pathlib.Path) -> tuple[bytes, ...]:
    """Return the keys of a file, one a line; empty lines and those that begin with '#' do not count.

    Raises:
        UsageError: The file cannot be read, or has no key.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the keys cannot be read: {reason(error)}",
            path=path,
            remedy="give a text file",
        ) from error
    keys = tuple(line.encode() for line in lines if line and not line.startswith("#"))
    if not keys:
        raise UsageError("the file has no key", path=path, remedy="write one key a line")
    return keys


def is_allowed(metadata: Iterable[tuple[str, str | bytes]], keys: tuple[bytes, ...]) -> bool:
    """Return whether a call has one of the keys, or whether none is needed.

    How long it takes does not tell how much of a key was right, nor which.

    Args:
        metadata: Of the call, by name.
        keys: Those that open; none for anybody.
    """
    if not keys:
        return True
    values = [value for name, value in metadata if name == KEY_HEADER]
    given = [value if isinstance(value, bytes) else value.encode() for value in values]
    matches = [hmac.compare_digest(key, one) for key in keys for one in given]
    return any(matches)
