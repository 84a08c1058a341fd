"""How well predictions follow targets on pieces that were kept apart, track by track."""

import dataclasses
import functools
import pathlib
from collections.abc import Iterator, Mapping

import click
import jax
import numpy as np
from jaxtyping import Float
from skill_metrics import pearson, spearman
from skill_report import as_json, markdown

from vep_cli.model import network
from vep_cli.model.config import TOKEN_SIZE
from vep_cli.model.output_type import OutputType
from vep_cli.model.parameters import load, with_track_means
from vep_cli.model.tracks import Track
from vep_cli.model.weights_folder import WeightsFolder, open_weights
from vep_cli.training.dataset import Dataset, open_dataset
from vep_cli.training.pieces import Split
from vep_cli.training.settings import StageSettings, TrainSettings, read_settings
from vep_cli.training.trainer import track_means

_NO_POSITIONS = frozenset({OutputType.SPLICE_JUNCTIONS})

Columns = Mapping[OutputType, Float[np.ndarray, "bins columns"]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrackSkill:
    """How well one track is predicted, in bins of 128 bp; contacts in pairs of bins of 2,048 bp.

    Attributes:
        output: Output type.
        track: Name.
        strand: '+', '-' or '.'.
        supervision: What it was learnt from.
        bins: How many have a target.
        pearson: Linear correlation.
        spearman: Correlation of ranks.
    """

    output: str
    track: str
    strand: str
    supervision: str
    bins: int
    pearson: float
    spearman: float


@click.command()
@click.argument("config", type=click.Path(exists=True, path_type=pathlib.Path))
@click.option("--weights", type=click.Path(exists=True, path_type=pathlib.Path), required=True)
@click.option("--window", default=65_536, show_default=True, help="Base pairs that the model reads at once.")
@click.option("--each", is_flag=True, help="A row for each track, not for each output.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON in place of Markdown.")
def main(config: pathlib.Path, weights: pathlib.Path, window: int, each: bool, is_json: bool) -> None:
    """Compare predictions with the targets of CONFIG on its validation pieces."""
    settings, folder = read_settings(config), open_weights(weights)
    report = functools.partial(click.echo, err=True)
    dataset = open_dataset(
        settings.data, settings.model.config, settings.model.tracks, 0, config.parent, report
    )
    rows = track_skill(folder, *joined(predicted_and_target(folder, dataset, settings, window)))
    shown = rows if each else summary(rows)
    click.echo(
        as_json({"tracks": shown}) if is_json else markdown("Tracks on validation pieces", shown), nl=False
    )


def predicted_and_target(
    folder: WeightsFolder, dataset: Dataset, settings: TrainSettings, window: int
) -> Iterator[tuple[Columns, Columns]]:
    """Yield predictions and targets of each window of the validation pieces."""
    validation = [piece for piece in settings.data.pieces if piece.split is Split.VALIDATION]
    stage = StageSettings(
        name="held out",
        window=window,
        batch=1,
        steps=1,
        learning_rate=1.0,
        shift=False,
        reverse_complement=False,
    )
    outputs = dataset.outputs - _NO_POSITIONS
    params = with_track_means(load(folder.parameters_path, folder.config), track_means(settings.model))
    program = jax.jit(
        lambda sequence, organism: network.predict(params, sequence, organism, folder.config, outputs)
    )
    for step in range(sum(piece.interval.width // window for piece in validation)):
        batch = dataset.batch(stage, step, Split.VALIDATION)
        predictions = program(batch.sequence, batch.organism_index)
        yield (
            {output: binned(output, np.asarray(predictions[output][0])) for output in outputs},
            {output: binned(output, np.asarray(batch.targets[output][0])) for output in outputs},
        )


def binned(output: OutputType, values: Float[np.ndarray, "*positions columns"]) -> np.ndarray:
    """Return the sums over bins of 128 bp; of contacts each pair of bins once."""
    if output is OutputType.CONTACT_MAPS:
        return values[np.triu_indices(len(values), k=1)]
    return values.reshape(-1, TOKEN_SIZE // output.resolution, values.shape[-1]).sum(axis=1)


def joined(windows: Iterator[tuple[Columns, Columns]]) -> tuple[Columns, Columns]:
    """Return the predictions and the targets of all windows, one after the other."""
    predicted, target = zip(*windows, strict=True)
    return _joined(predicted), _joined(target)


def track_skill(folder: WeightsFolder, predicted: Columns, target: Columns) -> list[TrackSkill]:
    """Return a row for each track that there are targets of."""
    return [
        _row(track, predicted[track.output_type][:, track.index], target[track.output_type][:, track.index])
        for track in folder.tracks
        if track.output_type in target and np.isfinite(target[track.output_type][:, track.index]).any()
    ]


def summary(rows: list[TrackSkill]) -> list[TrackSkill]:
    """Return a row for each output, with the medians over its tracks."""
    outputs = dict.fromkeys((row.output, row.supervision) for row in rows)
    return [
        _median([row for row in rows if (row.output, row.supervision) == output], *output)
        for output in outputs
    ]


def _median(rows: list[TrackSkill], output: str, supervision: str) -> TrackSkill:
    return TrackSkill(
        output=output,
        track=f"median of {len(rows)}",
        strand=".",
        supervision=supervision,
        bins=max(row.bins for row in rows),
        pearson=float(np.nanmedian([row.pearson for row in rows])),
        spearman=float(np.nanmedian([row.spearman for row in rows])),
    )


def _row(track: Track, predicted: np.ndarray, target: np.ndarray) -> TrackSkill:
    return TrackSkill(
        output=track.output_type,
        track=track.name,
        strand=track.strand,
        supervision=track.supervision,
        bins=int(np.isfinite(target).sum()),
        pearson=pearson(predicted, target),
        spearman=spearman(predicted, target),
    )


def _joined(windows: tuple[Columns, ...]) -> Columns:
    return {output: np.concatenate([window[output] for window in windows]) for output in windows[0]}


if __name__ == "__main__":
    main()
