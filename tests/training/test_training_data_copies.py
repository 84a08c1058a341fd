"""Edited copies: every base knows where it came from, and every edit is flagged."""

import pathlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_pieces import LENGTH, ToyStage, exon_source, piece_table, toy_dataset

from vep_cli.errors import UsageError
from vep_cli.model.output_type import OutputType
from vep_cli.training.copies import is_near_edit, make_copies
from vep_cli.training.edits import (
    NOWHERE,
    CopySettings,
    Edited,
    complement,
    edit,
    substitution_rates,
    unedited,
    widened,
)
from vep_cli.training.pieces import UNKNOWN_BASE, Piece, Split, encoded, read_bases

NO_EDITS = {"substitution_rate": 0.0, "near_sites_rate": 0.0, "indel_rate": 0.0, "structural_rate": 0.0}


def edited_at_random(seed: int, length: int, **rates: float) -> tuple[np.ndarray, Edited]:
    generator = np.random.default_rng(seed)
    bases = generator.integers(0, 5, length, np.uint8)
    chosen = CopySettings(**{**NO_EDITS, **rates})
    rate = substitution_rates(length, np.zeros(0, np.int64), chosen)
    return bases, edit(bases, 1000, rate, chosen, generator)


@given(st.integers(0, 10**6), st.integers(1, 3000))
@settings(max_examples=40, deadline=None)
def test_bases_off_the_edits_are_those_of_the_reference(seed: int, length: int) -> None:
    bases, found = edited_at_random(
        seed, length, substitution_rate=0.02, indel_rate=0.01, structural_rate=0.003
    )
    assert len({len(column) for column in found}) == 1
    is_moved = found.reference != NOWHERE
    from_reference = bases[found.reference[is_moved] - 1000]
    expected = np.where(found.is_reversed[is_moved], complement(from_reference), from_reference)
    is_same = expected == found.bases[is_moved]
    assert found.is_edited[is_moved][~is_same].all()
    assert found.is_edited[~is_moved].all()
    # Off the edits, neighbours in the copy are neighbours in the reference.
    is_plain = ~found.is_edited
    steps = np.diff(found.reference)
    assert (steps[is_plain[1:] & is_plain[:-1]] == 1).all()
    assert found.is_edited[found.is_reversed].all()


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_substitutions_change_bases_but_n_and_nothing_else(seed: int) -> None:
    bases, found = edited_at_random(seed, 2000, substitution_rate=0.1)
    is_changed = found.bases != bases
    assert np.array_equal(found.is_edited, is_changed)
    assert not is_changed[bases == UNKNOWN_BASE].any()
    # 1,600 bases that are not N at 0.1: 160 +- 12, and five standard deviations are 60.
    assert 100 < is_changed.sum() < 220


def test_every_kind_of_edit_happens_and_moves_what_it_should() -> None:
    _, found = edited_at_random(5, 60_000, indel_rate=0.002, structural_rate=0.002)
    steps = np.diff(found.reference[found.reference != NOWHERE])
    assert (found.reference == NOWHERE).any()
    assert (steps > 1).any()  # deletions
    assert (steps < -1).any()  # back to the beginning of what is doubled, or to the end of what is inverted
    assert found.is_reversed.any()
    assert len(np.unique(found.reference)) < len(found.reference)


def test_without_rates_a_copy_is_the_piece() -> None:
    bases, found = edited_at_random(1, 500)
    for column, expected in zip(found, unedited(bases, 1000), strict=True):
        assert np.array_equal(column, expected)


def test_splice_sites_have_their_own_rate() -> None:
    chosen = CopySettings(substitution_rate=0.01, near_sites_rate=0.1, near_sites_distance=2)
    rates = substitution_rates(10, np.array([4]), chosen)
    assert rates.tolist() == [0.01, 0.01, 0.1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01]


def test_widening_reaches_the_distance_on_either_side() -> None:
    flags = np.array([1, 0, 0, 0, 0, 1, 0, 0], bool)
    assert widened(flags, 1).tolist() == [True, True, False, False, True, True, True, False]
    assert np.array_equal(widened(flags, 0), flags)


def piece_of(folder: pathlib.Path, text: str, **changes: object) -> Piece:
    folder.joinpath("p.fa").write_text(text)
    values = {"name": "p", "contig": "c", "start": 0, "end": 10, "genome": "toy", "split": Split.TRAIN}
    return Piece(**{"fasta": folder / "p.fa", **values, **changes})


def test_a_piece_may_be_a_record_that_begins_further_on(tmp_path: pathlib.Path) -> None:
    piece = piece_of(
        tmp_path, ">c:101-110\nACGTNacgtn\n", record="c:101-110", record_start=100, start=103, end=108
    )
    assert read_bases(piece).tolist() == [3, 4, 0, 1, 2]
    assert encoded("TNACG").tolist() == [3, 4, 0, 1, 2]


