import pathlib

import pytest
from precision import Cost, read_official, table


def test_official_costs_are_those_of_the_default_policy(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "precision_4096.tsv"
    path.write_text(
        "modes\ttensor\tmax_abs\tmax_abs/std\trms/std\tmedian_rel\tnote\n"
        "b vs e\tx\t1\t0.5\t0.25\t0\t\n"
        "b vs c\tx\t2\t1.0\t0.75\t0\t\n"
        "b vs c\tpositions\t\t\t\t\t0.4\n"
    )
    assert read_official(path) == {"x": (0.75, 1.0)}


def test_costs_are_tabled_with_their_ratio() -> None:
    cost = Cost(tensor="x", ours=0.02, official=0.01, our_largest=0.2, official_largest=0.1)
    assert cost.ratio == pytest.approx(2)
    assert list(table([cost]))[-1] == "| x | 0.0200 | 0.0100 | 2.00 | 0.200 | 0.100 |"
