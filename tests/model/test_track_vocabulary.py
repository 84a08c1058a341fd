"""The bundled track table and the tissue vocabulary are consistent."""

import collections
import csv
import importlib.resources
import importlib.util
import pathlib

import pytest

from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.tracks import ORGANISMS, Track, read_tracks, write_tracks

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


def of(tracks: tuple[Track, ...], organism: str, output: OutputType) -> list[Track]:
    return [track for track in tracks if (track.organism, track.output_type) == (organism, output)]


def test_table_is_what_the_plan_writes(tmp_path: pathlib.Path) -> None:
    spec = importlib.util.spec_from_file_location("track_plan", WEIGHTS / "track_plan.py")
    assert spec is not None
    assert spec.loader is not None
    plan = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plan)
    write_tracks(tmp_path / "tracks.tsv", plan.plan_tracks())
    assert (tmp_path / "tracks.tsv").read_bytes() == (WEIGHTS / "tracks.tsv").read_bytes()


def test_columns_and_names_are_unique(tracks: tuple[Track, ...]) -> None:
    columns = collections.Counter((track.organism, track.output_type, track.index) for track in tracks)
    names = collections.Counter(
        (track.organism, track.output_type, track.name, track.strand) for track in tracks
    )
    assert max(columns.values()) == 1
    assert max(names.values()) == 1


@pytest.mark.parametrize("organism", ORGANISMS)
def test_columns_count_from_zero(tracks: tuple[Track, ...], organism: str) -> None:
    for output in (*GENOME_TRACKS, OutputType.CONTACT_MAPS, OutputType.SPLICE_SITES):
        columns = [track.index for track in of(tracks, organism, output)]
        assert columns == list(range(len(columns)))


def test_users_favourite_biosamples_are_there(tracks: tuple[Track, ...]) -> None:
    for output in (OutputType.ATAC, OutputType.DNASE, OutputType.RNA_SEQ, OutputType.CHIP_TF):
        names = {track.biosample_name for track in of(tracks, "human", output)}
        assert {"liver", "brain", "heart", "lung", "K562", "HepG2", "GM12878", "T-cell"} <= names
        assert {"liver", "heart"} <= {track.biosample_name for track in of(tracks, "mouse", output)}


def test_every_human_output_type_has_tracks(tracks: tuple[Track, ...]) -> None:
    assert {track.output_type for track in tracks if track.organism == "human"} == set(OutputType)


@pytest.mark.parametrize("organism", ORGANISMS)
def test_strands_pair(tracks: tuple[Track, ...], organism: str) -> None:
    stranded = (OutputType.RNA_SEQ, OutputType.CAGE, OutputType.PROCAP)
    for output in (
        *stranded,
        OutputType.SPLICE_SITES,
        OutputType.SPLICE_SITE_USAGE,
        OutputType.SPLICE_JUNCTIONS,
    ):
        rows = of(tracks, organism, output)
        halves = [[track.name for track in rows if track.strand == strand] for strand in "+-"]
        assert halves[0] == halves[1]
        assert len(rows) == 2 * len(halves[0])


def test_splice_halves_begin_at_the_same_column_for_both_organisms(tracks: tuple[Track, ...]) -> None:
    # Nine human tissues are spliced, so '+' has columns 0-8 and '-' 9-17; mouse uses four of each.
    for output in (OutputType.SPLICE_SITE_USAGE, OutputType.SPLICE_JUNCTIONS):
        for organism, count in (("human", 9), ("mouse", 4)):
            columns = [track.index for track in of(tracks, organism, output)]
            assert columns == [*range(count), *range(9, 9 + count)]


def test_splice_sites_follow_the_order_of_the_classes(tracks: tuple[Track, ...]) -> None:
    for organism in ORGANISMS:
        classes = [f"{track.name}{track.strand}" for track in of(tracks, organism, OutputType.SPLICE_SITES)]
        assert classes == ["donor+", "acceptor+", "donor-", "acceptor-"]


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
