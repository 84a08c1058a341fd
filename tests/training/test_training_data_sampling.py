"""Windows: drawn from everywhere that is known, or tile by tile."""

import pathlib

import numpy as np
import pytest
from toy_pieces import ToyStage

from vep_cli.errors import OutputError, UsageError
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.training.augmentation import column_partners, one_hot, reverse_complement, reversed_targets
from vep_cli.training.copies import Copy, make_copies
from vep_cli.training.edits import CopySettings
from vep_cli.training.pieces import Piece, Split
from vep_cli.training.sampling import Crop, choose_crops
from vep_cli.training.target_store import is_stored, key_of, stored


def copies_of(folder: pathlib.Path, *letters: str, count: int = 0, split: Split = Split.TRAIN) -> list[Copy]:
    pieces = []
    for number, text in enumerate(letters):
        path = folder / f"{number}.fa"
        path.write_text(f">c\n{text}\n")
        pieces.append(
            Piece(name=str(number), fasta=path, contig="c", start=0, end=len(text), genome="toy", split=split)
        )
    return list(make_copies(pieces, CopySettings(count=count), folder / "cache"))


def drawn(
    copies: list[Copy],
    stage: ToyStage,
    split: Split = Split.TRAIN,
    steps: int = 40,
    sites: tuple[tuple[int, ...], ...] = (),
) -> list[Crop]:
    return [
        crop
        for step in range(steps)
        for crop in choose_crops(
            copies, stage, seed=1, step=step, split=split, sites=lambda number: np.array(sites[number], int)
        )
    ]


def test_windows_begin_at_any_base_and_longer_pieces_have_more(tmp_path: pathlib.Path) -> None:
    crops = drawn(copies_of(tmp_path, "ACGT" * 2048, "ACGT" * 1024), ToyStage(window=2048, batch=10))
    assert len(crops) == 400
    assert len({crop.start % 2048 for crop in crops}) > 100
    assert max(crop.start for crop in crops) <= 8192 - 2048
    # 8,192 bases against 4,096: 267 +- 9 of 400, and five standard deviations are 47.
    assert 220 < sum(crop.copy == 0 for crop in crops) < 314
    assert 150 < sum(crop.is_reversed for crop in crops) < 250


def test_without_shift_windows_are_tiles_and_without_reversal_forward(tmp_path: pathlib.Path) -> None:
    stage = ToyStage(window=2048, batch=10, shift=False, reverse_complement=False)
    crops = drawn(copies_of(tmp_path, "ACGT" * 2048), stage)
    assert {crop.start for crop in crops} == {0, 2048, 4096, 6144}
    assert not any(crop.is_reversed for crop in crops)


def test_windows_near_sites_hold_one_each_as_often(tmp_path: pathlib.Path) -> None:
    copies = copies_of(tmp_path, "ACGT" * 4096, "ACGT" * 1024)
    places = ((0, 8000, 16383), (1000,))
    crops = drawn(copies, ToyStage(window=2048, batch=10, near_sites=1), sites=places)
    held = [[site for site in places[crop.copy] if crop.start <= site < crop.start + 2048] for crop in crops]
    assert all(len(sites) == 1 for sites in held)
    # Each of four sites is in 100 +- 9 of 400, and five standard deviations are 43.
    for copy, site in ((0, 0), (0, 8000), (0, 16383), (1, 1000)):
        assert (
            57
            < sum(crop.copy == copy and sites == [site] for crop, sites in zip(crops, held, strict=True))
            < 143
        )
    # At any place of the window, but at the ends of a piece.
    assert len({crop.start for crop, sites in zip(crops, held, strict=True) if sites == [8000]}) > 60


def test_the_other_windows_are_drawn_as_ever(tmp_path: pathlib.Path) -> None:
    copies = copies_of(tmp_path, "ACGT" * 16384)
    crops = drawn(copies, ToyStage(window=2048, batch=10, near_sites=0.25), sites=((30000,),))
    # A quarter of 400, 100 +- 9, and one in 31 of the others.
    assert 60 < sum(crop.start <= 30000 < crop.start + 2048 for crop in crops) < 160
    with pytest.raises(UsageError, match="splice sites, but its pieces have none"):
        drawn(copies, ToyStage(window=2048, near_sites=0.5), sites=((),))


def test_windows_that_are_mostly_n_are_not_read(tmp_path: pathlib.Path) -> None:
    copies = copies_of(tmp_path, "N" * 6144 + "ACGT" * 1024)
    assert min(crop.start for crop in drawn(copies, ToyStage(window=2048, batch=10))) >= 6144 - 2047
    with pytest.raises(UsageError, match="not mostly N"):
        drawn(copies_of(tmp_path, "N" * 4096), ToyStage(window=2048))


