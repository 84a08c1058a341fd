"""Reads an input as a run would, and tells what would become of it."""

import dataclasses
from collections.abc import Callable

from vep_cli.check.observers import (
    ContigNames,
    Examples,
    Order,
    ReferenceAgreement,
    Repeats,
    WindowSharing,
)
from vep_cli.genome.allele_flags import flagged
from vep_cli.genome.alleles import Allele, AlleleStatus, read_alleles
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.builds import StatedBuild, build_of_lengths, stated_build
from vep_cli.genome.contigs import find_contig
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.regions import chosen_regions
from vep_cli.genome.unknown_bases import UnknownBases
from vep_cli.genome.vcf_reader import VcfReader
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.pipeline import SPELLINGS, Preparation, run_annotation, window_placement
from vep_cli.scoring.applicability import depends_on_prediction, will_score
from vep_cli.scoring.scored_record import ScoredAllele, ScoredRecord
from vep_cli.statistics import Statistics

_Planned = tuple[Allele, Interval | None]
"""An allele and the window that it would be scored in, if it would."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Findings:
    """What an input is like.

    Attributes:
        source: Path of the input, or 'standard input'.
        fasta: Path of the reference.
        statistics: The counts that a run would end with, if all predictions are finite.
        is_bound: Whether some of the alleles that are counted as scored may have no score: it takes the
            prediction to know whether there is an intron to score.
        malformed: Lines that are no records.
        contigs: Their names.
        agreement: Of REF with the reference sequence.
        order: Of the records.
        repeats: Alleles that were there before.
        sharing: Windows and genes of the alleles that would be scored.
        has_genes: Whether there is an annotation to count genes of.
        stated_build: The build that the input's header tells of, if it does.
        reference_build: The build that the lengths of the reference's contigs tell, if they do.
    """

    source: str
    fasta: str
    statistics: Statistics
    is_bound: bool
    malformed: Examples
    contigs: ContigNames
    agreement: ReferenceAgreement
    order: Order
    repeats: Repeats
    sharing: WindowSharing
    has_genes: bool
    stated_build: StatedBuild | None
    reference_build: str | None

    @property
    def is_of_other_build(self) -> bool:
        """Whether the input and the reference say that they are of different builds."""
        stated, found = self.stated_build, self.reference_build
        return stated is not None and found is not None and stated.name != found


def inspect(prepared: Preparation, *, after_record: Callable[[Statistics], None]) -> Findings:
    """Read all records and tell what `pipeline.run` would do with them.

    Args:
        prepared: What `pipeline.prepare` returned; its output is not asked for.
        after_record: Told of the counts after each record.

    Raises:
        VepError: A file cannot be read, or ends in the middle.
    """
    settings = prepared.settings
    regions = chosen_regions(settings.regions, settings.regions_file)
    with Reference(settings.genome.fasta) as reference, VcfReader(settings.source, regions) as records:
        annotation = run_annotation(prepared, reference)
        planner = _Planner(prepared, reference, annotation)
        findings = _nothing_yet(prepared, records, reference, annotation)
        for record in records:
            _see(findings, record, planner.alleles(record), reference)
            after_record(findings.statistics)
        records.tell_of_oddities()
        findings.statistics.blank_lines = records.blank_lines
    return findings


class _Planner:
    """Decides of each allele what would become of it, as `pipeline.plan` and the engine do.

    No window is read: what its sequences say, the count of their N says too.
    """

    def __init__(self, prepared: Preparation, reference: Reference, annotation: Annotation | None) -> None:
        self._placement = window_placement(prepared.settings)
        self._reference = reference
        self._spelling = SPELLINGS[prepared.settings.alleles]
        self._scorers = prepared.choice.scorers
        self._tracks = prepared.selection.tracks.by_output
        self._annotation = annotation
        self._unknown_bases = UnknownBases(reference)

    def alleles(self, record: VcfRecord) -> list[_Planned]:
        """Return the record's alleles with their final status and flags, and their windows."""
        alleles = read_alleles(record, self._reference, self._placement.room, self._spelling)
        return [self._planned(allele, record) for allele in alleles]

    def _planned(self, allele: Allele, record: VcfRecord) -> _Planned:
        variant = allele.variant
        if variant is None:
            return allele, None
        interval = self._placement.interval(variant)
        if not will_score(self._scorers, self._tracks, variant, interval, self._annotation):
            return dataclasses.replace(allele, status=AlleleStatus.NO_SCORE), None
        unknown_bases = self._unknown_bases.count(interval)
        return flagged(allele, variant, record, interval, unknown_bases, self._reference), interval


def _nothing_yet(
    prepared: Preparation, records: VcfReader, reference: Reference, annotation: Annotation | None
) -> Findings:
    return Findings(
        source=records.name,
        fasta=str(prepared.settings.genome.fasta),
        statistics=Statistics(),
        is_bound=depends_on_prediction(prepared.choice.scorers),
        malformed=Examples(),
        contigs=ContigNames(),
        agreement=ReferenceAgreement(reference),
        order=Order(),
        repeats=Repeats(),
        sharing=WindowSharing(annotation),
        has_genes=annotation is not None,
        stated_build=stated_build(records.header),
        reference_build=build_of_lengths(reference.lengths),
    )


def _see(findings: Findings, record: VcfRecord, planned: list[_Planned], reference: Reference) -> None:
    alleles = tuple(allele for allele, _ in planned)
    scored = tuple(ScoredAllele(allele=allele) for allele in alleles)
    findings.statistics.count(ScoredRecord(record=record, alleles=scored))
    if record.problem is not None:
        findings.malformed.add(record.line_number, record.problem)
        return
    spelling = find_contig(record.chromosome, reference.lengths)
    findings.contigs.see(record, spelling)
    findings.order.see(record)
    findings.agreement.see(record, alleles, spelling)
    findings.repeats.see(record, alleles, spelling)
    for allele, interval in planned:
        if allele.variant is not None and interval is not None:
            findings.sharing.see(allele.variant, interval)
