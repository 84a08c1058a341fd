"""A slice of the fuzz run: whatever a file has in it, its reader returns or says why not."""

import pathlib

import fuzz
import pytest
from fuzz_targets import Target, contents, survives, targets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vep_cli.errors import VcfError

EXAMPLES = {"bcf": 5, "weights model.safetensors": 25}
"""Of targets that take longer than others; a test has no time for more."""
NAMES = (
    "vcf",
    "bcf",
    "gtf",
    "gff3",
    "splice sites",
    "polyadenylation",
    "bed",
    "weights manifest.json",
    "weights config.json",
    "weights tracks.tsv",
    "weights model.safetensors",
)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Target]:
    return dict(targets(tmp_path_factory.mktemp("targets")))


def test_all_targets_are_tried(known: dict[str, Target]) -> None:
    assert tuple(known) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_seeds_are_read(known: dict[str, Target], name: str, tmp_path: pathlib.Path) -> None:
    assert all(survives(known[name], seed, tmp_path) for seed in known[name].seeds)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_but_our_errors_comes_out(
    known: dict[str, Target], name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scratch = tmp_path_factory.mktemp("fuzz")

    @settings(
        max_examples=EXAMPLES.get(name, 50), deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(data=st.data())
    def attempt(data: st.DataObject) -> None:
        survives(known[name], data.draw(contents(known[name])), scratch)

    attempt()


def test_a_failure_is_found_and_kept(tmp_path: pathlib.Path) -> None:
    def read(path: pathlib.Path) -> None:
        content = path.read_bytes()
        if not content.startswith(b"ab"):
            raise VcfError("not ours")
        if not content.startswith(b"abc"):
            raise IndexError

    broken = Target(seeds=(b"abc\n",), read=read)
    outcomes, failures = fuzz.fuzz({"it": broken}, seconds=20, first=0, scratch=tmp_path)
    assert failures["it"].content.startswith(b"ab")
    assert isinstance(failures["it"].__cause__, IndexError)
    assert outcomes.keys() == {"it"}
