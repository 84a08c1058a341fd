"""What the engine asks of a network."""

from collections.abc import Mapping
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
