import dataclasses
import math
import pathlib
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import pytest
from parity_checks import DIFFERENCE, IDENTICAL, LARGER, Check, Skipped
from parity_oracle import open_oracle
from parity_scores import (
    Product,
    compare_junctions,
    compare_scores,
    compare_sites,
    compare_variant,
    found_matrix,
    recorded_matrix,
    score_groups,
    tolerance_of,
)

from vep_cli.genome.annotation import Gene
from vep_cli.genome.interval import Interval
from vep_cli.genome.window import Window
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.contact_map import ContactMapScorer
from vep_cli.scoring.scorer import RowLabel, Scores
from vep_cli.scoring.splice_junctions import SpliceJunctionScorer

ORACLE = pathlib.Path(__file__).parent / "data" / "oracle"
GENE = Gene(gene_id="G1.1", name="", gene_type="", chromosome="chr1", start=0, end=100, strand="+")


def scores_of(rows: list[RowLabel], raw: list[list[float]]) -> Scores:
    values = np.array(raw, np.float32)
    tracks = tuple(
        Track(organism="human", output_type=OutputType.CONTACT_MAPS, index=index, name=str(index))
        for index in range(values.shape[1])
    )
    return Scores(
        scorer=ContactMapScorer(),
        rows=tuple(rows),
        tracks=tracks,
        raw=values,
        reference=values,
        alternate=values,
    )


@dataclasses.dataclass(frozen=True, kw_only=True)
class FakeEngine:
    """Gives the same answer to every variant."""

    answer: tuple[Scores, ...]

    def score(self, windows: Sequence[Window]) -> Iterator[tuple[Scores, ...]]:
        return iter([self.answer] * len(windows))


@pytest.fixture
def product(tmp_path: pathlib.Path) -> Product:
    """One scorer of ours, and two recorded ones, at v1; v2 was not recorded."""
    scores = tmp_path / "scores"
    scores.mkdir()
    (scores / "genome.fa").write_text(">chr1\nACGTACGTAC\n")
    (scores / "genome.fa.fai").write_text("chr1\t10\t6\t10\t11\n")
    (scores / "variants.tsv").write_text(
        "id\tchrom\tpos\tref\talt\tinterval\nv1\tchr1\t3\tG\tT\tchr1:0-8:.\nv2\tchr1\t4\tT\tA\tchr1:0-8:.\n"
    )
    recorded = pd.DataFrame(
        {
            "variant": "v1",
            "scorer": ["CONTACT_MAPS", "CONTACT_MAPS", "ATAC"],
            "row": 0,
            "track": [0, 1, 0],
            "gene_id": None,
            "junction_Start": pd.array([None] * 3, "Int64"),
            "junction_End": pd.array([None] * 3, "Int64"),
            "raw_score": [0.5, 0.25, 1.0],
        }
    )
    oracle = dataclasses.replace(open_oracle(ORACLE), path=tmp_path)
    made = Product(oracle=oracle, tracks=TrackTable(()))
    answer = scores_of([RowLabel()], [[0.5, 0.25]])
    vars(made).update(engine=FakeEngine(answer=(answer,)), scorers=(ContactMapScorer(),), recorded=recorded)
    return made


def junctions_of(raw: float) -> FakeEngine:
    """Gives one intron of G1, [5, 9), in one tissue."""
    intron = RowLabel(gene=GENE, junction=Interval(chromosome="chr1", start=5, end=9, strand="+"))
    scores = scores_of([intron], [[raw]])
    return FakeEngine(answer=(dataclasses.replace(scores, scorer=SpliceJunctionScorer()),))


def recorded_junctions(raw: float) -> pd.DataFrame:
    row = {"variant": "v1", "scorer": "SPLICE_JUNCTIONS", "row": 0, "track": 0, "gene_id": "G1.1"}
    return pd.DataFrame([{**row, "junction_Start": 5, "junction_End": 9, "raw_score": raw}])


