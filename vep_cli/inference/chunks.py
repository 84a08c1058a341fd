"""Taking an iterator apart into lists of bounded size."""

import itertools
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def chunked(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Yield lists of `size` items, the last one shorter; never reads further ahead than one list."""
    iterator = iter(items)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk
