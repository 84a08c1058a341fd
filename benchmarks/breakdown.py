"""Where the time of a variant goes: encoder, transformer, decoder with heads, junctions, scorers, host.

Every program is waited for before the next one is called, so that the parts add up; a run, which hands
over the next program while one computes, takes somewhat less than their sum.
"""

import dataclasses
import json
import pathlib
import statistics
import time
import types
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
import jax
from engine import CHOICES, case_options, engine_of, example_settings, windows_of
from flops import VARIANTS

from vep_cli.genome.reference import Reference
from vep_cli.genome.window import Window
from vep_cli.inference.compiled_programs import keep_compiled_programs
from vep_cli.inference.engine import Engine
from vep_cli.pipeline import prepare, run_annotation

PARTS: Mapping[str, str] = {
    "encode": "encoder",
    "patch": "encoder",
    "transform": "transformer",
    "predict_coarse": "heads of bins",
    "predict_tiles": "decoder and heads of bases",
    "junctions": "splice junctions",
    "scorers": "scorers",
    "job": "masks, on the host",
}
"""What a program's time is shown as."""

REST = "the rest of the host's"


class Clock:
    """Seconds by part."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that waits for its results and adds up the time it took."""

        def call(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on
            started = time.perf_counter()
            results = jax.block_until_ready(function(*arguments, **named))  # type: ignore[no-untyped-call]
            self.seconds[PARTS[name]] += time.perf_counter() - started
            return results

        return call


@click.command()
@case_options
@click.option("--choice", default="all", show_default=True, type=click.Choice(list(CHOICES)))
@click.option("--kind", default="substitution", show_default=True, type=click.Choice(list(VARIANTS)))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(
    weights: pathlib.Path | None,
    length: int,
    choice: str,
    kind: str,
    precision: str,
    repeats: int,
    tissues: tuple[str, ...],
    gtf: pathlib.Path | None,
    as_json: bool,
) -> None:
    """Say what REF with one ALT, and one more ALT, take in seconds, part by part."""
    keep_compiled_programs()
    modalities = CHOICES[choice]
    settings = example_settings(
        weights, gtf, tissues=tissues, modalities=modalities, window=length, precision=precision
    )
    prepared = prepare(settings)
    with Reference(settings.genome.fasta) as reference:
        engine = engine_of(prepared, run_annotation(prepared, reference))
        first, further = parts(engine, windows_of(reference, length, kind), repeats)
    if as_json:
        click.echo(json.dumps({"REF and one ALT": first, "further ALT": further}))
        return
    click.echo(f"{'part':<30}{'REF and ALT':>14}{'further ALT':>14}")
    for name in (*dict.fromkeys(PARTS.values()), REST):
        click.echo(f"{name:<30}{first.get(name, 0):>14.3f}{further.get(name, 0):>14.3f}")
    click.echo(f"{'together':<30}{sum(first.values()):>14.3f}{sum(further.values()):>14.3f}")


def parts(
    engine: Engine, windows: Sequence[Window], repeats: int
) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return the median seconds of each part, for REF with the first allele and for the second allele."""
    clock = Clock()
    watch(engine, clock)
    runs: tuple[list[Mapping[str, float]], list[Mapping[str, float]]] = ([], [])
    for _ in range(repeats + 1):
        engine.forget()
        for window, measured in zip(windows, runs, strict=True):
            measured.append(_timed_parts(engine, window, clock))
    first, further = (_medians(measured[1:]) for measured in runs)
    return first, further


def watch(engine: Engine, clock: Clock) -> None:
    """Let an engine's programs and its host's work be timed."""
    predictor = engine._networks[0]._network
    programs = {
        name: clock.timed(name, one) for name, one in vars(predictor._programs).items() if name in PARTS
    }
    predictor._programs = types.SimpleNamespace(**programs)  # type: ignore[attr-defined]
    engine._families = tuple(
        dataclasses.replace(one, compute=clock.timed("scorers", one.compute)) for one in engine._families
    )
    engine.job = clock.timed("job", engine.job)  # type: ignore[method-assign]


def _timed_parts(engine: Engine, window: Window, clock: Clock) -> Mapping[str, float]:
    clock.seconds.clear()
    started = time.perf_counter()
    next(engine.score([window]))
    whole = time.perf_counter() - started
    return {**clock.seconds, REST: whole - sum(clock.seconds.values())}


def _medians(measured: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    return {name: statistics.median(one[name] for one in measured) for name in measured[0]}


if __name__ == "__main__":
    main()
