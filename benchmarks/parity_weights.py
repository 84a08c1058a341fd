"""An oracle's weights and tracks as the product reads them."""

import pathlib
import tempfile

import jax
from parity_oracle import Oracle

from vep_cli.inference.predictor import Predictor
from vep_cli.model.official_metadata import read_metadata
from vep_cli.model.parameters import save
from vep_cli.model.tracks import TrackTable
from vep_cli.model.weights_folder import PARAMETERS, Manifest, WeightsFolder, file_sha256


def read_tracks(oracle: Oracle) -> TrackTable | None:
    """Return every track of either organism; None where the oracle lacks their metadata."""
    files = sorted((oracle.path / oracle.manifest.get("metadata", "metadata")).glob("*ORGANISM*"))
    return read_metadata(files, oracle.config) if files else None


def load_predictor(oracle: Oracle, named: TrackTable, chosen: TrackTable, organism: str) -> Predictor:
    """Return the product's network, through a temporary file: it reads weights from files only.

    Args:
        oracle: Whose weights.
        named: Every track of either organism.
        chosen: What to predict.
        organism: 'human' or 'mouse'.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        save(path / PARAMETERS, oracle.weights())
        manifest = Manifest(
            name="oracle",
            version=str(oracle.seed),
            licence="",
            trained=False,
            parameter_count=0,
            sha256={PARAMETERS: file_sha256(path / PARAMETERS)},
        )
        weights = WeightsFolder(path=path, manifest=manifest, config=oracle.config, tracks=named)
        return Predictor(weights, chosen, organism=organism, device=jax.devices()[0])
