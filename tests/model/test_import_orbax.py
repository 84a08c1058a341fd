import json
import pathlib
import shutil
import sys
from collections.abc import Callable

import numpy as np
import pytest
from toy_checkpoint import CONFIG, SHAPES, Tree, official_trees, values, write_orbax

from vep_cli.errors import UsageError, WeightsError
from vep_cli.model.orbax_checkpoint import OrbaxCheckpoint
from vep_cli.model.stored_leaf import check_layout

Change = Callable[[Tree, Tree], object]

STEM = "alphagenome/sequence_encoder/dna_embedder/conv1_d"
NORM = "alphagenome/sequence_encoder/dna_embedder/conv_block/rms_batch_norm"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    # A name that a URL would have to escape.
    folder = tmp_path_factory.mktemp("checkpoints") / "all folds %1?"
    write_orbax(folder, official_trees())
    return folder


@pytest.fixture
def copied(written: pathlib.Path, tmp_path: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(written, tmp_path / "copy"))


def check(folder: pathlib.Path) -> None:
    checkpoint = OrbaxCheckpoint(folder=folder)
    check_layout(checkpoint, checkpoint.layout(CONFIG))


def read_all(folder: pathlib.Path) -> None:
    checkpoint = OrbaxCheckpoint(folder=folder)
    for leaf in checkpoint.layout(CONFIG).values():
        checkpoint.read(leaf.name)


def refusal(folder: pathlib.Path) -> WeightsError:
    with pytest.raises(WeightsError) as caught:
        check(folder)
    assert caught.value.remedy
    return caught.value


def test_every_leaf_is_read_in_our_layout(written: pathlib.Path) -> None:
    check(written)
    checkpoint = OrbaxCheckpoint(folder=written)
    layout = checkpoint.layout(CONFIG)
    assert layout.keys() == SHAPES.keys()
    for path, leaf in layout.items():
        ours = leaf.to_ours(checkpoint.read(leaf.name), SHAPES[path])
        np.testing.assert_array_equal(ours, values(path), strict=True)


def test_names_say_the_tree(written: pathlib.Path) -> None:
    found = OrbaxCheckpoint(folder=written).leaves()
    assert str(found[f"params/{STEM}/w"]) == "float32[15,4,4]"
    assert str(found[f"state/{NORM}/var_ema"]) == "float32[1,1,4]"


def test_the_third_zarr_format_is_read_too(tmp_path: pathlib.Path) -> None:
    write_orbax(tmp_path / "zarr3", official_trees(), use_zarr3=True)
    assert json.loads((tmp_path / "zarr3" / "_METADATA").read_text())["use_zarr3"]
    check(tmp_path / "zarr3")
    found = OrbaxCheckpoint(folder=tmp_path / "zarr3").read(f"params/{STEM}/b")
    np.testing.assert_array_equal(found, values(("encoder", "bin_1", "convolution", "bias")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda params, state: params[STEM].pop("b"), f"params/{STEM}/b is missing, expected float32[4]"),
        (
            lambda params, state: params[STEM].update(extra=np.zeros(1, np.float32)),
            f"params/{STEM}/extra is unknown",
        ),
        (
            lambda params, state: params[STEM].update(b=np.zeros(5, np.float32)),
            f"params/{STEM}/b is float32[5], expected float32[4]",
        ),
        (
            # As many values, other axes: a reshape would take it.
            lambda params, state: params[STEM].update(w=np.zeros((4, 15, 4), np.float32)),
            f"params/{STEM}/w is float32[4,15,4], expected float32[15,4,4]",
        ),
        (
            lambda params, state: params[STEM].update(b=np.zeros(4, np.int32)),
            f"params/{STEM}/b is int32[4], expected float32[4]",
        ),
        (
            lambda params, state: params[NORM].update(state.pop(NORM)),
            f"state/{NORM}/var_ema is missing, expected float32[4]; params/{NORM}/var_ema is unknown",
        ),
    ],
)
def test_a_leaf_of_another_network_is_named(change: Change, message: str, tmp_path: pathlib.Path) -> None:
    trees = official_trees()
    change(*trees)
    write_orbax(tmp_path / "changed", trees)
    assert refusal(tmp_path / "changed").message.endswith(message)


def test_another_programs_checkpoint_names_a_few_leaves(tmp_path: pathlib.Path) -> None:
    write_orbax(tmp_path / "other", ({"layer": {"kernel": np.ones((2, 3), np.float32)}},))
    message = refusal(tmp_path / "other").message
    assert "params/alphagenome/" in message
    assert f"(and {len(SHAPES) + 1 - 5} more)" in message


def test_a_folder_that_is_no_checkpoint(tmp_path: pathlib.Path) -> None:
    assert "no _METADATA" in refusal(tmp_path).message
    (tmp_path / "model.pth").write_bytes(b"pickle")
    assert "no _METADATA" in refusal(tmp_path / "model.pth").message


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"tree_metadata": {"a": {}}}', '{"tree_metadata": {"a": 1}}']
)
def test_damaged_metadata_is_an_error_of_ours(copied: pathlib.Path, content: str) -> None:
    (copied / "_METADATA").write_text(content)
    assert "list of leaves cannot be read" in refusal(copied).message


def test_a_checkpoint_without_ocdbt_is_refused(copied: pathlib.Path) -> None:
    document = json.loads((copied / "_METADATA").read_text())
    (copied / "_METADATA").write_text(json.dumps({**document, "use_ocdbt": False}))
    assert "OCDBT" in refusal(copied).message


def test_a_missing_store_is_damage(copied: pathlib.Path) -> None:
    (copied / "manifest.ocdbt").unlink()
    message = refusal(copied).message
    assert message.startswith("the checkpoint is damaged: params/alphagenome/")
    assert "tensorstore_spec" not in message


@pytest.mark.parametrize("kept", [0, 0.5])
def test_truncated_data_is_damage(copied: pathlib.Path, kept: float) -> None:
    files = [path for path in copied.rglob("d/*") if path.is_file()]
    for path in files:
        path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    assert files
    with pytest.raises(WeightsError, match="the checkpoint is damaged: params/"):
        read_all(copied)


def test_without_tensorstore_the_remedy_is_the_command(
    written: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tensorstore", None)
    with pytest.raises(UsageError, match="needs the package tensorstore") as caught:
        check(written)
    assert caught.value.remedy == "install it: pip install 'vep-cli[official]'"
