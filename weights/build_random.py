"""How this folder was made: tracks from `track_plan.py`, parameters from a random generator.

Run from the repository: python weights/build_random.py. The same jax gives the same bytes.
"""

import pathlib

import jax
from track_plan import plan_tracks

from vep_cli.model import parameters
from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable, read_tracks, write_tracks
from vep_cli.model.weights_folder import CONFIG, PARAMETERS, TRACKS, write_manifest

FOLDER = pathlib.Path(__file__).parent
SEED = 20261121


def head_widths(tracks: TrackTable) -> dict[OutputType, int]:
    """Return the columns that each head needs for the tracks of both organisms."""
    widths = {output: 1 + max(track.index for track in named) for output, named in tracks.by_output.items()}
    widths[OutputType.SPLICE_SITES] += 1  # the class "none", which is no track
    widths[OutputType.SPLICE_JUNCTIONS] //= 2  # one column per tissue serves both strands
    return widths


def main() -> None:
    """Write every file of the folder but the card and the scripts."""
    write_tracks(FOLDER / TRACKS, plan_tracks())
    config = ModelConfig.bundled(head_widths(read_tracks(FOLDER / TRACKS)))
    (FOLDER / CONFIG).write_text(config.to_json())
    params = parameters.initialise(config, jax.random.key(SEED))
    parameters.save(FOLDER / PARAMETERS, params)
    write_manifest(
        FOLDER,
        name="vep-small-untrained",
        version="0.1.0",
        licence="Apache-2.0",
        trained=False,
        parameter_count=parameters.count(params),
    )


if __name__ == "__main__":
    main()
