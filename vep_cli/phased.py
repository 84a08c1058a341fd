"""`vep score --phased`: alleles on the haplotypes of a sample that carry them (docs/haplotypes.md)."""

import dataclasses
import logging
import os
from collections.abc import Callable, Sequence

from vep_cli.errors import UsageError
from vep_cli.genome.alleles import Allele, Spelling
from vep_cli.genome.background import carried_window
from vep_cli.genome.genotype import Copy
from vep_cli.genome.haplotypes import CONFLICT, MISSING, Haplotypes, read_haplotypes
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.regions import chosen_regions, is_indexed, widened
from vep_cli.genome.variant import Variant
from vep_cli.genome.vcf_reader import STANDARD_STREAM, check_source
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.genome.window import Window
from vep_cli.inference.stream import PlannedRecord
from vep_cli.settings import ScoreSettings
from vep_cli.statistics import counted

logger = logging.getLogger(__name__)

_MARGIN = 1 << 20
"""Bases beside the windows of a region in which alleles count too: deletions draw them into the window."""

_NOT_ALLELES = frozenset((*Copy, CONFLICT, MISSING))


def check_phased(settings: ScoreSettings) -> None:
    """Refuse genotypes that cannot be read before the input is.

    Raises:
        UsageError: They are in a stream, or of no sample.
        VcfError: There is no such file.
    """
    if settings.phased is None:
        if settings.phased_from is not None:
            raise UsageError(
                "--phased-from has the genotypes of no sample", remedy="name it: --phased SAMPLE"
            )
        return
    source = _source(settings)
    # From Python, variants are given later, and maybe not as a file.
    is_later = source in ("", STANDARD_STREAM)
    if not is_later:
        check_source(source)
    if is_later or not os.path.isfile(source):
        raise UsageError(
            "--phased reads the genotypes before the alleles are scored, and a stream is read once",
            path=source or None,
            remedy="give a file, or name one that has the genotypes: --phased-from FILE",
        )


def chosen_haplotypes(settings: ScoreSettings, reference: Reference) -> Haplotypes | None:
    """Return what the sample carries, and say how much of it is of use; None for a run on the reference.

    Raises:
        UsageError: The file has no such sample.
        VcfError: It cannot be read to its end.
    """
    if settings.phased is None:
        return None
    source = _source(settings)
    found = read_haplotypes(source, settings.phased, reference, _regions(settings))
    logger.info("%s", _description(found))
    if not found.counts.get(Copy.FIRST, 0) + found.counts.get(Copy.SECOND, 0):
        logger.warning(
            "%s has no phased genotype, such as 0|1, of %s: only alleles on every copy are background",
            source,
            found.sample,
        )
    return found


def phased_line(settings: ScoreSettings) -> str:
    """Return what the output's header says of the sample."""
    of_file = "" if settings.phased_from is None else f" in {settings.phased_from}"
    return (
        f"alleles that sample {settings.phased}{of_file} carries are scored on its haplotypes: REF and ALT "
        "have its other alleles on the same copy; all others on the reference"
    )


def on_haplotypes(
    planned: PlannedRecord,
    haplotypes: Haplotypes,
    reference: Reference,
    spelling: Spelling,
    place: Callable[[Variant], Interval],
) -> PlannedRecord:
    """Return a record with the alleles that the sample carries on their haplotypes.

    Args:
        planned: The record on the reference.
        haplotypes: The sample's.
        reference: The reference sequence.
        spelling: How alleles are written before they are scored.
        place: Returns the window of a variant.

    Raises:
        FastaError: The reference is damaged there.
    """
    pairs = [
        _on_haplotype(allele, window, planned.record, haplotypes, reference, spelling, place)
        for allele, window in zip(planned.alleles, planned.windows, strict=True)
    ]
    alleles, windows = zip(*pairs, strict=True)
    return dataclasses.replace(planned, alleles=alleles, windows=windows)


def _on_haplotype(
    allele: Allele,
    window: Window | None,
    record: VcfRecord,
    haplotypes: Haplotypes,
    reference: Reference,
    spelling: Spelling,
    place: Callable[[Variant], Interval],
) -> tuple[Allele, Window | None]:
    if allele.variant is None or allele.variant.chromosome not in haplotypes.contigs:
        return allele, window
    carried = haplotypes.contigs[allele.variant.chromosome]
    written = dataclasses.replace(
        allele.variant,
        position=record.position,
        reference_bases=record.reference.upper(),
        alternate_bases=allele.text.upper(),
    )
    found = carried_window(written, carried, reference, spelling, place)
    if found is None:
        return allele, window
    own, background = found
    return dataclasses.replace(allele, variant=own.variant, background=background), own


def _source(settings: ScoreSettings) -> str:
    return settings.source if settings.phased_from is None else str(settings.phased_from)


def _regions(settings: ScoreSettings) -> Sequence[Interval] | None:
    """Return where genotypes are of use; None for everywhere, as in a file of which no part can be read."""
    regions = chosen_regions(settings.regions, settings.regions_file)
    if regions is None or not is_indexed(_source(settings)):
        return None
    return widened(regions, settings.window + _MARGIN)


def _description(found: Haplotypes) -> str:
    counts = found.counts
    phased = counts.get(Copy.FIRST, 0) + counts.get(Copy.SECOND, 0)
    parts = [
        f"{phased} phased, in {counted(found.phase_sets, 'set')}",
        f"{counts.get(Copy.BOTH, 0)} on every copy",
    ]
    others = {
        "unphased": counts.get(Copy.UNPHASED, 0),
        "in conflict with one another": counts.get(CONFLICT, 0),
        **{name: counts[name] for name in sorted(counts) if name not in _NOT_ALLELES},
    }
    parts += [f"{number} {name}" for name, number in others.items() if number]
    total = sum(counts.values()) - counts.get(MISSING, 0)
    missing = counts.get(MISSING, 0)
    unknown = f"; {counted(missing, 'genotype')} not known" if missing else ""
    return f"{found.sample} carries {counted(total, 'allele')}: {', '.join(parts)}{unknown}"
