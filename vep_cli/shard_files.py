"""Outputs of shards: what says in them, or beside them, which records they have, and what they hold."""

import contextlib
import dataclasses
import gzip
import importlib
import io
import itertools
import os
import pathlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from vep_cli.errors import ShardError, reason
from vep_cli.journal.outputs import journal_path
from vep_cli.sharding import PROVENANCE, RunDescription
from vep_cli.writers.formats import PARQUET, TSV, VCF, output_format
from vep_cli.writers.output_file import COMPRESSED_SUFFIXES, OutputFile, is_special, target

SIDECAR = ".shard.json"
"""What the file that describes a shard's TSV has behind the TSV's name: inside there is no room for it."""

_HEADER_LINE = f"##vep_cli_{PROVENANCE}=".encode()
_METADATA_KEY = f"vep_cli_{PROVENANCE}".encode()
_UNREADABLE = (OSError, EOFError, ValueError, zlib.error)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ShardFile:
    """The output of a shard.

    Attributes:
        path: The file.
        described: The run that it is of; `block` is there.
    """

    path: str
    described: RunDescription


def keep_beside(path: str, described: RunDescription) -> None:
    """Describe the finished TSV of a shard in a file beside it; that of an earlier run goes.

    Args:
        path: The output.
        described: Its run.

    Raises:
        OutputError: The file cannot be written.
    """
    if is_special(path) or output_format(path) != TSV:
        return
    sidecar = _sidecar(path)
    if described.block is None:
        sidecar.unlink(missing_ok=True)
        return
    with _opened(path) as lines:
        described = dataclasses.replace(described, rows=sum(1 for _ in lines))
    with OutputFile(str(sidecar)) as file:
        file.write(described.to_text() + "\n")


def read_shard(path: str) -> ShardFile:
    """Return which records the output of a shard has.

    Raises:
        ShardError: It is the output of no shard, or not finished, or cannot be read.
    """
    if not os.path.isfile(path):
        raise ShardError("there is no such file", path=path, remedy="name the outputs of all shards")
    if journal_path(path).exists():
        raise ShardError(
            f"the shard is not finished: {journal_path(path)} is there",
            path=path,
            remedy="finish it: the command that made it, with --resume",
        )
    with _explained(path):
        text = _DESCRIPTIONS[output_format(path)](path)
    if text is None:
        raise ShardError(
            "this is not the output of a shard",
            path=path,
            remedy=f"shards are made by vep score --shard; that of a TSV has {SIDECAR} beside it",
        )
    with _explained(path):
        return ShardFile(path=path, described=RunDescription.from_text(text))


def merged_bytes(shards: Iterable[ShardFile], of_format: str) -> Iterator[bytes]:
    """Yield what the output of the whole run holds.

    Args:
        shards: All, in order.
        of_format: Their format.

    Raises:
        ShardError: One is damaged.
    """
    return _MERGED[of_format](list(shards))


def _merged_vcf(shards: list[ShardFile]) -> Iterator[bytes]:
    for number, shard in enumerate(shards):
        with _explained(shard.path), _opened(shard.path) as lines:
            header = _header(lines)
            if number == 0:
                yield from (line for line in header if not line.startswith(_HEADER_LINE))
            block = shard.described.block
            yield from _counted(lines, block.end - block.start if block else 0)


def _merged_tsv(shards: list[ShardFile]) -> Iterator[bytes]:
    for number, shard in enumerate(shards):
        with _explained(shard.path), _opened(shard.path) as lines:
            rows = _counted(lines, shard.described.rows or 0)
            yield from itertools.islice(rows, min(number, 1), None)


def _merged_parquet(shards: list[ShardFile]) -> Iterator[bytes]:
    arrow, parquet = (importlib.import_module(name) for name in ("pyarrow", "pyarrow.parquet"))
    file_bytes = importlib.import_module("vep_cli.writers.parquet_writer").file_bytes

    def batches() -> Iterator[Any]:
        for shard in shards:
            with _explained(shard.path), parquet.ParquetFile(shard.path) as file:
                yield from (batch.replace_schema_metadata() for batch in file.iter_batches())

    first = parquet.read_schema(shards[0].path)
    metadata = {key: value for key, value in first.metadata.items() if key != _METADATA_KEY}
    rows = (arrow.record_batch(batch.columns, schema=first) for batch in batches())
    yield from file_bytes(first.with_metadata(metadata), rows)


def _counted(lines: Iterable[bytes], expected: int) -> Iterator[bytes]:
    count = 0
    for line in lines:
        count += 1
        yield line
    if count != expected:
        raise ValueError(f"{count} lines where {expected} were written")


def _vcf_description(path: str) -> str | None:
    with _opened(path) as lines:
        found = [line for line in _header(lines) if line.startswith(_HEADER_LINE)]
    return found[0].removeprefix(_HEADER_LINE).decode() if found else None


def _tsv_description(path: str) -> str | None:
    sidecar = _sidecar(path)
    return sidecar.read_text(encoding="utf-8") if sidecar.exists() else None


def _parquet_description(path: str) -> str | None:
    metadata = importlib.import_module("pyarrow.parquet").read_schema(path).metadata or {}
    return metadata[_METADATA_KEY].decode() if _METADATA_KEY in metadata else None


_DESCRIPTIONS: dict[str, Callable[[str], str | None]] = {
    VCF: _vcf_description,
    TSV: _tsv_description,
    PARQUET: _parquet_description,
}
_MERGED: dict[str, Callable[[list[ShardFile]], Iterator[bytes]]] = {
    VCF: _merged_vcf,
    TSV: _merged_tsv,
    PARQUET: _merged_parquet,
}


def _header(lines: Iterable[bytes]) -> list[bytes]:
    """Take the header of a VCF off its lines."""
    header: list[bytes] = []
    for line in lines:
        header.append(line)
        if not line.startswith(b"##"):
            break
    return header


def _sidecar(path: str) -> pathlib.Path:
    final = target(path)
    return final.with_name(final.name + SIDECAR)


def _opened(path: str) -> io.BufferedIOBase:
    if path.endswith(COMPRESSED_SUFFIXES):
        return gzip.GzipFile(path)
    return pathlib.Path(path).open("rb")


@contextlib.contextmanager
def _explained(path: str) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:  # pyarrow's are among them
        raise ShardError(
            f"the shard cannot be read: {reason(error)}", path=path, remedy="copy it again, or score it again"
        ) from error
