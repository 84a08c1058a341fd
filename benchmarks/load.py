"""What the program costs beside the network: memory that stays flat, and records per second.

`synthetic` sends made-up records through the whole run, journal included, with the network stubbed: the
reader, the check of every allele, the windows, and the writer. `real` scores the first records of a file
with a model. Both sample the process's memory as records go by.
"""

import contextlib
import dataclasses
import gzip
import json
import pathlib
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any, TextIO
from unittest import mock

import click
import jax
import numpy as np

from vep_cli import pipeline
from vep_cli.bundled import weights_folder
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.fasta_index import build_index
from vep_cli.genome.registry import Genome
from vep_cli.genome.window import Window
from vep_cli.inference.compiled_programs import keep_compiled_programs
from vep_cli.inference.engine import Engine
from vep_cli.inference.jobs import Job
from vep_cli.inference.reads import Reads
from vep_cli.pipeline import Preparation
from vep_cli.scoring.scorer import RowLabel, ScoreMasks, Scores
from vep_cli.settings import ScoreSettings
from vep_cli.statistics import Statistics

CONTIG_LENGTH = 5_000_000
SAMPLES = 10
"""Times at which the memory is looked at, evenly among the records."""

_COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
_INFO = "AC=15;AF=0.00299521;AN=5008;NS=2504;DP=19073;EAS_AF=0;AMR_AF=0.0029;AFR_AF=0.0098;AA=T|||"


@contextlib.contextmanager
def stubbed_network(*, with_masks: bool) -> Iterator[None]:
    """Give every variant the same scores, as long as the block lasts.

    With masks, the host's work for the scorers is done, which a run does in a thread ahead of the device.
    """

    def load_engines(prepared: Preparation, annotation: Annotation | None) -> list[Engine]:
        made = Engine((), prepared.choice.scorers, prepared.selection.tracks, annotation)
        scores = _constant_scores(prepared)
        patches.enter_context(
            mock.patch.object(Engine, "score_jobs", lambda self, jobs: (scores for _ in jobs))
        )
        return [made]

    with contextlib.ExitStack() as patches:
        patches.enter_context(mock.patch.object(pipeline, "load_engines", load_engines))
        if not with_masks:
            patches.enter_context(mock.patch.object(Engine, "job", lambda self, window: _empty_job(window)))
        yield


def _empty_job(window: Window) -> Job:
    reads = Reads(reference=_NOTHING, alternate=_NOTHING)
    return Job(window=window, masks=_ONE_ROW, sites=None, reads=reads)


_NOTHING = np.zeros(0, bool)
_ONE_ROW = (ScoreMasks(arrays={}, rows=(RowLabel(),)),)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Load:
    """What a run took.

    Attributes:
        records: Records of it.
        seconds: From the first record that came out to the last.
        cpu_seconds: What the process had of the processors in that time, which other programs use too.
        setup_seconds: Until the first came out: genes, parameters, compilation.
        megabytes: The process's memory at even steps, the last when all was done.
        statuses: Alleles by what became of them.
    """

    records: int
    seconds: float
    cpu_seconds: float
    setup_seconds: float
    megabytes: list[int]
    statuses: dict[str, int]

    @property
    def records_per_second(self) -> float:
        """Without the setup."""
        return (self.records - 1) / self.seconds if self.seconds else float("nan")


