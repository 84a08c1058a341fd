"""The options of figures, each once."""

import pathlib

import click

from vep_cli.cli import completed_names
from vep_cli.settings import DEFAULT_PANELS

_PATH = click.Path(path_type=pathlib.Path)

figure_output = click.option(
    "-o",
    "--output",
    metavar="FILE",
    show_default="CHROM-POS-REF-ALT.png",
    help="Where to write the figure: .png, .svg or .pdf says the format.",
)
around = click.option(
    "--around",
    type=click.IntRange(min=20),
    metavar="BP",
    show_default="a gene that the variant touches; 32768 where there is none, or it is longer",
    help="Show so many base pairs round the variant.",
)
shown_interval = click.option(
    "--interval",
    metavar="REGION",
    help="Show this region, for instance chr6:32,038,001-32,042,000: 1-based, both ends included.",
)
panels = click.option(
    "--panels",
    type=click.IntRange(min=1, max=200),
    default=DEFAULT_PANELS,
    show_default=True,
    metavar="N",
    help="Draw no more than N tracks: first one of each kind, then a second one of each.",
)
difference = click.option(
    "--difference/--no-difference",
    default=True,
    show_default=True,
    help="Draw ALT - REF in a strip of its own scale under each signal.",
)
figure_width = click.option(
    "--width",
    type=click.IntRange(min=120, max=600),
    default=180,
    show_default=True,
    metavar="MM",
    help="Width of the figure; its height is what the tracks take.",
)
dots_per_inch = click.option(
    "--dpi",
    "dots_per_inch",
    type=click.IntRange(min=50, max=1200),
    default=300,
    show_default=True,
    metavar="N",
    help="Dots per inch of a PNG, and of contact maps in the other formats.",
)
logo = click.option(
    "--logo",
    metavar="FILE",
    shell_complete=completed_names.files,
    help="Draw what each base contributes: .png, .svg or .pdf says the format.",
)
logo_panels = click.option(
    "--panels",
    type=click.IntRange(min=1, max=50),
    default=6,
    show_default=True,
    metavar="N",
    help="Logos at most: of each scorer the track, and the gene, with the strongest score.",
)
