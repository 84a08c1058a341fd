"""What the scorers with names measure, in a line each, for a reader who looks for one."""

from vep_cli.scoring.polyadenylation import PolyadenylationScorer
from vep_cli.scoring.scorer import Scorer

_CHANGE = {
    "ATAC": "change of chromatin accessibility round the variant, by ATAC-seq",
    "CONTACT_MAPS": "change of the variant's contacts with the rest of the window",
    "DNASE": "change of chromatin accessibility round the variant, by DNase-seq",
    "CHIP_TF": "change of transcription factor binding round the variant",
    "CHIP_HISTONE": "change of histone marks round the variant",
    "CAGE": "change of transcription initiation round the variant, by CAGE",
    "PROCAP": "change of transcription initiation round the variant, by PRO-cap",
    "RNA_SEQ": "change of the expression of each gene that starts in the window",
    "SPLICE_SITES": "largest change of a splice site's probability in each gene that the variant touches",
    "SPLICE_SITES_LOG": "largest change of the logarithm of a splice site's probability, likewise",
    "SPLICE_SITE_USAGE": "largest change of a splice site's usage in each gene that the variant touches",
    "SPLICE_JUNCTIONS": "change of the introns that change most in each protein-coding gene that it touches",
    "POLYADENYLATION": "shift between the polyadenylation sites of each gene that the variant touches",
}
_LEVEL = {
    "ATAC_ACTIVE": "chromatin accessibility round the variant, by ATAC-seq",
    "DNASE_ACTIVE": "chromatin accessibility round the variant, by DNase-seq",
    "CHIP_TF_ACTIVE": "transcription factor binding round the variant",
    "CHIP_HISTONE_ACTIVE": "histone marks round the variant",
    "CAGE_ACTIVE": "transcription initiation round the variant, by CAGE",
    "PROCAP_ACTIVE": "transcription initiation round the variant, by PRO-cap",
    "RNA_SEQ_ACTIVE": "expression of each gene that starts in the window",
}


def measured(scorer: Scorer) -> str:
    """Return what a scorer measures that is recommended, or one of our own.

    Raises:
        KeyError: The scorer is another.
    """
    if scorer.is_difference:
        return _CHANGE[scorer.name]
    return f"{_LEVEL[scorer.name]}, in the allele that has more"


def kind(scorer: Scorer) -> str:
    """Return 'signed', 'magnitude' or 'level'."""
    if not scorer.is_difference:
        return "level"
    return "signed" if scorer.is_signed else "magnitude"


def needs(scorer: Scorer) -> str:
    """Return the options without which a scorer is left out, or 'nothing'."""
    options = ["--gtf"] if scorer.needs_annotation else []
    if isinstance(scorer, PolyadenylationScorer):
        options.append("--polya")
    return " ".join(options) or "nothing"
