"""Which configurations a run goes on with."""

import pathlib

import pytest
from toy_inputs import toy_tracks, write_genes, write_genome

from vep_cli.errors import UsageError
from vep_cli.model.tracks import write_tracks
from vep_cli.training import run_folder
from vep_cli.training.checkpoints import Progress
from vep_cli.training.run_folder import opened_run_folder
from vep_cli.training.settings import read_settings

HEAD = """
[model]
preset = "toy"
tracks = "tracks.tsv"
seed = 1
[run]
ema = 0.9
[data]
[[data.piece]]
name = "one"
fasta = "toy.fa"
contig = "chr1"
start = 0
end = 12000
genome = "toy"
split = "train"
[[data.source]]
kind = "annotation"
gtf = "toy.gtf"
genome = "toy"
output = "SPLICE_SITES"
feature = "splice_sites"
"""


def stages(*, first: int = 10, second: int = 20, rate: str = "1e-3", falls_to: int = 1) -> str:
    """Return two stages, of which the second is at a constant learning rate unless it falls to 0."""
    return f"""
[[stage]]
name = "first"
window = 2048
batch = 2
steps = {first}
learning_rate = 1e-3
[[stage]]
name = "second"
window = 2048
batch = 2
steps = {second}
learning_rate = {rate}
final_fraction = {falls_to}
"""


THIRD = stages().split("[[stage]]")[-1].replace("second", "third")


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    write_genome(tmp_path)
    write_genes(tmp_path)
    write_tracks(tmp_path / "tracks.tsv", toy_tracks())
    return tmp_path


def open_with(folder: pathlib.Path, text: str) -> None:
    config = folder / "config.toml"
    config.write_text(text)
    with opened_run_folder(folder / "run", read_settings(config)):
        assert (folder / "run" / "config.toml").read_text() == text


def stand_at(monkeypatch: pytest.MonkeyPatch, folder: pathlib.Path, stage: int, done: int) -> None:
    """Let the run stand in the middle of a stage, as its last checkpoint says."""
    progress = Progress(stage=stage, stage_step=done, step=done, metrics_bytes=0)
    monkeypatch.setattr(run_folder, "last_progress", lambda _: (folder, progress))


@pytest.mark.parametrize(
    "text",
    [
        HEAD + stages(),
        HEAD + stages() + "# a remark",
        HEAD + stages(second=30),
        HEAD + stages(second=15),
        HEAD + stages() + "[[stage]]" + THIRD,
        HEAD + stages() + '[weights]\nname = "other"\n',
    ],
)
def test_what_has_not_begun_may_change(
    folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    open_with(folder, HEAD + stages())
    stand_at(monkeypatch, folder, 1, 15)
    open_with(folder, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + stages(first=11), "a [[stage]] that is done"),
        (HEAD + stages(rate="2e-3"), "[[stage]] 'second'"),
        # Fewer steps than there were.
        (HEAD + stages(second=14), "[[stage]] 'second'"),
        (HEAD + stages(second=30, falls_to=0), "[[stage]] 'second'"),
        (HEAD + stages().split('[[stage]]\nname = "second"')[0], "[[stage]] 'second'"),
        (HEAD.replace("seed = 1", "seed = 2") + stages(), "[model]"),
        (HEAD.replace("12000", "11000") + stages(), "[data]"),
        (HEAD.replace("ema = 0.9", "ema = 0.8") + stages(), "[run]"),
    ],
)
def test_what_was_done_may_not(
    folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    open_with(folder, HEAD + stages())
    stand_at(monkeypatch, folder, 1, 15)
    with pytest.raises(UsageError, match="another training") as raised:
        open_with(folder, text)
    assert said in raised.value.message
    assert (folder / "run" / "config.toml").read_text() == HEAD + stages()


def test_a_falling_learning_rate_has_one_length(
    folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_with(folder, HEAD + stages(falls_to=0))
    stand_at(monkeypatch, folder, 1, 15)
    with pytest.raises(UsageError, match="'second' differs"):
        open_with(folder, HEAD + stages(second=30, falls_to=0))


def test_before_the_first_checkpoint_everything_may_change(folder: pathlib.Path) -> None:
    open_with(folder, HEAD + stages())
    open_with(folder, HEAD.replace("seed = 1", "seed = 2") + stages(first=3))
