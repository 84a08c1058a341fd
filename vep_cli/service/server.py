"""A server from its first call to its last."""

import concurrent.futures
import contextlib
import logging
import signal
import threading
from collections.abc import Iterator
from types import FrameType

import grpc
from alphagenome.protos.v1 import dna_model_service_pb2_grpc

from vep_cli.errors import UsageError
from vep_cli.service.listening import Listening
from vep_cli.service.loaded_model import LoadedModel
from vep_cli.service.servicer import Servicer

logger = logging.getLogger(__name__)

GRACE = 600.0
"""Seconds that calls which are being answered have left when the server is told to end."""

_OPTIONS = (
    # A second server on the port is an error, and not one that gets every other call.
    ("grpc.so_reuseport", 0),
    # A request is at most a sequence, of which this is four times the longest.
    ("grpc.max_receive_message_length", 4 << 20),
    ("grpc.max_send_message_length", -1),
)


@contextlib.contextmanager
def serving(model: LoadedModel, listening: Listening) -> Iterator[str]:
    """Serve a model until the block is left, and then finish what is being answered.

    Yields the address.

    Args:
        model: What is served; its queue is closed at the end.
        listening: How the server is reached.

    Raises:
        UsageError: It cannot listen there.
    """
    with concurrent.futures.ThreadPoolExecutor(listening.calls, thread_name_prefix="vep-call") as threads:
        server = grpc.server(threads, options=_OPTIONS, maximum_concurrent_rpcs=listening.calls)
        servicer = Servicer(model, listening.keys)
        dna_model_service_pb2_grpc.add_DnaModelServiceServicer_to_server(servicer, server)
        port = _bound(server, listening)
        server.start()
        try:
            yield listening.with_port(port)
        finally:
            _end(server)
            model.queue.close()


def _bound(server: grpc.Server, listening: Listening) -> int:
    address = listening.with_port(listening.port)
    try:
        if listening.certificate is None or listening.private_key is None:
            return int(server.add_insecure_port(address))
        pair = (listening.private_key.read_bytes(), listening.certificate.read_bytes())
        return int(server.add_secure_port(address, grpc.ssl_server_credentials([pair])))
    except (RuntimeError, OSError) as error:
        raise UsageError(
            f"the server cannot listen at {address}: {error}",
            remedy="is another one there already? choose another --address",
        ) from error


def _end(server: grpc.Server) -> None:
    try:
        server.stop(GRACE).wait()
    except KeyboardInterrupt:
        server.stop(None)
        raise


def wait_for_signal() -> signal.Signals:
    """Wait until the process is told to end, by SIGINT or SIGTERM, and return by which.

    A second signal, while what is being answered is finished, is a `KeyboardInterrupt`.
    """
    came: list[signal.Signals] = []
    told = threading.Event()

    def handle(number: int, frame: FrameType | None) -> None:
        del frame
        came.append(signal.Signals(number))
        told.set()
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.default_int_handler)

    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, handle)
    told.wait()
    return came[0]
