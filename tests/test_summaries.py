"""Summaries of runs are read back as they were written, add up, and anything else is refused."""

import collections
import json
import pathlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vep_cli.errors import SummaryError
from vep_cli.genome.alleles import AlleleFlag, AlleleStatus
from vep_cli.statistics import Statistics
from vep_cli.summaries import Summary, json_text, read_summary, total

# Parts of summaries; the tests put them together, since what checks our types draws random numbers.
_PARTS = st.fixed_dictionaries(
    {
        "records": st.integers(0, 50),
        "statuses": st.lists(st.sampled_from(AlleleStatus), max_size=9),
        "flags": st.lists(st.sampled_from(AlleleFlag), max_size=5),
        "eighths": st.integers(0, 10**6),  # of seconds: numbers that three decimals hold
        "run": st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), max_size=4),
    }
)


def summary(parts: dict[str, Any]) -> Summary:
    statistics = Statistics(
        records=parts["records"],
        alleles=len(parts["statuses"]),
        statuses=collections.Counter(parts["statuses"]),
        flags=collections.Counter(parts["flags"]),
    )
    return Summary(statistics=statistics, seconds=parts["eighths"] / 8, run=tuple(parts["run"]))


DOCUMENT: dict[str, Any] = {
    "format_version": 1,
    "records": 2,
    "alleles": 3,
    "statuses": {"PASS": 2, "SYMBOLIC": 1},
    "flags": {"MANY_N": 1},
    "seconds": 1.5,
    "run": [{"name": "version", "value": "0.1.0"}],
}


@settings(max_examples=50)
@given(_PARTS)
def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, parts: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("summary") / "one.json"
    path.write_text(json_text(summary(parts).to_json()))
    assert read_summary(str(path)) == summary(parts)


@settings(max_examples=50)
@given(st.lists(_PARTS, min_size=1, max_size=4))
def test_every_allele_is_in_the_sum(parts: list[dict[str, Any]]) -> None:
    all_of_them = [summary(one) for one in parts]
    found = total(all_of_them)
    for key in ("records", "alleles", "scored", "bad_data"):
        assert found.to_json()[key] == sum(one.to_json()[key] for one in all_of_them)
    for status in AlleleStatus:
        assert found.statistics.statuses[status] == sum(s.statistics.statuses[status] for s in all_of_them)
    assert found.seconds == sum(one.seconds for one in all_of_them)
    assert set(found.run) == set.intersection(*(set(one.run) for one in all_of_them))


def test_the_sum_leaves_what_was_added_as_it_was() -> None:
    one = Summary(statistics=Statistics(records=1), seconds=1.0, run=())
    assert total([one, one]).statistics.records == 2
    assert one.statistics.records == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"format_version": 2}, "format_version is 2"),
        ({"records": -1}, "no whole number"),
        ({"records": True}, "no whole number"),
        ({"alleles": 4}, "do not add up"),
        ({"statuses": {"PASS": 3.0}}, "no whole number"),
        ({"statuses": {"FINE": 3}}, "FINE"),
        ({"statuses": [3]}, "list"),
        ({"flags": {"ODD": 1}}, "ODD"),
        ({"seconds": float("inf")}, "no time"),
        ({"seconds": -1}, "no time"),
        ({"run": [["version", "1"]]}, "TypeError"),
        ({"run": None}, "NoneType"),
    ],
)
def test_what_is_no_summary(tmp_path: pathlib.Path, change: dict[str, Any], why: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(json.dumps({**DOCUMENT, **change}))
    with pytest.raises(SummaryError, match=why) as caught:
        read_summary(str(path))
    assert str(caught.value).startswith(f"{path}: this is no summary of a run: ")
    path.write_text(json.dumps(DOCUMENT))
    assert read_summary(str(path)).statistics.scored == 2


@pytest.mark.parametrize("key", [key for key in DOCUMENT if key != "format_version"])
def test_a_key_that_is_missing(tmp_path: pathlib.Path, key: str) -> None:
    path = tmp_path / "short.json"
    path.write_text(json.dumps({name: value for name, value in DOCUMENT.items() if name != key}))
    with pytest.raises(SummaryError, match=key):
        read_summary(str(path))


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff{}", b"null", b"[" * 100_000])
def test_what_is_no_object(tmp_path: pathlib.Path, data: bytes) -> None:
    path = tmp_path / "odd.json"
    path.write_bytes(data)
    with pytest.raises(SummaryError, match="no summary of a run"):
        read_summary(str(path))
    with pytest.raises(SummaryError, match="No such file"):
        read_summary(str(tmp_path / "none.json"))
