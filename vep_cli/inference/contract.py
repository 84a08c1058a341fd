"""What is asked of a network: by the engine, and by whoever wants all that is predicted of a sequence."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool

from vep_cli.model.splice_sites import SpliceSites
from vep_cli.scoring.scorer import Predictions
from vep_cli.scoring.splice_junctions import JunctionPredictions

Allele = Any
"""Whatever a network keeps of one allele's sequence."""


@runtime_checkable
class Network(Protocol):
    """What predicts; see `predictor.Predictor`."""

    def reference(self, bases: str) -> Allele:
        """Take in REF."""

    def alternate(self, reference: Allele, bases: str) -> Allele:
        """Take in an allele of a sequence whose REF was taken in."""

    def read(self, allele: Allele, is_read: Bool[np.ndarray, " tokens"]) -> Predictions:
        """Return the predictions; of those per base, at least the tokens that are read."""

    def junctions(
        self, reference: SpliceSites, alternate: SpliceSites, arrays: Mapping[str, np.ndarray]
    ) -> tuple[JunctionPredictions, JunctionPredictions]:
        """Return the splice junctions of REF and ALT."""


@runtime_checkable
class WholeSequences(Protocol):
    """What predicts whole sequences; see `predictor.Predictor`."""

    def predict(self, sequences: Iterable[str]) -> Iterator[Predictions]:
        """Yield all predictions of each sequence, in order; of splice junctions, `SpliceSites`."""

    def junctions(
        self,
        reference: SpliceSites,
        alternate: SpliceSites,
        arrays: Mapping[str, np.ndarray],
        max_sites: int | None,
    ) -> tuple[JunctionPredictions, JunctionPredictions]:
        """Return the splice junctions of REF and ALT, between so many sites of each list, None for all."""

    def junctions_of_sequence(self, sites: SpliceSites) -> JunctionPredictions:
        """Return the splice junctions of one sequence."""
