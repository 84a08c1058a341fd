"""A run over one VCF with neither genome nor network: the product's reader, plan and writer, and no scores.

The reference sequence agrees with whatever REF a record has, so that every allele that can be spelt
passes, on any contig. Used by `conformance.py` and `fuzz.py`.
"""

import dataclasses
import pathlib
from collections.abc import Iterable, Iterator
from typing import cast

from vep_cli.errors import VepError
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.registry import Genome
from vep_cli.genome.vcf_reader import VcfReader
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.input_checks import InputChecks
from vep_cli.pipeline import plan
from vep_cli.scoring.scored_record import ScoredAllele, ScoredRecord
from vep_cli.settings import ScoreSettings
from vep_cli.statistics import Statistics
from vep_cli.writers.vcf_writer import VcfWriter

WINDOW = 4096

_CONTIG_LENGTH = 1 << 33
"""Longer than any POS that a record can have."""

_BACKGROUND = "ACGTTGCAAGCTTCGATACG"


class _EveryContig:
    """Lengths of contigs, of which there are all."""

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> int:
        return _CONTIG_LENGTH


class AgreeingReference:
    """Stands in for the genome: its sequence has the REF of the record that is looked at."""

    lengths = _EveryContig()

    def __init__(self) -> None:
        self._start = 0
        self._bases = ""

    def agree_with(self, records: Iterable[VcfRecord]) -> Iterator[VcfRecord]:
        """Yield the records, and agree with each as long as it is the last."""
        for record in records:
            self._bases = "" if record.problem is not None else record.reference.upper()
            self._start = record.position - 1
            yield record

    def fetch(self, interval: Interval) -> str:
        """Return bases without an N, but for those of REF and those left of the contig."""
        left = "N" * min(max(-interval.start, 0), interval.width)
        start = max(interval.start, 0)
        turn = start % len(_BACKGROUND)
        width = interval.end - start
        bases = (_BACKGROUND * (width // len(_BACKGROUND) + 2))[turn : turn + width]
        first, last = max(start, self._start), min(interval.end, self._start + len(self._bases))
        if first < last:
            there = self._bases[first - self._start : last - self._start]
            bases = bases[: first - start] + there + bases[last - start :]
        return left + bases


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one input.

    Attributes:
        statistics: The counts; of what came before the error, if there was one.
        output: The annotated VCF so far, with surrogates for bytes that are no UTF-8.
        error: What the run ended with, or None.
    """

    statistics: Statistics
    output: str
    error: VepError | None


def run(path: pathlib.Path, reference: Reference | None = None) -> Outcome:
    """Read a file, check every allele and write it back; only errors that a user can mend are caught.

    Args:
        path: The file.
        reference: The genome; None for one that agrees with every record.
    """
    statistics, written = Statistics(), list[str]()
    try:
        with VcfReader(str(path)) as reader:
            writer = VcfWriter((), [("version", "stubbed")])
            written.append(writer.begin(reader.header))
            checks = InputChecks(reader.name, pathlib.Path("agreeing"))
            for record in _planned(reader, reference):
                checks.see(record.record, tuple(scored.allele for scored in record.alleles))
                written.append(writer.format(record))
                statistics.count(record)
            checks.finish()
            reader.tell_of_oddities()
            statistics.blank_lines = reader.blank_lines
    except VepError as error:
        return Outcome(statistics=statistics, output="".join(written), error=error)
    return Outcome(statistics=statistics, output="".join(written), error=None)


def _planned(reader: VcfReader, reference: Reference | None) -> Iterator[ScoredRecord]:
    agreeing = AgreeingReference()
    records = agreeing.agree_with(reader) if reference is None else reader
    genome = Genome(name="", fasta=pathlib.Path("agreeing"), gtf=None, organism="human", source="")
    settings = ScoreSettings(source="-", output="-", genome=genome, weights=(), window=WINDOW)
    for planned in plan(records, cast(Reference, reference or agreeing), settings):
        alleles = tuple(ScoredAllele(allele=allele) for allele in planned.alleles)
        yield ScoredRecord(record=planned.record, alleles=alleles)
