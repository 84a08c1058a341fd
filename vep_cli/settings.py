"""What a run was asked to do, as the command line hands it to the pipeline."""

import dataclasses
import pathlib

from vep_cli.genome.registry import Genome

DEFAULT_WINDOW = 1_048_576

DEFAULT_INTERVAL_WIDTH = 200_001
"""Base pairs round an interval's centre in which genes have to start, as the official scorer has it."""

DEFAULT_PANELS = 12
"""Tracks in a figure: what fills a page."""


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
        scorers: As users spell them, see `scoring.spelling`; none means the recommended that can be used.
        ontologies: Ontology identifiers, exactly; none means all tracks.
        track_names: Names of tracks, with '*' and '?'; none means all.
        strands: Of '+', '-' and '.'; none means all.
        polyadenylation: Table of polyadenylation sites; without it, POLYADENYLATION is left out.
        splice_sites: Tables of known splice sites; none means the edges of the annotation's introns.
        alleles: 'normalized' trims and left-aligns every allele before it is scored; 'as-written' does not.
        window: Base pairs that the network sees.
        window_mode: 'centered' on the variant, or 'snapped' to a grid, so that neighbours share a window.
        precision: Number format of the network, one of `model.precision.Precision`.
        device: One of `inference.devices.DEVICES`.
        devices: How many of them, 'all', or 'auto': see `inference.devices.choose_devices`.
        top: The strongest scores per allele, scorer and gene; None for as many as the format has by itself.
        all_tracks: Every score, in a VCF too; not together with `top`.
        min_score: Magnitude below which scores are left out; None leaves out none.
        quantiles: Whether scores have quantiles where there is a calibration.
        calibration: A calibration's file, in the place of the weights' own.
        regions: Only the records that overlap one of these, as bcftools writes them; none means all.
        regions_file: Only the records that overlap a line of this BED file, or one of `regions`.
        resume: Go on with what a run that was killed has left beside the output.
        shard: Which part of the input, '2/5'; None for all of it.
        phased: The sample on whose haplotypes the alleles that it carries are scored; None for the reference.
        phased_from: The file that has the sample's genotypes; None for the source itself.
        command: The command line, for the output's header.
    """

    source: str
    output: str
    genome: Genome
    weights: tuple[pathlib.Path, ...]
    tissues: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    scorers: tuple[str, ...] = ()
    ontologies: tuple[str, ...] = ()
    track_names: tuple[str, ...] = ()
    strands: tuple[str, ...] = ()
    polyadenylation: pathlib.Path | None = None
    splice_sites: tuple[pathlib.Path, ...] = ()
    alleles: str = "normalized"
    window: int = DEFAULT_WINDOW
    window_mode: str = "centered"
    precision: str = "float32"
    device: str = "auto"
    devices: str = "auto"
    top: int | None = None
    all_tracks: bool = False
    min_score: float | None = None
    quantiles: bool = True
    calibration: pathlib.Path | None = None
    regions: tuple[str, ...] = ()
    regions_file: pathlib.Path | None = None
    resume: bool = False
    shard: str | None = None
    phased: str | None = None
    phased_from: pathlib.Path | None = None
    command: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class IntervalScoreSettings:
    """Settings of `vep score-interval`.

    Attributes:
        source: Path of a BED file, '-', or a region, `chr1:1001-2000`.
        output: Path of the table, or '-'.
        genome: The reference and its genes.
        weights: The weights folder.
        tissues: As users name them; none means all tracks.
        modalities: As users name them; none means all that are predicted along the window.
        ontologies: Ontology identifiers, exactly; none means all tracks.
        track_names: Names of tracks, with '*' and '?'; none means all.
        strands: Of '+', '-' and '.'; none means all.
        width: Base pairs round the interval's centre in which genes have to start.
        aggregation: 'mean' or 'sum', over the exons' bases.
        window: Base pairs that the network sees.
        device: One of `inference.devices.DEVICES`.
    """

    source: str
    output: str
    genome: Genome
    weights: pathlib.Path
    tissues: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    ontologies: tuple[str, ...] = ()
    track_names: tuple[str, ...] = ()
    strands: tuple[str, ...] = ()
    width: int = DEFAULT_INTERVAL_WIDTH
    aggregation: str = "mean"
    window: int = DEFAULT_WINDOW
    device: str = "auto"


@dataclasses.dataclass(frozen=True, kw_only=True)
class PlotSettings:
    """Settings of `vep plot`.

    Attributes:
        output: Path of the figure, whose ending says the format.
        genome: The reference and its genes; without genes, none are drawn.
        weights: The weights folder.
        tissues: As users name them; none means the tissue that has most kinds of track.
        modalities: As users name them; none means all.
        ontologies: Ontology identifiers, exactly; none means as for tissues.
        track_names: Names of tracks, with '*' and '?'; none means as for tissues.
        strands: Of '+', '-' and '.'; none means those of the genes that the variant touches.
        splice_sites: Tables of known splice sites; none means the edges of the annotation's introns.
        alleles: 'normalized' trims and left-aligns the variant first; 'as-written' does not.
        window: Base pairs that the network sees.
        precision: Number format of the network, one of `model.precision.Precision`.
        device: One of `inference.devices.DEVICES`.
        around: Base pairs to show round the variant; None for a choice by the genes there.
        interval: What to show, as samtools writes regions; not together with `around`.
        panels: Panels to draw, at most.
    """

    output: str
    genome: Genome
    weights: pathlib.Path
    tissues: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    ontologies: tuple[str, ...] = ()
    track_names: tuple[str, ...] = ()
    strands: tuple[str, ...] = ()
    splice_sites: tuple[pathlib.Path, ...] = ()
    alleles: str = "normalized"
    window: int = DEFAULT_WINDOW
    precision: str = "float32"
    device: str = "auto"
    around: int | None = None
    interval: str | None = None
    panels: int = DEFAULT_PANELS


@dataclasses.dataclass(frozen=True, kw_only=True)
class PredictSettings:
    """Settings of `vep predict`.

    Attributes:
        region: As samtools writes regions.
        variant: As users write variants; None for the reference sequence alone.
        output: The folder for the files.
        genome: The reference.
        weights: The weights folder.
        tissues: As users name them; none means all tracks.
        modalities: As users name them; none means all.
        ontologies: Ontology identifiers, exactly; none means all tracks.
        track_names: Names of tracks, with '*' and '?'; none means all.
        strands: Of '+', '-' and '.'; none means all.
        alleles: 'normalized' trims and left-aligns the variant first; 'as-written' does not.
        window: Base pairs that the network sees.
        precision: Number format of the network, one of `model.precision.Precision`.
        device: One of `inference.devices.DEVICES`.
    """

    region: str
    variant: str | None
    output: pathlib.Path
    genome: Genome
    weights: pathlib.Path
    tissues: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    ontologies: tuple[str, ...] = ()
    track_names: tuple[str, ...] = ()
    strands: tuple[str, ...] = ()
    alleles: str = "normalized"
    window: int = DEFAULT_WINDOW
    precision: str = "float32"
    device: str = "auto"
