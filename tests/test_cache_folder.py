import pathlib

import platformdirs
import pytest

from vep_cli.cache_folder import cache_folder


def test_folder_is_the_users_unless_named(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VEP_CACHE_DIR", raising=False)
    assert cache_folder("annotation") == platformdirs.user_cache_path("vep-cli") / "annotation"
    monkeypatch.setenv("VEP_CACHE_DIR", str(tmp_path))
    assert cache_folder("annotation") == tmp_path / "annotation"
