"""The calls that predict: of a sequence, of an interval, and of both alleles of a variant.

They follow the official service (MODEL_SPEC section 5): an interval on '-' is predicted from its reverse
complement and told in the order of '+'; ALT's predictions are of its own bases, those behind an indel
shifted by it, and only its splice junctions lie where REF's do.
"""

import functools
from collections.abc import Iterator
from typing import Any

from alphagenome.protos.v1 import dna_model_service_pb2

from vep_cli.errors import UsageError
from vep_cli.genome.interval import Interval
from vep_cli.genome.window import Window
from vep_cli.inference import interval_prediction
from vep_cli.inference.devices import explained_memory_errors
from vep_cli.inference.interval_prediction import IntervalPrediction, VariantPrediction
from vep_cli.model.output_type import OutputType
from vep_cli.model.strand import with_partners
from vep_cli.model.tracks import TrackTable
from vep_cli.service.call import Call
from vep_cli.service.device_model import DeviceModel
from vep_cli.service.loaded_model import LoadedModel
from vep_cli.service.requests import (
    bases_of,
    interval_of,
    outputs_of,
    sequence_of,
    tracks_of,
    variant_of,
    window_of,
)
from vep_cli.service.track_replies import OutputReply, output_replies


def predict_sequence(
    request: dna_model_service_pb2.PredictSequenceRequest, model: LoadedModel, call: Call
) -> Iterator[dna_model_service_pb2.PredictSequenceResponse]:
    """Yield what is predicted of a sequence, output type by output type.

    Raises:
        UsageError: The request cannot be answered.
    """
    outputs = outputs_of(request.requested_outputs, model)
    tracks = tracks_of(request.requested_outputs, request.ontology_terms, model)
    bases = sequence_of(request.sequence, model)
    nowhere = Interval(chromosome="", start=0, end=len(bases))
    read = _read(tracks, nowhere, model)
    work = functools.partial(_interval, tracks=read, interval=nowhere, bases=bases)
    prediction = call.result((read, len(bases)), work).of(tracks)
    for reply in output_replies(prediction, outputs, None, model.compression):
        yield from _messages(dna_model_service_pb2.PredictSequenceResponse, "output", reply)


def predict_interval(
    request: dna_model_service_pb2.PredictIntervalRequest, model: LoadedModel, call: Call
) -> Iterator[dna_model_service_pb2.PredictIntervalResponse]:
    """Yield what is predicted of an interval, output type by output type.

    Raises:
        UsageError: The request cannot be answered.
    """
    outputs = outputs_of(request.requested_outputs, model)
    tracks = tracks_of(request.requested_outputs, request.ontology_terms, model)
    interval = interval_of(request.interval, model)
    read = _read(tracks, interval, model)
    work = functools.partial(_interval, tracks=read, interval=interval, bases=bases_of(interval, model))
    prediction = call.result((read, interval.width), work).of(tracks)
    for reply in output_replies(prediction, outputs, request.interval, model.compression):
        yield from _messages(dna_model_service_pb2.PredictIntervalResponse, "output", reply)


def predict_variant(
    request: dna_model_service_pb2.PredictVariantRequest, model: LoadedModel, call: Call
) -> Iterator[dna_model_service_pb2.PredictVariantResponse]:
    """Yield what is predicted of REF, and then of ALT, output type by output type.

    Raises:
        UsageError: The request cannot be answered.
    """
    outputs = outputs_of(request.requested_outputs, model)
    tracks = tracks_of(request.requested_outputs, request.ontology_terms, model)
    interval = interval_of(request.interval, model)
    variant = variant_of(request.variant, interval, model)
    read = _read(tracks, interval, model)
    work = functools.partial(_variant, tracks=read, window=window_of(variant, interval, model), model=model)
    both: VariantPrediction = call.result((read, interval.width), work)
    alleles = {"reference_output": both.reference, "alternate_output": both.alternate}
    for field, prediction in alleles.items():
        for reply in output_replies(prediction.of(tracks), outputs, request.interval, model.compression):
            yield from _messages(dna_model_service_pb2.PredictVariantResponse, field, reply)


def _read(tracks: TrackTable, interval: Interval, model: LoadedModel) -> TrackTable:
    """Return the tracks to predict for those that were asked for; see `in_company`.

    On '-', what is asked for of '+' is what the network calls '-'.
    """
    if interval.strand != "-":
        return in_company(tracks, model.tracks)
    try:
        return with_partners(tracks, model.tracks)
    except ValueError as error:
        raise UsageError(
            f"{interval} is on '-', and this server has not every track on both strands",
            remedy="ask for it on '+': predictions of both strands' tracks come with either",
        ) from error


def in_company(chosen: TrackTable, table: TrackTable) -> TrackTable:
    """Return the chosen tracks and others of their output types, so that each has a power of two, or all.

    The network is compiled anew for every number of tracks, which takes longer than to predict some more
    of them, and clients ask for one tissue after another.

    Args:
        chosen: Some of `table`.
        table: All tracks that are served.
    """
    kept = set(chosen)
    for output, its_tracks in chosen.by_output.items():
        # Splice sites are predicted whole, and junctions, by tissue, are a small program of their own.
        if output not in (OutputType.SPLICE_SITES, OutputType.SPLICE_JUNCTIONS):
            others = [track for track in table.by_output[output] if track not in kept]
            power = 1 << (len(its_tracks) - 1).bit_length()
            kept.update(others[: power - len(its_tracks)])
    return table.where(lambda track: track in kept)


def _interval(device: DeviceModel, tracks: TrackTable, interval: Interval, bases: str) -> IntervalPrediction:
    with explained_memory_errors():
        return interval_prediction.predict_interval(device.network(tracks), tracks, interval, bases)


def _variant(
    device: DeviceModel, tracks: TrackTable, window: Window, model: LoadedModel
) -> VariantPrediction:
    with explained_memory_errors():
        network = device.network(tracks)
        return interval_prediction.predict_variant(network, tracks, window, model.annotation)


def _messages(response: Any, field: str, reply: OutputReply) -> Iterator[Any]:  # noqa: ANN401 - a class of messages
    """Yield the messages of one output type, under the name that the response has for it."""
    yield response(**{field: reply.output})
    yield from (response(tensor_chunk=chunk) for chunk in reply.chunks)
