"""Fixtures of the outer layers' tests: a toy genome, a toy model, and the command line itself."""

import io
import logging
import pathlib
import sys

import jax
import pytest
from toy_inputs import (
    WINDOW,
    Outcome,
    Run,
    ToyGenome,
    counting_predictor,
    write_genes,
    write_genome,
    write_weights,
)

from vep_cli import pipeline
from vep_cli.cli import main
from vep_cli.model.weights_folder import WeightsFolder, open_weights


@pytest.fixture(scope="session")
def _compiled_programs(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep compiled programs for the session: every run of the command line compiles the same ones anew."""
    jax.config.update("jax_compilation_cache_dir", str(tmp_path_factory.mktemp("compiled")))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)


@pytest.fixture(scope="session")
def toy_genome(tmp_path_factory: pytest.TempPathFactory) -> ToyGenome:
    folder = tmp_path_factory.mktemp("genome")
    return ToyGenome(fasta=write_genome(folder), gtf=write_genes(folder))


@pytest.fixture(scope="session")
def toy_weights(tmp_path_factory: pytest.TempPathFactory, _compiled_programs: None) -> WeightsFolder:
    return open_weights(write_weights(tmp_path_factory.mktemp("model") / "toy"))


@pytest.fixture
def run(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, _compiled_programs: None) -> Run:
    """Call the command line with arguments and, where given, the bytes of standard input."""
    monkeypatch.setenv("VEP_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("VEP_CACHE_DIR", str(tmp_path / "cache"))

    def call(*arguments: object, stdin: bytes = b"") -> Outcome:
        streams = [io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2)]
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
            patch.setattr(sys, "stdout", streams[0])
            patch.setattr(sys, "stderr", streams[1])
            status = main([str(argument) for argument in arguments])
        logging.getLogger("vep_cli").handlers.clear()
        texts = []
        for stream in streams:
            stream.flush()
            texts.append(stream.buffer.getvalue().decode("utf-8", "surrogateescape"))
        return Outcome(status=status, stdout=texts[0], stderr=texts[1])

    return call


@pytest.fixture
def score_toy(run: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder) -> Run:
    """Call `vep score` on the toy genome with the toy model."""

    def call(*arguments: object, stdin: bytes = b"") -> Outcome:
        genome = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf)
        model: tuple[object, ...] = ("--window", WINDOW)
        if "--weights" not in arguments:
            model = (*model, "--weights", toy_weights.path)
        return run("score", *genome, *model, *arguments, stdin=stdin)

    return call


@pytest.fixture
def counting_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pipeline run a network that counts bases, and compiles in no time."""
    monkeypatch.setattr(pipeline, "Predictor", counting_predictor)
