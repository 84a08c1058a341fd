"""The eleven kinds of track that the network predicts, and where each is predicted."""

import enum


class OutputType(enum.StrEnum):
    """A modality, by the official name that users type and that tables carry."""

    ATAC = "ATAC"
    CAGE = "CAGE"
    DNASE = "DNASE"
    RNA_SEQ = "RNA_SEQ"
    CHIP_HISTONE = "CHIP_HISTONE"
    CHIP_TF = "CHIP_TF"
    SPLICE_SITES = "SPLICE_SITES"
    SPLICE_SITE_USAGE = "SPLICE_SITE_USAGE"
    SPLICE_JUNCTIONS = "SPLICE_JUNCTIONS"
    CONTACT_MAPS = "CONTACT_MAPS"
    PROCAP = "PROCAP"

    @property
    def resolution(self) -> int:
        """Base pairs per bin of the prediction that scorers read (MODEL_SPEC section 3)."""
        return _RESOLUTION.get(self, 1)


_RESOLUTION = {
    OutputType.CHIP_HISTONE: 128,
    OutputType.CHIP_TF: 128,
    OutputType.CONTACT_MAPS: 2048,
}

GENOME_TRACKS = (
    OutputType.ATAC,
    OutputType.DNASE,
    OutputType.PROCAP,
    OutputType.CAGE,
    OutputType.RNA_SEQ,
    OutputType.CHIP_TF,
    OutputType.CHIP_HISTONE,
)
"""Output types predicted by the common genome-track head (softplus counts)."""
