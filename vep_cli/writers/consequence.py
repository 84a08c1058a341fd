"""What a score says, in one word of a small vocabulary (docs/output.md lists it)."""

import math

from vep_cli.model.output_type import OutputType
from vep_cli.scoring.scorer import Scorer

_SUBJECT = {
    OutputType.ATAC: "accessibility",
    OutputType.DNASE: "accessibility",
    OutputType.CHIP_TF: "binding",
    OutputType.CHIP_HISTONE: "histone_mark",
    OutputType.CAGE: "initiation",
    OutputType.PROCAP: "initiation",
    OutputType.RNA_SEQ: "expression",
    OutputType.SPLICE_SITES: "splice_site",
    OutputType.SPLICE_SITE_USAGE: "splice_usage",
    OutputType.SPLICE_JUNCTIONS: "splice_junction",
    OutputType.CONTACT_MAPS: "contact",
}
_SUBJECT_OF_SCORER = {"POLYADENYLATION": "polyadenylation"}


def consequence(scorer: Scorer, score: float) -> str:
    """Return for instance 'accessibility_gain'; 'no_change' for a score of zero.

    Signed scorers say gain or loss; those of magnitude say change.
    """
    subject = _SUBJECT_OF_SCORER.get(scorer.name) or _SUBJECT[scorer.output_type]
    if not scorer.is_difference:
        return f"{subject}_level"
    if score == 0 or math.isnan(score):
        return "no_change"
    if not scorer.is_signed:
        return f"{subject}_change"
    return f"{subject}_gain" if score > 0 else f"{subject}_loss"
