"""The whole run of `vep ism`: a stretch of the genome in, the scores of every single-base change of it out.

All changes are seen in one window, round the middle of the stretch, so that they share one REF.
"""

import logging
import pathlib
from collections.abc import Callable, Iterator, Sequence

import vep_cli
from vep_cli.errors import UsageError
from vep_cli.genome.alleles import as_written
from vep_cli.genome.bed import STANDARD_STREAM, parse_region
from vep_cli.genome.contigs import located
from vep_cli.genome.interval import Interval
from vep_cli.genome.mutagenesis import single_base_variants
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant_text import parse_variant
from vep_cli.genome.vcf_record import VcfRecord, parse_record
from vep_cli.inference.devices import explained_memory_errors
from vep_cli.inference.parallel import scored_on_devices
from vep_cli.inference.stream import PlannedRecord, ready_records
from vep_cli.pipeline import (
    Preparation,
    input_files,
    load_engines,
    planned_record,
    prepare,
    provenance,
    run_annotation,
)
from vep_cli.plot.saving import check_format, check_matplotlib
from vep_cli.scoring.contributions import Contributions, Gathering
from vep_cli.settings import ScoreSettings
from vep_cli.statistics import Statistics
from vep_cli.writers.formats import TSV, make_writer, output_format
from vep_cli.writers.output_file import OutputFile, check_output, is_special

logger = logging.getLogger(__name__)

WIDEST_LOGO = 1000
"""Base pairs: at the width of a page, a letter is a tenth of a millimetre wide."""

LONGEST_STRETCH = 10_000
"""Base pairs: 30,000 alleles, which take hours; what is longer was mistyped, or is better scored in parts."""


def stretch_of(text: str, around: int) -> Interval:
    """Return the stretch that a user names, under the contig's name as written.

    Args:
        text: A region, `chr6:32,039,001-32,039,100` with both ends included, or a variant.
        around: Base pairs round the middle of a variant's REF.

    Raises:
        UsageError: It is neither, or longer than `LONGEST_STRETCH`.
    """
    stretch = parse_region(text)
    if stretch is None:
        record = parse_variant(text)
        start = record.position - 1
        own = Interval(chromosome=record.chromosome, start=start, end=start + len(record.reference))
        stretch = own.resize(around)
    if stretch.width > LONGEST_STRETCH:
        raise UsageError(
            f"{text} has {stretch.width:,} base pairs, each of which has three changes to score",
            remedy=f"choose at most {LONGEST_STRETCH:,}, or several stretches",
        )
    return stretch


def prepare_mutagenesis(settings: ScoreSettings, stretch: Interval, logo: str | None) -> Preparation:
    """Check the settings against one another, the weights and the machine.

    Args:
        settings: Of a run of `vep score` that scores nothing but the changes.
        stretch: From `stretch_of`.
        logo: Where the figure goes; None for none.

    Raises:
        VepError: Something that was asked for does not exist or does not fit.
    """
    path = settings.output
    if path != STANDARD_STREAM and not is_special(path) and output_format(path) != TSV:
        raise UsageError(
            f"mutagenesis is written as .tsv or .tsv.gz, not to {path}", remedy="end its name so"
        )
    if stretch.width > settings.window:
        raise UsageError(
            f"{stretch.width:,} base pairs do not lie inside a window of {settings.window:,}",
            remedy="choose a shorter stretch, or a larger --window",
        )
    prepared = prepare(settings)
    if logo is not None:
        _check_logo(logo, stretch, prepared)
    return prepared


