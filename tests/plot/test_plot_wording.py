import pytest

from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.plot.wording import (
    is_mechanistic,
    number,
    panel_subtitles,
    panel_title,
    subtitle,
    variant_title,
)


def track(output: OutputType = OutputType.RNA_SEQ, **fields: str) -> Track:
    return Track(**{"organism": "human", "output_type": output, "index": 0, "name": "t", **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("output", list(OutputType))
def test_every_kind_has_a_title(output: OutputType) -> None:
    assert panel_title(track(output))[0].isupper()


@pytest.mark.parametrize(
    ("one", "title"),
    [
        (track(strand="+"), "RNA-seq (+)"),
        (track(strand="-"), "RNA-seq (\N{MINUS SIGN})"),
        (track(OutputType.ATAC, strand="."), "ATAC-seq"),
        (track(OutputType.CHIP_HISTONE, histone_mark="H3K27ac"), "H3K27ac"),
        (track(OutputType.CHIP_TF, transcription_factor="CTCF"), "CTCF"),
        (track(OutputType.SPLICE_SITES, name="donor", strand="-"), "Splice donors (\N{MINUS SIGN})"),
        (track(OutputType.SPLICE_JUNCTIONS, strand="+"), "Splice junctions"),
        (track(OutputType.CHIP_TF, transcription_factor="x" * 99), "x" * 25 + "…"),
    ],
)
def test_titles(one: Track, title: str) -> None:
    assert panel_title(one) == title


@pytest.mark.parametrize(
    ("supervision", "words"),
    [
        ("experiment", ("liver",)),
        ("mechanistic", ("liver", "mechanistic")),
        ("none", ("liver", "not trained")),
        ("distilled:CI-SpliceAI", ("liver", "distilled: CI-SpliceAI")),
        ("annotation", ("liver", "gene annotation")),
        ("", ("liver",)),
    ],
)
def test_what_a_track_was_learnt_from(supervision: str, words: tuple[str, ...]) -> None:
    one = track(biosample_name="liver", supervision=supervision)
    assert panel_subtitles(one) == words
    assert is_mechanistic(one) == (supervision == "mechanistic")


def test_a_track_without_a_tissue_has_no_line_for_it() -> None:
    assert panel_subtitles(track()) == ()


@pytest.mark.parametrize(
    ("reference", "alternate", "words"),
    [
        ("C", "G", "chr6:32,039,081 C>G"),
        ("CA", "GT", "chr6:32,039,081 CA>GT"),
        ("C", "CTG", "chr6:32,039,081 C>CTG (2-bp insertion)"),
        ("ACGTACGTACGTA", "A", "chr6:32,039,081 ACGTAC…GTA>A (12-bp deletion)"),
    ],
)
def test_variants(reference: str, alternate: str, words: str) -> None:
    variant = Variant(
        chromosome="chr6", position=32_039_081, reference_bases=reference, alternate_bases=alternate
    )
    assert variant_title(variant) == words


def test_subtitle() -> None:
    liver, brain, none = (track(biosample_name=name) for name in ("liver", "brain", ""))
    dot = "  \N{MIDDLE DOT}  "
    assert subtitle(["A", "B"], [liver, none, brain, liver]) == f"A, B{dot}liver, brain"
    assert subtitle([], [none]) == "in no gene"
    assert subtitle("ABCDEF", [liver]) == f"A, B, C, D and 2 more{dot}liver"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"),
        (1.0, "1.0"),
        (0.123, "0.12"),
        (0.5, "0.50"),
        (9.94, "9.9"),
        (12.6, "13"),
        (1234.5, "1,234"),
        (0.00012, "1e-04"),
    ],
)
def test_numbers(value: float, words: str) -> None:
    assert number(value) == words
