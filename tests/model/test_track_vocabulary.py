"""The bundled track table and the tissue vocabulary are consistent."""

import collections
import csv
import importlib.resources
import pathlib

import pytest

from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.tracks import Track, read_tracks

WEIGHTS = pathlib.Path(__file__).parents[2] / "weights"


@pytest.fixture(scope="module")
def tracks() -> tuple[Track, ...]:
    return read_tracks(WEIGHTS / "tracks.tsv").tracks


@pytest.fixture(scope="module")
def tissues() -> dict[str, dict[str, str]]:
    text = importlib.resources.files("vep_cli.model").joinpath("tissues.tsv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t"))
    by_curie = {row["curie"]: row for row in rows}
    assert len(by_curie) == len(rows)
    return by_curie


def of(tracks: tuple[Track, ...], output: OutputType) -> list[Track]:
    return [track for track in tracks if track.output_type == output]


def test_table_is_that_of_the_recipe() -> None:
    assert (WEIGHTS / "tracks.tsv").read_bytes() == (WEIGHTS / "recipe" / "tracks.tsv").read_bytes()


def test_columns_and_names_are_unique(tracks: tuple[Track, ...]) -> None:
    columns = collections.Counter((track.organism, track.output_type, track.index) for track in tracks)
    names = collections.Counter(
        (track.organism, track.output_type, track.name, track.strand) for track in tracks
    )
    assert max(columns.values()) == 1
    assert max(names.values()) == 1


def test_columns_count_from_zero(tracks: tuple[Track, ...]) -> None:
    for output in (*GENOME_TRACKS, OutputType.CONTACT_MAPS, OutputType.SPLICE_SITES):
        columns = [track.index for track in of(tracks, output)]
        assert columns == list(range(len(columns)))


def test_users_favourite_biosamples_are_there(tracks: tuple[Track, ...]) -> None:
    for output in (OutputType.ATAC, OutputType.DNASE, OutputType.RNA_SEQ, OutputType.CHIP_TF):
        names = {track.biosample_name for track in of(tracks, output)}
        assert {"liver", "brain", "heart", "lung", "K562", "HepG2", "GM12878", "T-cell"} <= names


def test_every_output_type_has_tracks_and_all_are_human(tracks: tuple[Track, ...]) -> None:
    assert {track.output_type for track in tracks} == set(OutputType)
    assert {track.organism for track in tracks} == {"human"}


def test_strands_pair(tracks: tuple[Track, ...]) -> None:
    stranded = (OutputType.RNA_SEQ, OutputType.CAGE, OutputType.PROCAP)
    for output in (
        *stranded,
        OutputType.SPLICE_SITES,
        OutputType.SPLICE_SITE_USAGE,
        OutputType.SPLICE_JUNCTIONS,
    ):
        rows = of(tracks, output)
        halves = [[track.name for track in rows if track.strand == strand] for strand in "+-"]
        assert halves[0] == halves[1]
        assert len(rows) == 2 * len(halves[0])


def test_splice_halves_have_half_of_the_columns_each(tracks: tuple[Track, ...]) -> None:
    # Nine tissues are spliced, so '+' has columns 0-8 and '-' 9-17.
    for output in (OutputType.SPLICE_SITE_USAGE, OutputType.SPLICE_JUNCTIONS):
        assert [track.index for track in of(tracks, output)] == list(range(18))


def test_splice_sites_follow_the_order_of_the_classes(tracks: tuple[Track, ...]) -> None:
    classes = [f"{track.name}{track.strand}" for track in of(tracks, OutputType.SPLICE_SITES)]
    assert classes == ["donor+", "acceptor+", "donor-", "acceptor-"]


def test_every_track_says_what_it_was_learnt_from(tracks: tuple[Track, ...]) -> None:
    kinds = {track.supervision.partition(":")[0] for track in tracks}
    assert kinds == {"distilled", "labels", "annotation", "mechanistic"}


def test_means_are_one_where_a_head_is_scaled(tracks: tuple[Track, ...]) -> None:
    for track in tracks:
        if track.output_type in GENOME_TRACKS:
            assert track.nonzero_mean == 1.0
        else:
            assert track.nonzero_mean != track.nonzero_mean  # NaN


def test_targets_go_with_chip(tracks: tuple[Track, ...]) -> None:
    for track in tracks:
        assert bool(track.transcription_factor) == (track.output_type is OutputType.CHIP_TF)
        assert bool(track.histone_mark) == (track.output_type is OutputType.CHIP_HISTONE)


def test_biosamples_of_the_table_are_in_the_vocabulary(
    tracks: tuple[Track, ...], tissues: dict[str, dict[str, str]]
) -> None:
    for track in tracks:
        if track.ontology_curie:
            assert tissues[track.ontology_curie]["name"] == track.biosample_name


def test_parents_resolve_without_cycles(tissues: dict[str, dict[str, str]]) -> None:
    def ancestors(curie: str, path: tuple[str, ...]) -> None:
        assert curie not in path
        for parent in filter(None, tissues[curie]["parents"].split("|")):
            ancestors(parent, (*path, curie))

    for curie in tissues:
        ancestors(curie, ())


def test_no_word_means_two_terms(tissues: dict[str, dict[str, str]]) -> None:
    words = collections.defaultdict(set)
    for curie, row in tissues.items():
        for word in (row["name"], *filter(None, row["synonyms"].split("|"))):
            words[word.casefold().replace("_", " ").replace("-", " ")].add(curie)
    assert {word: curies for word, curies in words.items() if len(curies) > 1} == {}


def test_cell_lines_belong_to_no_tissue(tissues: dict[str, dict[str, str]]) -> None:
    lines = [row for curie, row in tissues.items() if curie.startswith(("EFO:", "CLO:"))]
    assert len(lines) > 20
    # A clone is a kind of its line, as HeLa-S3 is of HeLa.
    known = {row["curie"] for row in lines}
    assert {parent for row in lines for parent in row["parents"].split("|")} - {""} <= known


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("UBERON:0001114", "UBERON:0002107"),  # right lobe of liver, where GTEx's liver is kept
        ("CL:0000182", "UBERON:0002107"),  # hepatocyte, liver
        ("UBERON:0009834", "UBERON:0000955"),  # dorsolateral prefrontal cortex, brain
        ("UBERON:0006631", "UBERON:0000948"),  # right atrium auricular region, heart
        ("UBERON:0013756", "UBERON:0000178"),  # venous blood, blood
        ("UBERON:0011907", "UBERON:0001134"),  # gastrocnemius medialis, skeletal muscle
    ],
)
def test_parts_lead_to_the_organ(tissues: dict[str, dict[str, str]], part: str, whole: str) -> None:
    reached = {part}
    for _ in range(10):
        reached |= {parent for curie in reached for parent in tissues[curie]["parents"].split("|") if parent}
    assert whole in reached