def run_mutagenesis(
    prepared: Preparation, stretch: Interval, *, panels: int, after_record: Callable[[Statistics], None]
) -> tuple[Statistics, tuple[Contributions, ...]]:
    """Score every single-base change of a stretch and write the table.

    Args:
        prepared: What `prepare_mutagenesis` returned.
        stretch: What to mutate.
        panels: Contributions to return, of the tracks with the strongest scores; 0 for none.
        after_record: Told of the counts after each position.

    Returns:
        What became of the alleles, and what each base of the stretch contributes.

    Raises:
        VepError: The stretch is not on the reference, the output cannot be written, and the like.
    """
    settings, counts = prepared.settings, Statistics()
    with (
        Reference(settings.genome.fasta) as reference,
        OutputFile(settings.output) as output,
        explained_memory_errors(),
    ):
        mutated = located(stretch, reference.lengths)
        engines = load_engines(prepared, run_annotation(prepared, reference))
        writer = make_writer(TSV, prepared.choice.scorers, provenance(prepared), prepared.limits)
        gathering = Gathering(mutated, reference.fetch(mutated), panels)
        output.write(writer.begin(()))
        ready = ready_records(plan_mutagenesis(mutated, reference, settings.window), engines[0])
        with scored_on_devices(ready, engines) as scored:
            for record in scored:
                output.write(writer.format(record))
                gathering.add(record)
                counts.count(record)
                after_record(counts)
    return counts, gathering.strongest()


def write_logo(path: str, logos: Sequence[Contributions], prepared: Preparation) -> None:
    """Draw contributions into a file; where there are none, say so.

    Args:
        path: Where; its ending says the format.
        logos: What `run_mutagenesis` returned.
        prepared: The run.

    Raises:
        OutputError: The file cannot be written.
    """
    if not logos:
        logger.warning("%s is not drawn: no change has a score that compares alleles", path)
        return
    from vep_cli.plot.logo import drawn_logos
    from vep_cli.plot.sheet import Sheet

    with OutputFile(path) as file:
        file.write(drawn_logos(logos, list(_notes(logos, prepared)), Sheet(form=check_format(path))))


def plan_mutagenesis(stretch: Interval, reference: Reference, width: int) -> Iterator[PlannedRecord]:
    """Yield a record for each position, whose ALTs are the other bases, with their windows.

    Args:
        stretch: What to mutate.
        reference: The reference sequence.
        width: Of the window, which lies round the middle of the stretch.
    """
    window = stretch.resize(width)
    for record in _records(stretch, reference.fetch(stretch)):
        yield planned_record(record, reference, width, as_written, lambda _: window)


def _notes(logos: Sequence[Contributions], prepared: Preparation) -> Iterator[str]:
    signed = {one.scorer.is_signed for one in logos}
    if True in signed:
        yield "A letter that stands up: the score falls, on average, when another base takes its place."
    if False in signed:
        yield "Scores without a sign: a letter is as tall as the mean size of what its changes do."
    of_scores = (*(one.warning for one in prepared.weights), prepared.selection.warning)
    for warning in filter(None, of_scores):
        yield f"{warning[0].upper()}{warning[1:]}."
    settings, names = prepared.settings, [one.manifest for one in prepared.weights]
    models = ", ".join(f"{one.name} {one.version}" for one in names)
    genome = settings.genome.name or settings.genome.fasta.name
    yield (
        f"Predicted with {models} from {settings.window:,} bp of {genome} by vep-cli {vep_cli.__version__}. "
        "Research use only; not for diagnosis."
    )


def _check_logo(path: str, stretch: Interval, prepared: Preparation) -> None:
    check_format(path)
    check_matplotlib()
    check_output(path, inputs=[*input_files(prepared.settings), pathlib.Path(prepared.settings.output)])
    if stretch.width > WIDEST_LOGO:
        raise UsageError(
            f"a logo of {stretch.width:,} bases could not be read",
            remedy=f"choose at most {WIDEST_LOGO:,}, or leave out --logo",
        )


def _records(stretch: Interval, bases: str) -> Iterator[VcfRecord]:
    by_position: dict[int, list[str]] = {}
    for variant in single_base_variants(stretch, bases):
        by_position.setdefault(variant.position, []).append(variant.alternate_bases)
    for number, (position, alternates) in enumerate(by_position.items(), start=1):
        base = bases[position - 1 - stretch.start]
        columns = (stretch.chromosome, str(position), ".", base, ",".join(alternates), ".", ".", ".")
        yield parse_record("\t".join(columns), line_number=number)
