import dataclasses
import hashlib
import json
import pathlib
import subprocess
import sys
from typing import Any

import pytest

from vep_cli.errors import WeightsError
from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, write_tracks
from vep_cli.model.weights_folder import (
    CALIBRATION,
    FILES,
    FORMAT,
    add_calibration,
    check_file,
    file_sha256,
    open_weights,
    write_manifest,
)

TRACK = Track(organism="human", output_type=OutputType.ATAC, index=3, name="last column")


def write_folder(path: pathlib.Path, tracks: tuple[Track, ...] = (TRACK,)) -> pathlib.Path:
    """Write a folder that opens; its parameters are never read here."""
    path.mkdir(exist_ok=True)
    (path / "config.json").write_text(ModelConfig.toy().to_json())
    (path / "model.safetensors").write_bytes(b"parameters")
    (path / "MODEL_CARD.md").write_text("# Card\n")
    write_tracks(path / "tracks.tsv", tracks)
    describe(path)
    return path


def describe(path: pathlib.Path, trained: bool = True) -> None:
    write_manifest(path, name="toy", version="1", licence="MIT", trained=trained, parameter_count=10)


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    return write_folder(tmp_path / "weights")


def change_manifest(folder: pathlib.Path, **changes: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_a_folder_opens_as_it_was_written(folder: pathlib.Path) -> None:
    weights = open_weights(folder)
    assert (weights.path, weights.parameters_path) == (folder, folder / "model.safetensors")
    assert weights.config == ModelConfig.toy()
    assert [track.name for track in weights.tracks] == ["last column"]
    assert (weights.manifest.name, weights.manifest.version, weights.manifest.licence) == ("toy", "1", "MIT")
    assert weights.manifest.parameter_count == 10
    assert weights.sha256 == hashlib.sha256(b"parameters").hexdigest()


def test_manifest_is_the_same_each_time(folder: pathlib.Path) -> None:
    before = (folder / "manifest.json").read_bytes()
    describe(folder)
    assert (folder / "manifest.json").read_bytes() == before


def test_random_weights_warn_and_trained_ones_do_not(folder: pathlib.Path) -> None:
    assert open_weights(folder).warning is None
    describe(folder, trained=False)
    assert "RANDOM NUMBERS" in str(open_weights(folder).warning)


def test_file_hash(tmp_path: pathlib.Path) -> None:
    # FIPS 180-2, appendix B.1.
    (tmp_path / "abc").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_sha256(tmp_path / "abc") == expected


def test_missing_folder_is_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(WeightsError, match="no such weights folder"):
        open_weights(tmp_path / "absent")


def test_file_in_the_place_of_the_folder_is_told(folder: pathlib.Path) -> None:
    with pytest.raises(WeightsError, match="a file, not a weights folder") as caught:
        open_weights(folder / "model.safetensors")
    assert caught.value.remedy == f"name the folder that has manifest.json: {folder}"


def test_file_of_no_folder_is_told(folder: pathlib.Path) -> None:
    (folder / "manifest.json").unlink()
    with pytest.raises(WeightsError, match="a file, not a weights folder") as caught:
        open_weights(folder / "config.json")
    assert caught.value.remedy == "name the folder that has manifest.json"


def test_path_is_said_once(folder: pathlib.Path) -> None:
    (folder / "manifest.json").unlink()
    with pytest.raises(WeightsError) as caught:
        open_weights(folder)
    assert str(caught.value).count(str(folder)) == 1
    assert str(caught.value).endswith("its manifest cannot be read: No such file or directory")


@pytest.mark.parametrize("name", ["manifest.json", "config.json", "tracks.tsv", "model.safetensors"])
def test_missing_file_is_told(folder: pathlib.Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(WeightsError) as caught:
        open_weights(folder)
    assert name.split(".")[0] in str(caught.value)
    assert name in str(caught.value.remedy)


@pytest.mark.parametrize("name", ["config.json", "tracks.tsv"])
def test_edited_file_is_told(folder: pathlib.Path, name: str) -> None:
    path = folder / name
    path.write_text(path.read_text() + "\n")
    with pytest.raises(WeightsError, match=r"not the one that manifest\.json names") as caught:
        open_weights(folder)
    assert caught.value.path == path


def test_parameters_are_checked_when_they_are_asked_for(folder: pathlib.Path) -> None:
    manifest = open_weights(folder).manifest
    check_file(folder, manifest, "model.safetensors")
    (folder / "model.safetensors").write_bytes(b"parameterz")
    assert open_weights(folder).manifest == manifest
    with pytest.raises(WeightsError, match="sha256"):
        check_file(folder, manifest, "model.safetensors")


def test_folder_in_the_place_of_a_file_is_told(folder: pathlib.Path) -> None:
    (folder / "tracks.tsv").unlink()
    (folder / "tracks.tsv").mkdir()
    with pytest.raises(WeightsError, match=r"tracks\.tsv cannot be read: Is a directory"):
        open_weights(folder)


@pytest.mark.parametrize("found", [FORMAT + 1, 0, str(FORMAT), None])
def test_other_formats_are_refused_with_both_numbers(folder: pathlib.Path, found: object) -> None:
    change_manifest(folder, format=found)
    with pytest.raises(WeightsError, match=f"have format {found!r}, this version reads {FORMAT}"):
        open_weights(folder)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"[1]", b'"text"', b"3", b"null", b"\xff\xfe", b"[" * 100_000],
    ids=lambda content: repr(content[:5]),
)
def test_manifest_that_is_no_object_is_told(folder: pathlib.Path, content: bytes) -> None:
    (folder / "manifest.json").write_bytes(content)
    with pytest.raises(WeightsError, match="manifest cannot be read"):
        open_weights(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": 3}, "'name' is 3, not of type str"),
        ({"version": None}, "'version' is None"),
        ({"licence": ["MIT"]}, "'licence' is"),
        ({"trained": "no"}, "'trained' is 'no', not of type bool"),
        ({"trained": 1}, "'trained' is 1"),
        ({"parameter_count": 1.5}, "'parameter_count' is 1.5"),
        ({"parameter_count": True}, "'parameter_count' is True"),
        ({"sha256": None}, "'sha256' is None"),
        ({"sha256": []}, "'sha256' is"),
        ({"sha256": {}}, r"'sha256' lacks config\.json"),
        ({"sha256": dict.fromkeys(FILES, 3)}, r"'sha256' lacks config\.json"),
        ({"sha256": dict.fromkeys(FILES[:2], "a")}, r"'sha256' lacks model\.safetensors"),
        ({"author": "x"}, "a key is missing or unknown: author"),
    ],
)
def test_manifest_with_wrong_values_is_told(
    folder: pathlib.Path, changes: dict[str, Any], message: str
) -> None:
    change_manifest(folder, **changes)
    with pytest.raises(WeightsError, match=message):
        open_weights(folder)


