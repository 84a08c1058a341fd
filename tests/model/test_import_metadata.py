import gzip
import math
import pathlib

import pytest
from toy_checkpoint import CONFIG, HUMAN_METADATA

from vep_cli.errors import UsageError, WeightsError
from vep_cli.model import official_metadata
from vep_cli.model.official_metadata import read_metadata
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, read_tracks, write_tracks

TEXT = HUMAN_METADATA.read_text(encoding="utf-8")


def written(folder: pathlib.Path, text: str, name: str = "toy_HOMO_SAPIENS.textproto") -> pathlib.Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: pathlib.Path, text: str) -> str:
    with pytest.raises(WeightsError) as caught:
        read_metadata([written(folder, text)], CONFIG)
    assert caught.value.path == folder / "toy_HOMO_SAPIENS.textproto"
    assert caught.value.remedy
    return caught.value.message.removeprefix("the track metadata cannot be used: ")


def test_every_column_of_a_track() -> None:
    first = read_metadata([HUMAN_METADATA], CONFIG).by_output[OutputType.RNA_SEQ][0]
    assert first == Track(
        organism="human",
        output_type=OutputType.RNA_SEQ,
        index=0,
        name="UBERON:0000001 total RNA-seq",
        strand="+",
        ontology_curie="UBERON:0000001",
        biosample_name='sea "urchin" gut, 5\u00b5m',
        biosample_type="in_vitro_differentiated_cells",
        assay_title="total RNA-seq",
        gtex_tissue="Gut",
        nonzero_mean=0.25,
        supervision="experiment",
        biosample_life_stage="adult",
        data_source="tide pool",
        endedness="paired",
        genetically_modified="False",
    )


def test_padding_takes_a_column_and_makes_no_track() -> None:
    tracks = read_metadata([HUMAN_METADATA], CONFIG)
    assert tracks.columns(OutputType.RNA_SEQ) == [0, 2]
    assert tracks.columns(OutputType.CHIP_TF) == [0]
    assert tracks.columns(OutputType.SPLICE_SITES) == [0, 1, 2, 3]


def test_fields_that_a_track_lacks_are_empty() -> None:
    tracks = read_metadata([HUMAN_METADATA], CONFIG).by_output
    second, factor = tracks[OutputType.RNA_SEQ][1], tracks[OutputType.CHIP_TF][0]
    assert (second.ontology_curie, second.biosample_name, second.endedness) == ("CL:0000012", "", "")
    assert (second.strand, second.genetically_modified, second.nonzero_mean) == ("-", "True", 0.0015)
    assert (factor.strand, factor.transcription_factor, factor.ontology_curie) == (".", "CTCF", "")
    assert math.isnan(tracks[OutputType.SPLICE_SITES][0].nonzero_mean)


def test_junctions_of_the_minus_strand_follow_those_of_the_plus_strand() -> None:
    # Three columns per strand, of which the last is padding: tissues 0 and 1, then 3 + 0 and 3 + 1.
    found = read_metadata([HUMAN_METADATA], CONFIG).by_output[OutputType.SPLICE_JUNCTIONS]
    assert [(track.index, track.strand, track.name) for track in found] == [
        (0, "+", "junction_gut"),
        (1, "+", "junction_arm"),
        (3, "-", "junction_gut"),
        (4, "-", "junction_arm"),
    ]


def test_organisms_come_in_the_networks_order_from_gzipped_files_too(tmp_path: pathlib.Path) -> None:
    mouse = tmp_path / "toy_ORGANISM_MUS_MUSCULUS.textproto.gz"
    mouse.write_bytes(gzip.compress(TEXT.encode()))
    tracks = read_metadata([mouse, HUMAN_METADATA], CONFIG)
    half = len(tracks) // 2
    assert [track.organism for track in tracks] == ["human"] * half + ["mouse"] * half


