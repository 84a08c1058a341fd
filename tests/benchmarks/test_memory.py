import json

import memory
import pytest
from click.testing import CliRunner
from flops import CHOICES

from vep_cli.bundled import weights_folder
from vep_cli.model.precision import Precision
from vep_cli.model.weights_folder import open_weights


@pytest.fixture(scope="module")
def counted() -> dict[str, memory.Footprint]:
    config = open_weights(weights_folder()).config
    return {one.scorers: one for one in memory.all_footprints(config, 4096, Precision.FLOAT32)}


def test_what_is_kept_is_counted_on_paper(counted: dict[str, memory.Footprint]) -> None:
    config = open_weights(weights_folder()).config
    # A stage has half the positions of the one before; tokens have the last one's channels. And two numbers.
    stages = zip(config.encoder_channels, range(len(config.encoder_channels)), strict=True)
    activations = sum(4096 // 2**stage * channels for channels, stage in stages)
    tokens = 4096 // 128 * config.encoder_channels[-1]
    assert counted["all"].encoder == 4 * (activations + tokens) + 2 * 4
    pairs = 2 * 2 * config.pair_channels
    maps = 2 * 2 * sum(head.width for head in config.heads if head.output == "CONTACT_MAPS")
    assert counted["contact"].predictions == 2 * 4 * (tokens + pairs + maps)


def test_more_scorers_take_more(counted: dict[str, memory.Footprint]) -> None:
    assert counted.keys() == CHOICES.keys()
    assert counted["contact"].predictions < counted["accessibility"].predictions < counted["all"].predictions
    assert all(one.total > one.parameters + one.encoder + one.patch for one in counted.values())


def test_half_the_digits_are_half_the_activations(counted: dict[str, memory.Footprint]) -> None:
    config = open_weights(weights_folder()).config
    programs = memory.Programs(config, 4096, Precision.BFLOAT16)
    halved = programs.footprint("contact", CHOICES["contact"])
    assert halved.encoder - 8 == (counted["contact"].encoder - 8) // 2


def test_table_and_json(monkeypatch: pytest.MonkeyPatch, counted: dict[str, memory.Footprint]) -> None:
    monkeypatch.setattr(memory, "all_footprints", lambda *_: iter(counted.values()))
    table = CliRunner().invoke(memory.main, ["--bundled", "--length", "4096"]).output.splitlines()
    assert [line.split("  ")[0] for line in table] == ["scorers", *CHOICES]
    rows = json.loads(CliRunner().invoke(memory.main, ["--bundled", "--json"]).output)
    assert rows[-1]["total"] == counted["all"].total
