import dataclasses
import json
import pathlib
import re
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import toy_genome
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.errors import FastaError
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, build_window, centred_interval, reverse_complement

OFFICIAL = json.loads((pathlib.Path(__file__).parent / "data" / "sequence_extraction.json").read_text())
LENGTH = 3000


def official_bases() -> str:
    # The file's `sequence_recipe`.
    generator = np.random.Generator(np.random.PCG64(zlib.crc32(b"unit-seq")))
    return "".join("ACGT"[index] for index in generator.integers(0, 4, LENGTH))


BASES = official_bases()


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    path = toy_genome.write_genome(tmp_path_factory.mktemp("window") / "genome.fa", {"chr1": BASES})
    with Reference(path) as opened:
        yield opened


def variant(position: int, reference_bases: str, alternate_bases: str) -> Variant:
    return Variant(
        chromosome="chr1",
        position=position,
        reference_bases=reference_bases,
        alternate_bases=alternate_bases,
    )


def parse_variant(text: str) -> Variant:
    _, position, bases = text.split(":")
    before, after = bases.split(">")
    return variant(int(position), before, after)


def parse_interval(text: str) -> Interval:
    match = re.fullmatch(r"(\w+):(-?\d+)-(\d+):([-+.])", text)
    assert match is not None
    return Interval(chromosome=match[1], start=int(match[2]), end=int(match[3]), strand=match[4])


def bases_between(chromosome: str, start: int, width: int) -> str:
    """Return the bases of a chromosome with endless N on both sides."""
    margin = "N" * (width + max(0, -start))
    return (margin + chromosome + margin)[len(margin) + start : len(margin) + start + width]


def with_alternate(changed: Variant) -> str:
    """Return the whole chromosome with ALT."""
    return BASES[: changed.start] + changed.alternate_bases + BASES[changed.end :]


@st.composite
def variants(draw: st.DrawFn) -> Variant:
    length = draw(st.integers(1, 40))
    start = draw(st.integers(0, LENGTH - length) | st.integers(0, 30) | st.just(LENGTH - length))
    alternate = draw(st.text("ACGT", min_size=1, max_size=40))
    return variant(start + 1, BASES[start : start + length], alternate)


@pytest.mark.parametrize("case", OFFICIAL["cases"], ids=lambda case: f"{case['variant']} {case['interval']}")
def test_sequences_are_the_official_ones(case: dict[str, Any], reference: Reference) -> None:
    window = build_window(parse_variant(case["variant"]), parse_interval(case["interval"]), reference)
    assert (window.reference_bases, window.alternate_bases) == (case["ref"], case["alt"])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        # The centre of one base, 100 of ...TT|AA|TT..., lies after it; the window is bases 99 to 102: TAAT.
        pytest.param(variant(101, "A", "C"), ("TAAT", "TCAT"), id="substitution"),
        pytest.param(variant(101, "A", "CGG"), ("TAAT", "TCGG"), id="insertion pushes bases out"),
        # The centre of two bases lies between them; the window is the same, and ALT takes in base 103.
        pytest.param(variant(101, "AA", "C"), ("TAAT", "TCTT"), id="deletion draws bases in"),
    ],
)
def test_sequences_by_hand(tmp_path: pathlib.Path, changed: Variant, expected: tuple[str, str]) -> None:
    path = toy_genome.write_genome(tmp_path / "plain.fa", {"chr1": "T" * 100 + "AA" + "T" * 98})
    with Reference(path) as plain:
        window = build_window(changed, centred_interval(changed, 4), plain)
    assert (window.reference_bases, window.alternate_bases) == expected


def test_deletion_reaches_past_the_reference_window(tmp_path: pathlib.Path) -> None:
    # Window 1 to 4 of TTAAGC: REF has TAAG; without the second A, ALT has TAGC.
    path = toy_genome.write_genome(tmp_path / "plain.fa", {"chr1": "TTAAGC"})
    with Reference(path) as plain:
        window = build_window(variant(3, "AA", "A"), Interval(chromosome="chr1", start=1, end=5), plain)
    assert (window.reference_bases, window.alternate_bases) == ("TAAG", "TAGC")


