import dataclasses
import json
import pathlib

from card import EVALUATED, Facts, cell, model_card, read_lines, records, seconds_of, table

from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.model.weights_folder import open_weights
from vep_cli.training.settings import StageSettings, TrainSettings, read_settings

RECIPE = pathlib.Path(__file__).parents[2] / "weights" / "recipe"
STAGE = StageSettings(name="only", window=2048, batch=4, steps=30, learning_rate=1e-3)


def settings() -> TrainSettings:
    bundled = read_settings(RECIPE / "bundled.toml")
    return dataclasses.replace(bundled, stages=(STAGE,))


def train_line(step: int, speed: int) -> dict[str, object]:
    return {"kind": "train", "stage": "only", "step": step, "bases_per_second": speed}


def validation(step: int, loss: float) -> dict[str, object]:
    return {"kind": "validation", "stage": "only", "step": step, "losses": {"SPLICE_SITES": loss}}


def facts(**changes: object) -> Facts:
    tracks = (
        Track(organism="human", output_type=OutputType.ATAC, index=0, name="liver", supervision="labels:X"),
        Track(
            organism="human", output_type=OutputType.CAGE, index=0, name="liver", supervision="mechanistic"
        ),
        Track(
            organism="human", output_type=OutputType.CAGE, index=1, name="brain", supervision="mechanistic"
        ),
    )
    made = Facts(
        settings=settings(),
        tracks=TrackTable(tracks),
        parameters=1234567,
        metrics=[train_line(20, 8192), validation(20, 0.5), train_line(30, 4096), validation(30, 0.0021)],
        evaluation={"sites": [{"model": "model", "average_precision": 0.81234, "interval": [0.7, 0.9]}]},
        provenance={
            "packages": [
                {"name": "p", "version": "1", "licence": "MIT", "use": "sites", "citation": "Someone 2020"}
            ],
            "sequences": [{"name": "s", "split": "train", "source": "there", "licence": "public"}],
        },
        calibration=None,
        machine="two cores",
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def test_the_card_tells_what_the_files_say() -> None:
    card = model_card(facts())
    assert "| Parameters | 1,234,567 |" in card
    assert "| ATAC | `labels:X` | 1 |" in card
    assert "| CAGE | `mechanistic` | 2 |" in card
    assert "| model | average precision | interval |" in card
    assert "| model | 0.812 | 0.700 to 0.900 |" in card
    # 30 steps of 4 windows of 2,048 bp are 245,760 bases, and take 40 seconds.
    assert "0 million bases in 0.0 hours on two cores" in card
    assert "| only | 30 | 4 x 2,048 | 0.001 | no |" in card
    assert "| only | 30 | 0.0021 |" in card
    assert "| p | 1 | MIT | sites | Someone 2020 |" in card
    assert "hg38 chr17:42,000,001-44,000,000" in card
    assert "not for diagnosis" in card
    assert "$" not in card


def test_what_was_not_evaluated_says_so() -> None:
    assert model_card(facts(evaluation={})).count("Not evaluated.") == 4
    assert records([]) == "Not evaluated.\n"


def test_time_is_that_of_the_logged_steps() -> None:
    assert seconds_of([train_line(20, 8192), train_line(30, 4096)], settings()) == 40


def test_a_long_curve_is_thinned_and_keeps_its_end() -> None:
    lines = [validation(step, 0.5) for step in range(1, 101)]
    card = model_card(facts(metrics=lines))
    shown = [line for line in card.splitlines() if line.startswith("| only | ") and " x " not in line]
    # Every fifth of a hundred, counted from the last.
    assert len(shown) == 20
    assert shown[-1] == "| only | 100 | 0.500 |"


def test_tables() -> None:
    assert table(("a", "b"), [(1, None)]) == "| a | b |\n| --- | --- |\n| 1 |  |\n"
    assert [cell(value) for value in (0.5, 0.00123, (0.1, 0.25), "x", 7)] == [
        "0.500",
        "0.00123",
        "0.100 to 0.250",
        "x",
        "7",
    ]


def test_the_bundled_card_is_made_of_the_files_beside_it() -> None:
    weights = RECIPE.parent
    card = (weights / "MODEL_CARD.md").read_text(encoding="utf-8")
    evaluation = json.loads((weights / "evaluation.json").read_text(encoding="utf-8"))
    assert evaluation.keys() == set(EVALUATED)
    for rows in evaluation.values():
        assert records(rows) in card
    settings = read_settings(RECIPE / "bundled.toml")
    log = read_lines(weights / "training.jsonl")
    assert [row["stage"] for row in log if row.get("stage_step") == row.get("stage_steps")] == [
        stage.name for stage in settings.stages
    ]
    assert log[-1]["step"] == settings.total_steps
    assert open_weights(weights).manifest.parameter_count == 1_486_179
