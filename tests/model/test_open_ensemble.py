import json
import pathlib
import shutil

import pytest
from toy_inputs import write_weights

from vep_cli.errors import UsageError, WeightsError
from vep_cli.model.ensemble import open_ensemble
from vep_cli.model.weights_folder import MANIFEST, TRACKS, WeightsFolder, file_sha256


def test_models_come_in_the_order_given(toy_weights: WeightsFolder, tmp_path: pathlib.Path) -> None:
    other = write_weights(tmp_path / "other", seed=4)
    opened = open_ensemble([other, toy_weights.path])
    assert [folder.path for folder in opened] == [other, toy_weights.path]


def test_same_weights_twice(toy_weights: WeightsFolder, tmp_path: pathlib.Path) -> None:
    copy = shutil.copytree(toy_weights.path, tmp_path / "copy")
    with pytest.raises(UsageError, match="given twice") as refused:
        open_ensemble([toy_weights.path, copy])
    assert refused.value.path == copy


def test_other_tracks(toy_weights: WeightsFolder, tmp_path: pathlib.Path) -> None:
    other = write_weights(tmp_path / "other", seed=4)
    table = (other / TRACKS).read_text().splitlines(keepends=True)
    (other / TRACKS).write_text("".join(table[:-1]))
    manifest = json.loads((other / MANIFEST).read_text())
    manifest["sha256"][TRACKS] = file_sha256(other / TRACKS)
    (other / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(WeightsError, match=f"same tracks; {toy_weights.path} has others"):
        open_ensemble([toy_weights.path, other])
