from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from vep_cli.inference.chunks import chunked


@given(st.lists(st.integers()), st.integers(1, 7))
def test_items_come_in_order_in_full_lists_but_the_last(items: list[int], size: int) -> None:
    chunks = list(chunked(items, size))
    assert [item for chunk in chunks for item in chunk] == items
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert all(chunks)


def test_reads_no_further_than_one_list() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for item in range(100):
            taken.append(item)
            yield item

    next(chunked(items(), 3))
    assert taken == [0, 1, 2]
