"""A scored file of either kind, opened for a report."""

import contextlib
import dataclasses
import gzip
import itertools
import pathlib
import zlib
from collections.abc import Generator, Iterator, Mapping

from vep_cli.errors import UsageError, VcfError
from vep_cli.genome.vcf_reader import STANDARD_STREAM, VcfReader, check_source
from vep_cli.report import scored_table, scored_vcf
from vep_cli.report.scored_allele import ReportedRecord

_TABLE_SUFFIXES = (".tsv", ".tsv.gz", ".tsv.bgz")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ScoredFile:
    """An open scored file.

    Attributes:
        name: Its name, without its folder.
        is_table: Whether it is a table, which says neither how it was made nor what records there were.
        provenance: What it says of the run, by name; a name can come more than once.
        lengths: Bases of each contig, where the file says so.
        samples: How many samples there are.
        records: What it says of each record; read once.
    """

    name: str
    is_table: bool
    provenance: tuple[tuple[str, str], ...]
    lengths: Mapping[str, int]
    samples: int
    records: Iterator[ReportedRecord]


@contextlib.contextmanager
def scored_file(source: str) -> Iterator[ScoredFile]:
    """Open a scored VCF (plain, gzip, bgzip) or BCF, standard input for '-', or a table, by its suffix.

    Args:
        source: The path, or '-' for a VCF.

    Raises:
        UsageError: It is a Parquet file.
        VcfError: It cannot be read, or it has no scores; while records are read too.
    """
    check_source(source)
    if source.endswith(".parquet"):
        raise UsageError(
            "a report is made of a VCF or a TSV, not of Parquet",
            path=source,
            remedy="score once more with -o scored.vcf.gz",
        )
    with _table(source) if source.endswith(_TABLE_SUFFIXES) else _vcf(source) as opened:
        yield opened


@contextlib.contextmanager
def _vcf(source: str) -> Iterator[ScoredFile]:
    with VcfReader(source) as reader:
        header = scored_vcf.read_header(reader.header, reader.name)
        yield ScoredFile(
            name=reader.name if source == STANDARD_STREAM else pathlib.Path(source).name,
            is_table=False,
            provenance=header.provenance,
            lengths=header.lengths,
            samples=header.samples,
            records=scored_vcf.read_records(iter(reader), header),
        )
        reader.tell_of_oddities()


@contextlib.contextmanager
def _table(source: str) -> Iterator[ScoredFile]:
    with contextlib.closing(_lines(source)) as lines:
        records = scored_table.read_records(lines, source)
        # A table that is none of ours is told by its head, before anything is made of it.
        first = list(itertools.islice(records, 1))
        yield ScoredFile(
            name=pathlib.Path(source).name,
            is_table=True,
            provenance=(),
            lengths={},
            samples=0,
            records=itertools.chain(first, records),
        )


def _lines(source: str) -> Generator[str, None, None]:
    opening = open if source.endswith(".tsv") else gzip.open
    try:
        with opening(source, "rt", encoding="utf-8", errors="surrogateescape", newline="\n") as table:
            yield from table
    except (EOFError, OSError, zlib.error) as error:
        raise VcfError(
            f"the file is truncated or damaged: {getattr(error, 'strerror', None) or error}",
            path=source,
            remedy="compare its size with the source, and copy it again",
        ) from error