class _Watch:
    """Notes time and memory as records go by."""

    def __init__(self, records: int) -> None:
        self._step = max(1, records // SAMPLES)
        self._begin = time.perf_counter()
        self._times: list[tuple[float, float]] = []
        self._megabytes: list[int] = []

    def __call__(self, counts: Statistics) -> None:
        """Look, where it is time to."""
        if counts.records == 1 or counts.records % self._step == 0:
            self._times.append((time.perf_counter(), time.process_time()))
            self._megabytes.append(resident_megabytes())

    def load(self, counts: Statistics) -> Load:
        """Return what was noted, when the run is over."""
        end = (time.perf_counter(), time.process_time())
        first = self._times[0] if self._times else end
        return Load(
            records=counts.records,
            seconds=end[0] - first[0],
            cpu_seconds=end[1] - first[1],
            setup_seconds=first[0] - self._begin,
            megabytes=[*self._megabytes, resident_megabytes()],
            statuses={str(status): number for status, number in counts.statuses.items()},
        )


def resident_megabytes() -> int:
    """Return the memory that the process has now (Linux)."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1000
    raise RuntimeError("the system does not say how much memory is in use")


def measured(settings: ScoreSettings, records: int) -> Load:
    """Run `vep score`'s pipeline, and watch.

    Args:
        settings: Of the run.
        records: How many the input has, about.
    """
    prepared = pipeline.prepare(settings)
    watch = _Watch(records)
    return watch.load(pipeline.run(prepared, after_record=watch))


def write_synthetic(folder: pathlib.Path, records: int, seed: int = 1) -> tuple[pathlib.Path, pathlib.Path]:
    """Write a genome of one contig and a VCF of it, and return their paths.

    Of the alleles, most are substitutions, a tenth are short indels, and a few are symbolic, spanning
    deletions, second ALTs or at odds with the genome; positions ascend.
    """
    source = random.Random(seed)
    bases = "".join(source.choices("ACGT", k=CONTIG_LENGTH))
    fasta, variants = folder / "synthetic.fa", folder / "synthetic.vcf"
    fasta.write_text(">chr1\n" + "".join(f"{bases[i : i + 60]}\n" for i in range(0, CONTIG_LENGTH, 60)))
    build_index(fasta)
    with variants.open("w") as out:
        out.write(f"##fileformat=VCFv4.2\n##contig=<ID=chr1,length={CONTIG_LENGTH}>\n{_COLUMNS}")
        for number in range(records):
            position = 20_000 + number * (CONTIG_LENGTH - 40_000) // records
            out.write(_record(source, bases, position, number))
    return fasta, variants


def _record(source: random.Random, bases: str, position: int, number: int) -> str:
    reference = bases[position - 1]
    other = source.choice("ACGT".replace(reference, ""))
    kind = source.random()
    if kind < 0.05:
        reference, other = bases[position - 1 : position + source.randrange(1, 20)], reference
    elif kind < 0.1:
        other = reference + "".join(source.choices("ACGT", k=source.randrange(1, 20)))
    elif kind < 0.13:
        other = f"{other},{reference}A"
    elif kind < 0.14:
        other = source.choice(["<DEL>", "*", "."])
    elif kind < 0.15:
        reference, other = other, reference
    return f"chr1\t{position}\trs{number}\t{reference}\t{other}\t100\tPASS\t{_INFO}\n"


def first_records(source: pathlib.Path, count: int, destination: pathlib.Path) -> int:
    """Write the header and the first records of a VCF, and return how many records all of it has."""
    total = 0
    with _text(source) as lines, destination.open("w") as out:
        for line in lines:
            total += not line.startswith("#")
            if total <= count:
                out.write(line)
    return total


def _text(path: pathlib.Path) -> TextIO:
    return gzip.open(path, "rt") if path.suffix in (".gz", ".bgz") else path.open()


def _constant_scores(prepared: Preparation) -> tuple[Scores, ...]:
    tracks = prepared.selection.tracks.by_output
    source = np.random.default_rng(1)
    return tuple(
        Scores(
            scorer=scorer,
            rows=(RowLabel(),),
            tracks=tracks[scorer.output_type],
            **{
                name: source.normal(size=(1, len(tracks[scorer.output_type]))).astype(np.float32)
                for name in ("raw", "reference", "alternate")
            },
        )
        for scorer in prepared.choice.scorers
    )


def _settings(
    source: pathlib.Path,
    output: pathlib.Path,
    fasta: pathlib.Path,
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> ScoreSettings:
    genome = Genome(name="", fasta=fasta, gtf=None, organism="human", source="")
    return ScoreSettings(source=str(source), output=str(output), genome=genome, **choices)


def _table(load: Load) -> str:
    memory = " ".join(str(one) for one in load.megabytes)
    return (
        f"{load.records:,} records in {load.seconds:.1f} s after {load.setup_seconds:.1f} s of setup: "
        f"{load.records_per_second:,.0f} records/s\n"
        f"processor time: {load.cpu_seconds:.1f} s, {load.cpu_seconds / load.records * 1e6:.0f} us a record\n"
        f"MB at the first record, at each tenth and in the end: {memory}\n"
        f"alleles: {', '.join(f'{number} {status}' for status, number in load.statuses.items())}"
    )


def _write(load: Load, as_json: pathlib.Path | None, **more: object) -> None:
    click.echo(_table(load))
    for name, value in more.items():
        click.echo(f"{name}: {value}")
    if as_json is not None:
        document = dataclasses.asdict(load) | {"records_per_second": load.records_per_second} | more
        as_json.write_text(json.dumps(document, indent=2) + "\n")


_PATH = click.Path(path_type=pathlib.Path)
_common = (
    click.option("--modality", "modalities", multiple=True, help="Modalities to score; none means all."),
    click.option("--window", type=int, default=2048, show_default=True, help="Base pairs."),
    click.option("--suffix", default=".vcf", show_default=True, help="The format: .vcf, .vcf.gz, .tsv."),
    click.option("--json", "as_json", type=_PATH, help="Write the numbers here too."),
)


def _with_common(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_common):
        command = option(command)
    return command


@click.group()
def main() -> None:
    """Measure what a run costs beside the network, and what a real one costs."""
    keep_compiled_programs()
    jax.config.update("jax_platforms", "cpu")


@main.command()
@click.option("--records", type=int, default=1_000_000, show_default=True)
@click.option("--masks", is_flag=True, help="With the host's work for the scorers.")
@_with_common
def synthetic(
    records: int,
    masks: bool,
    modalities: tuple[str, ...],
    window: int,
    suffix: str,
    as_json: pathlib.Path | None,
) -> None:
    """Send made-up records through reader, plan and writer."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        fasta, source = write_synthetic(folder, records)
        settings = _settings(
            source,
            folder / f"out{suffix}",
            fasta,
            weights=(weights_folder(),),
            modalities=modalities,
            window=window,
        )
        with stubbed_network(with_masks=masks):
            load = measured(settings, records)
        _write(load, as_json)


@main.command()
@click.argument("variants", type=_PATH)
@click.option("--fasta", type=_PATH, required=True)
@click.option("--records", type=int, default=2000, show_default=True, help="The first of the file.")
@click.option("--weights", type=_PATH, help="[default: the bundled model]")
@_with_common
def real(
    variants: pathlib.Path,
    fasta: pathlib.Path,
    records: int,
    weights: pathlib.Path | None,
    modalities: tuple[str, ...],
    window: int,
    suffix: str,
    as_json: pathlib.Path | None,
) -> None:
    """Score the first records of a VCF with a model, and reckon how long all of it would take."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        total = first_records(variants, records, folder / "in.vcf")
        settings = _settings(
            folder / "in.vcf",
            folder / f"out{suffix}",
            fasta,
            weights=(weights or weights_folder(),),
            modalities=modalities,
            window=window,
        )
        load = measured(settings, records)
        whole = load.setup_seconds + total / load.records_per_second
        _write(load, as_json, records_of_the_file=total, seconds_for_the_file=round(whole))


if __name__ == "__main__":
    main()
