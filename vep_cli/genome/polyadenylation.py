"""Sites where transcripts are cut and polyadenylated, such as PolyADB lists them."""

import csv
import dataclasses
import gzip
import pathlib
import zlib

import numpy as np
from jaxtyping import Int64

from vep_cli.errors import AnnotationError, reason
from vep_cli.genome.annotation import Gene

_COLUMNS = ("Start", "pas_strand", "gene_id")
_GZIP_MAGIC = b"\x1f\x8b"
_MAX_BYTES = 256_000_000
"""More than a table of all sites of a genome has, its compression undone."""

_REMEDY = f"give a tab-separated table with the columns {', '.join(_COLUMNS)}; Start is 0-based"


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class PolyadenylationSites:
    """Sites by gene.

    Attributes:
        start: Per gene id without its version, and strand: the 0-based base of each site, in the
            order of the table, which matters to the score.
    """

    start: dict[tuple[str, str], Int64[np.ndarray, " _"]]

    def of_gene(self, gene: Gene) -> Int64[np.ndarray, " sites"]:
        """Return the 0-based bases of a gene's sites on its own strand; none where the table has none."""
        key = gene.gene_id.partition(".")[0], gene.strand
        return self.start.get(key, np.zeros(0, np.int64))


def read_polyadenylation_sites(path: pathlib.Path) -> PolyadenylationSites:
    """Read a table of sites, tab-separated, plain or gzipped.

    Contig names are not read: the scores go by gene, as the official ones do.

    Args:
        path: The file; other columns than Start, pas_strand and gene_id are ignored.

    Raises:
        AnnotationError: The file cannot be read, is larger than any such table, lacks a column, or has a
            malformed row (names the line).
    """
    try:
        reader = csv.DictReader(_text(path).splitlines(), delimiter="\t")
        missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise AnnotationError(f"not a table of sites: {reason(error)}", remedy=_REMEDY, path=path) from error
    if missing:
        raise AnnotationError(f"no column {', '.join(missing)}", remedy=_REMEDY, path=path, line=1)
    return PolyadenylationSites(start=_by_gene(reader, path))


def _text(path: pathlib.Path) -> str:
    with path.open("rb") as file:
        is_gzip = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
        file.seek(0)
        # A compressed file of a megabyte can hold a gigabyte, which has to be refused before it is in memory.
        content = (gzip.GzipFile(fileobj=file) if is_gzip else file).read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise AnnotationError(f"holds more than {_MAX_BYTES:,} bytes", remedy=_REMEDY, path=path)
    return content.decode()


def _by_gene(
    rows: "csv.DictReader[str]", path: pathlib.Path
) -> dict[tuple[str, str], Int64[np.ndarray, " _"]]:
    starts: dict[tuple[str, str], list[np.int64]] = {}
    try:
        for row in rows:
            key = row["gene_id"].partition(".")[0], row["pas_strand"]
            starts.setdefault(key, []).append(np.int64(int(row["Start"])))
    except (AttributeError, TypeError, ValueError, OverflowError, csv.Error) as error:
        raise AnnotationError(
            f"not a site: {error}", remedy=_REMEDY, path=path, line=rows.line_num
        ) from error
    return {key: np.array(start, np.int64) for key, start in starts.items()}