def test_tracks_survive_our_table(tmp_path: pathlib.Path) -> None:
    tracks = read_metadata([HUMAN_METADATA], CONFIG).where(lambda track: not math.isnan(track.nonzero_mean))
    assert len(tracks) == 3
    write_tracks(tmp_path / "tracks.tsv", tracks)
    assert read_tracks(tmp_path / "tracks.tsv") == tracks


def test_an_installed_package_serves_where_no_file_is_named(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "toy_official_package" / "model" / "metadata"
    folder.mkdir(parents=True)
    # If the package were imported, as it must not be, this would stop the test.
    (tmp_path / "toy_official_package" / "__init__.py").write_text("raise SystemExit('imported')")
    path = written(folder, TEXT)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(official_metadata, "PACKAGE", "toy_official_package")
    assert official_metadata.installed_metadata() == (path,)
    assert read_metadata([], CONFIG) == read_metadata([path], CONFIG)


def test_without_any_file_the_remedy_names_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(official_metadata, "PACKAGE", "no_such_package")
    with pytest.raises(UsageError, match="no track metadata") as caught:
        read_metadata([], CONFIG)
    assert "--metadata" in str(caught.value.remedy)


def test_a_name_without_an_organism_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(UsageError, match="does not say the organism: tracks"):
        read_metadata([written(tmp_path, TEXT, "tracks.textproto")], CONFIG)


def test_two_files_of_one_organism_are_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(UsageError, match="same organism"):
        read_metadata([HUMAN_METADATA, written(tmp_path, TEXT)], CONFIG)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "metadata { name: 'Padding' strand: STRAND_UNSTRANDED }",
            "",
            "human RNA_SEQ has 2 entries, expected 3: one per column of the head, padding included",
        ),
        ("OUTPUT_TYPE_CHIP_TF", "OUTPUT_TYPE_ATAC", "it describes ATAC, which the network does not predict"),
        ("OUTPUT_TYPE_CHIP_TF", "OUTPUT_TYPE_SMELL", "'SMELL' is not a valid OutputType"),
        (
            '"donor" strand: STRAND_POSITIVE',
            '"donor" strand: UP',
            "'donor' has the strand 'UP', not one of STRAND_POSITIVE, STRAND_NEGATIVE, STRAND_UNSTRANDED",
        ),
        (
            "nonzero_mean: 2",
            "nonzero_mean: 0",
            "'factor' has the nonzero_mean 0.0, not positive and finite",
        ),
        ("nonzero_mean: 2", "nonzero_mean: many", "could not convert string to float: 'many'"),
        ('name: "factor"', "name { }", "name is a message, not a value"),
        ("biosample {\n", "biosample: 1 other {\n", "biosample is a value, not a message"),
    ],
)
def test_metadata_that_does_not_fit_says_how(
    tmp_path: pathlib.Path, old: str, new: str, message: str
) -> None:
    assert old in TEXT
    assert refusal(tmp_path, TEXT.replace(old, new, 1)) == message


def test_metadata_without_a_head_is_refused(tmp_path: pathlib.Path) -> None:
    found = refusal(tmp_path, TEXT.partition("output_metadata {\n  output_type: OUTPUT_TYPE_CHIP_TF")[0])
    assert found.startswith("human CHIP_TF has 0 entries, expected 2")


def test_truncated_metadata_is_refused(tmp_path: pathlib.Path) -> None:
    for kept in range(0, len(TEXT) - 2, 97):
        assert refusal(tmp_path, TEXT[:kept])
    cut = tmp_path / "cut_HOMO_SAPIENS.textproto.gz"
    cut.write_bytes(gzip.compress(TEXT.encode())[:-20])
    with pytest.raises(WeightsError, match="cannot be used"):
        read_metadata([cut], CONFIG)


def test_a_missing_file_is_an_error_of_ours(tmp_path: pathlib.Path) -> None:
    with pytest.raises(WeightsError, match="cannot be used"):
        read_metadata([tmp_path / "HOMO_SAPIENS.textproto"], CONFIG)
