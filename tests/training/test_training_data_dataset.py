"""Batches: pure functions of their arguments, whose targets turn round with their sequences."""

import dataclasses
import hashlib
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from toy_pieces import (
    LENGTH,
    SITE_SOURCE,
    ToyStage,
    exon_source,
    piece_table,
    toy_dataset,
    toy_letters,
    write_genome,
)

from vep_cli.errors import UsageError
from vep_cli.model.output_type import OutputType
from vep_cli.training.batches import Batch
from vep_cli.training.dataset import total
from vep_cli.training.sources.source import ColumnTargets

EDITS = {"count": 2, "substitution_rate": 0.002, "indel_rate": 0.001, "structural_rate": 0.0005}


def digest(batch: Batch) -> str:
    parts = [np.asarray(batch.sequence), *(np.asarray(batch.targets[key]) for key in sorted(batch.targets))]
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def test_a_whole_chromosome_has_the_targets_of_its_annotation(tmp_path: pathlib.Path) -> None:
    dataset = toy_dataset(tmp_path, exon_source(value=2.0), SITE_SOURCE)
    stage = ToyStage(window=LENGTH, batch=1, reverse_complement=False)
    batch = dataset.batch(stage, 0)
    assert dataset.outputs == {OutputType.RNA_SEQ, OutputType.SPLICE_SITES}
    letters = "".join("ACGT"[code] for code in np.asarray(batch.sequence[0]).argmax(axis=-1))
    assert letters == toy_letters()
    coverage = np.asarray(batch.targets[OutputType.RNA_SEQ][0])
    assert coverage.shape == (LENGTH, 4)
    # 200 + 2,000 bases of exons on '+', 2 * 500 on '-', the unstranded track has both; of value 2.
    assert coverage[:, :3].sum(axis=0).tolist() == [4400, 2000, 6400]
    assert np.isnan(coverage[:, 3]).all()
    sites = np.asarray(batch.targets[OutputType.SPLICE_SITES][0])
    # Bases of exons beside [2200, 4000) on '+' and [8500, 9500) on '-'.
    assert [np.flatnonzero(sites[:, kind]).tolist() for kind in range(4)] == [[2199], [4000], [9500], [8499]]
    assert (sites.sum(axis=1) == 1).all()


def test_windows_near_sites_have_one_in_their_targets(tmp_path: pathlib.Path) -> None:
    dataset = toy_dataset(tmp_path, exon_source(), SITE_SOURCE)
    stage = ToyStage(window=2048, batch=4, near_sites=1)
    for step in range(5):
        sites = np.asarray(dataset.batch(stage, step).targets[OutputType.SPLICE_SITES])
        assert sites[..., :4].any(axis=(1, 2)).all()
    with pytest.raises(UsageError, match="its pieces have none"):
        toy_dataset(tmp_path, exon_source()).batch(stage, 0)


def test_a_reversed_window_has_the_flipped_targets_of_the_window(tmp_path: pathlib.Path) -> None:
    dataset = toy_dataset(tmp_path, exon_source(), SITE_SOURCE)
    plain = ToyStage(window=LENGTH, batch=1, reverse_complement=False)
    turning = ToyStage(window=LENGTH, batch=1)
    forward = dataset.batch(plain, 0)
    backward = next(
        batch
        for batch in (dataset.batch(turning, step) for step in range(20))
        if not np.array_equal(batch.sequence, forward.sequence)
    )
    assert np.array_equal(backward.sequence, np.asarray(forward.sequence)[:, ::-1, ::-1])
    coverage = np.asarray(forward.targets[OutputType.RNA_SEQ])[:, ::-1][..., [1, 0, 2, 3]]
    assert np.array_equal(backward.targets[OutputType.RNA_SEQ], coverage, equal_nan=True)
    sites = np.asarray(forward.targets[OutputType.SPLICE_SITES])[:, ::-1][..., [2, 3, 0, 1, 4]]
    assert np.array_equal(backward.targets[OutputType.SPLICE_SITES], sites)


def test_batches_depend_on_seed_stage_step_and_split_alone(tmp_path: pathlib.Path) -> None:
    stage = ToyStage()
    one = toy_dataset(tmp_path, exon_source())
    other = toy_dataset(tmp_path, exon_source())
    # Asked in another order, after other batches.
    expected = [digest(one.batch(stage, step)) for step in range(4)]
    assert [digest(other.batch(stage, step)) for step in (3, 1, 0, 2)] == [expected[i] for i in (3, 1, 0, 2)]
    assert len(set(expected)) == 4
    assert digest(one.batch(dataclasses.replace(stage, name="distil"), 0)) != expected[0]
    assert digest(toy_dataset(tmp_path, exon_source(), seed=4).batch(stage, 0)) != expected[0]


