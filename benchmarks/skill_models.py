"""Whatever gives probabilities of splice sites, seen alike: our network, and the ensemble that taught it."""

import functools
import pathlib
from typing import Protocol

import jax
import numpy as np
from jaxtyping import Float
from skill_genes import Gene
from skill_variants import REACH

from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import build_window, centred_interval, reverse_complement
from vep_cli.inference.predictor import Predictor
from vep_cli.model.one_hot import letters_of, one_hot
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable
from vep_cli.model.weights_folder import open_weights
from vep_cli.training.sources.splice_network import read_network, splice_probabilities

Probabilities = Float[np.ndarray, "bases 2"]
"""Of acceptor and donor on the strand of a gene, along the forward strand."""

_COLUMNS = {"+": [1, 0], "-": [3, 2]}
"""Acceptor and donor among the classes of SPLICE_SITES, which begin with donor and acceptor on '+'."""


class SiteModel(Protocol):
    """Something that gives probabilities of splice sites."""

    def of_gene(self, gene: Gene) -> Probabilities:
        """Return the probabilities of each base of the gene's body."""

    def of_alleles(self, gene: Gene, variant: Variant) -> tuple[Probabilities, Probabilities]:
        """Return those within `REACH` of a substitution, with REF and with ALT."""


class Network:
    """A weights folder of ours."""

    def __init__(self, weights: pathlib.Path, reference: Reference, piece: Interval, window: int) -> None:
        """Load the network.

        Args:
            weights: The folder.
            reference: Sequence of the piece.
            piece: What bases are known.
            window: Base pairs that the network reads at once.
        """
        folder = open_weights(weights)
        sites = TrackTable(
            tuple(track for track in folder.tracks.tracks if track.output_type is OutputType.SPLICE_SITES)
        )
        device = jax.local_devices()[0]
        self._predictor = Predictor(folder, sites, organism="human", device=device)
        self._reference, self._piece, self._window = reference, piece, window

    def of_gene(self, gene: Gene) -> Probabilities:
        """Return the probabilities of each base of the gene's body."""
        first = gene.interval.start - self._piece.start
        return self._of_piece[first : first + gene.interval.width, _COLUMNS[gene.interval.strand]]

    def of_alleles(self, gene: Gene, variant: Variant) -> tuple[Probabilities, Probabilities]:
        """Return those within `REACH` of a substitution, with REF and with ALT."""
        window = build_window(variant, centred_interval(variant, self._window), self._reference)
        near = variant.start - window.interval.start + np.arange(-REACH, REACH + 1)
        reference, alternate = (
            self._sites(bases)[near][:, _COLUMNS[gene.interval.strand]]
            for bases in (window.reference_bases, window.alternate_bases)
        )
        return reference, alternate

    @functools.cached_property
    def _of_piece(self) -> Float[np.ndarray, "bases classes"]:
        """The classes of every base; each is predicted in a window whose middle half it is in."""
        step = self._window // 2
        middles = []
        for start in range(self._piece.start, self._piece.end, step):
            window = Interval(
                chromosome=self._piece.chromosome,
                start=start - step // 2,
                end=start - step // 2 + self._window,
            )
            middles.append(self._sites(self._reference.fetch(window))[step // 2 : step // 2 + step])
        return np.concatenate(middles)[: self._piece.width]

    def _sites(self, bases: str) -> Float[np.ndarray, "bases classes"]:
        (predictions,) = self._predictor.predict([bases])
        return np.asarray(predictions[OutputType.SPLICE_SITES])


class Teacher:
    """An ensemble of dilated convolutions, which reads genes with all else masked."""

    def __init__(self, folder: pathlib.Path, reference: Reference, *, folds: int | None = None) -> None:
        """Load the ensemble, or its first `folds` networks."""
        self._network, parameters = read_network(folder)
        self._folds = parameters[:folds]
        self._reference = reference
        self._known: dict[str, Probabilities] = {}
        self._program = jax.jit(lambda fold, sequence: splice_probabilities(self._network, fold, sequence))

    def of_gene(self, gene: Gene) -> Probabilities:
        """Return the probabilities of each base of the gene's body."""
        if gene.identifier not in self._known:
            body, size = gene.interval, 20_000
            starts = range(body.start, body.end, size)
            chunks = [self._of_stretch(gene, self._masked(gene, start, start + size)) for start in starts]
            self._known[gene.identifier] = np.concatenate(chunks)[: body.width]
        return self._known[gene.identifier]

    def of_alleles(self, gene: Gene, variant: Variant) -> tuple[Probabilities, Probabilities]:
        """Return those within `REACH` of a substitution, with REF and with ALT."""
        bases = self._masked(gene, variant.start - REACH, variant.start + REACH + 1)
        place = REACH + self._network.context
        changed = bases[:place] + variant.alternate_bases + bases[place + 1 :]
        first = variant.start - REACH - gene.interval.start
        reference = self.of_gene(gene)[first : first + 2 * REACH + 1]
        return reference, self._of_stretch(gene, changed)

    def _masked(self, gene: Gene, start: int, end: int) -> str:
        """Return the bases of a stretch with its context, N outside the gene's body."""
        body, context = gene.interval, self._network.context
        inside = Interval(
            chromosome=body.chromosome,
            start=max(start - context, body.start),
            end=min(end + context, body.end),
        )
        before, after = inside.start - (start - context), end + context - inside.end
        return "N" * before + self._reference.fetch(inside) + "N" * after

    def _of_stretch(self, gene: Gene, bases: str) -> Probabilities:
        is_backward = gene.interval.strand == "-"
        read = reverse_complement(bases) if is_backward else bases
        padding = "N" * (-len(read) % self._network.length_unit)
        sequence = one_hot(letters_of(read + padding))
        summed = sum(np.asarray(self._program(fold, sequence)) for fold in self._folds)
        probabilities = (summed / len(self._folds))[: len(bases) - 2 * self._network.context, 1:]
        return probabilities[::-1] if is_backward else probabilities
