"""What a scorer's official spelling says of it, and the words that its scores are told in.

A VCF of ours has these words; a table has the official spelling of the scorer alone, and gets them here.
Nothing here knows the scorers themselves, which take jax: the tests compare the two.
"""

import dataclasses
import re
from collections.abc import Mapping

_SUBJECT = {
    "ATAC": "accessibility",
    "DNASE": "accessibility",
    "CHIP_TF": "binding",
    "CHIP_HISTONE": "histone_mark",
    "CAGE": "initiation",
    "PROCAP": "initiation",
    "RNA_SEQ": "expression",
    "SPLICE_SITES": "splice_site",
    "SPLICE_SITE_USAGE": "splice_usage",
    "SPLICE_JUNCTIONS": "splice_junction",
    "CONTACT_MAPS": "contact",
}
_RECOMMENDED_WIDTH = {"CHIP_HISTONE": "2001"} | dict.fromkeys(
    ("ATAC", "DNASE", "CHIP_TF", "CAGE", "PROCAP"), "501"
)
_MAGNITUDES = frozenset(
    ("SPLICE_SITES", "SPLICE_SITE_USAGE", "SPLICE_JUNCTIONS", "CONTACT_MAPS"),
)

MODALITIES = tuple(_SUBJECT)
"""The kinds of prediction, in the order of a report: from the open chromatin to the finished RNA."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScorerWords:
    """A scorer, for people.

    Attributes:
        name: As in a VCF, such as 'ATAC' or 'ATAC:2001:DIFF_MEAN'.
        subject: What changes, such as 'accessibility'.
        is_signed: Whether a score says gain or loss, and not the size of a change alone.
        is_difference: Whether a score compares ALT with REF; else it is a level.
    """

    name: str
    subject: str
    is_signed: bool
    is_difference: bool = True

    def consequence(self, score: float) -> str:
        """Return a score's direction and kind, such as 'accessibility_gain' (docs/output.md)."""
        if not self.is_difference:
            return f"{self.subject}_level"
        if score == 0:
            return "no_change"
        if not self.is_signed:
            return f"{self.subject}_change"
        return f"{self.subject}_gain" if score > 0 else f"{self.subject}_loss"


def words_of_modality(modality: str) -> ScorerWords:
    """Return the words of a modality's own scorer, the one that `VE_<MODALITY>` is of.

    Args:
        modality: One of `MODALITIES`.
    """
    return ScorerWords(
        name=modality, subject=_subject(modality), is_signed=modality in _SUBJECT and not _is_size(modality)
    )


def words_of(official: str, modality: str) -> ScorerWords:
    """Return the words of a scorer by its official spelling; one that is not known goes by that spelling.

    Args:
        official: Such as 'CenterMaskScorer(requested_output=ATAC, width=501, aggregation_type=ACTIVE_SUM)'.
        modality: What it reads.
    """
    match = re.fullmatch(r"(\w+)\((.*)\)", official)
    family = match[1] if match else ""
    arguments = dict(re.findall(r"(\w+)=([^,\s]+)", match[2])) if match else {}
    match family:
        case "CenterMaskScorer":
            return _center_mask(modality, arguments)
        case "GeneMaskLFCScorer":
            name = modality if modality == "RNA_SEQ" else f"{modality}_GENE_LFC"
            return ScorerWords(name=name, subject=_subject(modality), is_signed=True)
        case "GeneMaskActiveScorer":
            return ScorerWords(
                name=f"{modality}_ACTIVE", subject=_subject(modality), is_signed=False, is_difference=False
            )
        case "GeneMaskSplicingScorer":
            name = f"{modality}_LOG" if arguments.get("scale") == "log" else modality
            return ScorerWords(name=name, subject=_subject(modality), is_signed=False)
        case "PolyadenylationScorer":
            return ScorerWords(name="POLYADENYLATION", subject="polyadenylation", is_signed=False)
        case "SpliceJunctionScorer" | "ContactMapScorer":
            return words_of_modality(modality)
    return ScorerWords(name=official or modality, subject=_subject(modality), is_signed=False)


def _center_mask(modality: str, arguments: Mapping[str, str]) -> ScorerWords:
    width, aggregation = arguments.get("width", ""), arguments.get("aggregation_type", "")
    suffix = {"DIFF_LOG2_SUM": "", "ACTIVE_SUM": "_ACTIVE"}.get(aggregation)
    if suffix is not None and width == _RECOMMENDED_WIDTH.get(modality):
        name = f"{modality}{suffix}"
    else:
        name = f"{modality}:{width.replace('None', 'none')}:{aggregation}"
    return ScorerWords(
        name=name,
        subject=_subject(modality),
        is_signed=aggregation.startswith("DIFF_"),
        is_difference=not aggregation.startswith("ACTIVE_"),
    )


def _subject(modality: str) -> str:
    return _SUBJECT.get(modality, modality.lower())


def _is_size(modality: str) -> bool:
    return modality in _MAGNITUDES
