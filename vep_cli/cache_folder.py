"""Where the program keeps what it would otherwise compute anew in every run."""

import os
import pathlib

import platformdirs


def cache_folder(kind: str) -> pathlib.Path:
    """Return the folder of one kind of thing: in `$VEP_CACHE_DIR`, else in the user's cache folder."""
    folder = os.environ.get("VEP_CACHE_DIR") or platformdirs.user_cache_path("vep-cli")
    return pathlib.Path(folder) / kind
