"""Windows and planned records of the toy genome, for the tests of this folder."""

import pathlib

from toy_inputs import WINDOW, toy_tracks

from vep_cli.genome.alleles import read_alleles
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.vcf_record import parse_record
from vep_cli.genome.window import Window, build_window, centred_interval
from vep_cli.inference.stream import PlannedRecord
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable


def human_tracks(*outputs: OutputType) -> TrackTable:
    return TrackTable(tuple(toy_tracks())).where(
        lambda track: track.organism == "human" and track.output_type in (outputs or tuple(OutputType))
    )


def toy_window(reference: Reference, chromosome: str, position: int, before: str, after: str) -> Window:
    variant = Variant(chromosome=chromosome, position=position, reference_bases=before, alternate_bases=after)
    return build_window(variant, centred_interval(variant, WINDOW), reference)


def planned(fasta: pathlib.Path, *lines: str) -> list[PlannedRecord]:
    """Records from `CHROM POS REF ALT`, separated by spaces."""
    records = []
    with Reference(fasta) as reference:
        for number, line in enumerate(lines, start=1):
            chromosome, position, before, alternates = line.split(" ")
            text = "\t".join((chromosome, position, ".", before, alternates, ".", ".", ".")) + "\n"
            record = parse_record(text, number)
            alleles = read_alleles(record, reference, WINDOW)
            windows = tuple(
                None
                if allele.variant is None
                else build_window(allele.variant, centred_interval(allele.variant, WINDOW), reference)
                for allele in alleles
            )
            records.append(PlannedRecord(record=record, alleles=alleles, windows=windows))
    return records
