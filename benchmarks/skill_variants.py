"""Variants of a saturation experiment, and how probabilities of splice sites become one score of each."""

import csv
import dataclasses
import pathlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from jaxtyping import Float

from vep_cli.genome.variant import Variant
from vep_cli.scoring.splicing import LOG_FLOOR

REACH = 50
"""Bases to either side of a variant whose probabilities count."""

SPLICE_REGION, DAMAGING, HARMLESS = "Splice region", "LOF", "FUNC"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Assayed:
    """One variant with what the experiment says.

    Attributes:
        variant: The variant.
        is_damaging: Whether the gene lost its function.
    """

    variant: Variant
    is_damaging: bool


def read_assayed(path: pathlib.Path, consequence: str = SPLICE_REGION) -> tuple[Assayed, ...]:
    """Return the variants of one consequence that are either damaging or harmless.

    The file has the columns #CHROM, POS (1-based), REF, ALT, consequence and class, separated by tabs.
    """
    with path.open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["consequence"] == consequence]
    return tuple(
        Assayed(
            variant=Variant(
                chromosome=row["#CHROM"],
                position=int(row["POS"]),
                reference_bases=row["REF"],
                alternate_bases=row["ALT"],
            ),
            is_damaging=row["class"] == DAMAGING,
        )
        for row in rows
        if row["class"] in (DAMAGING, HARMLESS)
    )


Probabilities = Float[np.ndarray, "bases kinds"]


def largest_difference(reference: Probabilities, alternate: Probabilities) -> float:
    """Return the largest change of a probability, of either sign."""
    return float(np.abs(alternate - reference).max())


def largest_log_difference(reference: Probabilities, alternate: Probabilities) -> float:
    """Return the largest change of the logarithm of a probability, of either sign."""
    return float(np.abs(np.log(alternate + LOG_FLOOR) - np.log(reference + LOG_FLOOR)).max())


FORMULAS: Mapping[str, Callable[[Probabilities, Probabilities], float]] = {
    "difference": largest_difference,
    "difference of logarithms": largest_log_difference,
}


def scores_of(
    alleles: Sequence[tuple[Probabilities, Probabilities]],
) -> dict[str, Float[np.ndarray, " variants"]]:
    """Return the scores of variants by formula, from the probabilities of REF and of ALT near each."""
    return {
        name: np.array([formula(reference, alternate) for reference, alternate in alleles])
        for name, formula in FORMULAS.items()
    }