def test_a_piece_past_its_record_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(UsageError, match="which has 4 bases"):
        read_bases(piece_of(tmp_path, ">c\nACGT\n"))


def test_copies_are_filled_up_and_kept(tmp_path: pathlib.Path) -> None:
    piece = piece_of(tmp_path, ">c\n" + "ACGT" * 600 + "\n", end=2400)
    chosen = CopySettings(count=2, substitution_rate=0.01)
    copies = list(make_copies([piece], chosen, tmp_path / "cache"))
    assert [copy.number for copy in copies] == [0, 1, 2]
    assert len(copies[0]) == 4096
    assert (copies[0].bases[2400:] == UNKNOWN_BASE).all()
    assert copies[0].rows["reference"].tolist() == [*range(2400), *[NOWHERE] * 1696]
    assert copies[0].known_before.tolist() == [0, 2048, 2400]
    assert len({copy.key for copy in copies}) == 3
    again = list(make_copies([piece], CopySettings(count=3, substitution_rate=0.01), tmp_path / "cache"))
    assert [copy.key for copy in again[:3]] == [copy.key for copy in copies]


def test_pieces_that_are_not_trained_on_are_not_edited(tmp_path: pathlib.Path) -> None:
    piece = piece_of(tmp_path, ">c\n" + "ACGT" * 10 + "\n", split=Split.VALIDATION)
    assert len(list(make_copies([piece], CopySettings(count=3), tmp_path))) == 1


def test_near_edits_is_the_same_for_every_window(tmp_path: pathlib.Path) -> None:
    piece = piece_of(tmp_path, ">c\n" + "ACGT" * 1024 + "\n", end=4096)
    *_, copy = make_copies([piece], CopySettings(count=1, substitution_rate=0.005), tmp_path)
    whole = is_near_edit(copy, 0, len(copy), 20)
    assert 0 < whole.sum() < len(copy)
    for start, end in ((0, 100), (950, 1700), (4000, len(copy))):
        assert np.array_equal(is_near_edit(copy, start, end, 20), whole[start:end])


def test_labels_are_unknown_near_edits_and_elsewhere_those_of_the_reference(tmp_path: pathlib.Path) -> None:
    rates = {**NO_EDITS, "count": 1, "indel_rate": 0.0005, "structural_rate": 0.0002}
    dataset = toy_dataset(tmp_path, exon_source(margin=50), copies=rates)
    copy = dataset.copies[1]
    stage = ToyStage(window=2048, batch=16, copies=1, reverse_complement=False)
    covered = {*range(2000, 2200), *range(4000, 6000)}
    seen = 0
    for step in range(3):
        batch = dataset.batch(stage, step)
        for sequence, targets in zip(batch.sequence, batch.targets[OutputType.RNA_SEQ], strict=True):
            start = _place(copy.bases, np.asarray(sequence).argmax(axis=-1))
            if start is None:
                continue
            seen += 1
            reference = copy.rows["reference"][start : start + 2048]
            is_unknown = is_near_edit(copy, start, start + 2048, 50) | (reference == NOWHERE)
            expected = np.array([position in covered for position in reference.tolist()], np.float32)
            expected[is_unknown] = np.nan
            assert np.array_equal(np.asarray(targets)[:, 0], expected, equal_nan=True)
    assert seen > 5


def _place(bases: np.ndarray, window: np.ndarray) -> int | None:
    place = bases.tobytes().find(window.astype(np.uint8).tobytes())
    return None if place < 0 else place


EXCLUDED = {"genome": "toy", "contig": "c", "start": LENGTH - 1, "end": LENGTH + 10}


@pytest.mark.parametrize("split", ["train", "validation"])
def test_a_piece_over_an_excluded_stretch_is_refused(tmp_path: pathlib.Path, split: str) -> None:
    pieces = [piece_table(split=split)]
    with pytest.raises(UsageError, match="overlaps the excluded stretch toy c:12287-12298"):
        toy_dataset(tmp_path, exon_source(), piece=pieces, excluded=[EXCLUDED])


def test_pieces_beside_it_of_another_genome_or_to_test_with_are_taken(tmp_path: pathlib.Path) -> None:
    pieces = [
        piece_table(name="beside", end=LENGTH - 1),
        piece_table(name="other", genome="other"),
        piece_table(name="test", split="test", start=LENGTH - 1),
    ]
    dataset = toy_dataset(tmp_path, exon_source(), piece=pieces, excluded=[EXCLUDED])
    assert len(dataset.copies) == 3


def test_pieces_of_two_splits_may_not_overlap(tmp_path: pathlib.Path) -> None:
    pieces = [piece_table(), piece_table(name="v", split="validation", start=LENGTH - 1)]
    with pytest.raises(UsageError, match=r"'c' \(train\) and 'v' \(validation\) overlap"):
        toy_dataset(tmp_path, exon_source(), piece=pieces)
