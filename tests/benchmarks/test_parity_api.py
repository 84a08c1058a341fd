import dataclasses
import json
import pathlib

import numpy as np
import pytest
from parity_api import Calls, api_groups, compare_junctions, compare_prediction, compare_tables
from parity_checks import Check, Outcome, Skipped
from parity_oracle import Oracle, open_oracle

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.inference.interval_prediction import IntervalPrediction
from vep_cli.inference.junction_list import JunctionList
from vep_cli.model.config import HeadConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable

ORACLE = pathlib.Path(__file__).parent / "data" / "oracle"


@pytest.fixture
def oracle(tmp_path: pathlib.Path) -> Oracle:
    """An oracle whose network has one head of three columns."""
    (tmp_path / "api").mkdir()
    opened = open_oracle(ORACLE)
    head = HeadConfig(output=OutputType.RNA_SEQ, width=3, resolutions=(1, 128))
    return dataclasses.replace(
        opened, path=tmp_path, config=dataclasses.replace(opened.config, heads=(head,))
    )


def rna_tracks(strands: str) -> TrackTable:
    return TrackTable(
        tuple(
            Track(organism=organism, output_type=OutputType.RNA_SEQ, index=index, name="rna", strand=strand)
            for organism in ("human", "mouse")
            for index, strand in enumerate(strands)
        )
    )


def verdicts(outcomes: list[Outcome]) -> dict[str, bool]:
    return {one.tensor: one.passed for one in outcomes if isinstance(one, Check)}


def tables(reindexing: list[int], padding: list[bool]) -> dict[str, np.ndarray]:
    return {
        f"{table}/{organism}/RNA_SEQ": np.array(values)
        for table, values in (("strand_reindexing", reindexing), ("padding", padding))
        for organism in ("HOMO_SAPIENS", "MUS_MUSCULUS")
    }


@pytest.mark.parametrize(
    ("reindexing", "padding", "expected"),
    [
        ([1, 0, 2], [False, False, True], (True, True)),
        ([0, 1, 2], [False, False, True], (False, True)),
        ([1, 0, 2], [False, False, False], (True, False)),
    ],
)
def test_tables(
    oracle: Oracle, reindexing: list[int], padding: list[bool], expected: tuple[bool, bool]
) -> None:
    calls = Calls(oracle=oracle, tracks=rna_tracks("+-"))
    vars(calls)["recorded"] = tables(reindexing, padding)
    found = verdicts(list(compare_tables(calls)))
    for organism in ("HOMO_SAPIENS", "MUS_MUSCULUS"):
        assert found[f"api/tables/strand_reindexing/{organism}/RNA_SEQ"] == expected[0]
        assert found[f"api/tables/padding/{organism}/RNA_SEQ"] == expected[1]


def prediction(values: np.ndarray, output: OutputType = OutputType.RNA_SEQ) -> IntervalPrediction:
    return IntervalPrediction(
        interval=Interval(chromosome="chr1", start=0, end=4096),
        tracks={},
        values={output: values},
        junctions=None,
    )


def test_rows_and_sums_are_compared() -> None:
    values = np.arange(8, dtype=np.float32).reshape(4, 2)
    recorded = {
        "call/RNA_SEQ": values[[0, 3]],
        "call/RNA_SEQ/index": np.array([0, 3]),
        "call/RNA_SEQ/sum": np.array([12.0, 16.0]),
        "another/RNA_SEQ/index": np.array([0]),
    }
    assert verdicts(list(compare_prediction("call", prediction(values), recorded))) == {
        "api/call/RNA_SEQ": True,
        "api/call/RNA_SEQ/sum": True,
    }
    values[1, 0] += 0.01  # not among the rows
    assert list(verdicts(list(compare_prediction("call", prediction(values), recorded))).values()) == [
        True,
        False,
    ]


def test_contact_maps_are_sampled_along_both_axes() -> None:
    values = np.arange(9, dtype=np.float32).reshape(3, 3, 1)
    recorded = {
        "call/CONTACT_MAPS": np.array([[[0.0], [2.0]], [[6.0], [8.0]]]),
        "call/CONTACT_MAPS/index": np.array([0, 2]),
        "call/CONTACT_MAPS/sum": np.array([36.0]),
    }
    found = verdicts(list(compare_prediction("call", prediction(values, OutputType.CONTACT_MAPS), recorded)))
    assert list(found.values()) == [True, True]


def test_an_output_without_tracks_has_no_columns() -> None:
    # 4,096 bases are two bins of contact maps.
    recorded = {
        "call/CONTACT_MAPS": np.zeros((2, 2, 0)),
        "call/CONTACT_MAPS/index": np.array([0, 1]),
        "call/CONTACT_MAPS/sum": np.zeros(0),
    }
    found = verdicts(list(compare_prediction("call", prediction(np.zeros((4, 2), np.float32)), recorded)))
    assert list(found.values()) == [True, True]


def test_junctions() -> None:
    found = JunctionList(
        start=np.array([5, 6, 7]),
        end=np.array([9, 9, 8]),
        is_forward=np.array([True, True, False]),
        counts=np.array([[1.0], [2.0], [3.0]], np.float32),
    )
    recorded = {
        "call/count": np.array([3, 2]),
        "call/index": np.array([0, 2]),
        "call/start": np.array([5, 7]),
        "call/end": np.array([9, 8]),
        "call/plus": np.array([True, False]),
        "call/values": np.array([[1.0], [3.5]]),
    }
    assert verdicts(list(compare_junctions("call", found, recorded))) == {
        "api/call/count": True,
        "api/call/start": True,
        "api/call/end": True,
        "api/call/plus": True,
        "api/call/values": False,
    }
    other = {**recorded, "call/count": np.array([4, 2])}
    assert verdicts(list(compare_junctions("call", found, other))) == {"api/call/count": False}
    assert verdicts(list(compare_junctions("call", None, recorded))) == {"api/call/count": False}


def test_without_the_tracks_nothing_is_compared(oracle: Oracle) -> None:
    (group,) = api_groups(oracle)
    (outcome,) = group.run()
    assert outcome == Skipped(tensor="api", reason="the oracle lacks the tracks (its metadata folder)")


def test_which_scorers_refuse_the_window(oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> None:
    from parity_api import _compare_refusals

    nothing = np.zeros(0, np.int64)
    genes = Annotation(
        genes=(),
        transcript_gene=nothing,
        transcript_start_site=nothing,
        exon_transcript=nothing,
        exon_start=nothing,
        exon_end=nothing,
    )
    monkeypatch.setitem(vars(calls := Calls(oracle=oracle, tracks=TrackTable(()))), "annotation", genes)
    name = "score_interval GeneMaskScorer(requested_output=RNA_SEQ, width={}, aggregation_type=MEAN)"
    recorded = [
        [name.format(200_001), "ValueError('too wide')", [], 0],
        [name.format(2001), "ok", [0, 1], 0],
        [name.format("None"), "ValueError('ours takes it')", [], 0],
        ["interval4k_neg_human", "ATAC", [4096, 1], 1],
    ]
    (oracle.path / "api" / "api.json").write_text(json.dumps(recorded))
    assert verdicts(list(_compare_refusals(calls, "score_interval"))) == {
        "api/score_interval/RNA_SEQ_200001_MEAN/refused": True,
        "api/score_interval/RNA_SEQ_2001_MEAN/refused": True,
        "api/score_interval/RNA_SEQ_None_MEAN/refused": False,
    }
