"""The service's calls: who calls is asked for a key, and what goes wrong is told in gRPC's terms."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from alphagenome.protos.v1 import dna_model_service_pb2

from vep_cli.errors import DeviceError, FastaError, UsageError, VcfError, VepError
from vep_cli.service import predictions
from vep_cli.service.access import KEY_HEADER, is_allowed
from vep_cli.service.call import Call, CallEnded
from vep_cli.service.loaded_model import LoadedModel
from vep_cli.service.requests import check_model
from vep_cli.service.scoring_calls import score_interval, score_mutagenesis, score_variant
from vep_cli.service.track_metadata import metadata_replies

logger = logging.getLogger(__name__)

Answer = Callable[[Any, LoadedModel, Call], Iterator[Any]]
"""Yields the replies to a request."""


class Servicer:
    """Answers the calls of `DnaModelService`; each in a thread of its own."""

    def __init__(self, model: LoadedModel, keys: tuple[bytes, ...]) -> None:
        """Serve a model.

        Args:
            model: What is served.
            keys: Those that clients need one of; none for anybody.
        """
        self._model = model
        self._keys = keys

    # The protocol gives the methods their names.

    def PredictSequence(  # noqa: N802
        self, requests: Iterator[dna_model_service_pb2.PredictSequenceRequest], context: grpc.ServicerContext
    ) -> Iterator[Any]:
        """Predict sequences."""
        return self._answered("PredictSequence", requests, context, predictions.predict_sequence)

    def PredictInterval(  # noqa: N802
        self, requests: Iterator[dna_model_service_pb2.PredictIntervalRequest], context: grpc.ServicerContext
    ) -> Iterator[Any]:
        """Predict intervals."""
        return self._answered("PredictInterval", requests, context, predictions.predict_interval)

    def PredictVariant(  # noqa: N802
        self, requests: Iterator[dna_model_service_pb2.PredictVariantRequest], context: grpc.ServicerContext
    ) -> Iterator[Any]:
        """Predict both alleles of variants."""
        return self._answered("PredictVariant", requests, context, predictions.predict_variant)

    def ScoreInterval(  # noqa: N802
        self, requests: Iterator[dna_model_service_pb2.ScoreIntervalRequest], context: grpc.ServicerContext
    ) -> Iterator[Any]:
        """Score intervals."""
        return self._answered("ScoreInterval", requests, context, score_interval)

    def ScoreVariant(  # noqa: N802
        self, requests: Iterator[dna_model_service_pb2.ScoreVariantRequest], context: grpc.ServicerContext
    ) -> Iterator[Any]:
        """Score variants."""
        return self._answered("ScoreVariant", requests, context, score_variant)

    def ScoreIsmVariant(  # noqa: N802
        self, requests: Iterator[dna_model_service_pb2.ScoreIsmVariantRequest], context: grpc.ServicerContext
    ) -> Iterator[Any]:
        """Score every single-base change of stretches."""
        return self._answered("ScoreIsmVariant", requests, context, score_mutagenesis)

    def GetMetadata(  # noqa: N802
        self, request: dna_model_service_pb2.MetadataRequest, context: grpc.ServicerContext
    ) -> Iterator[Any]:
        """Say what tracks there are."""
        return self._answered("GetMetadata", iter([request]), context, _metadata)

    def _answered(
        self, name: str, requests: Iterator[Any], context: grpc.ServicerContext, answer: Answer
    ) -> Iterator[Any]:
        if not is_allowed(context.invocation_metadata(), self._keys):
            logger.info("%s from %s: refused, no key or a wrong one", name, context.peer())
            context.abort(grpc.StatusCode.UNAUTHENTICATED, f"{KEY_HEADER} has no key that this server knows")
        call = Call(self._model.queue, context)
        for request in requests:
            began = time.monotonic()
            try:
                check_model(request.organism, getattr(request, "model_version", ""), self._model)
                yield from answer(request, self._model, call)
            except CallEnded:
                logger.info("%s: the client has gone", _described(name, request))
                return
            except VepError as error:
                logger.info("%s: refused: %s", _described(name, request), error)
                context.abort(*_told(error))
            except Exception as error:
                logger.exception("%s: internal error", _described(name, request))
                context.abort(grpc.StatusCode.INTERNAL, f"internal error: {type(error).__name__}")
            logger.info("%s: %.2f s", _described(name, request), time.monotonic() - began)


def _metadata(
    request: dna_model_service_pb2.MetadataRequest, model: LoadedModel, call: Call
) -> Iterator[dna_model_service_pb2.MetadataResponse]:
    del request, call
    return metadata_replies(model.tracks)


def _told(error: VepError) -> tuple[grpc.StatusCode, str]:
    """Return what a client is told of an error.

    RESOURCE_EXHAUSTED and UNAVAILABLE, upon which clients try again, are for what another time helps.
    """
    text = str(error) if error.remedy is None else f"{error}: {error.remedy}"
    match error:
        case DeviceError():
            return grpc.StatusCode.FAILED_PRECONDITION, text
        case UsageError() | VcfError():
            return grpc.StatusCode.INVALID_ARGUMENT, text
        case FastaError():
            return grpc.StatusCode.DATA_LOSS, text
    return grpc.StatusCode.INTERNAL, text


def _described(name: str, request: Any) -> str:  # noqa: ANN401 - of any call
    """Return one line about a request, without its sequence."""
    words = [name]
    for field in ("interval", "ism_interval"):
        if field in request.DESCRIPTOR.fields_by_name and request.HasField(field):
            own = getattr(request, field)
            words.append(f"{own.chromosome}:{own.start}-{own.end}")
    if "variant" in request.DESCRIPTOR.fields_by_name and request.HasField("variant"):
        own = request.variant
        alleles = (f"{own.reference_bases[:20]}", f"{own.alternate_bases[:20]}")
        words.append(f"{own.chromosome}:{own.position}:{alleles[0]}>{alleles[1]}")
    return " ".join(words)
