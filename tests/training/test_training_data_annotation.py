"""Targets from annotation and tables, each number from a gene small enough to count on paper."""

import pathlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_pieces import GTF_ROWS, MODEL, ToyStage, exon_source, toy_dataset, toy_tracks, write_genome

from vep_cli.errors import BedError, UsageError
from vep_cli.genome.interval import Interval
from vep_cli.model.output_type import OutputType
from vep_cli.training.junction_targets import placed, site_counts
from vep_cli.training.sources.annotation import AnnotationSettings, AnnotationSource, Feature
from vep_cli.training.sources.bed import BedSettings, BedSource
from vep_cli.training.sources.columns import Mixing, chosen_tracks, mixing, stranded
from vep_cli.training.sources.junctions import JunctionSettings, JunctionSource
from vep_cli.training.sources.psi import PsiSettings, PsiSource
from vep_cli.training.sources.shapes import Shape, fall_off, flags_of_spans, heights
from vep_cli.training.sources.source import Intron

WHOLE = Interval(chromosome="c", start=0, end=12_288)


def annotated(folder: pathlib.Path, feature: Feature, **changes: object) -> AnnotationSource:
    write_genome(folder)
    values = {"gtf": folder / "c.gtf", "genome": "toy", "output": OutputType.CAGE, "feature": feature}
    return AnnotationSource(AnnotationSettings(**{**values, **changes}), toy_tracks())


def test_starts_are_peaks_at_the_first_base_of_each_strand(tmp_path: pathlib.Path) -> None:
    profiles = annotated(tmp_path, Feature.STARTS, width=10, value=4.0).profiles(WHOLE)
    # F begins at base 2000 on '+', R at base 9999 on '-'; a standard deviation away, exp(-1/2).
    assert profiles.argmax(axis=0).tolist() == [2000, 9999]
    assert profiles[[2000, 2010, 1990], 0] == pytest.approx([4, 4 * np.exp(-0.5), 4 * np.exp(-0.5)])
    assert profiles[9999, 1] == 4


def test_parts_of_bodies_count_from_the_five_prime_end(tmp_path: pathlib.Path) -> None:
    source = annotated(tmp_path, Feature.BODIES, from_fraction=0.75, to_fraction=1.0)
    profiles = source.profiles(WHOLE)
    # F is [2000, 6000): its last quarter is [5000, 6000). R is [8000, 10000) on '-': [8000, 8500).
    assert np.flatnonzero(profiles[:, 0])[[0, -1]].tolist() == [5000, 5999]
    assert np.flatnonzero(profiles[:, 1])[[0, -1]].tolist() == [8000, 8499]


def test_gene_types_choose_genes(tmp_path: pathlib.Path) -> None:
    source = annotated(tmp_path, Feature.EXONS, gene_types=("lncRNA",))
    assert source.profiles(WHOLE).sum(axis=0).tolist() == [0, 1000]


@given(st.integers(0, 12_000), st.integers(1, 3000), st.sampled_from(list(Feature)))
def test_a_part_of_an_interval_has_a_part_of_its_profiles(
    tmp_path_factory: pytest.TempPathFactory, start: int, width: int, feature: Feature
) -> None:
    is_sites = feature is Feature.SPLICE_SITES
    output = OutputType.SPLICE_SITES if is_sites else OutputType.CAGE
    source = annotated(tmp_path_factory.getbasetemp(), feature, output=output)
    part = source.profiles(Interval(chromosome="c", start=start, end=start + width))
    longer = source.profiles(Interval(chromosome="c", start=0, end=15_000))
    assert np.array_equal(part, longer[start : start + width])


def test_splice_sites_go_with_their_own_head(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ValueError, match="go together"):
        annotated(tmp_path, Feature.SPLICE_SITES)


def test_shapes_fall_off_as_their_names_say() -> None:
    distance = np.array([0.0, 0.5, 1.0, 1.5])
    assert fall_off(Shape.FLAT, distance).tolist() == [1, 1, 1, 0]
    assert fall_off(Shape.TRIANGLE, distance).tolist() == [1, 0.5, 0, 0]
    assert fall_off(Shape.GAUSSIAN, distance) == pytest.approx(np.exp([0, -0.125, -0.5, -1.125]), rel=1e-6)


def test_heights_are_of_the_nearest_point_even_outside() -> None:
    interval = Interval(chromosome="c", start=10, end=15)
    found = heights(np.array([8, 14]), interval, Shape.TRIANGLE, 4)
    # Distances to 8 or 14, whichever is nearer: 2, 3, 2, 1, 0.
    assert found.tolist() == [0.5, 0.25, 0.5, 0.75, 1]
    assert not heights(np.zeros(0, np.int64), interval, Shape.FLAT, 4).any()


