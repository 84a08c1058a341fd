"""Batches of windows and their targets, from the pieces, copies and sources of a configuration."""

import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Int64

from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.splice_sites import OPPOSITE_CLASSES
from vep_cli.model.tracks import ORGANISMS, TrackTable
from vep_cli.training.augmentation import column_partners, one_hot, reverse_complement, reversed_targets
from vep_cli.training.batches import Batch, JunctionTargets
from vep_cli.training.copies import Copy, make_copies
from vep_cli.training.data_settings import DataSettings
from vep_cli.training.junction_targets import SiteCounts, placed, site_counts
from vep_cli.training.pieces import Split
from vep_cli.training.profile_store import ProfileStore, places_in_window
from vep_cli.training.sampling import Crop, Stage, choose_crops, is_read
from vep_cli.training.sources.catalogue import make_source
from vep_cli.training.sources.source import (
    ColumnTargets,
    IntronSource,
    ReferenceSource,
    SequenceSource,
    Source,
    Teacher,
)

IS_SITE = 0.5
"""Probability above which a base is a splice site that windows are drawn near."""

HeadTargets = dict[OutputType, np.ndarray]
"""Of one window or of several, by position and column of the head."""


@runtime_checkable
class Dataset(Protocol):
    """What a trainer reads."""

    @property
    def outputs(self) -> frozenset[OutputType]:
        """The heads that there are targets of."""

    def batch(self, stage: Stage, step: int, split: str = "train") -> Batch:
        """Return the batch of a step: the same one for the same data, seed, stage, step and split."""


