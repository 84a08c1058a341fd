"""A small indexed genome and VCF records of it, for the tests of this folder."""

import pathlib
from collections.abc import Mapping

import pysam

from vep_cli.genome.vcf_record import VcfRecord, parse_record


def write_genome(path: pathlib.Path, contigs: Mapping[str, str], width: int = 60) -> pathlib.Path:
    """Write and index a FASTA with `width` bases a line."""
    lines = []
    for name, bases in contigs.items():
        lines += [f">{name}", *(bases[start : start + width] for start in range(0, len(bases), width))]
    path.write_text("\n".join(lines) + "\n")
    pysam.faidx(str(path))
    return path


def compress_genome(plain: pathlib.Path) -> pathlib.Path:
    """Write and index the same FASTA as BGZF, beside it."""
    bgzipped = plain.with_name(plain.name + ".gz")
    pysam.tabix_compress(str(plain), str(bgzipped), force=True)
    pysam.faidx(str(bgzipped))
    return bgzipped


def record(chromosome: str, position: int, reference: str, alternates: str) -> VcfRecord:
    """Return a VCF record without anything else in it."""
    return parse_record(f"{chromosome}\t{position}\t.\t{reference}\t{alternates}\t.\t.\t.\n", 1)
