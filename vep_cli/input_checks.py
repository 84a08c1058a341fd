"""What a run tells its user about the input as it goes by: each thing once, or a few times at most."""

import logging
import pathlib

from vep_cli.genome.alleles import Allele, AlleleStatus
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.statistics import Statistics

logger = logging.getLogger(__name__)

MAX_WARNINGS = 20
"""Warnings of one kind, before they are only counted."""

FIRST_RECORDS = 100
"""Records whose REF is compared with the reference sequence before its build is called into question."""

SIGNS_OF_ANOTHER_BUILD = frozenset((AlleleStatus.REF_MISMATCH, AlleleStatus.OFF_CONTIG))
COMPARED = SIGNS_OF_ANOTHER_BUILD | {AlleleStatus.PASS, AlleleStatus.REF_N}


class InputChecks:
    """Watches records go by and logs what the user can mend."""

    def __init__(self, source: str, fasta: pathlib.Path) -> None:
        """Begin.

        Args:
            source: What messages call the variants.
            fasta: The reference that they are compared with.
        """
        self._source = source
        self._fasta = fasta
        self._records = 0
        self._malformed = 0
        self._contigs: set[str] = set()
        self._has_known_contig = False
        self._renamed = False
        self._compared = 0
        self._mismatched = 0
        self._unknown = 0

    def pass_over(self, counts: Statistics) -> None:
        """Take note of records that an earlier run has looked at, and told of."""
        self._records += counts.records
        without = counts.statuses[AlleleStatus.UNKNOWN_CONTIG] + counts.statuses[AlleleStatus.MALFORMED]
        self._has_known_contig |= counts.alleles > without

    def see(self, record: VcfRecord, alleles: tuple[Allele, ...]) -> None:
        """Look at one record and what its alleles were found to be."""
        self._records += 1
        if record.problem is not None:
            self._see_malformed(record.line_number, record.problem)
            return
        self._see_contig(record.chromosome, alleles)
        statuses = {allele.status for allele in alleles}
        if statuses & COMPARED:
            self._see_reference(statuses)

    def finish(self) -> None:
        """Say what can only be said at the end."""
        if self._records == 0:
            logger.warning("%s has no records", self._source)
        if self._malformed > MAX_WARNINGS:
            logger.warning("%d more lines are not VCF records", self._malformed - MAX_WARNINGS)
        if len(self._contigs) > MAX_WARNINGS:
            logger.warning("%d more contigs are not in the reference", len(self._contigs) - MAX_WARNINGS)
        if self._contigs and not self._has_known_contig:
            logger.warning(
                "no contig of %s is in the reference %s: --genome and --fasta choose another",
                self._source,
                self._fasta,
            )
        if 0 < self._compared < FIRST_RECORDS:
            self._judge_build()

    def _see_malformed(self, line: int, problem: str) -> None:
        self._malformed += 1
        if self._malformed <= MAX_WARNINGS:
            logger.warning("%s:%d: not a VCF record, passed on as it is: %s", self._source, line, problem)

    def _see_contig(self, name: str, alleles: tuple[Allele, ...]) -> None:
        is_unknown = any(allele.status is AlleleStatus.UNKNOWN_CONTIG for allele in alleles)
        self._has_known_contig |= not is_unknown
        if is_unknown:
            if name not in self._contigs and len(self._contigs) < MAX_WARNINGS:
                logger.warning("contig %r is not in the reference %s", name, self._fasta)
            self._contigs.add(name)
        spelling = next((allele.variant.chromosome for allele in alleles if allele.variant), name)
        if spelling != name and not self._renamed:
            self._renamed = True
            logger.info("contigs go by other names in the reference: %s is its %s", name, spelling)

    def _see_reference(self, statuses: set[AlleleStatus]) -> None:
        self._compared += 1
        self._mismatched += bool(statuses & SIGNS_OF_ANOTHER_BUILD)
        self._unknown += AlleleStatus.REF_N in statuses
        if self._compared == FIRST_RECORDS:
            self._judge_build()

    def _judge_build(self) -> None:
        if 2 * self._mismatched > self._compared:
            logger.warning(
                "REF differs from the reference sequence in %d of the first %d records: wrong genome build? "
                "Compare that of %s with that of %s; --genome and --fasta choose another",
                self._mismatched,
                self._compared,
                self._source,
                self._fasta,
            )
        if 2 * self._unknown > self._compared:
            logger.warning(
                "the reference sequence is N in %d of the first %d records: wrong genome build, or repeats "
                "masked by N? Compare %s with the reference of %s; --genome and --fasta choose another",
                self._unknown,
                self._compared,
                self._fasta,
                self._source,
            )
