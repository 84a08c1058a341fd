import pathlib

import pytest
import toy_genome
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.errors import UsageError
from vep_cli.genome.placement import GRID_UNIT, centred, snapped
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import build_window, centred_interval


def variant(position: int, reference_length: int = 1, alternate_length: int = 1) -> Variant:
    return Variant(
        chromosome="chr1",
        position=position,
        reference_bases="A" * reference_length,
        alternate_bases="C" * alternate_length,
    )


WIDTHS = st.integers(2, 512).map(lambda units: units * GRID_UNIT)


@st.composite
def variants(draw: st.DrawFn, longest: int = 1) -> Variant:
    return variant(
        draw(st.integers(1, 3_000_000)), draw(st.integers(1, longest)), draw(st.integers(1, longest))
    )


@pytest.mark.parametrize(
    ("width", "grid"),
    [
        # 1,048,576 / 16 = 65,536 = 32 * 2048; 131,072 / 16 = 8192 = 4 * 2048.
        (1_048_576, 65_536),
        (131_072, 8192),
        # 100,352 / 16 = 6272, of which three times 2048 = 6144 is the most that fits.
        (100_352, 6144),
        # A 16th is less than 2048.
        (16_384, 2048),
        (4096, 2048),
    ],
)
def test_grid_is_a_sixteenth_in_whole_bins(width: int, grid: int) -> None:
    assert snapped(width).grid == grid


@pytest.mark.parametrize(
    ("position", "start"),
    [
        # Windows of 16,384 bp on a grid of 2048. The base at 0-based 9216 has its centre after it, at 9217,
        # and a window round it starts at 9217 - 8192 = 1025: nearer to 2048 than to 0.
        (9217, 2048),
        # One base to the left it starts at 1024, half way: the right one.
        (9216, 2048),
        # Another: 1023, nearer to 0.
        (9215, 0),
        # Near the chromosome's first base: 1 - 8192 = -8191, nearest to -8192.
        (1, -8192),
        # 1025 - 8192 = -7167 lies 1025 from -8192 and 1023 from -6144.
        (1025, -6144),
    ],
)
def test_starts_by_hand(position: int, start: int) -> None:
    interval = snapped(16_384).interval(variant(position))
    assert (interval.chromosome, interval.start, interval.end) == ("chr1", start, start + 16_384)
    assert interval.strand == "."


@given(changed=variants(longest=50), width=st.integers(1, 2_000_000))
def test_a_grid_of_one_base_centres(changed: Variant, width: int) -> None:
    placement = centred(width)
    assert placement.interval(changed) == centred_interval(changed, width)
    assert placement.room == width


@given(changed=variants(longest=300), width=WIDTHS)
def test_snapped_windows_are_the_nearest_on_the_grid(changed: Variant, width: int) -> None:
    placement = snapped(width)
    interval = placement.interval(changed)
    assert interval.width == width
    assert interval.start % placement.grid == 0
    assert placement.grid % GRID_UNIT == 0
    assert abs(interval.start - centred_interval(changed, width).start) <= placement.grid // 2


@given(changed=variants(), width=WIDTHS, moved=st.integers(0, 70_000))
def test_neighbours_of_a_grid_cell_share_the_window(changed: Variant, width: int, moved: int) -> None:
    placement = snapped(width)
    interval = placement.interval(changed)
    # The cell of a window: starts of centred windows from half a grid step left of it to half a step right.
    first = interval.start - placement.grid // 2
    offset = centred_interval(changed, width).start - first
    assert 0 <= offset < placement.grid
    neighbour = placement.interval(variant(changed.position + moved))
    assert (neighbour == interval) == (offset + moved < placement.grid)


@given(data=st.data(), width=WIDTHS)
def test_alleles_of_half_the_room_lie_in_the_window(data: st.DataObject, width: int) -> None:
    placement = snapped(width)
    changed = data.draw(variants(longest=placement.room // 2))
    interval = placement.interval(changed)
    assert interval.start <= changed.start
    assert interval.contains(changed.interval)
    assert changed.start + len(changed.alternate_bases) <= interval.end


@given(changed=variants(), width=WIDTHS)
def test_substitutions_keep_their_distance_from_both_ends(changed: Variant, width: int) -> None:
    placement = snapped(width)
    interval = placement.interval(changed)
    margin = (width - placement.grid) // 2
    assert changed.start - interval.start >= margin - 1
    assert interval.end - changed.end >= margin
    assert margin >= width // 4


@pytest.mark.parametrize("width", [2048, 1024])
def test_windows_too_short_to_snap_are_refused(width: int) -> None:
    with pytest.raises(UsageError, match=f"windows of {width} bp") as refused:
        snapped(width)
    assert "at least 4096" in str(refused.value.remedy)


def test_windows_of_neighbours_have_the_same_reference(tmp_path: pathlib.Path) -> None:
    path = toy_genome.write_genome(tmp_path / "plain.fa", {"chr1": "ACGT" * 1000})
    placement = snapped(4096)
    with Reference(path) as reference:
        windows = [
            build_window(one, placement.interval(one), reference)
            for one in (
                Variant(chromosome="chr1", position=101, reference_bases="A", alternate_bases="T"),
                Variant(chromosome="chr1", position=602, reference_bases="CG", alternate_bases="C"),
            )
        ]
    first, second = windows
    # 101 - 2048 = -1947 and 603 - 2048 = -1445: both nearest to -2048, and N up to the first base.
    assert first.interval.start == second.interval.start == -2048
    assert first.reference_bases == second.reference_bases == "N" * 2048 + "ACGT" * 512
    assert first.alternate_bases[2048 + 100] == "T"
    assert second.alternate_bases[2048 + 600 : 2048 + 606] == "ACTACG"