@given(changed=variants(), width=st.integers(1, 300))
def test_centred_windows_have_equal_widths_and_the_right_bases(
    reference: Reference, changed: Variant, width: int
) -> None:
    interval = centred_interval(changed, width)
    window = build_window(changed, interval, reference)
    assert len(window.reference_bases) == len(window.alternate_bases) == width == interval.width
    assert window.reference_bases == bases_between(BASES, interval.start, width)
    if changed.start >= interval.start:
        assert window.alternate_bases == bases_between(with_alternate(changed), interval.start, width)


@given(
    changed=variants(),
    shift=st.integers(-120, 120),
    width=st.integers(0, 100),
    strand=st.sampled_from("+-."),
)
def test_any_window_has_equal_widths(
    reference: Reference, changed: Variant, shift: int, width: int, strand: str
) -> None:
    start = changed.start + shift
    interval = Interval(chromosome="chr1", start=start, end=start + width, strand=strand)
    window = build_window(changed, interval, reference)
    assert len(window.reference_bases) == len(window.alternate_bases) == width
    if not interval.overlaps(changed.interval):
        assert window.alternate_bases == window.reference_bases


@given(changed=variants(), width=st.integers(1, 300))
def test_minus_strand_is_the_reverse_complement(reference: Reference, changed: Variant, width: int) -> None:
    interval = centred_interval(changed, width)
    forward = build_window(changed, interval, reference)
    backward = build_window(changed, dataclasses.replace(interval, strand="-"), reference)
    assert backward.reference_bases == reverse_complement(forward.reference_bases)
    assert backward.alternate_bases == reverse_complement(forward.alternate_bases)


@given(changed=variants(), width=st.integers(1, 300))
def test_swapping_the_alleles_swaps_nothing_left_of_the_variant(
    reference: Reference, changed: Variant, width: int
) -> None:
    interval = centred_interval(changed, width)
    window = build_window(changed, interval, reference)
    left = max(0, changed.start - interval.start)
    assert window.reference_bases[:left] == window.alternate_bases[:left]


def test_reference_allele_is_written_even_where_the_genome_differs(reference: Reference) -> None:
    other = "A" if BASES[99] != "A" else "C"
    window = build_window(variant(100, other, "G"), Interval(chromosome="chr1", start=99, end=101), reference)
    assert window == Window(
        variant=window.variant,
        interval=window.interval,
        reference_bases=other + BASES[100],
        alternate_bases="G" + BASES[100],
    )


def test_variant_of_another_chromosome_changes_nothing(reference: Reference) -> None:
    elsewhere = dataclasses.replace(variant(100, "A", "C"), chromosome="chr2")
    window = build_window(elsewhere, Interval(chromosome="chr1", start=90, end=110), reference)
    assert window.reference_bases == window.alternate_bases == BASES[90:110]


def test_unknown_contig_is_told(reference: Reference) -> None:
    elsewhere = dataclasses.replace(variant(100, "A", "C"), chromosome="chr2")
    with pytest.raises(FastaError, match="chr2"):
        build_window(elsewhere, centred_interval(elsewhere, 10), reference)


def test_reverse_complement_of_every_code() -> None:
    # Each IUPAC code stands for a set of bases; its complement stands for the complements:
    # R = AG to Y = CT, K = GT to M = AC, B = CGT to V = ACG, D = AGT to H = ACT; S, W and N stay.
    assert reverse_complement("ACGTRYKMBDHVSWN") == "NWSBDHVKMRYACGT"
    assert reverse_complement("acgtn") == "nacgt"


@given(bases=st.text("ACGTNRYKMBDHVSWacgtn"))
def test_reverse_complement_twice_is_the_sequence(bases: str) -> None:
    assert reverse_complement(reverse_complement(bases)) == bases
