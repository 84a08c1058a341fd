import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.scoring.masks import BLOCK, NOWHERE, BlockLayout, bucket, center_bins

WINDOW = Interval(chromosome="chr1", start=0, end=16384)


def snv(position: int, chromosome: str = "chr1") -> Variant:
    return Variant(
        chromosome=chromosome,
        position=position,
        reference_bases="A",
        alternate_bases="C",
    )


def real(positions: np.ndarray) -> list[int]:
    return positions[positions != NOWHERE].tolist()


@pytest.mark.parametrize(("size", "expected"), [(0, 16), (1, 16), (16, 16), (17, 64), (65, 256)])
def test_buckets_grow_fourfold(size: int, expected: int) -> None:
    assert bucket(size, smallest=16) == expected


def test_center_bins_are_the_official_ones(center_ranges: list[list[int]]) -> None:
    assert len(center_ranges) > 80
    for position, width, resolution, first, end in center_ranges:
        bins = center_bins(snv(position), WINDOW, width=width, resolution=resolution)
        assert real(bins) == list(range(first, end))


def test_center_bins_of_no_width_are_all() -> None:
    assert real(center_bins(snv(1), WINDOW, width=None, resolution=128)) == list(range(128))


@pytest.mark.parametrize("asked", [snv(16385), snv(100, "chr2")])
def test_variant_outside_the_window_has_no_bins(asked: Variant) -> None:
    assert real(center_bins(asked, WINDOW, width=501, resolution=1)) == []
    assert real(center_bins(asked, WINDOW, width=None, resolution=1)) == []


@given(st.integers(1, 20000), st.sampled_from([501, 2001, None, 100001]), st.sampled_from([1, 128]))
def test_shape_of_center_bins_does_not_depend_on_the_variant(
    position: int, width: int | None, resolution: int
) -> None:
    middle = center_bins(snv(8000), WINDOW, width=width, resolution=resolution)
    assert center_bins(snv(position), WINDOW, width=width, resolution=resolution).shape == middle.shape


@given(st.lists(st.integers(0, 700), max_size=20))
def test_blocks_hold_each_position_once_in_its_row(lengths: list[int]) -> None:
    row = np.repeat(np.arange(len(lengths)), lengths)
    positions = np.arange(len(row)) * 3
    layout = BlockLayout.of_rows(row, len(lengths))
    blocks = layout.blocks(positions)
    assert layout.length[: len(lengths)].tolist() == lengths
    assert layout.length.sum() == len(row)
    for number in range(len(lengths)):
        assert real(blocks[layout.row_of_block == number]) == positions[row == number].tolist()


def test_rows_and_blocks_are_padded_to_buckets() -> None:
    # 17 rows of 300 positions need 2 blocks of 256 each: 34 blocks.
    layout = BlockLayout.of_rows(np.repeat(np.arange(17), 300), 17)
    assert layout.length.shape == (64,)
    assert layout.row_of_block.shape == (128,)
    assert layout.blocks(np.arange(17 * 300)).shape == (128, BLOCK)
