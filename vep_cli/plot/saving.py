"""Where a figure goes: the name of its file, whose ending says the format, and what it takes to draw one."""

import importlib.util
import pathlib
import re

from vep_cli.errors import UsageError
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.plot.style import MILLIMETRES_PER_INCH

FORMATS = ("png", "svg", "pdf")
_LONGEST_ALLELE = 12
_MOST_DOTS = 1 << 15
"""Along either side of a PNG."""


def check_format(path: str) -> str:
    """Return the format that the name of a figure says.

    Raises:
        UsageError: It says none.
    """
    form = pathlib.PurePath(path).suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise UsageError(
            f"figures are written as {', '.join(f'.{one}' for one in FORMATS)}, not to {path}",
            remedy="end the name of --output in one of them",
        )
    return form


def check_matplotlib() -> None:
    """Refuse to begin what could not be drawn in the end.

    Raises:
        UsageError: matplotlib is not installed.
    """
    if importlib.util.find_spec("matplotlib") is None:
        raise UsageError(
            "figures need matplotlib, which is not installed",
            remedy="pip install 'vep-cli[plot]'",
        )


def check_dots(width: float, height: float, dots_per_inch: int) -> None:
    """Refuse a picture that has more dots than matplotlib can draw.

    Args:
        width: In millimetres.
        height: In millimetres.
        dots_per_inch: Of the picture.

    Raises:
        UsageError: It has.
    """
    if max(width, height) / MILLIMETRES_PER_INCH * dots_per_inch >= _MOST_DOTS:
        raise UsageError(
            f"a picture of {width:.0f} by {height:.0f} mm is too large at --dpi {dots_per_inch}",
            remedy="choose a lower --dpi, fewer --panels, or write a .pdf or .svg",
        )


def default_name(record: VcfRecord) -> str:
    """Return the name of a variant's figure, `chr6-32039081-C-G.png`, of letters that all file systems take.

    Args:
        record: The variant; of long alleles, the length alone is in the name.
    """
    alleles = (
        bases if len(bases) <= _LONGEST_ALLELE else f"{len(bases)}bp"
        for bases in (record.reference, *record.alternates)
    )
    name = "-".join([record.chromosome, str(record.position), *alleles])
    return re.sub(r"[^A-Za-z0-9._-]", "_", name) + ".png"
