"""The network on one device, and what scores with it; used by that device's thread alone."""

import collections
from collections.abc import Callable, Hashable, Mapping
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from vep_cli.genome.annotation import Annotation
from vep_cli.inference.contract import Network, WholeSequences
from vep_cli.inference.engine import Engine
from vep_cli.inference.interval_engine import IntervalEngine
from vep_cli.model.splice_sites import SpliceSites
from vep_cli.model.tracks import TrackTable
from vep_cli.scoring.calibration import Calibration
from vep_cli.scoring.interval_scorer import GeneIntervalScorer
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.splice_junctions import MAX_SITES, JunctionPredictions

_KEPT = 8
"""Networks of some tracks, and engines, that are kept: clients ask for the same ones again and again."""

Made = TypeVar("Made")


@runtime_checkable
class Narrowable(Network, WholeSequences, Protocol):
    """A network that can be had for some of its tracks; see `predictor.Predictor`."""

    def junctions(
        self,
        reference: SpliceSites,
        alternate: SpliceSites,
        arrays: Mapping[str, np.ndarray],
        max_sites: int | None = MAX_SITES,
    ) -> tuple[JunctionPredictions, JunctionPredictions]:
        """Return the splice junctions of REF and ALT, between so many sites of each list, None for all."""

    def narrowed(self, tracks: TrackTable) -> "Narrowable":
        """Return the network for some of its tracks."""


class DeviceModel:
    """A network, and the engines that were asked for."""

    def __init__(
        self,
        network: Narrowable,
        tracks: TrackTable,
        annotation: Annotation | None,
        calibration: Calibration | None,
    ) -> None:
        """Join the parts.

        Args:
            network: The network, on a device.
            tracks: What it predicts.
            annotation: Genes, and the known splice sites.
            calibration: Gives scores their quantiles.
        """
        self._network = network
        self._tracks = tracks
        self._annotation = annotation
        self._calibration = calibration
        self._made: collections.OrderedDict[Hashable, object] = collections.OrderedDict()
        self._last: Engine | None = None

    def network(self, tracks: TrackTable) -> Narrowable:
        """Return the network for some of its tracks."""
        self._let_go(None)
        return self._narrowed(tracks)

    def engine(self, scorers: tuple[Scorer, ...]) -> Engine:
        """Return what scores variants; it keeps the last REF, until something else is asked for."""
        engine = self._kept(("engine", scorers), lambda: self._new_engine(scorers))
        self._let_go(engine)
        return engine

    def interval_engine(self, scorers: tuple[GeneIntervalScorer, ...]) -> IntervalEngine:
        """Return what scores intervals.

        Raises:
            ValueError: There are no genes.
        """
        self._let_go(None)
        return self._kept(("interval engine", scorers), lambda: self._new_interval_engine(scorers))

    def _new_engine(self, scorers: tuple[Scorer, ...]) -> Engine:
        outputs = {scorer.output_type for scorer in scorers}
        tracks = self._tracks.where(lambda track: track.output_type in outputs)
        network = self._narrowed(tracks)
        return Engine([network], scorers, tracks, self._annotation, calibration=self._calibration)

    def _new_interval_engine(self, scorers: tuple[GeneIntervalScorer, ...]) -> IntervalEngine:
        if self._annotation is None:
            raise ValueError("interval scores are of genes")
        outputs = {scorer.requested_output for scorer in scorers}
        tracks = self._tracks.where(lambda track: track.output_type in outputs)
        return IntervalEngine(self._narrowed(tracks).predict, scorers, tracks, self._annotation)

    def _narrowed(self, tracks: TrackTable) -> Narrowable:
        return self._kept(("network", tracks), lambda: self._network.narrowed(tracks))

    def _kept(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made under this key, else make it; what was not used for longest gives way."""
        made = self._made.pop(key, None)
        if made is None:
            made = make()
        self._made[key] = made
        while len(self._made) > _KEPT:
            self._made.popitem(last=False)
        return made  # type: ignore[return-value]  # what was made under the key

    def _let_go(self, engine: Engine | None) -> None:
        """Forget the last window of another engine: two windows' activations may be more than fits."""
        if self._last is not None and self._last is not engine:
            self._last.forget()
        self._last = engine
