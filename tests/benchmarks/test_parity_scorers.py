"""The scorers' part of the parity benchmark, on the official cases that the scorers' own tests have."""

import dataclasses
import json
import pathlib
from collections.abc import Iterator

import numpy as np
import pytest
from parity_checks import Check, Outcome, Skipped
from parity_oracle import Oracle, open_oracle
from parity_scorers import parse_interval, parse_variant, scorer_groups

from vep_cli.genome.interval import Interval

ORACLE = pathlib.Path(__file__).parent / "data" / "oracle"
CASES = pathlib.Path(__file__).parents[1] / "scoring" / "data"
FILES = {
    "unit_scorers.json": "scorers.json",
    "unit_scorers.npz": "scorers.npz",
    "unit.gtf": "unit.gtf",
    "unit_polya.tsv": "unit_polya.tsv",
}


@pytest.fixture
def oracle(tmp_path: pathlib.Path) -> Oracle:
    (tmp_path / "unit").mkdir()
    for name, official in FILES.items():
        (tmp_path / "unit" / official).write_bytes((CASES / name).read_bytes())
    return dataclasses.replace(open_oracle(ORACLE), path=tmp_path)


def keep(oracle: Oracle, *names: str) -> None:
    """Leave only these cases; tests that change one need not run the others."""
    path = oracle.path / "unit" / "scorers.json"
    notes = json.loads(path.read_text())
    path.write_text(
        json.dumps({**notes, "cases": [case for case in notes["cases"] if case["name"] in names]})
    )


def change_case(oracle: Oracle, name: str, **changes: object) -> None:
    path = oracle.path / "unit" / "scorers.json"
    notes = json.loads(path.read_text())
    cases = [{**case, **changes} if case["name"] == name else case for case in notes["cases"]]
    path.write_text(json.dumps({**notes, "cases": cases}))


def change_arrays(oracle: Oracle, **changes: np.ndarray) -> None:
    path = oracle.path / "unit" / "scorers.npz"
    np.savez(path, **{**np.load(path), **changes})


def outcomes(oracle: Oracle) -> Iterator[Outcome]:
    for group in scorer_groups(oracle):
        yield from group.run()


def checks(oracle: Oracle) -> dict[str, Check]:
    return {one.tensor: one for one in outcomes(oracle) if isinstance(one, Check)}


def test_an_official_case_of_each_kind_passes(oracle: Oracle) -> None:
    notes = json.loads((oracle.path / "unit" / "scorers.json").read_text())
    # The last of a kind stays.
    keep(oracle, *{case["kind"]: case["name"] for case in notes["cases"]}.values())
    notes = json.loads((oracle.path / "unit" / "scorers.json").read_text())
    found = list(outcomes(oracle))
    compared = [one for one in found if isinstance(one, Check)]
    assert [one.tensor for one in compared if not one.passed] == []
    named = {"/".join(one.tensor.split("/")[2:]) for one in found}
    for case in notes["cases"]:
        assert any(f"{name}/".startswith(f"{case['name']}/") for name in named), case["name"]
    assert {one.tensor.split("/")[2] for one in compared} == {
        "align",
        "cm",
        "contact",
        "gene",
        "interval",
        "junction",
        "polya",
        "splice_annotation",
    }


def test_another_score_fails(oracle: Oracle) -> None:
    name = "contact/5000"
    keep(oracle, name)
    with np.load(oracle.path / "unit" / "scorers.npz") as arrays:
        score = arrays[f"{name}/score"]
    change_arrays(oracle, **{f"{name}/score": score * np.float32(1.001)})
    found = checks(oracle)
    assert not found[f"unit/scorers/{name}/score"].passed
    assert found[f"unit/scorers/{name}/bin"].passed


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("gene/lfc/snv", {"genes": ["ENSG1.2", "ENSG2.1", "ENSG3.1", "ENSG5.1", "ENSG9.9"]}),
        ("junction/snv_first", {"start": [1062]}),
    ],
)
def test_other_rows_fail(oracle: Oracle, name: str, changes: dict[str, object]) -> None:
    keep(oracle, name)
    change_case(oracle, name, **changes)
    assert not checks(oracle)[f"unit/scorers/{name}/score"].passed


def test_where_the_official_code_fails_there_is_an_answer_or_nothing(oracle: Oracle) -> None:
    keep(oracle, "align/del_over_end", "junction/snv_last")
    notes = json.loads((oracle.path / "unit" / "scorers.json").read_text())
    failing = [case["name"] for case in notes["cases"] if "error" in case]
    assert "junction/snv_last" in failing
    found = checks(oracle)
    assert {one.tensor for one in found.values() if "official_fails" in one.tensor} == {
        "unit/scorers/align/del_over_end/official_fails/is_finite",
        "unit/scorers/junction/snv_last/official_fails/is_empty",
    }
    assert found["unit/scorers/junction/snv_last/official_fails/is_empty"].shape == (0, 3)
    assert all(check.passed for check in found.values())


def test_a_window_on_the_other_strand_is_compared(oracle: Oracle) -> None:
    name = "align/ins7_neg"
    keep(oracle, name)
    assert checks(oracle)[f"unit/scorers/{name}/out"].passed
    change_case(oracle, name, interval="chr1:1000-1512:+")
    assert not checks(oracle)[f"unit/scorers/{name}/out"].passed


@pytest.mark.parametrize(
    ("name", "changes", "what"),
    [("polya/snv", {"num_pas": [4, 3]}, "num_pas"), ("polya/snv", {"min_dist": [20, 6]}, "min_dist")],
)
def test_other_notes_on_polyadenylation_sites_fail(
    oracle: Oracle, name: str, changes: dict[str, object], what: str
) -> None:
    keep(oracle, name)
    change_case(oracle, name, **changes)
    found = checks(oracle)
    assert not found[f"unit/scorers/{name}/{what}"].passed
    assert found[f"unit/scorers/{name}/score"].passed


def test_other_known_splice_sites_fail(oracle: Oracle) -> None:
    name = "splice_annotation/neg"
    keep(oracle, name)
    with np.load(oracle.path / "unit" / "scorers.npz") as arrays:
        classes = arrays[f"{name}/cls"]
    change_arrays(oracle, **{f"{name}/cls": classes[::-1]})
    found = checks(oracle)
    assert not found[f"unit/scorers/{name}/cls"].passed
    assert found[f"unit/scorers/{name}/position"].passed


def test_what_is_new_is_skipped(oracle: Oracle) -> None:
    keep(oracle, "contact/5000")
    change_case(oracle, "contact/5000", kind="new")
    (first, *_) = outcomes(oracle)
    assert isinstance(first, Skipped)
    assert "does not know it" in first.reason


def test_an_oracle_without_scorers_has_no_cases() -> None:
    assert list(scorer_groups(open_oracle(ORACLE))) == []


def test_variants_and_intervals_are_read() -> None:
    insertion = parse_variant("chr1:1200:A>AC")
    assert (insertion.start, insertion.end, insertion.alternate_bases) == (1199, 1200, "AC")
    assert parse_variant("chr1:1200:>GGA").reference_bases == ""
    expected = Interval(chromosome="chr2", start=-2891, end=13493, strand="-")
    assert parse_interval("chr2:-2891-13493:-") == expected
