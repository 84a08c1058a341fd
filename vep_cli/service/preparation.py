"""From a run's settings to what is served: loaded once, for all calls."""

import dataclasses

import jax

from vep_cli.chosen_tracks import choose_tracks
from vep_cli.genome.polyadenylation import read_polyadenylation_sites
from vep_cli.genome.reference import Reference
from vep_cli.inference.predictor import Predictor
from vep_cli.model.precision import Precision
from vep_cli.model.tracks import TrackTable
from vep_cli.pipeline import SPELLINGS, Preparation, run_annotation
from vep_cli.service.device_model import DeviceModel, Narrowable
from vep_cli.service.device_queue import DeviceQueue
from vep_cli.service.listening import Listening
from vep_cli.service.loaded_model import LoadedModel, RequestLimits, SharedReference


def served(prepared: Preparation) -> Preparation:
    """Return a run's preparation with all tracks that were chosen: not every client scores."""
    selection = choose_tracks(prepared.weights[0].tracks, prepared.settings)
    return dataclasses.replace(prepared, selection=selection)


def load(prepared: Preparation, reference: Reference, listening: Listening) -> LoadedModel:
    """Load what is served, and start a thread for each device.

    Args:
        prepared: From `served`; of one model.
        reference: The reference sequence, open as long as the model is served.
        listening: What was asked of the server.

    Raises:
        VepError: The parameters or the genes cannot be read.
    """
    settings, tracks = prepared.settings, prepared.selection.tracks
    annotation = run_annotation(prepared, reference)
    table = settings.polyadenylation
    devices = [
        DeviceModel(_network(prepared, device, tracks), tracks, annotation, prepared.calibration)
        for device in prepared.devices
    ]
    return LoadedModel(
        weights=prepared.weights[0],
        organism=settings.genome.organism,
        tracks=tracks,
        reference=SharedReference(reference),
        annotation=annotation,
        polyadenylation_sites=None if table is None else read_polyadenylation_sites(table),
        spelling=SPELLINGS[settings.alleles],
        is_reference_checked=not listening.is_any_ref,
        limits=RequestLimits(longest=settings.window),
        compression=listening.compression,
        queue=DeviceQueue(devices),
    )


def _network(prepared: Preparation, device: jax.Device, tracks: TrackTable) -> Narrowable:
    return Predictor(
        prepared.weights[0],
        tracks,
        organism=prepared.settings.genome.organism,
        device=device,
        precision=Precision(prepared.settings.precision),
    )
