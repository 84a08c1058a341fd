"""`vep tracks`: what the weights can predict."""

import pathlib
from collections.abc import Sequence

import click

from vep_cli.bundled import weights_folder
from vep_cli.cli import options
from vep_cli.genome.registry import default_organism
from vep_cli.model.selection import select_tracks
from vep_cli.model.tissues import vocabulary
from vep_cli.model.tracks import Track
from vep_cli.model.weights_folder import open_weights

_COLUMNS = ("output_type", "name", "strand", "ontology_curie", "biosample_name", "gtex_tissue", "supervision")


@click.command()
@options.track_selection
@options.organism
@options.weights
def tracks(organism: str | None, weights: pathlib.Path | None, **choices: tuple[str, ...]) -> None:
    """List what the weights can predict, as tab-separated text.

    With --tissue and the other choices, exactly the tracks that `vep score` would use.

    \b
    Examples:
      vep tracks | column -t -s $'\\t' | less -S
      vep tracks --tissue liver --modality RNA_SEQ --strand +
    """
    folder = open_weights(weights or weights_folder())
    selection = select_tracks(
        folder.tracks,
        organism=organism or default_organism(),
        terms=vocabulary(),
        **choices,
    )
    click.echo(_table(selection.tracks.tracks))


def _table(rows: Sequence[Track]) -> str:
    lines = ["\t".join(_COLUMNS)]
    lines += ["\t".join(str(getattr(track, column)) for column in _COLUMNS) for track in rows]
    return "\n".join(lines)