@pytest.mark.parametrize("with_sites", [0.5, 0.7])
@pytest.mark.parametrize("without_sites", [0.25, 0.7])
def test_junctions_are_compared_with_known_splice_sites_and_without(
    product: Product, with_sites: float, without_sites: float
) -> None:
    vars(product).update(
        engine=junctions_of(with_sites),
        engine_without_sites=junctions_of(without_sites),
        scorers=(SpliceJunctionScorer(),),
        recorded=recorded_junctions(0.5),
        recorded_without_sites=recorded_junctions(0.25),
    )
    checks = [check for check in compare_variant(product, "v1") if isinstance(check, Check)]
    name = "scores/v1/SPLICE_JUNCTIONS"
    assert {check.tensor: check.passed for check in checks} == {
        f"{name}/shared": with_sites == 0.5,
        f"{name}/largest": with_sites == 0.5,
        f"{name}/listed_by_one": True,
        f"{name}/without_known_sites/shared": without_sites == 0.25,
        f"{name}/without_known_sites/largest": without_sites == 0.25,
        f"{name}/without_known_sites/listed_by_one": True,
    }


def test_other_variants_are_compared_with_known_splice_sites_alone(product: Product) -> None:
    vars(product).update(
        engine=junctions_of(0.5),
        scorers=(SpliceJunctionScorer(),),
        recorded=recorded_junctions(0.5),
        recorded_without_sites=recorded_junctions(0.25)[:0],
    )
    assert len(list(compare_variant(product, "v1"))) == 3


def test_a_variant_is_compared_scorer_by_scorer(product: Product) -> None:
    ours, theirs = compare_variant(product, "v1")
    assert isinstance(ours, Check)
    assert (ours.tensor, ours.shape, ours.passed) == ("scores/v1/CONTACT_MAPS", (1, 2), True)
    assert theirs == Skipped(tensor="scores/v1/ATAC", reason="the product does not compute this scorer yet")


def test_other_scores_than_the_recorded_ones_fail(product: Product) -> None:
    answer = scores_of([RowLabel()], [[0.5, 0.2502]])
    vars(product)["engine"] = FakeEngine(answer=(answer,))
    check, _ = compare_variant(product, "v1")
    assert isinstance(check, Check)
    assert not check.passed


@pytest.mark.parametrize(("raw", "passed"), [(1.0, True), (math.nan, False)])
def test_where_the_official_code_fails_there_are_numbers(product: Product, raw: float, passed: bool) -> None:
    vars(product)["engine"] = FakeEngine(answer=(scores_of([RowLabel()], [[math.nan, raw]]),))
    (check,) = compare_variant(product, "v2")
    assert isinstance(check, Check)
    assert (check.tensor, check.passed) == ("scores/v2/has_numbers", passed)


@pytest.mark.parametrize("raw", [0.5, 0.7])
def test_scorers_that_are_not_recommended_are_compared(product: Product, raw: float) -> None:
    spelling = "CenterMaskScorer(requested_output=ATAC, width=2001, aggregation_type=DIFF_MEAN)"
    row = {"variant": "v1", "row": 0, "track": 0, "gene_id": None, "junction_Start": None}
    recorded = pd.DataFrame([{**row, "scorer": spelling, "junction_End": None, "raw_score": 0.5}])
    vars(product)["recorded_others"] = recorded
    (scorer,) = product.others.values()
    answer = dataclasses.replace(scores_of([RowLabel()], [[raw]]), scorer=scorer)
    vars(product)["engine_of_others"] = FakeEngine(answer=(answer,))
    *_, check = compare_variant(product, "v1")
    assert isinstance(check, Check)
    assert (check.tensor, check.passed) == ("scores/v1/others/ATAC:2001:DIFF_MEAN", raw == 0.5)


def test_polyadenylation_sites_are_compared() -> None:
    row = RowLabel(gene=GENE, polyadenylation_site_count=3, polyadenylation_distance=40)
    recorded = pd.DataFrame({"num_pas": [3], "min_pas_var_distance": [40]})
    assert compare_sites("x", scores_of([row], [[1]]), recorded).passed
    assert not compare_sites("x", None, recorded).passed
    assert compare_sites("x", None, recorded[:0]).passed
    further = recorded.assign(min_pas_var_distance=41)
    assert not compare_sites("x", scores_of([row], [[1]]), further).passed


def test_recorded_rows_are_put_in_order() -> None:
    recorded = pd.DataFrame(
        {
            "row": [1, 0, 0, 1],
            "track": [0, 1, 0, 1],
            "gene_id": ["G2", "G1", "G1", "G2"],
            "junction_Start": pd.array([5, None, None, 5], "Int64"),
            "junction_End": pd.array([9, None, None, 9], "Int64"),
            "raw_score": np.array([10, 2, 1, math.nan], np.float32),
        }
    )
    found = recorded_matrix(recorded)
    assert list(found) == [("G1", 0, 0), ("G2", 5, 9)]
    np.testing.assert_array_equal(np.stack(list(found.values())), [[1, 2], [10, math.nan]])


