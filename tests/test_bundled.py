import pathlib

import pytest

from vep_cli import bundled


@pytest.mark.parametrize(
    ("folder", "inside", "outside"),
    [
        (bundled.weights_folder, "_data/weights", "weights"),
        (bundled.demo_genome_folder, "_data/demo", "examples/genome"),
    ],
)
def test_wheel_comes_before_checkout(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, folder: object, inside: str, outside: str
) -> None:
    assert callable(folder)
    package = tmp_path / "vep_cli"
    monkeypatch.setattr(bundled, "_PACKAGE", package)
    assert folder() == tmp_path / outside
    (package / inside).mkdir(parents=True)
    assert folder() == package / inside
