"""How much faster a variant is scored from what REF and ALT share than with two passes from scratch.

A plain pass over the whole window, REF with one ALT, and one more ALT of the same REF are timed in turn in
this process; ratios of their times are what counts. Beside them stand the ratios of the operations, counted
from the same programs for the tiles that the scorers read.
"""

import dataclasses
import functools
import json
import pathlib
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click
import jax
import jax.numpy as jnp
from flops import VARIANTS, Counter

from vep_cli.bundled import weights_folder
from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.placement import Placement, centred, snapped
from vep_cli.genome.reference import Reference
from vep_cli.genome.registry import demo_genome
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, build_window, centred_interval
from vep_cli.inference.compiled_programs import keep_compiled_programs
from vep_cli.inference.engine import Engine
from vep_cli.inference.predictor import Predictor
from vep_cli.model import network
from vep_cli.model.one_hot import letters_of, one_hot
from vep_cli.model.output_type import GENOME_TRACKS, OutputType
from vep_cli.model.parameters import load, with_track_means
from vep_cli.model.precision import Precision, cast_parameters
from vep_cli.model.tiles import (
    changed_stretch,
    decoded_tile,
    decoded_tiles,
    tiles_of_tokens,
    whole_sequence,
)
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.pipeline import Preparation, prepare, run_annotation
from vep_cli.settings import ScoreSettings

CHOICES: Mapping[str, tuple[str, ...]] = {
    "all": (),
    "accessibility": ("ATAC", "DNASE"),
    "expression": ("RNA_SEQ",),
    "splicing": ("SPLICE_SITES", "SPLICE_SITE_USAGE", "SPLICE_JUNCTIONS"),
    "contact": ("CONTACT_MAPS",),
}
"""Modalities by the name of what is asked for; none means all."""

PLACE = ("chr6", 32_039_081)
"""Where the variants are: amid the genes of the example genome."""

FURTHER: Mapping[str, str] = {"substitution": "T", "deletion": "CT", "insertion": "CAA"}
"""A second ALT of each kind of `VARIANTS`."""

CLUSTERED = 8
"""Substitutions of a cluster, in 4 kb."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Measured:
    """What one kind of variant takes with one set of scorers.

    Attributes:
        scorers: Name of the set.
        variant: Kind of the variant.
        whole: Seconds of a plain pass over the whole window, all outputs.
        first: Seconds of REF and one ALT, scores included.
        further: Seconds of one more ALT of the same REF, scores included.
        whole_operations: Those of a plain pass.
        first_operations: Those of the network for REF and one ALT.
        further_operations: Those of the network for one more ALT.
    """

    scorers: str
    variant: str
    whole: float
    first: float
    further: float
    whole_operations: float
    first_operations: float
    further_operations: float

    @property
    def ratios(self) -> dict[str, float]:
        """How many times less it takes than plain passes, in time and in operations."""
        return {
            "first_ratio": 2 * self.whole / self.first,
            "first_operations_ratio": 2 * self.whole_operations / self.first_operations,
            "further_ratio": self.whole / self.further,
            "further_operations_ratio": self.whole_operations / self.further_operations,
        }

    @property
    def row(self) -> str:
        """The line of the table."""
        seconds = "".join(f"{one:>12.2f}" for one in (2 * self.whole, self.first, self.further))
        return f"{self.scorers:<15}{self.variant:<14}{seconds}" + "".join(
            f"{one:>12.1f}" for one in self.ratios.values()
        )


HEADER = f"{'scorers':<15}{'variant':<14}" + "".join(
    f"{name:>12}"
    for name in (
        "two passes",
        "REF + ALT",
        "further ALT",
        "times less",
        "operations",
        "further",
        "operations",
    )
)


def case_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of what is timed: model, windows, tracks, genes, and how often."""
    path = click.Path(exists=True, path_type=pathlib.Path)
    precisions = click.Choice([one.value for one in Precision])
    options = (
        click.option("--weights", type=path, help="[default: bundled]"),
        click.option("--length", default=2**20, show_default=True, help="Base pairs of the windows."),
        click.option("--precision", default="float32", type=precisions, show_default=True),
        click.option("--repeats", default=3, show_default=True, help="Timed runs, after one that compiles."),
        click.option("--tissue", "tissues", multiple=True, help="Tracks of these.  [default: all tracks]"),
        click.option("--gtf", type=path, help="Genes.  [default: the example's]"),
    )
    return functools.reduce(lambda made, option: option(made), reversed(options), command)


