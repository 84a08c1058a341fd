"""Explanations made by hand, for the tests of this folder."""

from made_scores import ATAC, ATAC_ACTIVE, JUNCTIONS, RNA, gene, tracks

from vep_cli.explanation import (
    Alignment,
    Explanation,
    RowExplanation,
    ScorerExplanation,
    TrackScore,
    alignment_of,
)
from vep_cli.genome.alleles import Allele, AlleleFlag, AlleleStatus
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.genome.variant_text import parse_variant
from vep_cli.genome.window import Window
from vep_cli.scoring.scorer import RowLabel, Scorer

INTERVAL = Interval(chromosome="chr1", start=50, end=150)


def score(
    scorer: Scorer, raw: float, *, junction: Interval | None = None, quantile: float | None = None
) -> TrackScore:
    """A score of a '+' track; REF is 1 and ALT 2."""
    return TrackScore(
        track=tracks(scorer.output_type, "+")[0],
        junction=junction,
        reference=1.0,
        alternate=2.0,
        raw=raw,
        quantile=quantile,
        spread=None,
    )


def row(
    *scores: TrackScore, name: str | None = None, regions: tuple[tuple[int, int], ...] = ((90, 100),)
) -> RowExplanation:
    return RowExplanation(
        label=RowLabel(gene=gene(name=name) if name else None),
        regions=tuple(Interval(chromosome="chr1", start=start, end=end) for start, end in regions),
        strongest=scores,
    )


def alignment(reference: str, alternate: str) -> Alignment:
    return alignment_of(variant(reference, alternate), INTERVAL)


def variant(reference: str, alternate: str) -> Variant:
    return Variant(chromosome="chr1", position=100, reference_bases=reference, alternate_bases=alternate)


def explained(
    *scorers: ScorerExplanation, reference: str = "A", alternate: str = "C", left_out: str | None = None
) -> Explanation:
    """A variant at chr1:100, in a window of 100 bases, that was asked for as `1:101:...`."""
    one = variant(reference, alternate)
    bases = "A" * INTERVAL.width
    return Explanation(
        record=parse_variant(f"1:101:{reference}:{alternate}"),
        allele=Allele(text=alternate, status=AlleleStatus.PASS, variant=one, flags=(AlleleFlag.NORMALIZED,)),
        reference_bases=reference,
        window=Window(variant=one, interval=INTERVAL, reference_bases=bases, alternate_bases=bases),
        alignment=alignment_of(one, INTERVAL),
        scorers=scorers,
        left_out={"POLYADENYLATION": left_out} if left_out else {},
        run=(("version", "1"), ("weights", "toy")),
    )


def unscored() -> Explanation:
    return Explanation(
        record=parse_variant("1:101:G:C"),
        allele=Allele(text="C", status=AlleleStatus.REF_MISMATCH),
        reference_bases="A",
        window=None,
        alignment=None,
        scorers=(),
        left_out={},
        run=(),
    )


FULL = explained(
    ScorerExplanation(scorer=ATAC, rows=(row(score(ATAC, -0.5, quantile=-0.25)),)),
    ScorerExplanation(
        scorer=RNA,
        rows=(
            row(score(RNA, 0.125), name="WEAK"),
            row(score(RNA, -3.0), name="STRONG", regions=((50, 60), (70, 75), (80, 81), (90, 91), (95, 99))),
            row(name="NONE", regions=()),
        ),
    ),
    ScorerExplanation(
        scorer=JUNCTIONS,
        rows=(
            row(
                score(JUNCTIONS, 0.75, junction=Interval(chromosome="chr1", start=91, end=99)), name="STRONG"
            ),
        ),
    ),
    ScorerExplanation(scorer=ATAC_ACTIVE, rows=()),
    left_out="needs a table",
)
