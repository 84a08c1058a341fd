"""Measured tracks, from files written here."""

import pathlib

import numpy as np
import pytest
from toy_pieces import LENGTH, ToyStage, toy_dataset, toy_tracks

from vep_cli.errors import UsageError
from vep_cli.genome.interval import Interval
from vep_cli.model.output_type import OutputType
from vep_cli.training.sources.bigwig import BigWigSettings, BigWigSource

pybigtools = pytest.importorskip("pybigtools")


def write(path: pathlib.Path, *stretches: tuple[int, int, float]) -> pathlib.Path:
    rows = [("c", start, end, value) for start, end, value in stretches]
    pybigtools.open(str(path), "w").write({"c": LENGTH}, iter(rows))
    return path


def test_bases_have_the_values_of_the_file(tmp_path: pathlib.Path) -> None:
    files = {"ATAC liver .": write(tmp_path / "x.bw", (10, 12, 1.5), (12, 13, 4.0))}
    interval = Interval(chromosome="c", start=9, end=14)
    settings = BigWigSettings(genome="toy", output=OutputType.ATAC, files=files, scale=2.0)
    source = BigWigSource(settings, toy_tracks())
    assert source.profiles(interval)[:, 0].tolist() == [0, 3, 3, 8, 0]
    assert source.targets(source.profiles(interval), "human").columns.tolist() == [2]
    unknown = BigWigSettings(genome="toy", output=OutputType.ATAC, files=files, missing_is_zero=False)
    found = BigWigSource(unknown, toy_tracks()).profiles(interval)[:, 0]
    assert np.array_equal(found, [np.nan, 1.5, 1.5, 4, np.nan], equal_nan=True)


def test_windows_have_sums_and_strands_change_places(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "plus.bw", (0, 256, 1.0))
    write(tmp_path / "minus.bw", (128, 256, 2.0))
    tmp_path.joinpath("files.tsv").write_text(
        "name\tstrand\tfile\nCHIP_TF liver\t+\tplus.bw\nCHIP_TF liver\t-\tminus.bw\n"
    )
    source = {"kind": "bigwig", "genome": "toy", "output": "CHIP_TF", "table": "files.tsv"}
    dataset = toy_dataset(tmp_path, source)
    forward = dataset.batch(ToyStage(window=LENGTH, batch=1, reverse_complement=False), 0)
    bins = np.asarray(forward.targets[OutputType.CHIP_TF][0])
    assert bins[:3, :2].tolist() == [[128, 0], [128, 256], [0, 0]]
    assert np.isnan(bins[:, 2:]).all()
    batches = (dataset.batch(ToyStage(window=LENGTH, batch=1), step) for step in range(20))
    backward = next(one for one in batches if not np.array_equal(one.sequence, forward.sequence))
    assert np.asarray(backward.targets[OutputType.CHIP_TF][0])[-3:, :2].tolist() == [
        [0, 0],
        [256, 128],
        [0, 128],
    ]
    assert not list((tmp_path / "cache").glob("*bw*"))


def test_files_that_are_not_there_or_not_bigwig_are_named(tmp_path: pathlib.Path) -> None:
    def opened(name: str, path: pathlib.Path) -> BigWigSource:
        settings = BigWigSettings(genome="toy", output=OutputType.ATAC, files={name: path})
        return BigWigSource(settings, toy_tracks())

    with pytest.raises(UsageError, match="no such file"):
        opened("ATAC liver +", tmp_path / "none.bw")
    with pytest.raises(UsageError, match="names several tracks"):
        opened("ATAC liver", tmp_path / "none.bw")
    with pytest.raises(UsageError, match="names no track"):
        opened("ATAC brain", tmp_path / "none.bw")
    text = tmp_path / "text.bw"
    text.write_text("no bigWig")
    with pytest.raises(UsageError, match=r"text\.bw: c:0-5:\. cannot be read"):
        opened("ATAC liver +", text).profiles(Interval(chromosome="c", start=0, end=5))
    good = write(tmp_path / "x.bw", (10, 12, 1.5))
    with pytest.raises(UsageError, match="cannot be read"):
        opened("ATAC liver +", good).profiles(Interval(chromosome="other", start=0, end=5))
    with pytest.raises(ValueError, match="either files or table"):
        BigWigSettings(genome="toy", output=OutputType.ATAC)
