import dataclasses
import json
import pathlib
import shutil
from collections.abc import Callable

import jax
import numpy as np
import pytest
import safetensors.numpy
from toy_checkpoint import CONFIG, HUMAN_METADATA, SHAPES, official_trees, values, write_orbax

from vep_cli.errors import OutputError, UsageError, VepError, WeightsError
from vep_cli.model import parameters, weights_import
from vep_cli.model.config import ModelConfig
from vep_cli.model.official_metadata import read_metadata
from vep_cli.model.orbax_checkpoint import OrbaxCheckpoint
from vep_cli.model.shapes import flatten
from vep_cli.model.verification import verify_weights
from vep_cli.model.weights_folder import FILES, MANIFEST, PARAMETERS, write_manifest
from vep_cli.model.weights_import import ImportSettings, fold_name, import_weights


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("hub") / "models--google--alphagenome-fold-2" / "snapshot"
    write_orbax(folder, official_trees())
    return folder


@pytest.fixture
def settings(checkpoint: pathlib.Path, tmp_path: pathlib.Path) -> ImportSettings:
    output = tmp_path / "parent" / "weights"
    return ImportSettings(checkpoint=checkpoint, output=output, metadata=(HUMAN_METADATA,))


@pytest.fixture
def imported(settings: ImportSettings) -> pathlib.Path:
    return import_weights(settings, CONFIG).path


def refusal(settings: ImportSettings, kind: type[VepError], config: ModelConfig = CONFIG) -> VepError:
    """Import in vain; nothing may be left beside the output."""
    with pytest.raises(kind) as caught:
        import_weights(settings, config)
    parent = settings.output.parent
    assert not parent.exists() or not list(parent.iterdir())
    return caught.value


def test_the_folder_has_the_checkpoints_values(settings: ImportSettings) -> None:
    opened = import_weights(settings, CONFIG)
    assert opened.path == settings.output
    assert list(settings.output.parent.iterdir()) == [settings.output]
    assert opened.config == CONFIG
    # Compared as text because NaN is no equal of itself.
    assert str(opened.tracks) == str(read_metadata([HUMAN_METADATA], CONFIG))
    loaded = flatten(parameters.load(opened.parameters_path, CONFIG))
    assert loaded.keys() == SHAPES.keys()
    for path, leaf in loaded.items():
        np.testing.assert_array_equal(np.asarray(leaf), values(path), strict=True)


def test_the_folder_says_what_it_is(settings: ImportSettings) -> None:
    opened = import_weights(settings, CONFIG)
    manifest = opened.manifest
    assert (manifest.name, manifest.version, manifest.trained) == ("alphagenome", "fold_2", True)
    assert "non-commercial" in manifest.licence
    assert manifest.parameter_count == sum(int(np.prod(shape)) for shape in SHAPES.values())
    assert "fold_2" in (opened.path / "MODEL_CARD.md").read_text()
    assert opened.warning is None


def test_bfloat16_is_half_the_size_and_loads_as_float32(settings: ImportSettings) -> None:
    whole = import_weights(settings, CONFIG).parameters_path.stat().st_size
    half = dataclasses.replace(settings, output=settings.output.with_name("half"), dtype="bfloat16")
    opened = import_weights(half, CONFIG)
    saved = whole - opened.parameters_path.stat().st_size
    # Two bytes each, and one letter more per leaf: 'BF16' for 'F32', padded to 8, offsets not longer.
    assert saved == pytest.approx(2 * opened.manifest.parameter_count, abs=4 * len(SHAPES))
    loaded = parameters.load(opened.parameters_path, CONFIG)
    assert {leaf.dtype.name for leaf in jax.tree.leaves(loaded)} == {"float32"}
    for path, leaf in flatten(loaded).items():
        # Rounding to 8 significant bits is off by at most 2^-8 of the value, half a unit of 2^-7.
        np.testing.assert_allclose(np.asarray(leaf), values(path), rtol=2**-8)


