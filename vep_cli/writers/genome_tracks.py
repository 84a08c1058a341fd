"""Predictions as files that genome browsers open: bigWig along the genome, cooler for contact maps."""

import contextlib
import importlib.util
import os
import pathlib
from collections.abc import Iterator

import numpy as np
import pandas as pd
from jaxtyping import Float

from vep_cli.errors import OutputError, UsageError, reason
from vep_cli.genome.interval import Interval
from vep_cli.writers.output_file import rename_durably

BIGWIG, COOLER = ".bw", ".cool"

_LIBRARIES = {BIGWIG: "pybigtools", COOLER: "cooler"}


def check_library(suffix: str) -> None:
    """Refuse to begin what could not be written in the end.

    Args:
        suffix: `BIGWIG` or `COOLER`.

    Raises:
        UsageError: What writes such files is not installed.
    """
    library = _LIBRARIES[suffix]
    if importlib.util.find_spec(library) is None:
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