def test_edited_copies_are_read_by_the_stages_that_say_so(tmp_path: pathlib.Path) -> None:
    copies = copies_of(tmp_path, "ACGT" * 1024, count=2)
    assert {crop.copy for crop in drawn(copies, ToyStage(window=2048))} == {0}
    assert {crop.copy for crop in drawn(copies, ToyStage(window=2048, copies=1))} == {0, 1}
    assert {crop.copy for crop in drawn(copies, ToyStage(window=2048, copies=2))} == {0, 1, 2}


def test_copies_that_come_to_be_made_change_nothing_for_stages_that_do_not_read_them(
    tmp_path: pathlib.Path,
) -> None:
    stage = ToyStage(window=2048, copies=1)
    few, many = (copies_of(tmp_path, "ACGT" * 1024, "AGCT" * 2048, count=count) for count in (1, 3))
    of_few, of_many = (
        [(copies[crop.copy].key, crop.start) for crop in drawn(copies, stage)] for copies in (few, many)
    )
    assert of_few == of_many


def test_other_splits_are_read_tile_by_tile_and_not_turned_round(tmp_path: pathlib.Path) -> None:
    copies = copies_of(tmp_path, "ACGT" * 1536, "ACGT" * 512, split=Split.TEST)
    crops = drawn(copies, ToyStage(window=2048, batch=3), Split.TEST, steps=4)
    assert set(crops) == {Crop(0, 0, False), Crop(0, 2048, False), Crop(0, 4096, False), Crop(1, 0, False)}
    assert crops[:4] == crops[4:8] == crops[8:]
    with pytest.raises(UsageError, match="split validation"):
        drawn(copies, ToyStage(window=2048), Split.VALIDATION)


def test_codes_are_turned_round_as_one_hot_rows_are() -> None:
    bases = np.array([0, 1, 2, 3, 4, 0], np.uint8)
    assert reverse_complement(bases).tolist() == [3, 4, 0, 1, 2, 3]
    assert np.array_equal(one_hot(reverse_complement(bases)), one_hot(bases)[::-1, ::-1])
    assert not one_hot(bases)[4].any()


def test_targets_are_turned_round_along_every_axis_of_positions() -> None:
    partners = np.array([1, 0])
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    assert reversed_targets(OutputType.CAGE, rows, partners).tolist() == [[5, 4], [3, 2], [1, 0]]
    # A cut counted at base i lies between i - 1 and i, on the other strand at the place of base i - 1.
    turned = reversed_targets(OutputType.DNASE, rows, np.array([0, 1]))
    assert np.array_equal(turned, [[np.nan, np.nan], [4, 5], [2, 3]], equal_nan=True)
    grid = np.arange(4, dtype=np.float32).reshape(2, 2, 1)
    assert reversed_targets(OutputType.CONTACT_MAPS, grid, np.array([0]))[..., 0].tolist() == [[3, 2], [1, 0]]


def test_partners_are_of_one_organism_and_padding_is_its_own() -> None:
    def track(index: int, strand: str, organism: str = "human") -> Track:
        return Track(organism=organism, output_type=OutputType.CAGE, index=index, name="x", strand=strand)

    table = TrackTable((track(0, "+"), track(1, "-"), track(3, "+"), track(4, "-"), track(0, ".", "mouse")))
    assert column_partners(table, OutputType.CAGE, "human", 6).tolist() == [1, 0, 2, 4, 3, 5]
    assert column_partners(table, OutputType.CAGE, "mouse", 6).tolist() == [0, 1, 2, 3, 4, 5]
    assert column_partners(table, OutputType.SPLICE_SITES, "human", 5).tolist() == [2, 3, 0, 1, 4]
    with pytest.raises(UsageError, match="cannot be reversed"):
        column_partners(TrackTable((track(0, "+"),)), OutputType.CAGE, "human", 2)


def test_an_array_is_made_once(tmp_path: pathlib.Path) -> None:
    calls = []

    def make() -> np.ndarray:
        calls.append(1)
        return np.arange(3)

    key = key_of("a", 1, {"b": [2]})
    assert not is_stored(tmp_path / "new", key)
    for _ in range(2):
        assert stored(tmp_path / "new", key, make).tolist() == [0, 1, 2]
    assert is_stored(tmp_path / "new", key)
    assert len(calls) == 1
    assert key == key_of("a", 1, {"b": [2]}) != key_of("a", 2, {"b": [2]})


def test_what_fails_to_be_made_or_written_leaves_nothing(tmp_path: pathlib.Path) -> None:
    def fail() -> np.ndarray:
        raise UsageError("no")

    with pytest.raises(UsageError, match="no"):
        stored(tmp_path, "a", fail)
    assert not list(tmp_path.iterdir())
    tmp_path.joinpath("file").write_text("")
    with pytest.raises(OutputError, match="targets cannot be kept"):
        stored(tmp_path / "file", "a", lambda: np.zeros(1))
