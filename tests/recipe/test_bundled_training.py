"""What the bundled model is trained on, as its configuration says; above all what it is not trained on."""

import pathlib

import pytest
from pieces import PIECES
from tracks import plan_tracks

from vep_cli.genome.interval import Interval
from vep_cli.model.output_type import OutputType
from vep_cli.model.selection import MECHANISTIC
from vep_cli.model.tracks import read_tracks
from vep_cli.training.pieces import Split
from vep_cli.training.settings import TrainSettings, read_settings

RECIPE = pathlib.Path(__file__).parents[2] / "weights" / "recipe"

# The test piece, chr17:42,425,000-43,600,000 of GRCh38, and where its bases are in GRCh37: BRCA1 begins at
# 43,044,295 in the one and at 41,196,312 in the other, 1,847,983 apart; a hundred kilobases are added on
# either side, which is more than insertions in between could move it.
OF_TEST = {
    "hg38": Interval(chromosome="chr17", start=42_424_999, end=43_600_000),
    "hg19": Interval(chromosome="chr17", start=40_477_016, end=41_852_017),
}
LONGEST_WINDOW = 131_072


@pytest.fixture(scope="module")
def settings() -> TrainSettings:
    return read_settings(RECIPE / "bundled.toml")


def test_nothing_of_the_test_piece_is_trained_on_or_validated_with(settings: TrainSettings) -> None:
    assert {piece.genome for piece in settings.data.pieces} == OF_TEST.keys()
    for piece in settings.data.pieces:
        assert not piece.interval.overlaps(OF_TEST[piece.genome]), piece.name
        assert piece.split is not Split.TEST


def test_no_fasta_of_the_training_has_the_bases_of_the_test_piece(settings: TrainSettings) -> None:
    tested = {piece.name for piece in PIECES if piece.split == "test"}
    assert tested == {"hg38_chr17_42425000-43600000"}
    for piece in settings.data.pieces:
        assert piece.fasta.stem not in tested


@pytest.mark.parametrize("genome", ["hg38", "hg19"])
def test_the_program_would_refuse_a_piece_that_reaches_into_it(settings: TrainSettings, genome: str) -> None:
    excluded = [one.interval for one in settings.data.excluded if one.genome == genome]
    test = OF_TEST[genome]
    assert any(
        one.chromosome == "chr17" and one.start <= test.start and test.end <= one.end for one in excluded
    )


def test_pieces_are_those_that_are_prepared(settings: TrainSettings) -> None:
    prepared = {piece.name: piece for piece in PIECES}
    for piece in settings.data.pieces:
        source = prepared[piece.fasta.stem]
        assert (piece.genome, piece.contig) == (source.genome, source.contig)
        assert source.start <= piece.start < piece.end <= source.end
        # A file begins where its name says, whatever part of it is read.
        assert piece.record_start == source.start


def test_training_and_validation_are_apart(settings: TrainSettings) -> None:
    by_split = {split: [p for p in settings.data.pieces if p.split is split] for split in Split}
    assert by_split[Split.TRAIN]
    assert by_split[Split.VALIDATION]
    for one in by_split[Split.TRAIN]:
        for other in by_split[Split.VALIDATION]:
            assert one.genome != other.genome or not one.interval.overlaps(other.interval)


def test_windows_fit_into_the_validation_pieces(settings: TrainSettings) -> None:
    longest = max(stage.window for stage in settings.stages)
    assert longest <= LONGEST_WINDOW
    assert all(longest <= piece.interval.width for piece in settings.data.pieces)


def test_every_output_is_learnt_from_something(settings: TrainSettings) -> None:
    assert settings.model.config.outputs == set(OutputType)
    assert set(settings.stages[-1].output_weights) == set(OutputType)
    assert all(OutputType.SPLICE_SITES in stage.output_weights for stage in settings.stages)


def test_the_table_is_the_one_that_the_plan_makes() -> None:
    assert tuple(map(repr, read_tracks(RECIPE / "tracks.tsv"))) == tuple(map(repr, plan_tracks()))


def test_tracks_say_what_they_were_learnt_from() -> None:
    by_output: dict[OutputType, set[str]] = {}
    for track in plan_tracks():
        by_output.setdefault(track.output_type, set()).add(track.supervision)
    assert by_output[OutputType.SPLICE_SITES] == {"distilled:CI-SpliceAI"}
    assert by_output[OutputType.SPLICE_SITE_USAGE] == {"labels:GTEx PSI"}
    assert by_output[OutputType.ATAC] == {"labels:REMO"}
    for output in (OutputType.CAGE, OutputType.RNA_SEQ, OutputType.CHIP_TF, OutputType.CONTACT_MAPS):
        assert by_output[output] == {MECHANISTIC}
