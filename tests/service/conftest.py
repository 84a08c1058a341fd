"""Fixtures of the service's tests; without gRPC and the official client, there is nothing to test."""

import contextlib
import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest
from toy_inputs import ToyGenome, counting_predictor

from vep_cli.model.weights_folder import WeightsFolder

_NEEDED = ("alphagenome", "cryptography", "grpc")

collect_ignore_glob = [] if all(map(importlib.util.find_spec, _NEEDED)) else ["test_*.py"]


@pytest.fixture(scope="session")
def counting(toy_genome: ToyGenome, toy_weights: WeightsFolder) -> Iterator[Any]:
    """Serve a network that counts bases; yield the `toy_server.Serving`."""
    from toy_server import settings, toy_serving

    from vep_cli.service import preparation

    with contextlib.ExitStack() as stack:
        # Only while it is loaded: other tests of the session serve the network itself.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(preparation, "Predictor", counting_predictor)
            running = stack.enter_context(toy_serving(settings(toy_genome, toy_weights.path)))
        yield running
