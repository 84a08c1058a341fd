"""A sheet of paper: the same bytes for the same figure, whatever a user has set for figures of their own."""

import contextlib
import dataclasses
import io
import warnings
from collections.abc import Iterator

import matplotlib as mpl
from matplotlib.figure import Figure

from vep_cli.plot import style
from vep_cli.plot.axes import Page

# Dates would give every run other bytes.
_METADATA: dict[str, dict[str, str | None]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sheet:
    """What a figure is drawn on.

    Attributes:
        form: One of `saving.FORMATS`.
        width: In millimetres; the height is what the panels need.
        dots_per_inch: Of a PNG, and of what the other formats have in dots.
    """

    form: str
    width: float = 180.0
    dots_per_inch: int = 300


@contextlib.contextmanager
def own_style() -> Iterator[None]:
    """Draw in our style, as long as the block lasts."""
    with mpl.rc_context(), warnings.catch_warnings():
        # A letter that the font lacks is drawn as a box, which says enough.
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from", UserWarning)
        mpl.rcdefaults()
        mpl.rcParams.update(style.SETTINGS)  # type: ignore[arg-type]  # their names are a list of literals
        yield


def blank_page(sheet: Sheet, height: float) -> Page:
    """Return a page to draw on; `height` is in millimetres."""
    size = (sheet.width / style.MILLIMETRES_PER_INCH, height / style.MILLIMETRES_PER_INCH)
    return Page(figure=Figure(figsize=size), width=sheet.width, height=height)


def file_of(page: Page, sheet: Sheet) -> bytes:
    """Return a page as a file's bytes."""
    file = io.BytesIO()
    page.figure.savefig(file, format=sheet.form, dpi=sheet.dots_per_inch, metadata=_METADATA[sheet.form])
    return file.getvalue()
