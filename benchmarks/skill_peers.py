"""Scores that other programs gave to the variants of the test piece, read from the VCF files they wrote.

    python benchmarks/skill_peers.py brca1_sge_hg38.tsv > brca1.vcf
    spliceai -I brca1.vcf -O brca1.spliceai.vcf -R genome.fa -A grch38

SpliceAI and OpenSpliceAI write the same field: of each gene the changes of probability of a gained or lost
acceptor or donor within 50 bases. The largest of these is what their users sort by.
"""

import pathlib
from collections.abc import Iterator, Sequence

import click
import cyvcf2
import numpy as np
from jaxtyping import Float
from skill_variants import Assayed, read_assayed

from vep_cli.genome.variant import Variant

FIELD = "SpliceAI"
_CHANGES = slice(2, 6)  # ALLELE|SYMBOL|DS_AG|DS_AL|DS_DG|DS_DL|...


def peer_scores(path: pathlib.Path, variants: Sequence[Assayed]) -> Float[np.ndarray, " variants"]:
    """Return a peer's score of each variant.

    Raises:
        click.UsageError: The file lacks a variant or its score.
    """
    scored = dict(_scores(path))
    missing = [one.variant for one in variants if one.variant not in scored]
    if missing:
        raise click.UsageError(f"{path} has no {FIELD} score of {missing[0]} and {len(missing) - 1} more")
    return np.array([scored[one.variant] for one in variants])


def _scores(path: pathlib.Path) -> Iterator[tuple[Variant, float]]:
    with_scores = (record for record in cyvcf2.VCF(str(path)) if record.INFO.get(FIELD) is not None)
    for record in with_scores:
        variant = Variant(
            chromosome=record.CHROM,
            position=record.POS,
            reference_bases=record.REF,
            alternate_bases=record.ALT[0],
        )
        genes = record.INFO[FIELD].split(",")
        changes = [float(change) for gene in genes for change in gene.split("|")[_CHANGES] if change != "."]
        if changes:
            yield variant, max(changes)


def as_vcf(variants: Sequence[Assayed]) -> str:
    """Return the variants as a VCF file, for a peer to score."""
    contigs = dict.fromkeys(one.variant.chromosome for one in variants)
    head = ["##fileformat=VCFv4.2", *(f"##contig=<ID={name}>" for name in contigs)]
    columns = "\t".join(("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"))
    ordered = sorted((one.variant for one in variants), key=lambda one: (one.chromosome, one.position))
    lines = [
        f"{one.chromosome}\t{one.position}\t.\t{one.reference_bases}\t{one.alternate_bases}\t.\t.\t."
        for one in ordered
    ]
    return "\n".join([*head, columns, *lines]) + "\n"


@click.command()
@click.argument("table", type=click.Path(exists=True, path_type=pathlib.Path))
def main(table: pathlib.Path) -> None:
    """Print the variants that models are examined with, as a VCF file for other programs."""
    click.echo(as_vcf(read_assayed(table)), nl=False)


if __name__ == "__main__":
    main()
