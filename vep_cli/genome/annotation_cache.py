"""Read a gene annotation of either format, and keep it parsed in the user's cache folder.

Parsing GENCODE takes several seconds, loading its columns about one. They are kept under the
hash of the annotation file's content, so that an edited file is never mistaken for the old one;
a cache entry that does not read is made anew.
"""

import dataclasses
import hashlib
import logging
import pathlib
import re
import zipfile
import zlib
from typing import Any

import numpy as np

from vep_cli.cache_folder import cache_folder
from vep_cli.errors import AnnotationError
from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.annotation_builder import opened
from vep_cli.genome.gff3 import read_gff3
from vep_cli.genome.gtf import read_gtf
from vep_cli.whole_file import appearing_whole

logger = logging.getLogger(__name__)

_FORMAT = 1
"""To be raised when the columns, or what the readers make of a file, change."""

_GENE_COLUMNS = tuple(field.name for field in dataclasses.fields(Gene))
_ARRAY_COLUMNS = tuple(
    field.name
    for field in dataclasses.fields(Annotation)
    if field.name not in ("genes", "listed_splice_sites", "lift")
)
_GFF3_ATTRIBUTES = re.compile(rb"\s*\w+=")


def read_annotation(path: pathlib.Path) -> Annotation:
    """Read a GTF or GFF3 file, plain, gzip or bgzip, from the cache where it has been read before.

    Args:
        path: The file; its content, not its name, says which format it is.

    Raises:
        AnnotationError: The file cannot be read, or is malformed (names the line).
    """
    entry = cache_folder("annotation") / f"{_content_hash(path)}.v{_FORMAT}.npz"
    annotation = _load(entry)
    if annotation is None:
        annotation = read_gff3(path) if _is_gff3(path) else read_gtf(path)
        _store(entry, annotation)
    return annotation


def _content_hash(path: pathlib.Path) -> str:
    try:
        with path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise AnnotationError(f"the annotation cannot be read: {error}", path=path) from error


def _is_gff3(path: pathlib.Path) -> bool:
    try:
        with opened(path) as lines:
            first_row = next((line for line in lines if line.strip() and not line.startswith(b"#")), b"")
    except (OSError, EOFError, zlib.error):
        # The reader says what is wrong, and where.
        return False
    return _GFF3_ATTRIBUTES.match(first_row.rpartition(b"\t")[2]) is not None


def _load(entry: pathlib.Path) -> Annotation | None:
    if not entry.exists():
        return None
    try:
        with entry.open("rb") as content, np.load(content, allow_pickle=False) as columns:
            return _from_columns({name: columns[name] for name in (*_GENE_COLUMNS, *_ARRAY_COLUMNS)})
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        logger.warning("The cached annotation %s is damaged and is made anew: %s", entry, error)
        return None


def _from_columns(columns: dict[str, Any]) -> Annotation:
    genes = zip(*(columns[name].tolist() for name in _GENE_COLUMNS), strict=True)
    return Annotation(
        genes=tuple(Gene(**dict(zip(_GENE_COLUMNS, values, strict=True))) for values in genes),
        **{name: columns[name] for name in _ARRAY_COLUMNS},
    )


def _to_columns(annotation: Annotation) -> dict[str, Any]:
    of_genes = {name: np.array([getattr(gene, name) for gene in annotation.genes]) for name in _GENE_COLUMNS}
    return of_genes | {name: getattr(annotation, name) for name in _ARRAY_COLUMNS}


def _store(entry: pathlib.Path, annotation: Annotation) -> None:
    """Write the entry beside its place and move it there, so that no run ever reads half of one."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        with appearing_whole(entry) as part, part.open("wb") as content:
            np.savez(content, **_to_columns(annotation))
    except OSError as error:
        logger.info("The annotation is not cached: %s", error)
