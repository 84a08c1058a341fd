"""A network that remembers the last REF and the last ALT, so that neighbours do not pay for them again.

In a sorted file the variants of one window come one after the other, whatever they are handed over with:
the ALTs of a record, records of one haplotype, mutagenesis, and with snapped windows whole stretches of
the chromosome. One REF and one ALT are kept: the encoder's activations of 1 Mb alone are gigabytes at
the official size.
"""

import dataclasses

import numpy as np
from jaxtyping import Bool

from vep_cli.inference.contract import Allele, Network
from vep_cli.model.tiles import tiles_of_tokens
from vep_cli.scoring.scorer import Predictions


@dataclasses.dataclass(slots=True, kw_only=True, eq=False)
class _Remembered:
    """An allele that was taken in, and what was last predicted of it.

    Attributes:
        bases: Its sequence.
        reference: What it was compared with; None for REF itself.
        allele: The network's own.
        is_read: The tokens whose predictions there are.
        predictions: None before anything was predicted.
    """

    bases: str
    reference: "_Remembered | None"
    allele: Allele
    is_read: Bool[np.ndarray, " tokens"] = dataclasses.field(default_factory=lambda: np.zeros(0, bool))
    predictions: Predictions | None = None

    def holds(self, is_read: Bool[np.ndarray, " tokens"]) -> bool:
        """Return whether all that is read was predicted."""
        return self.predictions is not None and not (is_read & ~self.is_read).any()


class RememberingNetwork:
    """Answers as the network it stands for, and computes nothing twice in a row.

    An allele is known by its sequence, so that it makes no difference to any number which variant or
    which window brought it. Not for several threads at once.

    Attributes:
        junctions: The network's own.
    """

    def __init__(self, network: Network) -> None:
        """Stand for `network`."""
        self._network = network
        self.junctions = network.junctions
        self._reference: _Remembered | None = None
        self._alternate: _Remembered | None = None

    def forget(self) -> None:
        """Let go of the last alleles and of the memory that they take."""
        self._reference = self._alternate = None

    def reference(self, bases: str) -> Allele:
        """Take in REF, unless it is the last one."""
        if self._reference is None or self._reference.bases != bases:
            # First of all: with the next REF beside the last one, they would take twice the memory.
            self.forget()
            taken_in = self._network.reference(bases)
            self._reference = _Remembered(bases=bases, reference=None, allele=taken_in)
        return self._reference

    def alternate(self, reference: Allele, bases: str) -> Allele:
        """Take in an allele of a sequence whose REF was taken in, unless it is the last one."""
        last = self._alternate
        if last is not None and last.reference is reference and last.bases == bases:
            return last
        self._alternate = last = None
        taken_in = self._network.alternate(reference.allele, bases)
        self._alternate = _Remembered(bases=bases, reference=reference, allele=taken_in)
        return self._alternate

    def read(self, allele: Allele, is_read: Bool[np.ndarray, " tokens"]) -> Predictions:
        """Return the predictions of an allele: the last ones, if they have what is read."""
        if not allele.holds(is_read):
            allele.predictions = None
            allele.is_read = _whole_tiles(is_read)
            allele.predictions = self._network.read(allele.allele, allele.is_read)
        predictions: Predictions = allele.predictions
        return predictions


def _whole_tiles(is_read: Bool[np.ndarray, " tokens"]) -> Bool[np.ndarray, " tokens"]:
    """Return the tokens that are computed anyway where some are read: all those of the decoder's tiles."""
    of_tiles = tiles_of_tokens(is_read)
    return np.repeat(of_tiles, len(is_read) // len(of_tiles))
