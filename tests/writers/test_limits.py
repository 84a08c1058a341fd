import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_scores import ATAC, POLYADENYLATION, RNA, gene, junction_scores, scores

from vep_cli.errors import UsageError
from vep_cli.scoring.scorer import Scores
from vep_cli.writers.limits import ALL, Limits, reported, strongest

NAN = math.nan
EVERY = Limits(all_tracks=True)


def cells(made: Scores, limits: Limits) -> list[tuple[int, int]]:
    rows, columns = strongest(made, limits)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


def test_the_strongest_comes_first_whatever_its_sign() -> None:
    made = scores(ATAC, [[0.5, -3, 1]])
    assert cells(made, Limits(top=2)) == [(0, 1), (0, 2)]
    assert cells(made, Limits(top=9)) == cells(made, EVERY) == [(0, 1), (0, 2), (0, 0)]


def test_equal_magnitudes_are_in_the_order_of_tracks() -> None:
    assert cells(scores(ATAC, [[1, 2, -2, 2, -1]]), Limits(top=4)) == [(0, 1), (0, 2), (0, 3), (0, 0)]


def test_each_gene_has_its_own() -> None:
    made = scores(RNA, [[1, 2], [8, 9]], genes=(gene(name="A"), gene(name="B")))
    assert cells(made, Limits(top=1)) == [(0, 1), (1, 1)]


def test_introns_of_a_gene_compete() -> None:
    one, other = gene(name="A"), gene(name="B")
    # Rows 0 and 2 are introns of the first gene: 5 in row 2 is its strongest, then 4 in row 0.
    made = junction_scores([[1, 4], [2, 3], [5, 0]], (one, 10), (other, 20), (one, 30))
    assert cells(made, Limits(top=1)) == [(2, 0), (1, 1)]
    assert cells(made, Limits(top=2)) == [(2, 0), (0, 1), (1, 1), (1, 0)]


def test_missing_scores_and_weak_ones_are_none_of_the_strongest() -> None:
    made = scores(ATAC, [[NAN, 0.5, -1, 0]])
    assert cells(made, EVERY) == [(0, 2), (0, 1), (0, 3)]
    assert cells(made, Limits(min_score=0.5)) == [(0, 2), (0, 1)]
    assert cells(made, Limits(min_score=2.0)) == []
    assert cells(scores(ATAC, [[NAN]]), Limits(top=1)) == []


def test_the_limit_is_of_the_precision_of_scores() -> None:
    # 0.1 in 32 bits is more than in 64; a score that is written as 0.1 is not below 0.1, nor is 0.7.
    for value in (0.1, 0.7):
        assert cells(scores(ATAC, [[value]]), Limits(min_score=value)) == [(0, 0)]


def test_tracks_of_the_other_strand_are_left_out() -> None:
    # Polyadenylation scores tracks of both strands; the official table has those of the gene's alone.
    made = scores(POLYADENYLATION, [[1, 2, 3]], strands="+.-", genes=(gene("+"),))
    assert cells(made, EVERY) == [(0, 1), (0, 0)]
    assert reported(made, ALL).tolist() == [[True, True, False]]


def test_a_table_without_limits_has_missing_scores_too() -> None:
    made = scores(ATAC, [[NAN, 0.5]])
    assert reported(made, ALL).tolist() == reported(made, EVERY).tolist() == [[True, True]]
    assert reported(made, Limits(min_score=0.0)).tolist() == [[False, True]]
    assert reported(made, Limits(top=2)).tolist() == [[False, True]]


def test_what_a_format_has_by_itself_gives_way_to_what_is_asked_for() -> None:
    assert Limits().with_default_top(1) == Limits(top=1)
    assert Limits(min_score=2.0).with_default_top(1) == Limits(top=1, min_score=2.0)
    assert Limits(top=3).with_default_top(1) == Limits(top=3)
    assert EVERY.with_default_top(1) == EVERY


def test_contradictions() -> None:
    with pytest.raises(UsageError, match="--top 2 and --all-tracks contradict"):
        Limits(top=2, all_tracks=True)
    with pytest.raises(UsageError, match="--min-score nan"):
        Limits(min_score=NAN)


_VALUES = st.one_of(st.just(NAN), st.floats(-4, 4, width=16))
_MATRICES = st.integers(1, 4).flatmap(
    lambda tracks: st.lists(st.lists(_VALUES, min_size=tracks, max_size=tracks), min_size=1, max_size=5)
)


@given(_MATRICES, st.data(), st.integers(1, 6), st.floats(0, 3))
def test_nothing_left_out_is_stronger(
    raw: list[list[float]], data: st.DataObject, top: int, least: float
) -> None:
    genes = [gene(name="A"), gene(name="B")]
    of_row = data.draw(st.lists(st.sampled_from(genes), min_size=len(raw), max_size=len(raw)))
    made = junction_scores(raw, *((one, 10 * row) for row, one in enumerate(of_row)))
    taken = reported(made, Limits(top=top, min_score=least))
    magnitude = np.abs(made.raw)
    for one in genes:
        rows = [row for row, its_gene in enumerate(of_row) if its_gene is one]
        inside = magnitude[rows][taken[rows]]
        outside = magnitude[rows][~taken[rows]]
        outside = outside[outside >= np.float32(least)]
        assert (inside >= np.float32(least)).all()
        assert len(inside) == min(top, len(inside) + len(outside))
        assert not len(outside) or not len(inside) or inside.min() >= outside.max()


@given(st.lists(st.sampled_from([0.0, -1.0, 1.0, 2.0, -2.0, NAN]), min_size=1, max_size=6))
def test_the_strongest_of_all_is_the_first_of_many(row: list[float]) -> None:
    made = scores(ATAC, [row])
    assert cells(made, Limits(top=1)) == cells(made, Limits(top=6))[:1]
    assert cells(made, Limits(top=1, min_score=1.0)) == cells(made, Limits(min_score=1.0))[:1]
