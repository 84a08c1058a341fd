import dataclasses
import json
import math
import pathlib
from collections.abc import Iterator

import pytest
from made_explanations import FULL, explained, row, score, unscored
from made_scores import ATAC

from vep_cli.explanation import ScorerExplanation
from vep_cli.writers.explanation_json import FORMAT_VERSION, explanation_json

DOCUMENT = (pathlib.Path(__file__).parents[2] / "docs" / "explain.md").read_text(encoding="utf-8")


def keys(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            # What is left out is named by scorers, which are not keys of ours.
            yield from (key, *(() if key == "left_out" else keys(part)))
    elif isinstance(value, list):
        for part in value:
            yield from keys(part)


def test_variant_and_window() -> None:
    found = json.loads(explanation_json(explained(alternate="AGG")))
    assert found["format_version"] == FORMAT_VERSION
    assert found["variant"] == {
        "chromosome": "1",
        "position": 101,
        "reference_bases": "A",
        "alternate_bases": "AGG",
    }
    assert found["scored_as"] == {**found["variant"], "chromosome": "chr1", "position": 100}
    assert (found["status"], found["problem"], found["flags"]) == ("PASS", None, ["NORMALIZED"])
    assert found["window"] == {"chromosome": "chr1", "start": 50, "end": 150}
    # Position 100 is base 99; the window's last two bases are pushed out.
    assert found["alignment"] == {
        "inserted_bases": "GG",
        "deleted_bases": "",
        "anchor": 99,
        "without_counterpart": [[148, 150]],
    }
    assert found["run"] == [{"name": "version", "value": "1"}, {"name": "weights", "value": "toy"}]


def test_scores() -> None:
    atac, rna, junctions, active = json.loads(explanation_json(FULL))["scorers"]
    assert (atac["name"], atac["is_signed"], atac["bin_size"]) == ("ATAC", True, 1)
    assert atac["official_name"].startswith("CenterMaskScorer(")
    assert atac["formula"].startswith("log2(sum(ALT) + 1) - log2(sum(REF) + 1)")
    (only,) = atac["rows"]
    assert (only["gene"], only["mask"], only["mask_bases"]) == (None, [[90, 100]], 10)
    (best,) = only["scores"]
    assert (best["reference"], best["alternate"], best["raw"], best["quantile"]) == (1, 2, -0.5, -0.25)
    assert (best["consequence"], best["track"], best["spread"]) == ("accessibility_loss", "track 0", None)
    assert [one["gene"]["name"] for one in rna["rows"]] == ["WEAK", "STRONG", "NONE"]
    assert [one["mask_bases"] for one in rna["rows"]] == [10, 21, 0]
    assert junctions["rows"][0]["scores"][0]["junction"] == [91, 99]
    assert (active["is_difference"], active["rows"]) == (False, [])


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_numbers_that_there_are_not_are_null(value: float) -> None:
    odd = dataclasses.replace(score(ATAC, -0.0), reference=value, quantile=value)
    found = json.loads(
        explanation_json(explained(ScorerExplanation(scorer=ATAC, rows=(row(odd),)))),
        parse_constant=pytest.fail,
    )
    best = found["scorers"][0]["rows"][0]["scores"][0]
    assert (best["reference"], best["quantile"], str(best["raw"])) == (None, None, "0.0")


def test_what_has_no_score_has_the_same_keys() -> None:
    found, full = json.loads(explanation_json(unscored())), json.loads(explanation_json(FULL))
    assert list(found) == list(full)
    assert found["problem"] == "REF_MISMATCH: REF is G, the reference has A at 1:101"
    assert (found["window"], found["alignment"], found["scored_as"]) == (None, None, None)
    assert (found["reference_sequence"], found["scorers"]) == ("A", [])


def test_every_key_is_documented() -> None:
    found = set(keys(json.loads(explanation_json(FULL))))
    assert len(found) > 40
    assert {key for key in found if f"`{key}`" not in DOCUMENT} == set()
    assert f"`format_version` | {FORMAT_VERSION} |" in DOCUMENT