def test_scores_without_a_gene_have_an_empty_label() -> None:
    recorded = pd.DataFrame(
        {
            "row": [0],
            "track": [0],
            "gene_id": pd.Categorical([None], categories=["G1"]),
            "junction_Start": pd.array([None], "Int64"),
            "junction_End": pd.array([None], "Int64"),
            "raw_score": [0.5],
        }
    )
    ours = found_matrix(scores_of([RowLabel()], [[0.5]]))
    assert list(recorded_matrix(recorded)) == list(ours) == [("", 0, 0)]
    assert compare_scores("x", ours, recorded_matrix(recorded), IDENTICAL).passed
    assert recorded_matrix(recorded[:0]) == found_matrix(None) == {}


def test_our_rows_go_by_gene_and_intron() -> None:
    intron = RowLabel(gene=GENE, junction=Interval(chromosome="chr1", start=5, end=9, strand="+"))
    found = found_matrix(scores_of([RowLabel(gene=GENE), intron], [[1, 2], [3, 4]]))
    assert {label: values.tolist() for label, values in found.items()} == {
        ("G1.1", 0, 0): [1, 2],
        ("G1.1", 5, 9): [3, 4],
    }


def test_scores_of_other_rows_fail() -> None:
    one, two = {("G1", 0, 0): np.ones(3)}, {("G2", 0, 0): np.ones(3)}
    assert compare_scores("x", one, one, LARGER).passed
    assert not compare_scores("x", two, one, LARGER).passed
    assert not compare_scores("x", {}, one, LARGER).passed
    assert not compare_scores("x", one, {}, LARGER).passed
    assert compare_scores("x", {}, {}, LARGER).passed
    assert not compare_scores("x", one | two, two | one, LARGER).passed


def test_a_level_may_err_less_than_a_difference() -> None:
    scorers = {scorer.name: scorer for scorer in recommended("human")}
    assert tolerance_of(scorers["ATAC_ACTIVE"]) == LARGER
    assert tolerance_of(scorers["ATAC"]) == DIFFERENCE
    assert tolerance_of(scorers["SPLICE_SITE_USAGE"]).limit == 1e-3


def test_a_gene_scorer_has_its_nan_where_the_official_one_does() -> None:
    expected = {("G1", 0, 0): np.array([1, math.nan, 3])}
    assert compare_scores("x", expected, expected, LARGER).passed
    assert not compare_scores("x", {("G1", 0, 0): np.array([1.0, 2, 3])}, expected, LARGER).passed


def test_introns_may_be_listed_by_one_only_near_ties() -> None:
    # One of 100 introns is listed by one side: a share of 0.01 passes. The largest of 0..99 is 99.
    many = {("G1", start, 1000): np.array([float(start)]) for start in range(100)}
    few = {label: values for label, values in many.items() if label[1] != 50}
    shared, largest, listed = compare_junctions("x", few, many)
    assert [check.tensor for check in (shared, largest, listed)] == [
        "x/shared",
        "x/largest",
        "x/listed_by_one",
    ]
    assert shared.shape == (99, 1)
    assert largest.shape == (1, 1)
    assert listed.max_absolute == pytest.approx(0.01)
    assert all(check.passed for check in (shared, largest, listed))


def test_other_introns_or_other_changes_fail() -> None:
    one = {("G1", 1, 9): np.array([1.0, 2.0]), ("G1", 2, 9): np.array([3.0, 1.0])}
    # 1.001 is one step of float16 above 1 and may pass, 1.1 may not.
    close = one | {("G1", 1, 9): np.array([1.0009, 2.0])}
    assert all(check.passed for check in compare_junctions("x", close, one))
    far = one | {("G1", 1, 9): np.array([1.1, 2.0])}
    assert [check.passed for check in compare_junctions("x", far, one)] == [False, True, True]
    # Half of two introns.
    less = {("G1", 1, 9): one["G1", 1, 9]}
    assert [check.passed for check in compare_junctions("x", less, one)] == [True, False, False]


def test_an_oracle_without_scores_says_so() -> None:
    (group,) = score_groups(open_oracle(ORACLE))
    (outcome,) = group.run()
    assert group.name == "scores"
    assert isinstance(outcome, Skipped)
    assert "scores.parquet" in outcome.reason