@pytest.mark.parametrize(
    ("path", "fold"),
    [
        ("/kaggle/google/alphagenome/jax/all_folds/1", "all_folds"),
        ("/hub/models--google--alphagenome-fold-3/snapshots/0a1b", "fold_3"),
        ("/fold_1/copy-of-ALL-FOLDS", "all_folds"),
        ("/data/manifold_1/checkpoint", "unknown"),
        ("/data/fold_12", "unknown"),
    ],
)
def test_fold_by_path(path: str, fold: str) -> None:
    named = ImportSettings(checkpoint=pathlib.Path(path), output=pathlib.Path("out"))
    assert fold_name(named) == fold
    assert fold_name(dataclasses.replace(named, fold="fold_0")) == "fold_0"


def test_another_architecture_leaves_nothing(settings: ImportSettings) -> None:
    error = refusal(settings, WeightsError, ModelConfig.toy())
    assert "rna_seq/resolution_128/multi_organism_linear/b is float32[2,3], expected float32[2,4]" in str(
        error
    )


def test_metadata_of_another_head_leaves_nothing(settings: ImportSettings, tmp_path: pathlib.Path) -> None:
    text = HUMAN_METADATA.read_text().replace('metadata { name: "junction_arm" }', "")
    (tmp_path / HUMAN_METADATA.name).write_text(text)
    changed = dataclasses.replace(settings, metadata=(tmp_path / HUMAN_METADATA.name,))
    error = refusal(changed, WeightsError)
    assert "human SPLICE_JUNCTIONS has 2 entries, expected 3" in str(error)


def test_a_checkpoint_that_breaks_off_leaves_nothing(
    settings: ImportSettings, tmp_path: pathlib.Path
) -> None:
    copy = pathlib.Path(shutil.copytree(settings.checkpoint, tmp_path / "copy"))
    index = OrbaxCheckpoint(folder=copy).leaves()
    for path in copy.rglob("ocdbt.process_*/d/*"):
        path.write_bytes(path.read_bytes()[:64])
    # The list of leaves is still whole, so that it is the reading that fails.
    assert len(index) == len(SHAPES)
    error = refusal(dataclasses.replace(settings, checkpoint=copy), WeightsError)
    assert "damaged" in str(error)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, RuntimeError])
def test_an_interruption_leaves_nothing(
    settings: ImportSettings, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    def interrupt(*arguments: object) -> None:
        raise kind

    monkeypatch.setattr(weights_import, "write_tracks", interrupt)
    with pytest.raises(kind):
        import_weights(settings, CONFIG)
    assert not list(settings.output.parent.iterdir())


def test_a_full_disk_is_an_error_of_ours(settings: ImportSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(weights_import, "write_safetensors", full)
    error = refusal(settings, OutputError)
    assert error.message == "the weights folder cannot be written: No space left on device"


def test_an_output_that_is_there_is_kept(settings: ImportSettings, imported: pathlib.Path) -> None:
    before = {path.name: path.read_bytes() for path in imported.iterdir()}
    with pytest.raises(UsageError, match="there already"):
        import_weights(settings, CONFIG)
    assert {path.name: path.read_bytes() for path in imported.iterdir()} == before


def test_an_imported_folder_verifies(imported: pathlib.Path) -> None:
    assert verify_weights(imported).path == imported


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_does_not_verify(imported: pathlib.Path, name: str) -> None:
    content = bytearray((imported / name).read_bytes())
    content[-1] ^= 1
    (imported / name).write_bytes(content)
    with pytest.raises(WeightsError, match=r"not the one that manifest\.json names") as caught:
        verify_weights(imported)
    assert caught.value.path == imported / name


def _edit_count(folder: pathlib.Path) -> None:
    document = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**document, "parameter_count": 7}))


def _edit_leaf(folder: pathlib.Path) -> None:
    arrays = safetensors.numpy.load_file(folder / PARAMETERS)
    safetensors.numpy.save_file(arrays | {"organism": np.ones((2, 9), np.float32)}, folder / PARAMETERS)
    fields = {"name": "a", "version": "b", "licence": "c", "trained": True, "parameter_count": 7}
    write_manifest(folder, **fields)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (_edit_count, "parameters, the manifest says 7"),
        (_edit_leaf, r"organism is float32\[2,9\], expected float32\[2,8\]"),
    ],
)
def test_a_manifest_that_fits_the_hashes_alone_does_not_verify(
    imported: pathlib.Path, edit: Callable[[pathlib.Path], None], message: str
) -> None:
    edit(imported)
    with pytest.raises(WeightsError, match=message):
        verify_weights(imported)
