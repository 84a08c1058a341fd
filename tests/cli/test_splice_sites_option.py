"""`--splice-sites`, with a network that keeps the known sites that it is told of."""

import pathlib

import numpy as np
import pytest
from toy_inputs import WINDOW, CountingNetwork, Run, assert_refused, vcf

from vep_cli import pipeline
from vep_cli.model.tracks import TrackTable
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.scoring.splice_junctions import JunctionPredictions

JUNCTIONS = ("--modality", "SPLICE_JUNCTIONS")
VARIANT = vcf("chr1 6000 . T A").encode()
START = 6000 - WINDOW // 2
"""First base of the window; see `genome.window.centred_interval`."""

INTRON = "Chromosome\tStart\tEnd\tStrand\n{contig}\t5500\t5600\t+\n"


class AttentiveNetwork(CountingNetwork):
    """Keeps what it is told of known sites."""

    told: list[list[list[int]]]

    def junctions(self, *arguments: object) -> tuple[JunctionPredictions, JunctionPredictions]:
        """Return no junctions."""
        arrays = arguments[2]
        assert isinstance(arrays, dict)
        self.told.append([(np.flatnonzero(bases) + START).tolist() for bases in arrays["is_known"].T])
        return super().junctions(*arguments)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[list[list[int]]]:
    """The known sites of each variant, by class, on the chromosome."""
    told: list[list[list[int]]] = []

    def make(weights: WeightsFolder, tracks: TrackTable, **_: object) -> CountingNetwork:
        del weights
        network = AttentiveNetwork(tracks)
        network.told = told
        return network

    monkeypatch.setattr(pipeline, "Predictor", make)
    return told


def write(path: pathlib.Path, text: str) -> pathlib.Path:
    path.write_text(text)
    return path


def test_known_sites_are_the_annotations_by_default(score_toy: Run, told: list[list[list[int]]]) -> None:
    done = score_toy("-", *JUNCTIONS, stdin=VARIANT)
    assert done.status == 0
    # PLUS has the intron [5400, 6000), MINUS [5900, 6500).
    assert told == [[[5399], [6000], [6500], [5899], []]]
    assert "##vep_cli_splice_sites=from the annotation\n" in done.stdout


@pytest.mark.parametrize("contig", ["chr1", "1"])
def test_a_table_takes_their_place(
    score_toy: Run, told: list[list[list[int]]], tmp_path: pathlib.Path, contig: str
) -> None:
    table = write(tmp_path / "introns.tsv", INTRON.format(contig=contig))
    done = score_toy("-", *JUNCTIONS, "--splice-sites", table, stdin=VARIANT)
    assert done.status == 0
    assert told == [[[5499], [5600], [], [], []]]
    assert f"##vep_cli_splice_sites={table}\n" in done.stdout


def test_tables_of_starts_and_of_ends_are_joined(
    score_toy: Run, told: list[list[list[int]]], tmp_path: pathlib.Path
) -> None:
    starts = write(tmp_path / "starts.tsv", "Chromosome\tStart\tStrand\tliver\nchr1\t5500\t-\t1.0\n")
    ends = write(tmp_path / "ends.tsv", "Chromosome\tEnd\tStrand\tliver\nchr1\t5600\t-\t0.5\n")
    tables = ("--splice-sites", starts, "--splice-sites", ends)
    assert score_toy("-", *JUNCTIONS, *tables, stdin=VARIANT).status == 0
    assert told == [[[], [], [5600], [5499], []]]


@pytest.mark.usefixtures("told")
def test_tables_of_another_genome_are_told(score_toy: Run, tmp_path: pathlib.Path) -> None:
    table = write(tmp_path / "introns.tsv", INTRON.format(contig="NC_000001.11"))
    done = score_toy("-", *JUNCTIONS, "--splice-sites", table, stdin=VARIANT)
    assert done.status == 0
    assert f"no contig of the splice sites {table} is in the reference" in done.stderr


@pytest.mark.parametrize("content", [None, "gene\n", "Chromosome\tStart\tStrand\nchr1\tx\t+\n"])
def test_a_table_that_is_none_is_refused(score_toy: Run, tmp_path: pathlib.Path, content: str | None) -> None:
    table = tmp_path / "introns.tsv"
    if content is not None:
        table.write_text(content)
    done = score_toy("-", *JUNCTIONS, "--splice-sites", table, "--quiet", stdin=VARIANT)
    assert_refused(done, 1, str(table), "Chromosome, Strand, and Start or End")


def test_a_table_is_not_written_over(score_toy: Run, tmp_path: pathlib.Path) -> None:
    table = write(tmp_path / "introns.tsv", INTRON.format(contig="chr1"))
    done = score_toy("-", *JUNCTIONS, "--splice-sites", table, "-o", table, stdin=VARIANT)
    assert_refused(done, 2, str(table))
    assert table.read_text() == INTRON.format(contig="chr1")
