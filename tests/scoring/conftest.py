"""Fixtures of the scorers' tests."""

import json

import numpy as np
import pytest
from official_cases import DATA, Golden, parse_variant

from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval


@pytest.fixture(scope="session")
def golden() -> Golden:
    notes = json.loads((DATA / "unit_scorers.json").read_text())
    with np.load(DATA / "unit_scorers.npz") as arrays:
        return Golden(
            arrays=dict(arrays),
            cases=[
                case if "variant" not in case else {**case, "variant": parse_variant(case["variant"])}
                for case in notes["cases"]
            ],
            interval=Interval(chromosome="chr1", start=1000, end=1512),
            annotation=read_gtf(DATA / "unit.gtf"),
            track_strands=notes["track_strands"],
        )


@pytest.fixture(scope="session")
def center_ranges() -> list[list[int]]:
    """Rows of 1-based position, width, resolution, first bin, bin after the last, in a window of 16,384."""
    return json.loads((DATA / "center_mask_ranges.json").read_text())["rows"]
