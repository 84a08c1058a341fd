"""Profiles of transcription factors in JASPAR's text format, out of the database in `pyjaspar`."""

import pathlib
import sqlite3
import tempfile
from collections.abc import Mapping

from packages import PYJASPAR, read

DATABASE = "pyjaspar/data/JASPAR2024.sqlite"

PROFILES: Mapping[str, str] = {
    "CTCF": "MA0139.2",
    "REST": "MA0138.3",
    "MYC": "MA0147.4",
    "GATA1": "MA0035.5",
    "HNF4A": "MA0114.5",
    "CEBPB": "MA0466.4",
    "SPI1": "MA0080.5",
    "TBP": "MA0108.3",
    "SP1": "MA0079.5",
}
"""Identifier of the profile that stands for each factor."""


def write_motifs(packages: pathlib.Path, out: pathlib.Path) -> None:
    """Write FACTOR.jaspar for each factor.

    Raises:
        ValueError: The database lacks a profile.
    """
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as file:
        file.write(read(packages, PYJASPAR, DATABASE))
        file.flush()
        with sqlite3.connect(file.name) as database:
            for factor, profile in PROFILES.items():
                counts = profile_counts(database, profile)
                (out / f"{factor}.jaspar").write_text(jaspar_text(factor, profile, counts))
        database.close()


def profile_counts(database: sqlite3.Connection, profile: str) -> dict[str, list[float]]:
    """Return a profile's counts along the motif, by base.

    Raises:
        ValueError: The database lacks it.
    """
    identifier, version = profile.split(".")
    rows = database.execute(
        "SELECT d.row, d.val FROM MATRIX m JOIN MATRIX_DATA d ON d.ID = m.ID"
        " WHERE m.BASE_ID = ? AND m.VERSION = ? AND m.COLLECTION = 'CORE' ORDER BY d.row, d.col",
        (identifier, int(version)),
    ).fetchall()
    if not rows:
        raise ValueError(f"the JASPAR database has no profile {profile}")
    return {base: [count for row, count in rows if row == base] for base in "ACGT"}


def jaspar_text(factor: str, profile: str, counts: Mapping[str, list[float]]) -> str:
    """Return a profile in JASPAR's text format."""
    lines = [f"{base}  [ {' '.join(f'{count:g}' for count in counts[base])} ]" for base in "ACGT"]
    return "\n".join([f">{profile}\t{factor}", *lines]) + "\n"
