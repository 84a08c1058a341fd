"""What a run was asked to do, as the command line hands it to the pipeline."""

import dataclasses
import pathlib

from vep_cli.genome.registry import Genome

DEFAULT_WINDOW = 1_048_576


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoreSettings:
    """Settings of `vep score`.

    Attributes:
        source: Path of the variants, or '-'.
        output: Path of the scores, or '-'; the suffix says the format, VCF where it says none.
        genome: The reference and its genes; without genes, gene scorers are left out.
        weights: The weights folders; scores are averaged over several.
        tissues: As users name them; none means all tracks.
        modalities: As users name them; none means all that have a scorer.
        polyadenylation: Table of polyadenylation sites; without it, POLYADENYLATION is left out.
        alleles: 'normalized' trims and left-aligns every allele before it is scored; 'as-written' does not.
        window: Base pairs that the network sees.
        precision: Number format of the network, one of `model.precision.Precision`.
        device: One of `inference.devices.DEVICES`.
        batch_size: Sequences per call of the device.
        command: The command line, for the output's header.
    """

    source: str
    output: str
    genome: Genome
    weights: tuple[pathlib.Path, ...]
    tissues: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    polyadenylation: pathlib.Path | None = None
    alleles: str = "normalized"
    window: int = DEFAULT_WINDOW
    precision: str = "float32"
    device: str = "auto"
    batch_size: int = 1
    command: str = ""
