"""Usage of splice sites per tissue, from a table of how often exons are spliced in.

The table has a line per exon: Chromosome, Start and End (1-based, both in the exon), Strand, and a column of
fractions for each tissue, empty or nan where nobody knows. A site's usage is the highest of its exons'.
"""

import csv
import dataclasses
import functools
import gzip
import math
import pathlib
import re
from collections.abc import Iterator, Mapping

import numpy as np
from jaxtyping import Float32

from vep_cli.errors import UsageError, reason
from vep_cli.genome.annotation_cache import read_annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.splice_sites import KnownSpliceSites
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.training.sources.columns import mixing
from vep_cli.training.sources.source import ColumnTargets, ReferenceSource
from vep_cli.training.target_store import key_of, key_of_files

_PLACE = ("Chromosome", "Start", "End", "Strand")


@dataclasses.dataclass(frozen=True, kw_only=True)
class PsiSettings:
    """A `[[data.source]]` of the kind "psi".

    Attributes:
        table: The table, comma-separated, plain or gzipped.
        gtf: Annotation that says which ends of exons are splice sites; those that the table lacks are
            unknown, the usage of all other bases is 0.
        genome: Name of the assembly whose coordinates both have.
        tissues: The table's column for a track, by the track's GTEx tissue or biosample; those that are not
            listed have the column that is spelt alike, letters and digits alone.
        margin: Bases from an edit within which a copy's targets are unknown.
    """

    table: pathlib.Path
    gtf: pathlib.Path
    genome: str
    tissues: Mapping[str, str] = dataclasses.field(default_factory=dict)
    margin: int = 200


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Exon:
    start: int
    end: int
    is_forward: bool
    fractions: tuple[float, ...]


class PsiSource(ReferenceSource):
    """Profiles are the tissues on '+', then on '-'."""

    output = OutputType.SPLICE_SITE_USAGE
    is_kept = True

    def __init__(self, settings: PsiSettings, tracks: TrackTable) -> None:
        """Read the table's header.

        Raises:
            UsageError: It cannot be read, or has no column for any track.
        """
        self._settings = settings
        self.genome, self.margin = settings.genome, settings.margin
        header = next(_rows(settings.table))
        found = [
            (track, column)
            for track in tracks.by_output.get(self.output, ())
            if track.strand != "." and (column := _column(track, header, settings.tissues)) is not None
        ]
        if not found:
            raise UsageError(
                "the table of splice-site usage has no column for any track",
                path=settings.table,
                remedy='name them: tissues = { "GTEx tissue or biosample of the track" = "column" }',
            )
        self._columns = sorted({column for _, column in found})
        count = len(self._columns)
        self.partners = np.roll(np.arange(2 * count), count)
        self.key = key_of("psi", 1, key_of_files([settings.table, settings.gtf]), self._columns)
        one = np.eye(2 * count)
        rows = [
            (track, one[self._columns.index(column) + count * (track.strand == "-")].tolist())
            for track, column in found
        ]
        self._mixing = mixing(self.output, rows)

    def profiles(self, interval: Interval) -> Float32[np.ndarray, "bases profiles"]:
        """Return the usage of each base.

        Raises:
            UsageError: The table cannot be read.
            AnnotationError: The annotation cannot be read.
        """
        exons = self._exons.get(interval.chromosome, [])
        strands = [self._usage(interval, exons, is_forward) for is_forward in (True, False)]
        return np.concatenate(strands, axis=1)

    def targets(self, profiles: Float32[np.ndarray, "bases profiles"], organism: str) -> ColumnTargets:
        """Return the targets of a window from its profiles."""
        return self._mixing.targets(profiles, organism)

    def _usage(
        self, interval: Interval, exons: list[_Exon], is_forward: bool
    ) -> Float32[np.ndarray, "bases tissues"]:
        """Return one strand's usage; a site that no exon of the table ends at stays unknown."""
        usage = np.zeros((interval.width, len(self._columns)), np.float32)
        donors, acceptors = self._sites.within(interval)[0 if is_forward else 2 :][:2]
        # Beside the intron: on '+', a donor ends an exon; on '-', it begins one.
        ends, starts = (donors, acceptors) if is_forward else (acceptors, donors)
        usage[np.concatenate([ends, starts]) - interval.start] = np.nan
        is_end, is_start = set(ends.tolist()), set(starts.tolist())
        for exon in exons:
            if exon.is_forward is is_forward:
                sites = [site for site in (exon.start,) if site in is_start]
                sites += [site for site in (exon.end - 1,) if site in is_end]
                for place in (site - interval.start for site in sites):
                    usage[place] = np.fmax(usage[place], exon.fractions)
        return usage

    @functools.cached_property
    def _sites(self) -> KnownSpliceSites:
        return read_annotation(self._settings.gtf).splice_sites

    @functools.cached_property
    def _exons(self) -> dict[str, list[_Exon]]:
        rows = _rows(self._settings.table)
        header = next(rows)
        places = [header.index(name) for name in _PLACE]
        columns = [header.index(name) for name in self._columns]
        exons: dict[str, list[_Exon]] = {}
        for line, row in enumerate(rows, 2):
            try:
                contig, start, end, strand = (row[place] for place in places)
                fractions = tuple(_fraction(row[column]) for column in columns)
                exon = _Exon(
                    start=int(start) - 1, end=int(end), is_forward=strand == "+", fractions=fractions
                )
            except (ValueError, IndexError) as error:
                raise UsageError(
                    f"not a line of splice-site usage: {error}",
                    path=self._settings.table,
                    line=line,
                    remedy="it has place, strand, and fractions from 0 to 1",
                ) from error
            exons.setdefault(contig, []).append(exon)
        return exons


def _rows(path: pathlib.Path) -> Iterator[list[str]]:
    """Yield the lines of a table, its header first, checked for the columns of `_PLACE`."""
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
            reader = csv.reader(lines)
            header = next(reader, [])
            if missing := [name for name in _PLACE if name not in header]:
                raise ValueError(f"its header lacks {', '.join(missing)}")
            yield header
            yield from reader
    except (OSError, EOFError, csv.Error, ValueError) as error:
        raise UsageError(
            f"the table of splice-site usage cannot be read: {reason(error)}",
            path=path,
            remedy="it is comma-separated, with Chromosome, Start, End, Strand and a column per tissue",
        ) from error


def _column(track: Track, header: list[str], tissues: Mapping[str, str]) -> str | None:
    names = [name for name in (track.gtex_tissue, track.biosample_name) if name]
    for name in names:
        if tissues.get(name) in header:
            return tissues[name]
    spellings = {_letters(column): column for column in header if column not in _PLACE}
    return next((spellings[_letters(name)] for name in names if _letters(name) in spellings), None)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _fraction(text: str) -> float:
    value = float(text) if text.strip() else math.nan
    if not (math.isnan(value) or 0 <= value <= 1):
        raise ValueError(f"{text} is no fraction")
    return value
