"""Predictions as files that genome browsers open: bigWig along the genome, cooler for contact maps, BED."""

import contextlib
import importlib.util
import os
import pathlib
from collections.abc import Iterator

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int

from vep_cli.errors import OutputError, UsageError, reason
from vep_cli.genome.interval import Interval
from vep_cli.writers.output_file import OutputFile, rename_durably

BIGWIG, COOLER, JUNCTIONS_BED = ".bw", ".cool", ".junctions.bed"

_LIBRARIES = {BIGWIG: "pybigtools", COOLER: "cooler"}
"""What is needed to write a kind of file, where anything is."""

_COLOURS = {"+": "178,34,34", "-": "0,0,178"}

_LARGEST_SCORE = 1000
"""The most that BED allows."""


def check_library(suffix: str) -> None:
    """Refuse to begin what could not be written in the end.

    Args:
        suffix: `BIGWIG`, `COOLER` or `JUNCTIONS_BED`.

    Raises:
        UsageError: What writes such files is not installed.
    """
    library = _LIBRARIES.get(suffix)
    if library is not None and importlib.util.find_spec(library) is None:
        raise UsageError(
            f"{suffix} files are written by {library}, which is not installed",
            remedy="install it: pip install 'vep-cli[export]'",
        )


def write_bigwig(
    path: pathlib.Path,
    length: int,
    chromosome: str,
    start: int,
    resolution: int,
    values: Float[np.ndarray, " bins"],
) -> None:
    """Write one track; bins are cut off at the ends of the chromosome.

    Args:
        path: The file; it appears when it is whole.
        length: Base pairs of the chromosome.
        chromosome: Where the bins lie.
        start: First base of the first bin; may be negative.
        resolution: Base pairs of a bin.
        values: One per bin; bins without a number are left out.

    Raises:
        OutputError: It cannot be written.
    """
    import pybigtools

    starts = start + resolution * np.arange(len(values))
    ends = np.minimum(starts + resolution, length)
    starts = np.maximum(starts, 0)
    kept = (starts < ends) & np.isfinite(values)
    rows = zip(starts[kept].tolist(), ends[kept].tolist(), values[kept].tolist(), strict=True)
    with _whole(path) as part:
        pybigtools.open(str(part), "w").write({chromosome: length}, ((chromosome, *row) for row in rows))


def write_cooler(
    path: pathlib.Path, length: int, window: Interval, resolution: int, values: Float[np.ndarray, "bins bins"]
) -> None:
    """Write a contact map; of the chromosome's bins, those outside the window have no contacts.

    Args:
        path: The file; it appears when it is whole.
        length: Base pairs of the chromosome.
        window: What the map is of; starts at a multiple of the resolution.
        resolution: Base pairs of a bin.
        values: By pair of bins, symmetric.

    Raises:
        OutputError: It cannot be written.
        ValueError: The window does not start at a bin of the chromosome.
    """
    import cooler  # type: ignore[import-untyped]

    if window.start % resolution:
        raise ValueError(f"no multiple of the bins: {window.start=} {resolution=}")
    starts = np.arange(0, length, resolution)
    bins = pd.DataFrame(
        {"chrom": window.chromosome, "start": starts, "end": np.minimum(starts + resolution, length)}
    )
    row, column = np.triu_indices(len(values))
    first = window.start // resolution
    is_there = (row + first >= 0) & (column + first < len(starts)) & np.isfinite(values[row, column])
    row, column = row[is_there], column[is_there]
    counts = values[row, column].astype(np.float64)
    pixels = pd.DataFrame({"bin1_id": row + first, "bin2_id": column + first, "count": counts})
    with _whole(path) as part:
        cooler.create_cooler(str(part), bins, pixels, dtypes={"count": np.float64}, ordered=True)


def write_junctions(
    path: pathlib.Path,
    chromosome: str,
    name: str,
    starts: Int[np.ndarray, " junctions"],
    ends: Int[np.ndarray, " junctions"],
    is_forward: Bool[np.ndarray, " junctions"],
    reads: Float[np.ndarray, " junctions"],
    most: float,
) -> None:
    """Write splice junctions as BED12, with the line by which IGV draws arcs.

    As regtools and TopHat write it, a line is of the exons on either side, of which there is one base each,
    and of the intron between them.

    Args:
        path: The file; it appears when it is whole.
        chromosome: Where the junctions lie.
        name: What the browser calls the track.
        starts: First base of each intron.
        ends: The base after its last.
        is_forward: Whether it is on '+'.
        reads: How many reads cross it, the name of each line.
        most: As many reads as have the highest score.

    Raises:
        OutputError: It cannot be written.
    """
    in_order = np.lexsort((~is_forward, ends, starts))
    rows = zip(
        starts[in_order].tolist(),
        ends[in_order].tolist(),
        np.where(is_forward, "+", "-")[in_order].tolist(),
        reads[in_order].tolist(),
        np.rint(np.minimum(reads / most, 1) * _LARGEST_SCORE).astype(int)[in_order].tolist(),
        strict=True,
    )
    quoted = name.replace('"', "'")
    with OutputFile(str(path)) as out:
        out.write(f'track name="{quoted}" graphType=junctions\n')
        for row in rows:
            out.write(_junction_line(chromosome, *row))


def _junction_line(chromosome: str, start: int, end: int, strand: str, reads: float, score: int) -> str:
    first, last = start - 1, end + 1
    columns = (chromosome, first, last, f"{reads:.6g}", score, strand, first, first, _COLOURS[strand])
    blocks = (2, "1,1", f"0,{end - first}")
    return "\t".join(map(str, (*columns, *blocks))) + "\n"


@contextlib.contextmanager
def _whole(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """Write under a temporary name in the same folder; it becomes the file's if all goes well."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part{path.suffix}")
    try:
        yield part
        rename_durably(part, path)
    except Exception as error:  # the libraries raise types of their own, and plain ones
        raise OutputError(
            f"cannot be written: {reason(error)}",
            path=path,
            remedy="check the folder, its permissions and the free disk space",
        ) from error
    finally:
        part.unlink(missing_ok=True)
