from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_records import gene_bodies, record, variant

from vep_cli.check import observers
from vep_cli.check.observers import (
    MAX_EXAMPLES,
    ContigNames,
    Examples,
    Order,
    Repeats,
    WindowSharing,
)
from vep_cli.genome.alleles import Allele, AlleleStatus
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant


def passing(position: int, reference: str, alternate: str) -> Allele:
    scored = variant(position, reference.upper(), alternate.upper())
    return Allele(text=alternate, status=AlleleStatus.PASS, variant=scored)


def test_only_the_first_examples_are_kept() -> None:
    examples = Examples()
    for line in range(MAX_EXAMPLES + 7):
        examples.add(line, "wrong")
    assert examples.count == MAX_EXAMPLES + 7
    assert examples.lines == [(line, "wrong") for line in range(MAX_EXAMPLES)]


def test_examples_are_short_however_long_the_line() -> None:
    examples = Examples()
    examples.add(1, "x" * 1_000_000)
    examples.add(2, "y" * 200)
    assert examples.lines == [(1, "x" * 197 + "..."), (2, "y" * 200)]


def test_contigs_are_told_apart_by_their_names() -> None:
    contigs = ContigNames()
    for name, spelling in (("1", "chr1"), ("chr2", "chr2"), ("1", "chr1"), ("Un", None)):
        contigs.see(record(f"{name} 5 . A C"), spelling)
    assert contigs.records == {"1": 2, "chr2": 1, "Un": 1}
    assert (contigs.direct, contigs.renamed, contigs.unknown) == (["chr2"], {"1": "chr1"}, ["Un"])


def test_contigs_without_end_are_only_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observers, "MAX_NAMES", 2)
    contigs = ContigNames()
    for number in range(5):
        contigs.see(record(f"c{number} 5 . A C"), None)
    assert (contigs.unknown, contigs.unnamed_records) == (["c0", "c1"], 3)


def order_of(*places: str) -> list[int]:
    order = Order()
    for line, place in enumerate(places):
        name, _, position = place.partition(":")
        order.see(record(f"{name} {position} . A C", line))
    return [line for line, _ in order.steps_back.lines]


def test_equal_positions_are_sorted_and_so_is_any_order_of_contigs() -> None:
    assert order_of("2:5", "2:5", "2:7", "1:1", "X:3") == []


def test_steps_back_are_named() -> None:
    # 1:4 behind 1:5; then contig 1 again behind 2, and its next record stands right.
    assert order_of("1:5", "1:4", "1:9", "2:1", "1:10", "1:11") == [1, 4]


@given(st.lists(st.tuples(st.sampled_from("12"), st.integers(1, 9)), max_size=12))
def test_a_sorted_input_has_no_step_back(places: list[tuple[str, int]]) -> None:
    assert order_of(*(f"{name}:{position}" for name, position in sorted(places))) == []


def repeats_of(*records: tuple[str, Sequence[Allele]], remembered: int = 100) -> tuple[list[int], list[int]]:
    """Return the lines of alleles that were written before, and of those in another spelling."""
    repeats = Repeats(remembered)
    for line, (text, alleles) in enumerate(records):
        repeats.see(record(text, line), tuple(alleles), "chr1")
    return [line for line, _ in repeats.written.lines], [line for line, _ in repeats.respelt.lines]


def test_repeats_as_written() -> None:
    first = ("chr1 5 . A C", [passing(5, "A", "C")])
    assert repeats_of(first, ("chr1 5 . A G", [passing(5, "A", "G")])) == ([], [])
    # Another name of the contig, lower case: the same allele.
    assert repeats_of(first, ("1 5 id a c", [passing(5, "a", "c")])) == ([1], [])
    assert repeats_of(("chr1 5 . A C,C", [passing(5, "A", "C")] * 2)) == ([0], [])


def test_repeats_in_another_spelling() -> None:
    trimmed = passing(6, "T", "G")
    assert repeats_of(("chr1 5 . AT AG", [trimmed]), ("chr1 6 . T G", [trimmed])) == ([], [1])


def test_alleles_that_are_not_spelt_out_are_not_compared() -> None:
    symbolic = Allele(text="<DEL>", status=AlleleStatus.SYMBOLIC)
    assert repeats_of(("chr1 5 . A <DEL>", [symbolic]), ("chr1 5 . A <DEL>", [symbolic])) == ([], [])


@pytest.mark.parametrize(("between", "is_known"), [(2, True), (3, False)])
def test_repeats_are_remembered_for_a_while(between: int, is_known: bool) -> None:
    # Three are remembered: the first one, and two behind it.
    first = ("chr1 5 . A C", [passing(5, "A", "C")])
    others = [(f"chr1 {50 + n} . A C", [passing(50 + n, "A", "C")]) for n in range(between)]
    written, _ = repeats_of(first, *others, first, remembered=3)
    assert written == ([between + 1] if is_known else [])


def window(start: int) -> Interval:
    return Interval(chromosome="chr1", start=start, end=start + 100)


def test_windows_are_shared_by_neighbours() -> None:
    sharing = WindowSharing(gene_bodies((0, 10), (5, 20)))
    substitution, deletion = variant(6, "A", "C"), variant(30, "AC", "A")
    seen: list[tuple[Variant, int]] = [
        (substitution, 0),
        (deletion, 0),
        (substitution, 50),
        (substitution, 0),
    ]
    for one, start in seen:
        sharing.see(one, window(start))
    assert sharing.alleles == {True: 3, False: 1}
    # The deletion shares the first one's; the last has the first's again, and not its neighbour's.
    assert sharing.windows == {True: 3}
    assert sharing.first == {True: substitution, False: deletion}
    # Base 5 lies in both genes, base 29 in none.
    assert (sharing.alleles_in_genes, sharing.genes) == (3, {"G0", "G1"})