IN_ANOTHER_PROCESS = """
import pathlib, sys
sys.path.insert(0, sys.argv[2])
from test_training_data_dataset import EDITS, digest
from toy_pieces import ToyStage, exon_source, toy_dataset
dataset = toy_dataset(pathlib.Path(sys.argv[1]), exon_source(), copies=EDITS)
print(digest(dataset.batch(ToyStage(copies=1, batch=4), 5)))
"""


def test_two_processes_make_identical_bytes(tmp_path: pathlib.Path) -> None:
    """Neither reads what the other has kept: each has a folder of its own."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    write_genome(there)
    dataset = toy_dataset(here, exon_source(), copies=EDITS)
    arguments = [sys.executable, "-c", IN_ANOTHER_PROCESS, str(there), str(pathlib.Path(__file__).parent)]
    found = subprocess.run(arguments, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == digest(dataset.batch(ToyStage(copies=1, batch=4), 5))


def test_what_is_kept_is_read_again_and_a_damaged_file_made_anew(tmp_path: pathlib.Path) -> None:
    first = digest(toy_dataset(tmp_path, exon_source()).batch(ToyStage(), 0))
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()}
    assert len(kept) == 2  # the copy, and its profiles
    assert digest(toy_dataset(tmp_path, exon_source()).batch(ToyStage(), 0)) == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()} == kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:100])
    assert digest(toy_dataset(tmp_path, exon_source()).batch(ToyStage(), 0)) == first
    toy_dataset(tmp_path, exon_source(value=3.0)).batch(ToyStage(), 0)
    assert len(list((tmp_path / "cache").iterdir())) == 3


def test_validation_goes_through_the_tiles_in_turn(tmp_path: pathlib.Path) -> None:
    validation = piece_table(name="v", split="validation", start=4096, end=LENGTH)
    dataset = toy_dataset(tmp_path, exon_source(), piece=[piece_table(end=4096), validation])
    stage = ToyStage(window=2048, batch=2)
    seen = [np.asarray(row) for step in (0, 1) for row in dataset.batch(stage, step, "validation").sequence]
    letters = toy_letters()
    found = {letters.find("".join("ACGT"[code] for code in row.argmax(axis=-1))) for row in seen}
    assert found == {4096, 6144, 8192, 10240}
    assert digest(dataset.batch(stage, 2, "validation")) == digest(dataset.batch(stage, 0, "validation"))


def test_a_source_of_another_genome_leaves_targets_unknown(tmp_path: pathlib.Path) -> None:
    dataset = toy_dataset(tmp_path, exon_source(genome="other"))
    assert np.isnan(dataset.batch(ToyStage(), 0).targets[OutputType.RNA_SEQ]).all()


def test_sums_of_sources_are_unknown_where_one_is() -> None:
    unknown = np.float32(np.nan)
    one = ColumnTargets(np.array([0, 1]), np.array([[1, 2], [unknown, 4]], np.float32))
    other = ColumnTargets(np.array([1]), np.array([[10], [20]], np.float32))
    expected = [[1, 12, unknown], [unknown, 24, unknown]]
    assert np.array_equal(total((2, 3), [one, other]), np.array(expected, np.float32), equal_nan=True)


def test_a_window_longer_than_every_piece_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(UsageError, match="window of 16384 bases"):
        toy_dataset(tmp_path, exon_source()).batch(ToyStage(window=16384), 0)


def test_bins_of_128_are_sums_of_bases(tmp_path: pathlib.Path) -> None:
    dataset = toy_dataset(tmp_path, exon_source(output="CHIP_HISTONE"))
    batch = dataset.batch(ToyStage(window=LENGTH, batch=1, reverse_complement=False), 0)
    bins = np.asarray(batch.targets[OutputType.CHIP_HISTONE][0])
    assert bins.shape == (LENGTH // 128, 4)
    # The exon [2000, 2200) covers 48 bases of bin 15 = [1920, 2048), all of bin 16, 24 of bin 17.
    assert bins[14:19, 0].tolist() == [0, 48, 128, 24, 0]
