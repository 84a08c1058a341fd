"""The index beside a bgzipped VCF, so that a region of it can be read."""

import logging
import pathlib

import pysam

from vep_cli.writers.formats import VCF, output_format
from vep_cli.writers.output_file import COMPRESSED_SUFFIXES, is_special

logger = logging.getLogger(__name__)

_MAX_TBI_POSITION = 1 << 29
"""Bases that a .tbi index can tell apart (tabix manual); longer contigs need a .csi."""


def index_output(path: str, longest_contig: int) -> None:
    """Index the output where it is a bgzipped VCF; indexes of an earlier file of that name go.

    A VCF that is not sorted cannot be indexed, nor one with lines that are no records; that is a warning.

    Args:
        path: The finished output, or '-'.
        longest_contig: Bases of the reference's longest contig.
    """
    if not path.endswith(COMPRESSED_SUFFIXES) or is_special(path) or output_format(path) != VCF:
        return
    _remove_indexes(path)
    verbosity = pysam.set_verbosity(0)  # htslib prints what we say better
    try:
        pysam.tabix_index(path, preset="vcf", force=True, csi=longest_contig > _MAX_TBI_POSITION)
    except OSError:
        _remove_indexes(path)
        logger.warning("%s has no index: it is not sorted, or has lines that are no records", path)
    finally:
        pysam.set_verbosity(verbosity)


def _remove_indexes(path: str) -> None:
    for suffix in (".tbi", ".csi"):
        pathlib.Path(path + suffix).unlink(missing_ok=True)
