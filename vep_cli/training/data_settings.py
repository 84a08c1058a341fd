"""The `[data]` part of a training configuration."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

from vep_cli.errors import UsageError
from vep_cli.training.edits import CopySettings
from vep_cli.training.pieces import Excluded, Piece, check_pieces
from vep_cli.training.sources.catalogue import SourceSettings, source_settings
from vep_cli.training.toml_tables import read_record, tables_of

_KEYS = ("cache", "piece", "excluded", "copies", "source")


@dataclasses.dataclass(frozen=True, kw_only=True)
class DataSettings:
    """What a model is trained on.

    Attributes:
        cache: Folder of copies and targets, which runs may share; None means one in the folder of the run.
        pieces: Of genomes.
        excluded: Stretches that are neither trained on nor validated with.
        copies: How pieces are edited.
        sources: Of targets.
    """

    cache: pathlib.Path | None
    pieces: tuple[Piece, ...]
    excluded: tuple[Excluded, ...]
    copies: CopySettings
    sources: tuple[SourceSettings, ...]


def data_settings(table: Mapping[str, Any], folder: pathlib.Path) -> DataSettings:
    """Read the `[data]` table.

    Args:
        table: The table.
        folder: What relative paths are relative to, the folder of the file.

    Raises:
        UsageError: A key is missing, unknown or of another type, a piece overlaps an excluded stretch or
            one of another split, or there is no piece or no source.
    """
    for key in table:
        if key not in _KEYS:
            raise UsageError(f"[data] has the unknown key {key!r}", remedy=f"the keys are {', '.join(_KEYS)}")
    cache = table.get("cache")
    if not isinstance(cache, str | None):
        raise UsageError(f"[data] cache is {cache!r}", remedy="it has to be a path in quotes")
    pieces = _records(Piece, table, "piece", folder)
    excluded = _records(Excluded, table, "excluded", folder)
    check_pieces(pieces, excluded)
    sources = tuple(
        source_settings(entry, f"[[data.source]] {number}", folder)
        for number, entry in enumerate(tables_of(table, "source", "[data.source]"), 1)
    )
    if not pieces or not sources:
        raise UsageError(
            "there is nothing to learn from", remedy="[data] needs a [[data.piece]] and a [[data.source]]"
        )
    return DataSettings(
        cache=None if cache is None else folder / pathlib.Path(cache).expanduser(),
        pieces=pieces,
        excluded=excluded,
        copies=read_record(CopySettings, table.get("copies", {}), "[data.copies]", folder),
        sources=sources,
    )


def _records(kind: type, table: Mapping[str, Any], key: str, folder: pathlib.Path) -> tuple[Any, ...]:
    entries = tables_of(table, key, f"[data.{key}]")
    return tuple(
        read_record(kind, entry, f"[[data.{key}]] {number}", folder)
        for number, entry in enumerate(entries, 1)
    )
