"""How much faster a variant is scored from what REF and ALT share than with two passes from scratch.

Both ways run in this process, in turn, on the same windows, with the same scorers; the ratio of their
times is what counts, and the largest difference of their scores says what it costs.
"""

import dataclasses
import pathlib
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click
import numpy as np
from jaxtyping import Bool

from vep_cli.bundled import weights_folder
from vep_cli.genome.interval import Interval
from vep_cli.genome.placement import Placement, centred, snapped
from vep_cli.genome.reference import Reference
from vep_cli.genome.registry import demo_genome
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, build_window, centred_interval
from vep_cli.inference.engine import Engine
from vep_cli.inference.predictor import Allele, Predictor
from vep_cli.model.precision import Precision
from vep_cli.pipeline import Preparation, prepare, run_annotation
from vep_cli.scoring.scorer import Predictions, Scores
from vep_cli.settings import ScoreSettings

CHOICES: Mapping[str, tuple[str, ...]] = {
    "accessibility": ("ATAC", "DNASE"),
    "binding, histone marks, contacts": ("CHIP_TF", "CHIP_HISTONE", "CONTACT_MAPS"),
    "expression": ("RNA_SEQ",),
    "splicing": ("SPLICE_SITES", "SPLICE_SITE_USAGE", "SPLICE_JUNCTIONS"),
    "all": (),
}
"""Modalities by the name of what is asked for; none means all."""

PLACE = ("chr6", 32_039_081)
"""Where the variants are: amid the genes of the example genome."""


@dataclasses.dataclass(frozen=True)
class FromScratch:
    """The network, with every allele predicted whole and by itself, as a plain implementation does."""

    predictor: Predictor

    def reference(self, bases: str) -> Allele:
        """Take in REF."""
        return self.predictor.reference(bases)

    def alternate(self, reference: Allele, bases: str) -> Allele:
        """Take in an allele, without a look at REF."""
        del reference
        return self.predictor.reference(bases)

    def read(self, allele: Allele, is_read: Bool[np.ndarray, " tokens"]) -> Predictions:
        """Return all predictions."""
        return self.predictor.read(allele, np.ones_like(is_read))

    @property
    def junctions(self) -> Callable[..., Any]:
        """What returns the splice junctions of REF and ALT."""
        return self.predictor.junctions


