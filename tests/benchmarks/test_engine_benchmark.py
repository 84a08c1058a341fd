import json
import pathlib

import engine
import pytest
from click.testing import CliRunner
from flops import VARIANTS

from vep_cli.genome.reference import Reference
from vep_cli.genome.registry import demo_genome


@pytest.mark.parametrize("kind", list(VARIANTS))
def test_two_alleles_of_a_kind_share_ref_and_are_of_that_kind(kind: str) -> None:
    with Reference(demo_genome().fasta) as reference:
        first, second = engine.windows_of(reference, 4096, kind)
    assert first.reference_bases == second.reference_bases
    assert first.alternate_bases != second.alternate_bases
    signs = {one.variant.length_change for one in (first, second)}
    expected = {"substitution": {0}, "deletion": {-2, -1}, "insertion": {2}}
    assert signs == expected[kind]


def test_ratios_are_of_two_passes_and_of_one() -> None:
    # Two passes of 6 s against 4 s, one against 2 s; of 60 operations against 30, one against 10.
    measured = engine.Measured(
        scorers="all",
        variant="substitution",
        whole=6.0,
        first=4.0,
        further=2.0,
        whole_operations=60.0,
        first_operations=30.0,
        further_operations=10.0,
    )
    assert measured.ratios == {
        "first_ratio": 3.0,
        "first_operations_ratio": 4.0,
        "further_ratio": 3.0,
        "further_operations_ratio": 6.0,
    }


def test_a_small_window_is_timed_and_counted(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "engine.json"
    arguments = [
        "--length",
        "4096",
        "--repeats",
        "1",
        "--choice",
        "contact",
        "--clustered",
        "--json",
        str(path),
    ]
    ran = CliRunner().invoke(engine.main, [*arguments, "--kind", "substitution"], catch_exceptions=False)
    assert "contact        substitution" in ran.stdout
    assert "contact        8 in 4 kb     each: snapped" in ran.stdout
    (row,) = json.loads(path.read_text())["rows"]
    # A substitution in 4,096 bp changes all of what is encoded; contacts read no base, so decode none.
    assert row["whole_operations"] > row["further_operations"] > 0
    assert row["first_operations"] >= 2 * row["further_operations"] * 0.99
    assert min(row["whole"], row["first"], row["further"]) > 0