@pytest.mark.parametrize("key", ["name", "version", "licence", "trained", "parameter_count", "sha256"])
def test_manifest_without_a_key_is_told(folder: pathlib.Path, key: str) -> None:
    path = folder / "manifest.json"
    document = json.loads(path.read_text())
    del document[key]
    path.write_text(json.dumps(document))
    with pytest.raises(WeightsError, match=f"a key is missing or unknown: {key}"):
        open_weights(folder)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"3", b'{"heads": [3]}', b"\xff", b"[" * 100_000],
    ids=lambda c: repr(c[:9]),
)
def test_configuration_that_fits_its_hash_and_not_the_code_is_told(
    folder: pathlib.Path, content: bytes
) -> None:
    (folder / "config.json").write_bytes(content)
    describe(folder)
    with pytest.raises(WeightsError, match="model configuration") as caught:
        open_weights(folder)
    assert caught.value.path == folder / "config.json"


@pytest.mark.parametrize(
    ("output", "last"),
    # The toy heads have 4 columns; splice junctions predict two strands for each of them.
    [(OutputType.ATAC, 3), (OutputType.CONTACT_MAPS, 3), (OutputType.SPLICE_JUNCTIONS, 7)],
)
def test_tracks_fit_the_heads(tmp_path: pathlib.Path, output: OutputType, last: int) -> None:
    fitting = dataclasses.replace(TRACK, output_type=output, index=last)
    assert len(open_weights(write_folder(tmp_path / "weights", (fitting,))).tracks) == 1
    beyond = dataclasses.replace(fitting, index=last + 1)
    with pytest.raises(WeightsError, match=f"index {last + 1}, the network's head has {last + 1} columns"):
        open_weights(write_folder(tmp_path / "weights", (beyond,)))


