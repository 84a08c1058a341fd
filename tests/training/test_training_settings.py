import pathlib
from collections.abc import Callable

import pytest
from toy_inputs import toy_tracks, write_genes, write_genome

from vep_cli.errors import UsageError
from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.precision import Precision
from vep_cli.model.tracks import Track, TrackTable, write_tracks
from vep_cli.training.model_settings import head_widths
from vep_cli.training.settings import TrainSettings, read_settings

BASE = """
[model]
preset = "toy"
tracks = "tracks.tsv"
seed = 7

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

[[stage]]
name = "pretrain"
window = 2048
batch = 2
steps = 3
learning_rate = 1e-3
"""

Read = Callable[[str], TrainSettings]


@pytest.fixture
def read(tmp_path: pathlib.Path) -> Read:
    """Read a configuration beside the files that it names."""
    write_genome(tmp_path)
    write_genes(tmp_path)
    write_tracks(tmp_path / "tracks.tsv", toy_tracks())

    def call(text: str) -> TrainSettings:
        (tmp_path / "config.toml").write_text(text)
        return read_settings(tmp_path / "config.toml")

    return call


def test_what_is_left_out_has_defaults(read: Read) -> None:
    settings = read(BASE)
    assert settings.text == BASE
    assert (settings.model.seed, settings.total_steps, settings.run.ema) == (7, 3, 0)
    (stage,) = settings.stages
    assert (stage.precision, stage.copies, stage.warmup) == (Precision.FLOAT32, 0, 0)
    assert stage.weight(OutputType.ATAC) == 1
    assert stage.weight(OutputType.SPLICE_JUNCTIONS) == 0.2
    assert len(settings.model.tracks) == len(toy_tracks())


def test_everything_can_be_said(read: Read) -> None:
    settings = read(
        BASE
        + """precision = "bfloat16"
output_weights = { SPLICE_SITES = 2, ATAC = 0.1 }
[[stage]]
name = "distil"
window = 4096
batch = 1
steps = 10
learning_rate = 1e-4
copies = 1
[data.copies]
count = 2
[run]
ema = 0.999
[weights]
name = "mine"
card = "CARD.md"
"""
    )
    first, second = settings.stages
    assert first.precision is Precision.BFLOAT16
    assert [first.weight(output) for output in (OutputType.SPLICE_SITES, OutputType.ATAC)] == [2, 0.1]
    assert first.weight(OutputType.CAGE) == 0
    assert (second.name, second.copies, settings.total_steps) == ("distil", 1, 13)
    assert settings.run.ema == 0.999
    assert settings.weights.card is not None
    assert settings.weights.card.is_absolute()


def test_heads_follow_from_tracks_and_sizes_from_the_preset(read: Read) -> None:
    changed = BASE.replace('preset = "toy"', 'preset = "toy"\nmlp_width = 20\nhead_widths = { ATAC = 9 }')
    config = read(changed).model.config
    assert (config.mlp_width, config.key_size) == (20, ModelConfig.toy().key_size)
    widths = {head.output: head.width for head in config.heads}
    # Columns are counted from 0 to the last that a track has; '-' of junctions begins at column 4.
    assert (widths[OutputType.ATAC], widths[OutputType.CHIP_TF]) == (9, 2)
    assert (widths[OutputType.SPLICE_SITES], widths[OutputType.SPLICE_JUNCTIONS]) == (5, 4)
    assert OutputType.PROCAP not in widths


def test_junctions_have_a_column_for_both_strands() -> None:
    rows = [
        Track(organism="human", output_type=OutputType.SPLICE_JUNCTIONS, index=index, name="x", strand=strand)
        for index, strand in enumerate("++--")
    ]
    assert head_widths(TrackTable(tuple(rows))) == {OutputType.SPLICE_JUNCTIONS: 2}


def test_sizes_can_be_spelled_out(read: Read) -> None:
    with pytest.raises(UsageError, match="lacks 'tower_blocks'"):
        read(BASE.replace('preset = "toy"', "encoder_channels = [4, 4, 6, 6, 8, 8, 8]"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[model]", "[modell]", r"no table \[modell\]"),
        ("[data]", "[run]\n[dota]", r"no table \[dota\]"),
        ('preset = "toy"', 'preset = "big"', "preset is 'big'"),
        ('preset = "toy"', 'preset = "toy"\nlayers = 3', r"\[model\] has the unknown key 'layers'"),
        ('preset = "toy"', 'preset = "toy"\nmlp_width = "9"', r"\[model\] mlp_width is '9'"),
        ('preset = "toy"', 'preset = "toy"\nkey_size = 3', "key_size.* are even"),
        ('preset = "toy"', 'preset = "toy"\nhead_widths = { ATAC = 1 }', "the tracks need 2"),
        ('preset = "toy"', 'preset = "toy"\nhead_widths = { DANCE = 1 }', "DANCE"),
        ('tracks = "tracks.tsv"', "", r"\[model\] lacks 'tracks'"),
        ("batch = 2", "", r"\[\[stage\]\] 1 lacks 'batch'"),
        ("batch = 2", "batch = 2.5", r"\[\[stage\]\] 1 batch is 2.5"),
        ("batch = 2", "batch = 0", "batch is 0, it has to be 1 or more"),
        ("batch = 2", "batch = 2\nmomentum = 1", "unknown key 'momentum'"),
        ("= 1e-3", "= 0", "learning_rate is 0.0"),
        ("= 1e-3", "= 1e-3\nfinal_fraction = 2", "final_fraction is 2"),
        ("= 1e-3", '= 1e-3\nprecision = "tf32"', "tf32 is for scoring"),
        ("= 1e-3", "= 1e-3\nnear_sites = 1.5", "near_sites is 1.5"),
        ("= 1e-3", "= 1e-3\ncopies = true", "copies is True"),
        ("= 1e-3", "= 1e-3\ncopies = 2", "reads 2 edited copies of a piece, there are 0"),
        ("= 1e-3", "= 1e-3\noutput_weights = { DANCE = 1 }", "output_weights has 'DANCE'"),
        ("= 1e-3", "= 1e-3\noutput_weights = { ATAC = 0 }", "leave out"),
        ("= 1e-3", "= 1e-3\n[run]\nema = 1", "ema is 1"),
        ("= 1e-3", "= 1e-3\n[run]\ncheckpoint_minutes = 0", "checkpoint_minutes is 0"),
        ("= 1e-3", "= 1e-3\n[run]\nlog_every = 0", "log_every is 0"),
        ("[[stage]]", "[[step]]", r"no table \[step\]"),
        ("= 1e-3", "=", "cannot be read"),
    ],
)
def test_a_mistake_is_named(read: Read, old: str, new: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        read(BASE.replace(old, new, 1))
    assert "config.toml" in str(raised.value)
    assert raised.value.remedy


def test_a_training_needs_stages_of_different_names(read: Read) -> None:
    with pytest.raises(UsageError, match="no stage"):
        read(BASE[: BASE.index("[[stage]]")])
    with pytest.raises(UsageError, match="two stages have the name 'pretrain'"):
        read(BASE + BASE[BASE.index("[[stage]]") :])
