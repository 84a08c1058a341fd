"""What a model has to beat: the distance to the nearest site, and matrices of the consensus at sites."""

import dataclasses
import pathlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Float
from skill_genes import KINDS, Gene

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.annotation_cache import read_annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import reverse_complement
from vep_cli.model.one_hot import letters_of, one_hot
from vep_cli.training.pieces import Piece, Split, read_bases
from vep_cli.training.settings import read_settings


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Matrix:
    """Log-odds of bases round a splice site, in the direction of its strand.

    Attributes:
        before: Columns before the site's own base.
        log_odds: Bits by column and base.
    """

    before: int
    log_odds: Float[np.ndarray, "columns 4"]

    def scores(self, bases: str) -> Float[np.ndarray, " bases"]:
        """Return the log-odds of a site at each base of a sequence; the least one near its ends."""
        columns = len(self.log_odds)
        windows = np.lib.stride_tricks.sliding_window_view(
            np.asarray(one_hot(letters_of(bases))), columns, axis=0
        )
        inside = np.einsum("nbc,cb->n", windows, self.log_odds)
        scores = np.full(len(bases), self.log_odds.min(axis=1).sum())
        scores[self.before : self.before + len(inside)] = inside
        return scores


SHAPES = {"acceptor": (20, 3), "donor": (2, 7)}
"""Columns before the site's own base, which is in the exon, and from it on: 20 + 3, and 3 + 6."""


def consensus(kind: str, contexts: Sequence[str]) -> Matrix:
    """Return the matrix of a kind of site from the bases round known ones, each as long as its columns.

    One of each base is added to every column; the background is uniform.
    """
    counts = np.asarray(one_hot(np.stack([letters_of(bases) for bases in contexts]))).sum(axis=0) + 1.0
    return Matrix(before=SHAPES[kind][0], log_odds=np.log2(4 * counts / counts.sum(axis=1, keepdims=True)))


class Consensus:
    """The matrices of both kinds of site, as a baseline."""

    def __init__(self, matrices: Mapping[str, Matrix], reference: Reference) -> None:
        """Take the matrices, by kind, and the sequence of the piece."""
        self._matrices, self._reference = matrices, reference

    def of_gene(self, gene: Gene) -> Float[np.ndarray, "bases kinds"]:
        """Return the log-odds of each kind of site at each base of a gene's body, along '+'."""
        bases = self._reference.fetch(gene.interval)
        return np.stack([self._scores(kind, gene, bases) for kind in KINDS], axis=-1)

    def loss_at_sites(self, gene: Gene, variant: Variant) -> float:
        """Return the most log-odds that a known site of the gene loses; 0 where none loses any."""
        around = Interval(
            chromosome=variant.chromosome, start=variant.start - _MARGIN, end=variant.start + _MARGIN + 1
        )
        bases = self._reference.fetch(around)
        changed = bases[:_MARGIN] + variant.alternate_bases + bases[_MARGIN + 1 :]
        largest = 0.0
        for kind, sites in zip(KINDS, (gene.acceptors, gene.donors), strict=True):
            near = sites[np.abs(sites - variant.start) < _REACH] - around.start
            loss = self._scores(kind, gene, bases) - self._scores(kind, gene, changed)
            largest = max(largest, float(loss[near].max(initial=0)))
        return largest

    def _scores(self, kind: str, gene: Gene, bases: str) -> Float[np.ndarray, " bases"]:
        matrix = self._matrices[kind]
        if gene.interval.strand == "-":
            return matrix.scores(reverse_complement(bases))[::-1]
        return matrix.scores(bases)


_REACH, _MARGIN = 30, 60
"""Bases between a variant and a site that it may touch, and beyond it that are read; a matrix is shorter."""


def read_consensus(training: pathlib.Path) -> dict[str, Matrix]:
    """Return the matrices of the known splice sites on the training pieces of a configuration.

    Sites are those of the annotation beside which copies are edited most (`near_sites`).
    """
    data = read_settings(training).data
    contexts: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for piece in data.pieces:
        if piece.split is Split.TRAIN and piece.genome in data.copies.near_sites:
            annotation = read_annotation(data.copies.near_sites[piece.genome])
            for kind in KINDS:
                contexts[kind] += contexts_of(kind, annotation, piece)
    return {kind: consensus(kind, found) for kind, found in contexts.items()}


def contexts_of(kind: str, annotation: Annotation, piece: Piece) -> Iterator[str]:
    """Yield the bases round each known site of a kind on a piece, in the direction of its strand."""
    before, after = SHAPES[kind]
    letters = np.array(list("ACGTN"))[read_bases(piece)]
    by_class = annotation.splice_sites.within(piece.interval)
    for strand, first_class in (("+", 0), ("-", 2)):
        left, right = (before, after) if strand == "+" else (after - 1, before + 1)
        for place in by_class[first_class + ("donor", "acceptor").index(kind)] - piece.start:
            bases = "".join(letters[max(place - left, 0) : place + right])
            if len(bases) == left + right and "N" not in bases:
                yield bases if strand == "+" else reverse_complement(bases)


def distance_to_site(gene: Gene, variant: Variant) -> int:
    """Return the bases between a variant and the nearest known site of the gene."""
    sites = np.concatenate([gene.acceptors, gene.donors])
    return int(np.abs(sites - variant.start).min())