@click.command()
@case_options
@click.option("--choice", "names", multiple=True, type=click.Choice(list(CHOICES)), help="[default: each]")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(list(VARIANTS)), help="[default: each]")
@click.option("--clustered", is_flag=True, help="Time eight substitutions in 4 kb too, snapped and centered.")
@click.option("--json", "as_json", type=click.Path(path_type=pathlib.Path), help="Write the numbers here.")
def main(
    weights: pathlib.Path | None,
    length: int,
    names: tuple[str, ...],
    kinds: tuple[str, ...],
    precision: str,
    repeats: int,
    tissues: tuple[str, ...],
    gtf: pathlib.Path | None,
    clustered: bool,
    as_json: pathlib.Path | None,
) -> None:
    """Time the scoring of variants from what REF and ALT share, and plain passes."""
    keep_compiled_programs()
    settings = example_settings(weights, gtf, tissues=tissues, window=length, precision=precision)
    plain = PlainPass(settings)
    measured: list[Measured] = []
    click.echo(HEADER)
    for name in names or CHOICES:
        try:
            prepared = prepare(dataclasses.replace(settings, modalities=CHOICES[name]))
        except UsageError as error:
            click.echo(f"{name:<15}left out: {error}")
            continue
        for one in measure(name, prepared, plain, kinds or tuple(VARIANTS), repeats):
            click.echo(one.row)
            measured.append(one)
        if clustered:
            seconds = [f"{mode} {one:.2f} s" for mode, one in clusters(prepared, repeats).items()]
            click.echo(f"{name:<15}{f'{CLUSTERED} in 4 kb':<14}each: {', '.join(seconds)}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    click.echo(f"peak memory {peak:.2f} GiB")
    if as_json is not None:
        rows = [dataclasses.asdict(one) | one.ratios for one in measured]
        as_json.write_text(json.dumps({"length": length, "peak_gib": peak, "rows": rows}, indent=2) + "\n")


def example_settings(
    weights: pathlib.Path | None,
    gtf: pathlib.Path | None,
    **choices: Any,  # noqa: ANN401 - fields of the settings
) -> ScoreSettings:
    """Return settings of a run on the example's genome; None stands for the bundled model, its own genes."""
    genome = demo_genome()
    return ScoreSettings(
        source="-",
        output="-",
        genome=dataclasses.replace(genome, gtf=gtf or genome.gtf),
        weights=(weights or weights_folder(),),
        **choices,
    )


class PlainPass:
    """The network as a plain implementation runs it: every output of a whole window at once."""

    def __init__(self, settings: ScoreSettings) -> None:
        """Load the network."""
        prepared = prepare(settings)
        weights, self.device = prepared.weights[0], prepared.devices[0]
        self.config = weights.config
        self.precision = Precision(settings.precision)
        self._params = jax.device_put(cast_parameters(_parameters(weights), self.precision), self.device)
        self._program = jax.jit(
            functools.partial(
                network.predict,
                organism_index=jnp.zeros(1, jnp.int32),
                config=self.config,
                outputs=self.config.outputs,
            )
        )

    def __call__(self, bases: str) -> None:
        """Predict everything of a sequence."""
        sequence = jax.device_put(one_hot(letters_of(bases))[None], self.device)
        with self.precision.products():
            jax.block_until_ready(self._program(self._params, sequence))  # type: ignore[no-untyped-call]


def _parameters(weights: WeightsFolder) -> dict[str, Any]:
    means = {
        head.output: weights.tracks.nonzero_means(head.output, head.width)
        for head in weights.config.heads
        if head.output in GENOME_TRACKS
    }
    params: dict[str, Any] = with_track_means(load(weights.parameters_path, weights.config), means)
    return params


def measure(
    name: str, prepared: Preparation, plain: PlainPass, kinds: Sequence[str], repeats: int
) -> Iterator[Measured]:
    """Yield what each kind of variant takes with one set of scorers."""
    outputs = frozenset(prepared.selection.tracks.by_output)
    with Reference(prepared.settings.genome.fasta) as reference:
        engine = engine_of(prepared, run_annotation(prepared, reference))
        for kind in kinds:
            windows = windows_of(reference, prepared.settings.window, kind)
            whole, first, further = timed(engine, plain, windows, repeats)
            seconds = {"whole": whole, "first": first, "further": further}
            yield Measured(
                scorers=name, variant=kind, **seconds, **counted(plain, engine, outputs, windows[0])
            )


def engine_of(prepared: Preparation, annotation: Annotation | None) -> Engine:
    """Return what a run scores by."""
    predictor = Predictor(
        prepared.weights[0],
        prepared.selection.tracks,
        organism=prepared.settings.genome.organism,
        device=prepared.devices[0],
        precision=Precision(prepared.settings.precision),
    )
    return Engine([predictor], prepared.choice.scorers, prepared.selection.tracks, annotation)


def windows_of(reference: Reference, length: int, kind: str) -> list[Window]:
    """Return the windows of two alleles of a kind, which share REF."""
    chromosome, position = PLACE
    bases, first = VARIANTS[kind]
    variants = [
        Variant(chromosome=chromosome, position=position, reference_bases=bases, alternate_bases=alternate)
        for alternate in (first, FURTHER[kind])
    ]
    return [build_window(one, centred_interval(one, length), reference) for one in variants]


def timed(
    engine: Engine, plain: PlainPass, windows: Sequence[Window], repeats: int
) -> tuple[float, float, float]:
    """Return the median seconds of a plain pass, of REF with the first allele, and of the second allele."""
    parts: tuple[Callable[[], object], ...] = (
        lambda: plain(windows[0].alternate_bases),
        lambda: next(engine.score(windows[:1])),
        lambda: next(engine.score(windows[1:])),
    )
    times: list[list[float]] = [[] for _ in parts]
    for repeat in range(repeats + 1):
        engine.forget()
        for part, seconds in zip(parts, times, strict=True):
            started = time.perf_counter()
            part()
            if repeat:
                seconds.append(time.perf_counter() - started)
    whole, first, further = map(statistics.median, times)
    return whole, first, further


def counted(
    plain: PlainPass, engine: Engine, outputs: frozenset[OutputType], window: Window
) -> dict[str, float]:
    """Return the operations of the network for what `timed` times, all tracks of the outputs."""
    length = window.interval.width
    counter, reads = Counter(plain.config, length), engine.job(window).reads
    of_reference, of_alternate = (
        counter.behind_encoder(outputs, decoded_tiles(tiles_of_tokens(one))[1])
        for one in (reads.reference, reads.alternate)
    )
    before, after = letters_of(window.reference_bases), letters_of(window.alternate_bases)
    changed = counter.encode(changed_stretch(before, after, decoded_tile(length)))
    further = changed + of_alternate + counter.junctions(outputs)
    return {
        "whole_operations": counter.whole_pass(plain.config.outputs),
        "first_operations": counter.encode(whole_sequence(plain.config, length)) + of_reference + further,
        "further_operations": further,
    }


def clusters(prepared: Preparation, repeats: int) -> dict[str, float]:
    """Return the median seconds of each of eight substitutions in 4 kb, by the mode of windows."""
    length = prepared.settings.window
    with Reference(prepared.settings.genome.fasta) as reference:
        engine = engine_of(prepared, run_annotation(prepared, reference))
        return {
            name: _time_cluster(engine, list(clustered_windows(reference, placement(length))), repeats)
            for name, placement in (("snapped", snapped), ("centered", centred))
        }


def clustered_windows(reference: Reference, placement: Placement) -> Iterator[Window]:
    """Yield the windows of eight substitutions in 4 kb."""
    chromosome, position = PLACE
    for place in range(position, position + 4096, 4096 // CLUSTERED):
        base = reference.fetch(Interval(chromosome=chromosome, start=place - 1, end=place))
        variant = Variant(
            chromosome=chromosome,
            position=place,
            reference_bases=base,
            alternate_bases="A" if base != "A" else "G",
        )
        yield build_window(variant, placement.interval(variant), reference)


def _time_cluster(engine: Engine, windows: Sequence[Window], repeats: int) -> float:
    times = []
    for _ in range(repeats + 1):
        engine.forget()
        started = time.perf_counter()
        for window in windows:
            next(engine.score([window]))
        times.append((time.perf_counter() - started) / len(windows))
    return statistics.median(times[1:])


if __name__ == "__main__":
    main()
