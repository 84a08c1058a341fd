import dataclasses
import pathlib
import subprocess
import sys

import click
import numpy as np
import pytest
import safetensors.numpy
from click.testing import CliRunner, Result

from vep_cli.accepted_terms import FILE
from vep_cli.bundled import weights_folder
from vep_cli.cli.weights import weights as weights_command
from vep_cli.errors import UsageError, VepError, WeightsError
from vep_cli.model import weights_import
from vep_cli.model.config import ModelConfig, make_heads
from vep_cli.model.output_type import OutputType
from vep_cli.model.port_file import PortFile
from vep_cli.model.weights_folder import open_weights
from vep_cli.model.weights_import import ImportSettings

CONFIG = dataclasses.replace(ModelConfig.toy(), heads=make_heads({OutputType.SPLICE_SITES: 5}))

METADATA = """
output_metadata {
  output_type: OUTPUT_TYPE_SPLICE_SITES
  tracks {
    metadata { name: "donor" strand: STRAND_POSITIVE }
    metadata { name: "acceptor" strand: STRAND_POSITIVE }
    metadata { name: "donor" strand: STRAND_NEGATIVE }
    metadata { name: "acceptor" strand: STRAND_NEGATIVE }
    metadata { name: "Padding" strand: STRAND_UNSTRANDED }
  }
}
"""


@pytest.fixture(autouse=True)
def config_folder(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("VEP_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path / "config"


@pytest.fixture
def metadata(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "toy_HOMO_SAPIENS.textproto"
    path.write_text(METADATA)
    return path


@pytest.fixture
def checkpoint(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a file of the PyTorch port's layout; Orbax is tested without the command line."""
    path = tmp_path / "toy_all_folds.safetensors"
    layout = PortFile(file=path).layout(CONFIG)
    arrays = {leaf.name: np.ones(leaf.shape, np.float32) for leaf in layout.values()}
    safetensors.numpy.save_file(arrays, path)
    return path


@pytest.fixture
def toy_is_official(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ModelConfig, "alphagenome", classmethod(lambda cls: CONFIG))


def run(*arguments: object) -> Result:
    result = CliRunner().invoke(weights_command, [str(word) for word in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result


def failure(*arguments: object) -> VepError:
    with pytest.raises(VepError) as caught:
        weights_command.main([str(word) for word in arguments], standalone_mode=False)
    return caught.value


def test_info_names_the_bundled_weights() -> None:
    opened = open_weights(weights_folder())
    printed = run("info").stdout
    assert f"model       {opened.manifest.name} {opened.manifest.version}\n" in printed
    assert f"sha256      {opened.sha256}\n" in printed


def test_the_bundled_weights_verify() -> None:
    opened = open_weights(weights_folder())
    assert run("verify").stdout == (
        f"{opened.path}: whole; {opened.manifest.name} {opened.manifest.version}, "
        f"{opened.manifest.parameter_count:,} parameters, sha256 {opened.sha256}\n"
    )


def test_a_folder_that_is_not_there_does_not_verify(tmp_path: pathlib.Path) -> None:
    assert isinstance(failure("verify", tmp_path / "nowhere"), WeightsError)


def test_official_says_where_and_under_which_terms() -> None:
    printed = run("official").stdout
    for needed in (
        "non-commercial",
        "model-terms",
        "kaggle.com",
        "huggingface.co",
        "--accept-terms",
        "fold_3",
    ):
        assert needed in printed
    assert max(map(len, printed.splitlines())) <= 110


@pytest.mark.usefixtures("toy_is_official")
def test_import_makes_a_folder_that_verifies(
    checkpoint: pathlib.Path, metadata: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    made = tmp_path / "made"
    result = run("import", checkpoint, "-o", made, "--metadata", metadata, "--accept-terms")
    assert result.stdout == ""
    count = open_weights(made).manifest.parameter_count
    assert result.stderr == f"imported alphagenome all_folds, {count:,} parameters: {made}\n"
    assert run("verify", made).stdout.startswith(f"{made}: whole; alphagenome all_folds")
    assert "human       SPLICE_SITES 4\nmouse       nothing\n" in run("info", made).stdout


def test_terms_come_before_anything_else(
    checkpoint: pathlib.Path, tmp_path: pathlib.Path, config_folder: pathlib.Path
) -> None:
    error = failure("import", checkpoint, "-o", tmp_path / "made")
    assert isinstance(error, UsageError)
    assert "terms to be accepted" in error.message
    assert not (config_folder / FILE).exists()


def test_another_networks_checkpoint_is_refused_by_name(
    checkpoint: pathlib.Path, metadata: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    made = tmp_path / "made"
    error = failure("import", checkpoint, "-o", made, "--metadata", metadata, "--accept-terms")
    assert isinstance(error, WeightsError)
    assert "conv1.weight is float32[4,4,15], expected float32[768,4,15]" in error.message
    assert not list(tmp_path.glob("*made*"))


def test_options_become_settings(
    checkpoint: pathlib.Path, metadata: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[ImportSettings, ModelConfig]] = []

    def importer(settings: ImportSettings, config: ModelConfig) -> object:
        calls.append((settings, config))
        return open_weights(weights_folder())

    monkeypatch.setattr(weights_import, "import_weights", importer)
    options = ("--metadata", metadata, "--metadata", "b", "--dtype", "bfloat16", "--fold", "fold_1")
    run("import", checkpoint, "-o", tmp_path / "made", *options, "--accept-terms")
    run("import", checkpoint, "-o", tmp_path / "made")
    full, least = (settings for settings, _ in calls)
    assert full == ImportSettings(
        checkpoint=checkpoint,
        output=tmp_path / "made",
        metadata=(metadata, pathlib.Path("b")),
        dtype="bfloat16",
        fold="fold_1",
    )
    assert least == ImportSettings(checkpoint=checkpoint, output=tmp_path / "made")
    assert all(config == ModelConfig.alphagenome() for _, config in calls)


@pytest.mark.parametrize("option", [["--dtype", "float16"], ["--fold", "fold_4"]])
def test_values_that_do_not_exist_are_refused(checkpoint: pathlib.Path, option: list[str]) -> None:
    with pytest.raises(click.BadParameter):
        weights_command.main(["import", str(checkpoint), "-o", "made", *option], standalone_mode=False)


def test_a_checkpoint_that_is_not_there_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(click.BadParameter, match="does not exist"):
        weights_command.main(["import", str(tmp_path / "nowhere"), "-o", "made"], standalone_mode=False)


def test_help_does_not_wait_for_jax() -> None:
    code = "import sys, vep_cli.cli.weights; print('jax' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"