def test_tracks_of_a_head_that_the_network_lacks_are_told(folder: pathlib.Path) -> None:
    toy = ModelConfig.toy()
    heads = tuple(head for head in toy.heads if head.output is not OutputType.ATAC)
    (folder / "config.json").write_text(dataclasses.replace(toy, heads=heads).to_json())
    describe(folder)
    with pytest.raises(WeightsError, match="tracks of ATAC, which the network does not predict"):
        open_weights(folder)


def add(folder: pathlib.Path, content: bytes) -> None:
    made = folder / "made"
    made.write_bytes(content)
    add_calibration(folder, made)


def test_a_calibration_is_added_and_replaced(folder: pathlib.Path) -> None:
    before = open_weights(folder)
    assert before.calibration_path is None
    for content in (b"one", b"two"):
        add(folder, content)
        opened = open_weights(folder)
        assert opened.calibration_path == folder / CALIBRATION
        assert opened.calibration_path.read_bytes() == content
        check_file(folder, opened.manifest, CALIBRATION)
        assert opened.manifest.sha256 == {
            **before.manifest.sha256,
            CALIBRATION: file_sha256(folder / CALIBRATION),
        }
    assert {path.name for path in folder.iterdir()} == {"manifest.json", *FILES, CALIBRATION}


@pytest.mark.parametrize("calls", [0, 1, 2, 3])
def test_a_folder_is_whole_whenever_its_calibration_is_interrupted(
    folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    add(folder, b"one")
    replace, done = pathlib.Path.replace, []

    def stop_after(source: pathlib.Path, target: pathlib.Path) -> pathlib.Path:
        if len(done) == calls:
            raise KeyboardInterrupt
        done.append(target.name)
        return replace(source, target)

    # Three files are renamed: the manifest without, the calibration, the manifest with it.
    with monkeypatch.context() as patch:
        patch.setattr(pathlib.Path, "replace", stop_after)
        if calls < 3:
            with pytest.raises(KeyboardInterrupt):
                add(folder, b"two")
        else:
            add(folder, b"two")
    opened = open_weights(folder)
    expected = {0: b"one", 1: None, 2: None, 3: b"two"}[calls]
    assert (opened.calibration_path is None) == (expected is None)
    if opened.calibration_path is not None:
        check_file(folder, opened.manifest, CALIBRATION)
        assert opened.calibration_path.read_bytes() == expected


def test_the_hash_of_a_calibration_is_text(folder: pathlib.Path) -> None:
    hashes = json.loads((folder / "manifest.json").read_text())["sha256"]
    change_manifest(folder, sha256={**hashes, CALIBRATION: 3})
    with pytest.raises(WeightsError, match=f"has no hash of {CALIBRATION}"):
        open_weights(folder)


def test_opening_does_not_import_jax(folder: pathlib.Path) -> None:
    program = (
        "import pathlib, sys; from vep_cli.model.weights_folder import open_weights; "
        "open_weights(pathlib.Path(sys.argv[1])); sys.exit('jax' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(folder)], check=False).returncode == 0