@click.command()
@click.option("--weights", type=click.Path(exists=True, path_type=pathlib.Path), help="[default: bundled]")
@click.option("--length", default=2**20, show_default=True, help="Base pairs of the windows.")
@click.option("--choice", "names", multiple=True, type=click.Choice(list(CHOICES)), help="[default: each]")
@click.option(
    "--precision", default="float32", type=click.Choice([one.value for one in Precision]), show_default=True
)
@click.option("--repeats", default=3, show_default=True, help="Runs of each way that are timed.")
@click.option("--all-tracks", is_flag=True, help="All tracks, as the official code; liver's otherwise.")
@click.option("--alone", is_flag=True, help="Leave out the way from scratch.")
def main(
    weights: pathlib.Path | None,
    length: int,
    names: tuple[str, ...],
    precision: str,
    repeats: int,
    all_tracks: bool,
    alone: bool,
) -> None:
    """Time the scoring of a substitution and an insertion, incrementally and from scratch."""
    click.echo(
        f"{'scorers':<33} {'variant':<13} {'seconds':>8} {'scratch':>8} {'ratio':>6} {'difference':>11}"
    )
    for name in names or CHOICES:
        settings = ScoreSettings(
            source="-",
            output="-",
            genome=demo_genome(),
            weights=(weights or weights_folder(),),
            modalities=CHOICES[name],
            tissues=() if all_tracks else ("liver",),
            window=length,
            precision=precision,
        )
        for line in compare(prepare(settings), repeats, alone=alone):
            click.echo(f"{name:<33} {line}")
    click.echo(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


def compare(prepared: Preparation, repeats: int, *, alone: bool) -> Iterator[str]:
    """Yield a line for each variant, and one for a cluster: in snapped windows, and in centred ones."""
    settings, tracks, scorers = prepared.settings, prepared.selection.tracks, prepared.choice.scorers
    predictor = Predictor(
        prepared.weights[0],
        tracks,
        organism=settings.genome.organism,
        device=prepared.devices[0],
        precision=Precision(settings.precision),
    )
    with Reference(settings.genome.fasta) as reference:
        annotation = run_annotation(prepared, reference)
        windows = dict(named_windows(reference, settings.window))
        clusters = [
            list(clustered_windows(reference, place(settings.window))) for place in (snapped, centred)
        ]
    ways = [Engine([predictor], scorers, tracks, annotation)]
    if not alone:
        ways.append(Engine([FromScratch(predictor)], scorers, tracks, annotation))
    for name, window in windows.items():
        times, answers = run_in_turn(ways, window, repeats)
        ours = f"{name:<13} {times[0]:8.2f}"
        if alone:
            yield ours
        else:
            difference = largest_difference(*answers)
            yield f"{ours} {times[1]:8.2f} {times[1] / times[0]:6.2f} {difference:11.1e}"
    of_snapped, of_centred = time_clusters(ways[0], clusters, repeats)
    yield f"{'clustered':<13} {of_snapped:8.2f} {of_centred:8.2f} {of_centred / of_snapped:6.2f}"


def named_windows(reference: Reference, length: int) -> Iterator[tuple[str, Window]]:
    """Yield the windows of a substitution and of an insertion."""
    chromosome, position = PLACE
    variant = Variant(chromosome=chromosome, position=position, reference_bases="C", alternate_bases="G")
    yield "substitution", build_window(variant, centred_interval(variant, length), reference)
    longer = dataclasses.replace(variant, alternate_bases="CTT")
    yield "insertion", build_window(longer, centred_interval(longer, length), reference)


def clustered_windows(reference: Reference, placement: Placement) -> Iterator[Window]:
    """Yield the windows of eight substitutions in 4 kb."""
    chromosome, position = PLACE
    for place in range(position, position + 4096, 512):
        base = reference.fetch(Interval(chromosome=chromosome, start=place - 1, end=place))
        variant = Variant(
            chromosome=chromosome,
            position=place,
            reference_bases=base,
            alternate_bases="A" if base != "A" else "G",
        )
        yield build_window(variant, placement.interval(variant), reference)


def time_clusters(engine: Engine, clusters: Sequence[Sequence[Window]], repeats: int) -> list[float]:
    """Return the median time of `repeats` runs of each cluster per variant, after one that compiles."""
    times: list[list[float]] = [[] for _ in clusters]
    for repeat in range(repeats + 1):
        for windows, seconds in zip(clusters, times, strict=True):
            engine.forget()
            started = time.perf_counter()
            for window in windows:
                next(engine.score([window]))
            if repeat:
                seconds.append((time.perf_counter() - started) / len(windows))
    return [statistics.median(seconds) for seconds in times]


def run_in_turn(
    ways: Sequence[Engine], window: Window, repeats: int
) -> tuple[list[float], list[tuple[Scores, ...]]]:
    """Return each way's median time of `repeats` runs after one that compiles, and its scores."""
    answers = [next(way.score([window])) for way in ways]
    times: list[list[float]] = [[] for _ in ways]
    for _ in range(repeats):
        for way, seconds in zip(ways, times, strict=True):
            way.forget()
            started = time.perf_counter()
            next(way.score([window]))
            seconds.append(time.perf_counter() - started)
    return [statistics.median(seconds) for seconds in times], answers


def largest_difference(ours: tuple[Scores, ...], scratch: tuple[Scores, ...]) -> float:
    """Return the largest difference of a score, of 1 or of the score, whichever is larger.

    Splice junctions are left out: which introns are listed is decided by ties in their last bits.
    """
    differences = [
        np.nanmax(np.abs(one.raw - other.raw) / np.maximum(1, np.abs(other.raw)), initial=0)
        for one, other in zip(ours, scratch, strict=True)
        if one.scorer.name != "SPLICE_JUNCTIONS"
    ]
    return float(max(differences, default=0))


if __name__ == "__main__":
    main()
