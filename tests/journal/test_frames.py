import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.journal.frames import frame, read_frames

PAYLOADS = st.lists(st.binary(min_size=1, max_size=40), max_size=6)


def payloads(content: bytes) -> list[bytes]:
    return [payload for payload, _ in read_frames(io.BytesIO(content), len(content))]


@given(PAYLOADS)
def test_what_was_written_is_read(written: list[bytes]) -> None:
    content = b"".join(map(frame, written))
    assert payloads(content) == written
    ends = [end for _, end in read_frames(io.BytesIO(content), len(content))]
    # A frame is 8 bytes longer than its payload.
    assert ends == [sum(len(one) + 8 for one in written[: index + 1]) for index in range(len(written))]


@given(PAYLOADS, st.data())
def test_a_cut_takes_the_last_frame_and_no_other(written: list[bytes], data: st.DataObject) -> None:
    content = b"".join(map(frame, written))
    cut = data.draw(st.integers(0, len(content)))
    whole = [end for _, end in read_frames(io.BytesIO(content), len(content)) if end <= cut]
    assert payloads(content[:cut]) == written[: len(whole)]


@given(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=6), st.data())
def test_damage_ends_the_reading_where_it_is(written: list[bytes], data: st.DataObject) -> None:
    content = bytearray(b"".join(map(frame, written)))
    place = data.draw(st.integers(0, len(content) - 1))
    intact = sum(end <= place for _, end in read_frames(io.BytesIO(bytes(content)), len(content)))
    content[place] ^= data.draw(st.integers(1, 255))
    assert payloads(bytes(content)) == written[:intact]


@pytest.mark.parametrize("rest", [b"\0" * 8, b"\0" * 100, b"\xff" * 100])
def test_what_a_disk_may_have_behind_the_end_is_no_frame(rest: bytes) -> None:
    assert payloads(frame(b"one") + rest) == [b"one"]