def test_spans_that_overlap_or_reach_out_are_covered_once() -> None:
    interval = Interval(chromosome="c", start=10, end=16)
    found = flags_of_spans(np.array([0, 11, 15, 20]), np.array([12, 13, 30, 25]), interval)
    assert found.tolist() == [1, 1, 1, 0, 0, 1]


def bed(folder: pathlib.Path, text: str, **changes: object) -> BedSource:
    path = folder / "x.bed"
    path.write_text(text)
    values = {"bed": path, "genome": "toy", "output": OutputType.ATAC}
    return BedSource(BedSettings(**{**values, **changes}), toy_tracks())


def test_bed_stretches_have_the_highest_value_of_their_names(tmp_path: pathlib.Path) -> None:
    text = "c\t2\t6\tstrong\nc\t4\t8\tweak\nd\t0\t8\tstrong\nc\t0\t9\tother\n"
    source = bed(tmp_path, text, names={"strong": 2.0, "weak*": 0.5}, value=3.0, background=0.1)
    found = source.profiles(Interval(chromosome="c", start=0, end=10))
    assert found[:, 0] == pytest.approx([0.1, 0.1, 6, 6, 6, 6, 1.5, 1.5, 0.1, 0.1])


def test_bed_peaks_are_as_wide_as_their_stretches(tmp_path: pathlib.Path) -> None:
    source = bed(tmp_path, "c\t0\t4\n", shape=Shape.TRIANGLE)
    # Middles of the bases are 1.5, 0.5, 0.5 and 1.5 from the middle of the stretch, half of which is 2.
    found = source.profiles(Interval(chromosome="c", start=1, end=6))
    assert found[:, 0].tolist() == [0.75, 0.75, 0.25, 0, 0]


def test_a_malformed_bed_line_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(BedError, match=r"x\.bed:2"):
        bed(tmp_path, "c\t0\t4\nc\t9\t4\n").profiles(WHOLE)


TABLE = """\
Chromosome,Start,End,Strand,Liver,Heart - Left Ventricle
c,2001,2200,+,0.25,1
c,1501,2200,+,0.5,0
c,4001,6000,+,nan,1
c,8001,8500,-,0.75,1
"""


def psi(folder: pathlib.Path, text: str = TABLE) -> PsiSource:
    write_genome(folder)
    folder.joinpath("psi.csv").write_text(text)
    return PsiSource(PsiSettings(table=folder / "psi.csv", gtf=folder / "c.gtf", genome="toy"), toy_tracks())


