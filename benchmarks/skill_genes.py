"""Genes with their splice sites out of CI-SpliceAI's table of junctions, and labels of bases.

The table (`grch38.csv` of the package `cispliceai`) has one row per gene: its body and the bases on either
side of its introns, 1-based, the ends of exons in `jn_start`, their beginnings in `jn_end`.
"""

import csv
import dataclasses
import pathlib

import numpy as np
from jaxtyping import Bool, Int64

from vep_cli.genome.interval import Interval

KINDS = ("acceptor", "donor")
"""The columns of labels and probabilities."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Gene:
    """One gene.

    Attributes:
        identifier: As in the table.
        interval: Its body, with its strand.
        acceptors: 0-based first bases of exons after an intron, in the direction of the strand.
        donors: 0-based last bases of exons before an intron.
    """

    identifier: str
    interval: Interval
    acceptors: Int64[np.ndarray, " acceptors"]
    donors: Int64[np.ndarray, " donors"]

    def labels(self) -> Bool[np.ndarray, "bases 2"]:
        """Return which bases of the body, along the forward strand, are sites of each of `KINDS`."""
        labels = np.zeros((self.interval.width, len(KINDS)), bool)
        for column, sites in enumerate((self.acceptors, self.donors)):
            inside = sites[(sites >= self.interval.start) & (sites < self.interval.end)]
            labels[inside - self.interval.start, column] = True
        return labels


def read_genes(path: pathlib.Path, within: Interval) -> tuple[Gene, ...]:
    """Return the genes of the table whose bodies lie wholly in an interval, in the table's order."""
    with path.open(newline="") as lines:
        genes = [_gene(row) for row in csv.DictReader(lines)]
    return tuple(
        gene
        for gene in genes
        if gene.interval.chromosome == within.chromosome
        and gene.interval.start >= within.start
        and gene.interval.end <= within.end
    )


def _gene(row: dict[str, str]) -> Gene:
    is_forward = row["strand"] == "+"
    exon_ends, exon_starts = (_places(row[column]) for column in ("jn_start", "jn_end"))
    return Gene(
        identifier=row["gene_id"],
        interval=Interval(
            chromosome=row["chr"], start=int(row["start"]) - 1, end=int(row["end"]), strand=row["strand"]
        ),
        acceptors=exon_starts if is_forward else exon_ends,
        donors=exon_ends if is_forward else exon_starts,
    )


def _places(text: str) -> Int64[np.ndarray, " places"]:
    return np.unique(np.array([int(place) - 1 for place in text.split(",") if place], np.int64))
