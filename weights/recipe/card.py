"""The model card: a training, its data and its evaluation in the words of card.md.

Every number of the card is read from a file.
"""

import collections
import dataclasses
import json
import pathlib
import string
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vep_cli.model.tracks import TrackTable
from vep_cli.training.pieces import Split
from vep_cli.training.settings import TrainSettings

Row = Mapping[str, Any]

VALIDATIONS_SHOWN = 24

EVALUATED = ("sites", "variants", "sanity", "tracks")
"""Tables of the benchmarks, each a name in the template."""

TEMPLATE = pathlib.Path(__file__).parent / "card.md"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Facts:
    """What the card is made of.

    Attributes:
        settings: The training's.
        tracks: What the model predicts.
        parameters: How many there are.
        metrics: Lines of the training's log.
        evaluation: Tables of the benchmarks, by name: sites, variants, tracks, sanity.
        provenance: Of packages and sequences, as `prepare.py` wrote it.
        calibration: What quantiles are among, or None.
        machine: What it was trained on, in words.
    """

    settings: TrainSettings
    tracks: TrackTable
    parameters: int
    metrics: Sequence[Row]
    evaluation: Mapping[str, Sequence[Row]]
    provenance: Mapping[str, Sequence[Row]]
    calibration: str | None
    machine: str


def model_card(facts: Facts) -> str:
    """Return the card as Markdown."""
    bases = sum(one.steps * one.batch * one.window for one in facts.settings.stages)
    excluded = (
        f"{one.genome} {one.contig}:{one.start + 1:,}-{one.end:,}" for one in facts.settings.data.excluded
    )
    words = string.Template(TEMPLATE.read_text(encoding="utf-8"))
    return words.substitute(
        name=f"{facts.settings.weights.name} {facts.settings.weights.version}",
        summary=_summary(facts),
        outputs=_outputs(facts.tracks),
        **{name: records(facts.evaluation.get(name, ())) for name in EVALUATED},
        bases=f"{bases / 1e6:,.0f}",
        hours=f"{seconds_of(facts.metrics, facts.settings) / 3600:.1f}",
        machine=facts.machine,
        seed=facts.settings.model.seed,
        stages=_stages(facts.settings),
        curve=_curve(facts.metrics),
        excluded=", ".join(excluded),
        pieces=_pieces(facts.settings),
        packages=_provenance(facts, "packages", ("name", "version", "licence", "use", "citation")),
        sequences=_provenance(facts, "sequences", ("name", "split", "source", "licence")),
    )


def _summary(facts: Facts) -> str:
    config = facts.settings.model.config
    rows = [
        ("Parameters", f"{facts.parameters:,}"),
        (
            "Architecture",
            f"U-Net encoder ({', '.join(map(str, config.encoder_channels))} channels at 1, 2, ... 64 bp), "
            f"transformer of {config.tower_blocks} block(s) with pair activations, decoder",
        ),
        ("Input", "up to 1,048,576 bp of DNA"),
        ("Organism", "human"),
        ("Quantiles", facts.calibration or "none"),
        ("Licence", facts.settings.weights.licence),
        ("How it was made", "`weights/recipe/README.md`: commands from public packages to this file"),
    ]
    return table(("", ""), rows)


def _outputs(tracks: TrackTable) -> str:
    counts = collections.Counter((track.output_type, track.supervision) for track in tracks)
    rows = [(str(output), f"`{kind}`", number) for (output, kind), number in counts.items()]
    return table(("output", "supervision", "tracks"), rows)


def _stages(settings: TrainSettings) -> str:
    rows = [
        (
            one.name,
            one.steps,
            f"{one.batch} x {one.window:,}",
            one.learning_rate,
            "yes" if one.copies else "no",
        )
        for one in settings.stages
    ]
    return table(("stage", "steps", "windows", "learning rate", "edited copies"), rows)


def _curve(metrics: Sequence[Row]) -> str:
    validations = [row for row in metrics if row["kind"] == "validation"]
    outputs = tuple(dict.fromkeys(name for row in validations for name in row["losses"]))
    rows = [
        (row["stage"], f"{row['step']:,}", *(row["losses"].get(name) for name in outputs))
        for row in _thinned(validations)
    ]
    return table(("stage", "step", *outputs), rows)


def _pieces(settings: TrainSettings) -> str:
    rows = [
        (piece.name, piece.genome, f"{piece.contig}:{piece.start + 1:,}-{piece.end:,}", str(piece.split))
        for piece in settings.data.pieces
        if piece.split is not Split.TEST
    ]
    return table(("piece", "genome", "place", "used for"), rows)


def _provenance(facts: Facts, kind: str, keys: Sequence[str]) -> str:
    return table(keys, [[one[key] for key in keys] for one in facts.provenance[kind]])


def seconds_of(metrics: Iterable[Row], settings: TrainSettings) -> float:
    """Return the time that the logged steps took, validations and interruptions left out."""
    bases = {stage.name: stage.batch * stage.window for stage in settings.stages}
    seconds, last = 0.0, 0
    for row in metrics:
        if row["kind"] == "train":
            seconds += (row["step"] - last) * bases[row["stage"]] / row["bases_per_second"]
            last = row["step"]
    return seconds


def records(rows: Sequence[Row]) -> str:
    """Return a table of records of one kind, their keys as its head."""
    if not rows:
        return "Not evaluated.\n"
    head = tuple(rows[0])
    return table([key.replace("_", " ") for key in head], [[row[key] for key in head] for row in rows])


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [
        _line(head),
        _line(["---"] * len(head)),
        *(_line([cell(value) for value in row]) for row in rows),
    ]
    return "\n".join(lines) + "\n"


def cell(value: object) -> str:
    """Return one value of a table."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 0.01 else f"{value:.3f}"
    if isinstance(value, list | tuple):
        return " to ".join(cell(one) for one in value)
    return str(value)


def read_lines(path: pathlib.Path) -> list[Row]:
    """Return the records of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _line(cells: Iterable[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _thinned(rows: Sequence[Row]) -> Sequence[Row]:
    """Return at most `VALIDATIONS_SHOWN` rows, the last one among them."""
    apart = -(-len(rows) // VALIDATIONS_SHOWN)
    return rows[::-1][:: max(apart, 1)][::-1]
