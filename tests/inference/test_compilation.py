"""How many programs are compiled; a run over a million variants must not go on compiling."""

import itertools
import logging
import os
import pathlib
import time
from collections.abc import Callable, Iterator, Sequence

import jax
import numpy as np
import pytest
from toy_inputs import CONTIGS, ToyGenome
from toy_windows import human_tracks, toy_window

from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.reference import Reference
from vep_cli.genome.window import Window
from vep_cli.inference import compiled_programs
from vep_cli.inference.compiled_programs import VARIABLE, keep_compiled_programs
from vep_cli.inference.engine import Engine
from vep_cli.inference.predictor import Predictor
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.scoring.catalogue import recommended

Count = Callable[[], int]


@pytest.fixture
def compilations() -> Iterator[Count]:
    """Count programs that were compiled, or read from the folder where they are kept."""
    names: list[str] = []

    def listen(event: str, seconds: float, **_: object) -> None:
        del seconds
        if event == "/jax/core/compile/backend_compile_duration":
            names.append(event)

    jax.monitoring.register_event_duration_secs_listener(listen)
    yield lambda: len(names)
    jax.monitoring.unregister_event_duration_listener(listen)


def test_compilations_are_counted(compilations: Count) -> None:
    def double(values: jax.Array) -> jax.Array:
        return values * 2

    program, values = jax.jit(double), [np.ones(shape, np.float32) for shape in (3, 4, 3)]
    before = compilations()
    for value in values:
        program(value)
    assert compilations() - before == 2


def windows(reference: Reference, places: Sequence[int], letters: int) -> list[Window]:
    """Return variants of each kind: a substitution, one of several bases, a deletion, an insertion.

    Args:
        reference: The toy genome.
        places: Positions on chr1, among its two genes, and elsewhere.
        letters: How long the longer ones are.
    """
    found = []
    for position in places:
        before = CONTIGS["chr1"][position - 1 : position - 1 + letters]
        other = before.translate(str.maketrans("ACGT", "CGTA"))
        for reference_bases, alternate_bases in (
            (before[0], other[0]),
            (before, other),
            (before, before[0]),
            (before[0], before[0] + other),
        ):
            found.append(toy_window(reference, "chr1", position, reference_bases, alternate_bases))
    return found


def test_nothing_is_compiled_once_every_kind_of_variant_was_seen(
    toy_weights: WeightsFolder, toy_genome: ToyGenome, compilations: Count
) -> None:
    tracks = human_tracks()
    device = jax.local_devices(backend="cpu")[0]
    network = Predictor(toy_weights, tracks, organism="human", device=device)
    scorers = [one for one in recommended("human") if one.output_type in tracks.by_output]
    engine = Engine([network], scorers, tracks, read_gtf(toy_genome.gtf))
    # Outside of genes, in either gene, in both.
    places = (2500, 5300, 6100, 6700)
    with Reference(toy_genome.fasta) as reference:
        first = windows(reference, places, letters=3)
        others = [windows(reference, [place + 7 for place in places], letters) for letters in (2, 5, 14)]
    warm_up = list(engine.score(first))
    compiled = compilations()
    for window in itertools.chain.from_iterable(others):
        assert len(next(engine.score([window]))) in {len(scores) for scores in warm_up}
        assert compilations() == compiled, window.variant


@pytest.fixture
def jax_settings() -> Iterator[None]:
    """Put jax's settings back as they were."""
    before = {name: getattr(jax.config, name) for name in SETTINGS}
    yield
    for name, value in before.items():
        jax.config.update(name, value)


SETTINGS = (
    "jax_compilation_cache_dir",
    "jax_compilation_cache_max_size",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
)


@pytest.mark.usefixtures("jax_settings")
def test_programs_are_kept_where_the_user_wants_them(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEP_CACHE_DIR", str(tmp_path / "cache"))
    jax.config.update("jax_compilation_cache_dir", None)
    monkeypatch.setenv(VARIABLE, "off")
    keep_compiled_programs()
    assert jax.config.jax_compilation_cache_dir is None
    assert not (tmp_path / "cache").exists()
    monkeypatch.delenv(VARIABLE)
    keep_compiled_programs()
    assert jax.config.jax_compilation_cache_dir == str(tmp_path / "cache" / "compiled")
    assert jax.config.jax_compilation_cache_max_size == 2**31
    assert (tmp_path / "cache" / "compiled").stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("VEP_CACHE_DIR", str(tmp_path / "other"))
    keep_compiled_programs()
    # What jax was told already stays.
    assert jax.config.jax_compilation_cache_dir == str(tmp_path / "cache" / "compiled")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "named"))
    keep_compiled_programs()
    assert jax.config.jax_compilation_cache_dir == str(tmp_path / "named")


@pytest.mark.usefixtures("jax_settings")
def test_folder_that_cannot_be_written_costs_a_warning(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file" / "folder"))
    before = jax.config.jax_compilation_cache_dir
    keep_compiled_programs()
    assert jax.config.jax_compilation_cache_dir == before
    (message,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert str(tmp_path / "file") in message
    assert VARIABLE in message


@pytest.mark.usefixtures("jax_settings")
def test_remains_of_killed_runs_are_removed(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("whole-cache", "whole-atime", "new-cache", "old-cache"):
        (tmp_path / name).touch()
    long_ago = time.time() - compiled_programs._UNFINISHED_AFTER - 60
    for name in ("whole-cache", "whole-atime", "old-cache"):
        os.utime(tmp_path / name, (long_ago, long_ago))
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    keep_compiled_programs()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new-cache", "whole-atime", "whole-cache"]
