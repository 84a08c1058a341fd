"""A training that takes seconds: the smallest network, and batches that are drawn rather than read."""

import dataclasses
import pathlib
from collections.abc import Callable

import numpy as np

from vep_cli.model.config import ModelConfig, make_heads
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.training.batches import Batch
from vep_cli.training.data_settings import DataSettings
from vep_cli.training.edits import CopySettings
from vep_cli.training.model_settings import ModelSettings
from vep_cli.training.pieces import Piece, Split
from vep_cli.training.settings import RunSettings, StageSettings, TrainSettings, WeightsSettings

WINDOW = 2048
OUTPUTS = frozenset({OutputType.SPLICE_SITES, OutputType.CHIP_TF})
CONFIG = dataclasses.replace(
    ModelConfig.toy(),
    tower_blocks=1,
    heads=make_heads({OutputType.SPLICE_SITES: 5, OutputType.CHIP_TF: 2}),
)
TRACKS = TrackTable(
    tuple(
        Track(organism="human", output_type=OutputType.CHIP_TF, index=index, name=name, nonzero_mean=0.01)
        for index, name in enumerate(("CTCF", "REST"))
    )
)


def stage(**changes: object) -> StageSettings:
    settings = StageSettings(name="first", window=WINDOW, batch=2, steps=4, learning_rate=1e-2)
    return dataclasses.replace(settings, **changes)  # type: ignore[arg-type]


def toy_settings(*stages: StageSettings, text: str = "", **run: object) -> TrainSettings:
    """Return a training of the toy network."""
    piece = {"fasta": pathlib.Path("none.fa"), "contig": "chr1", "start": 0, "end": WINDOW, "genome": "toy"}
    pieces = (
        Piece(name="one", split=Split.TRAIN, **piece),  # type: ignore[arg-type]
        Piece(name="two", split=Split.VALIDATION, **piece),  # type: ignore[arg-type]
    )
    data = DataSettings(
        cache=pathlib.Path("none"), pieces=pieces, excluded=(), copies=CopySettings(), sources=()
    )
    settings = {"log_every": 2, "validate_every": 0, **run}
    return TrainSettings(
        text=text,
        folder=pathlib.Path(),
        model=ModelSettings(config=CONFIG, tracks=TRACKS, seed=1, start=None),
        data=data,
        stages=stages or (stage(),),
        run=RunSettings(**settings),  # type: ignore[arg-type]
        weights=WeightsSettings(name="toy"),
    )


def toy_batch(seed: int, batch: int = 2, window: int = WINDOW) -> Batch:
    """Return random bases, of which every G before a T is a donor, and factors bind where there are As."""
    generator = np.random.default_rng(seed)
    codes = generator.integers(0, 4, (batch, window))
    bases = np.eye(4, dtype=np.float32)[codes]
    is_donor = (codes == 2) & (np.roll(codes, -1, 1) == 3)
    sites = np.zeros((batch, window, 5), np.float32)
    sites[..., 0], sites[..., 4] = is_donor, ~is_donor
    counts = bases[..., :2].reshape(batch, -1, 128, 2).sum(2)
    return Batch(
        sequence=bases,  # type: ignore[arg-type]
        organism_index=np.zeros(batch, np.int32),  # type: ignore[arg-type]
        targets={OutputType.SPLICE_SITES: sites, OutputType.CHIP_TF: counts},  # type: ignore[dict-item]
    )


class ToyDataset:
    """Draws batches; calls `before` with the step first, which may raise."""

    outputs = OUTPUTS

    def __init__(self, before: Callable[[int], None] = lambda step: None) -> None:
        self._before = before

    def batch(self, stage: StageSettings, step: int, split: str = "train") -> Batch:
        if split == "train":
            self._before(step)
        return toy_batch(sum(map(ord, stage.name + split)) * 1000 + step, stage.batch, stage.window)


class Listener:
    """Keeps what a run says."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.records: list[dict[str, object]] = []

    def say(self, message: str) -> None:
        self.said.append(message)

    def advance(self, record: dict[str, object]) -> None:
        self.records.append(dict(record))
