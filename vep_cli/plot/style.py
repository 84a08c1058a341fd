"""How figures look: sizes in millimetres and points, colours that colour-blind people can tell apart."""

from typing import Any

BOTH = "#b8bec6"
"""What both alleles have."""

REFERENCE = "#0072b2"
"""What REF alone has (the blue and the vermilion of Okabe and Ito's palette)."""

ALTERNATE = "#d55e00"
INK = "#1a1a1a"
FAINT = "#6b6b6b"
RULE = "#c9c9c9"
NON_CODING = "#8a8a8a"
UNKNOWN = "#ececec"
ARC = "#99a1ab"
"""Of a junction that both alleles have; darker than an area, as it is thinner."""

MILLIMETRES_PER_INCH = 25.4

TITLE_SIZE = 8.5
LABEL_SIZE = 6.3
SMALL_SIZE = 5.5

LEFT = 40.0
RIGHT = 8.0
TOP = 12.0
AXIS = 9.0
GAP = 1.6
GENE_ROW = 5.2
ARCS = 24.0
SIGNAL = 9.5
STRIP = 4.5
ZOOM = 7.0
CONTACTS = 30.0
NOTE_LINE = 2.5

SETTINGS: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": SMALL_SIZE,
    "text.color": INK,
    # What a file calls its genes and tracks is text, whatever signs of TeX are in it.
    "text.parse_math": False,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.4,
    "axes.labelsize": SMALL_SIZE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "xtick.labelsize": SMALL_SIZE,
    "ytick.labelsize": SMALL_SIZE,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": FAINT,
    "xtick.major.size": 2.0,
    "ytick.major.size": 1.5,
    "xtick.major.width": 0.4,
    "ytick.major.width": 0.4,
    "xtick.major.pad": 1.5,
    "ytick.major.pad": 1.2,
    # Letters stay letters, to be found, copied and edited; the same input gives the same bytes.
    "svg.fonttype": "none",
    "svg.hashsalt": "vep-cli",
    "pdf.fonttype": 42,
}
