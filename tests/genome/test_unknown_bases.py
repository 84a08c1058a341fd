import pathlib
import random
from collections.abc import Iterator

import pytest
import toy_genome
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.errors import FastaError
from vep_cli.genome import unknown_bases
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.unknown_bases import UnknownBases

BLOCK = 16
_RANDOM = random.Random(3)
CONTIGS = {
    # Runs of N that begin and end within blocks of 16, at their edges, and fill one.
    "mixed": "ACGTN" * 5 + "N" * 39 + "nRyACGT" * 4 + "N",
    "known": "ACGT" * 20,
    "random": "".join(_RANDOM.choices("ACGTNn", k=100)),
    "whole": "ACGTNNNN" * 4,
}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    path = toy_genome.write_genome(tmp_path_factory.mktemp("unknown") / "genome.fa", CONTIGS)
    with Reference(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def unknown(reference: Reference) -> Iterator[UnknownBases]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unknown_bases, "BLOCK", BLOCK)
        yield UnknownBases(reference)


@given(name=st.sampled_from(sorted(CONTIGS)), start=st.integers(-50, 150), width=st.integers(0, 120))
def test_counts_what_the_reference_gives(
    reference: Reference, unknown: UnknownBases, name: str, start: int, width: int
) -> None:
    interval = Interval(chromosome=name, start=start, end=start + width)
    assert unknown.count(interval) == reference.fetch(interval).count("N")


def test_on_paper(unknown: UnknownBases) -> None:
    # ACGTN ACGTN: two of ten; before the contig, five more.
    assert unknown.count(Interval(chromosome="mixed", start=0, end=10)) == 2
    assert unknown.count(Interval(chromosome="mixed", start=-5, end=10)) == 7


def test_blocks_are_read_once(reference: Reference, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []
    fetch = Reference.fetch
    monkeypatch.setattr(
        Reference, "fetch", lambda self, interval: fetched.append(interval) or fetch(self, interval)
    )
    monkeypatch.setattr(unknown_bases, "BLOCK", BLOCK)
    counter = UnknownBases(reference)
    for start in range(40):
        counter.count(Interval(chromosome="known", start=start, end=start + 8))
    # 47 bases of blocks of 16.
    assert [one.start for one in fetched] == [0, 16, 32]


def test_damage_is_told(tmp_path: pathlib.Path) -> None:
    path = toy_genome.write_genome(tmp_path / "cut.fa", {"chr1": "ACGT" * 30_000})
    with Reference(path) as reference:
        path.write_text(path.read_text()[:300])
        with pytest.raises(FastaError, match=r"chr1:\d+-\d+ (gave|cannot be read)"):
            UnknownBases(reference).count(Interval(chromosome="chr1", start=90_000, end=90_010))