def test_usage_is_of_splice_sites_only_and_unknown_where_the_table_is_silent(tmp_path: pathlib.Path) -> None:
    source = psi(tmp_path)
    usage = source.profiles(WHOLE)
    assert usage.shape == (12_288, 2)  # one tissue has tracks, on either strand
    assert usage[2199].tolist() == [0.5, 0]  # donor, the higher of two exons
    assert np.isnan(usage[4000, 0])  # acceptor whose exon has no value
    assert usage[8499].tolist() == [0, 0.75]  # acceptor of '-', at the end of the exon there
    assert np.isnan(usage[9500, 1])  # donor of '-', of an exon that the table lacks
    assert usage[2000].tolist() == [0, 0]  # a transcript's start is no splice site
    assert np.isnan(usage).sum() == 2
    columns, values = source.targets(usage, "human")
    assert columns.tolist() == [0, 1]
    assert values[2199].tolist() == [0.5, 0]
    assert source.partners.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Chromosome,Start,End\n", "lacks Strand"),
        ("Chromosome,Start,End,Strand,Spleen\n", "no column for any track"),
    ],
)
def test_a_table_of_something_else_is_refused(tmp_path: pathlib.Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        psi(tmp_path, text)


def test_a_usage_that_is_no_fraction_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(UsageError, match=r"psi\.csv:2: .*1\.5 is no fraction"):
        psi(tmp_path, TABLE.replace("0.25", "1.5")).profiles(WHOLE)


def test_junctions_are_the_introns_with_a_tissues_weight(tmp_path: pathlib.Path) -> None:
    write_genome(tmp_path)
    settings = JunctionSettings(gtf=tmp_path / "c.gtf", genome="toy", tracks={"liver": 2.0}, value=5.0)
    source = JunctionSource(settings, toy_tracks(), MODEL)
    forward, backward = source.introns(WHOLE, "human")
    # [2200, 4000) of '+' and [8500, 9500) of '-'.
    assert forward[:3] == (2199, 4000, True)
    assert backward[:3] == (9500, 8499, False)
    assert np.array_equal(forward.counts, [10, np.nan, np.nan, np.nan], equal_nan=True)
    assert source.introns(Interval(chromosome="c", start=2200, end=12_288), "human") == [backward]


JUNCTIONS = {"kind": "junctions", "gtf": "c.gtf", "genome": "toy", "value": 3.0, "max_sites": 2}


def test_junction_targets_turn_round_with_the_window(tmp_path: pathlib.Path) -> None:
    dataset = toy_dataset(tmp_path, JUNCTIONS, exon_source())
    forward = dataset.batch(ToyStage(window=12_288, batch=1, reverse_complement=False), 0)
    turning = ToyStage(window=12_288, batch=1)
    batches = (dataset.batch(turning, step) for step in range(20))
    backward = next(one for one in batches if not np.array_equal(one.sequence, forward.sequence))
    assert forward.junctions is not None
    assert backward.junctions is not None
    assert np.asarray(forward.junctions.sites[0]).tolist() == [[2199, -1], [4000, -1], [9500, -1], [8499, -1]]
    turned = [12_287 - place for place in (9500, 8499, 2199, 4000)]
    assert np.asarray(backward.junctions.sites[0])[:, 0].tolist() == turned
    counts = np.asarray(forward.junctions.counts[0])
    assert counts.shape == (2, 2, 8)
    assert counts[0, 0, [0, 4]].tolist() == [3, 3]
    assert np.isnan(counts[1]).all()
    assert np.isnan(counts[0, 1]).all()
    assert np.array_equal(np.asarray(backward.junctions.counts[0]), counts, equal_nan=True)


def intron(donor: int, acceptor: int, is_forward: bool = True, count: float = 1.0) -> Intron:
    counts = np.array([count], np.float32)
    return Intron(donor=donor, acceptor=acceptor, is_forward=is_forward, counts=counts)


def test_introns_with_a_site_that_is_gone_are_left_out() -> None:
    places = np.array([0, 1, 2, -1, -1, 3, 4, 5])  # two bases of the reference, 103 and 104, are deleted
    known = [intron(101, 106), intron(101, 104), intron(99, 106), intron(107, 108)]
    found = placed(known, places, 100, 6, False)
    assert [(one.donor, one.acceptor) for one in found] == [(1, 4)]
    (turned,) = placed(known, places, 100, 6, True)
    assert turned[:3] == (4, 1, False)


def test_of_too_many_sites_those_in_the_middle_are_taken() -> None:
    introns = [intron(1, 3, count=1), intron(4, 6, count=2), intron(4, 3, count=5), intron(9, 6, count=7)]
    sites, counts = site_counts(introns, 2, 10, 1)
    # The middle is 5: of the donors 1, 4, 9 those nearest are 4, then 1 and 9 alike, of which the first.
    assert sites.tolist() == [[1, 4], [3, 6], [-1, -1], [-1, -1]]
    assert counts[..., 0].tolist() == [[1, 0], [5, 2]]
    assert np.isnan(counts[..., 1]).all()


def test_patterns_name_tracks_or_biosamples_and_the_first_counts() -> None:
    found = chosen_tracks(toy_tracks(), OutputType.ATAC, {"ATAC *": 0.5, "liver": 2.0})
    assert [(track.strand, weight) for track, weight in found] == [("+", 0.5), ("-", 0.5), (".", 0.5)]
    with pytest.raises(UsageError, match="'brain' names no track of ATAC"):
        chosen_tracks(toy_tracks(), OutputType.ATAC, {"brain": 1.0})


def test_an_unstranded_track_is_the_sum_of_both_strands() -> None:
    chosen = [(track, 2.0) for track in toy_tracks().by_output[OutputType.ATAC]]
    columns, values = stranded(OutputType.ATAC, chosen).targets(np.array([[1, 10]], np.float32), "human")
    assert columns.tolist() == [0, 1, 2]
    assert values.tolist() == [[2, 20, 22]]


def test_an_unknown_profile_leaves_unknown_only_what_it_has_part_in() -> None:
    tracks = toy_tracks().by_output[OutputType.CHIP_TF][:2]
    made: Mixing = mixing(OutputType.CHIP_TF, [(tracks[0], (1.0, 0.0)), (tracks[1], (1.0, 1.0))])
    profiles = np.ones((256, 2), np.float32)
    profiles[200, 1] = np.nan
    _, values = made.targets(profiles, "human")
    assert np.array_equal(values, [[128, 256], [128, np.nan]], equal_nan=True)
    assert made.targets(profiles, "mouse").values.shape == (2, 0)


def test_the_toy_genes_have_two_exons_each() -> None:
    assert GTF_ROWS.count("\texon\t") == 4