class PieceDataset:
    """The pieces of genomes of a configuration; every batch is made from them anew.

    Attributes:
        outputs: The heads that there are targets of.
        copies: The pieces, and their edited copies.
    """

    def __init__(
        self,
        copies: Sequence[Copy],
        sources: Sequence[Source],
        *,
        model: ModelConfig,
        tracks: TrackTable,
        seed: int,
        store: ProfileStore,
    ) -> None:
        """Take what `open_dataset` has made."""
        self.copies = copies
        self.outputs = frozenset(output for source in sources for output in _outputs(source))
        self._model = model
        self._seed = seed
        self._store = store
        self._profiled = [one for one in sources if isinstance(one, ReferenceSource | SequenceSource)]
        self._introns = [one for one in sources if isinstance(one, IntronSource)]
        self._teachers = [one for one in sources if isinstance(one, Teacher)]
        self._dense = sorted(self.outputs - {OutputType.SPLICE_JUNCTIONS})
        self._prepared: set[tuple[str, str]] = set()
        self._known_sites: dict[int, Int64[np.ndarray, " sites"]] = {}
        self._partners = {
            (output, organism): column_partners(tracks, output, organism, model.head(output).width)
            for output in self._dense
            for organism in {copy.piece.organism for copy in copies}
        }

    def prepare(self, stage: Stage, splits: Sequence[str] = ("train", "validation")) -> None:
        """Make the profiles that the stage reads and that are not on the disk yet.

        Raises:
            VepError: A source cannot be read, or the disk is full.
        """
        wanted = [copy for copy in self.copies if any(is_read(copy, stage, Split(split)) for split in splits)]
        self._store.make(wanted, self._profiled)
        self._prepared.update((stage.name, split) for split in splits)

    def batch(self, stage: Stage, step: int, split: str = "train") -> Batch:
        """Return the batch of a step: the same one for the same data, seed, stage, step and split.

        Args:
            stage: Window, batch and augmentation.
            step: Of the stage, from 0.
            split: 'train' draws windows; the others go through the tiles of their pieces.

        Raises:
            UsageError: No piece of the split has such a window.
        """
        if (stage.name, split) not in self._prepared:
            self.prepare(stage, (split,))
        crops = choose_crops(
            self.copies, stage, seed=self._seed, step=step, split=Split(split), sites=self._sites
        )
        sequence = np.stack([self._sequence(crop, stage.window) for crop in crops])
        windows = [self._targets(crop, stage.window) for crop in crops]
        targets = {output: np.stack([window[output] for window in windows]) for output in windows[0]}
        organisms = [self.copies[crop.copy].piece.organism for crop in crops]
        self._teach(targets, sequence, organisms)
        return Batch(
            sequence=sequence,  # type: ignore[arg-type]  # NumPy's, for the trainer to put on the device
            organism_index=np.array([ORGANISMS.index(name) for name in organisms], np.int32),  # type: ignore[arg-type]
            targets=targets,  # type: ignore[arg-type]
            junctions=self._junctions(crops, stage.window),
        )

    def _sites(self, number: int) -> Int64[np.ndarray, " sites"]:
        """Return where a copy has splice sites; without a source of them it has none."""
        if OutputType.SPLICE_SITES not in self.outputs:
            return np.array([], np.int64)
        if number not in self._known_sites:
            copy, output = self.copies[number], OutputType.SPLICE_SITES
            parts = [
                source.targets(profiles, copy.piece.organism)
                for source in self._profiled
                if source.output is output
                and (profiles := self._store.window(source, copy, 0, len(copy))) is not None
            ]
            classes = total((len(copy), self._model.head(output).width), parts)[
                :, : len(OPPOSITE_CLASSES) - 1
            ]
            self._known_sites[number] = np.flatnonzero((classes > IS_SITE).any(axis=1))
        return self._known_sites[number]

    def _sequence(self, crop: Crop, window: int) -> Float32[np.ndarray, "S 4"]:
        bases = np.ascontiguousarray(self.copies[crop.copy].rows["bases"][crop.start : crop.start + window])
        return one_hot(reverse_complement(bases) if crop.is_reversed else bases)

    def _targets(self, crop: Crop, window: int) -> HeadTargets:
        """Return the targets of all heads but that of splice junctions, NaN in what only teachers know."""
        copy = self.copies[crop.copy]
        organism = copy.piece.organism
        parts: dict[OutputType, list[ColumnTargets]] = {output: [] for output in self._dense}
        for source in self._profiled:
            profiles = self._store.window(source, copy, crop.start, crop.start + window)
            if profiles is not None:
                parts[source.output].append(source.targets(profiles, organism))
        targets = {output: self._total(output, window, found) for output, found in parts.items()}
        if not crop.is_reversed:
            return targets
        return {
            output: reversed_targets(output, values, self._partners[output, organism])
            for output, values in targets.items()
        }

    def _total(self, output: OutputType, window: int, parts: Sequence[ColumnTargets]) -> np.ndarray:
        positions = (window // output.resolution,) * (2 if output is OutputType.CONTACT_MAPS else 1)
        return total((*positions, self._model.head(output).width), parts)

    def _teach(
        self, targets: HeadTargets, sequence: Float32[np.ndarray, "B S 4"], organisms: Sequence[str]
    ) -> None:
        """Let the teachers fill in what other sources leave unknown."""
        for teacher in self._teachers:
            for organism in sorted(set(organisms)):
                rows = [row for row, name in enumerate(organisms) if name == organism]
                for output, (columns, taught) in teacher.targets(sequence[rows], organism).items():
                    values = targets[output][rows]
                    known = values[..., columns]
                    values[..., columns] = np.where(np.isnan(known), taught, known)
                    targets[output][rows] = values

    def _junctions(self, crops: Sequence[Crop], window: int) -> JunctionTargets | None:
        if not self._introns:
            return None
        found = [self._site_counts(crop, window) for crop in crops]
        sites, counts = zip(*found, strict=True)
        return JunctionTargets(sites=np.stack(sites), counts=np.stack(counts))  # type: ignore[arg-type]

    def _site_counts(self, crop: Crop, window: int) -> SiteCounts:
        copy = self.copies[crop.copy]
        introns = []
        for source in self._introns:
            if source.genome == copy.piece.genome:
                interval, places = places_in_window(copy, crop.start, crop.start + window, source.margin)
                known = source.introns(interval, copy.piece.organism)
                introns += placed(known, places, interval.start, window, crop.is_reversed)
        max_sites = max(source.max_sites for source in self._introns)
        tissues = self._model.head(OutputType.SPLICE_JUNCTIONS).width
        return site_counts(introns, max_sites, window, tissues)


def open_dataset(
    settings: DataSettings,
    model: ModelConfig,
    tracks: TrackTable,
    seed: int,
    folder: pathlib.Path,
    report: Callable[[str], None],
) -> PieceDataset:
    """Return the dataset of a configuration; copies are made, profiles when a stage wants them.

    Args:
        settings: The `[data]` of the configuration.
        model: Sizes of the network.
        tracks: What its heads predict.
        seed: Of the order of windows.
        folder: Of the run; it has the cache where the configuration names none.
        report: Called with a line about each thing that takes time.

    Raises:
        VepError: A file cannot be read, or a source is of tracks that the model has not.
    """
    sources = [make_source(source, tracks, model) for source in settings.sources]
    cache = settings.cache or folder / "cache"
    copies = list(make_copies(settings.pieces, settings.copies, cache))
    store = ProfileStore(cache, report)
    return PieceDataset(copies, sources, model=model, tracks=tracks, seed=seed, store=store)


def _outputs(source: Source) -> Iterator[OutputType]:
    match source:
        case IntronSource():
            yield OutputType.SPLICE_JUNCTIONS
        case Teacher():
            yield from source.outputs
        case _:
            yield source.output


def total(shape: tuple[int, ...], parts: Iterable[ColumnTargets]) -> np.ndarray:
    """Return the sum of what several sources say of a window, of positions and columns in `shape`.

    What any source of a column does not know is NaN, and so is a column of no source.
    """
    values = np.full(shape, np.nan, np.float32)
    has_source = np.zeros(shape[-1], bool)
    for columns, part in parts:
        is_new = ~has_source[columns]
        if not is_new.all():
            part = np.where(is_new, part, values[..., columns] + part)
        values[..., columns] = part
        has_source[columns] = True
    return values
