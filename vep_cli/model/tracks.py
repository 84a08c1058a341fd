"""What a set of weights can predict: one row per track, read from `tracks.tsv`.

A track is one column of one output head for one organism. Columns of a head that no track
names are padding and are never predicted or reported.
"""

import collections
import csv
import dataclasses
import functools
import math
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32

from vep_cli.errors import WeightsError
from vep_cli.model.output_type import OutputType

ORGANISMS = ("human", "mouse")
"""Organisms in the order of the network's organism index."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One predicted signal.

    Attributes:
        organism: 'human' or 'mouse'.
        output_type: The modality.
        index: Column of the output head.
        name: Unique within organism, output type and strand.
        strand: '+', '-' or '.'.
        ontology_curie: For instance 'UBERON:0002107'; '' where the track has no biosample.
        biosample_name: For instance 'liver'.
        biosample_type: 'tissue', 'primary_cell', 'cell_line', ...
        assay_title: For instance 'total RNA-seq'.
        gtex_tissue: GTEx's name of the tissue, or ''.
        transcription_factor: Target of a TF ChIP track, or ''.
        histone_mark: Target of a histone ChIP track, or ''.
        nonzero_mean: Mean of the track's non-zero training values; NaN where there is none.
        supervision: What the track was learnt from: 'experiment', 'distilled:NAME', 'labels:NAME',
            'annotation', 'mechanistic' (rules that someone wrote down), or 'none' for weights never trained.
        biosample_life_stage: For instance 'adult', or ''.
        data_source: Who published the experiment, for instance 'encode', or ''.
        endedness: 'single' or 'paired', of the reads, or ''.
        genetically_modified: 'True' or 'False', of the biosample, or ''.
    """

    organism: str
    output_type: OutputType
    index: int
    name: str
    strand: str = "."
    ontology_curie: str = ""
    biosample_name: str = ""
    biosample_type: str = ""
    assay_title: str = ""
    gtex_tissue: str = ""
    transcription_factor: str = ""
    histone_mark: str = ""
    nonzero_mean: float = math.nan
    supervision: str = ""
    biosample_life_stage: str = ""
    data_source: str = ""
    endedness: str = ""
    genetically_modified: str = ""


COLUMNS = tuple(field.name for field in dataclasses.fields(Track))


@dataclasses.dataclass(frozen=True)
class TrackTable:
    """Tracks in head order, as read from a weights folder or selected from one.

    Attributes:
        tracks: The rows.
    """

    tracks: tuple[Track, ...]

    def __len__(self) -> int:
        """Return the number of tracks."""
        return len(self.tracks)

    def __iter__(self) -> Iterator[Track]:
        """Iterate over the tracks."""
        return iter(self.tracks)

    def where(self, keep: Callable[[Track], bool]) -> "TrackTable":
        """Return the tracks for which `keep` holds, in the same order."""
        return TrackTable(tuple(track for track in self.tracks if keep(track)))

    @functools.cached_property
    def by_output(self) -> dict[OutputType, tuple[Track, ...]]:
        """The tracks of each output type that has any, in head order."""
        groups: dict[OutputType, list[Track]] = collections.defaultdict(list)
        for track in sorted(self.tracks, key=lambda track: track.index):
            groups[track.output_type].append(track)
        return {output: tuple(groups[output]) for output in OutputType if output in groups}

    @functools.cached_property
    def supervisions(self) -> dict[OutputType, tuple[str, ...]]:
        """What the tracks of each output type were learnt from, in alphabetical order; nothing for 'none'."""
        return {
            output: tuple(sorted({track.supervision for track in tracks} - {"", "none"}))
            for output, tracks in self.by_output.items()
        }

    def columns(self, output: OutputType) -> list[int]:
        """Return the head columns of one output type's tracks, ascending; of all organisms there are.

        The head of splice junctions goes by tissue, whose columns are those of its '+' tracks.
        """
        tracks = self.by_output.get(output, ())
        if output is OutputType.SPLICE_JUNCTIONS:
            tracks = one_strand(tracks)
        return [track.index for track in tracks]

    def nonzero_means(self, output: OutputType, width: int) -> Float32[np.ndarray, "organisms {width}"]:
        """Return each head column's track mean, for the head's unscaling (MODEL_SPEC section 3).

        Args:
            output: The head.
            width: Number of columns of the head, padding included.

        Returns:
            Per organism and column; NaN for padding, 1 for an organism without a mean column.
        """
        means = np.full((len(ORGANISMS), width), np.nan, np.float32)
        for row, organism in enumerate(ORGANISMS):
            named = [track for track in self.by_output.get(output, ()) if track.organism == organism]
            if all(math.isnan(track.nonzero_mean) for track in named):
                means[row] = 1.0
            for track in named:
                means[row, track.index] = 1.0 if math.isnan(track.nonzero_mean) else track.nonzero_mean
        return means


def one_strand(tracks: Sequence[Track]) -> tuple[Track, ...]:
    """Return the tracks but those on '-', which are the tissues where every tissue has both strands."""
    return tuple(track for track in tracks if track.strand != "-")


def junction_tissues(tracks: Sequence[Track]) -> tuple[Track, ...]:
    """Return the tissues of splice junctions, in the order of their head.

    Args:
        tracks: Those of splice junctions. The strand of what is returned is '.': each junction has its own.
    """
    return tuple(dataclasses.replace(track, strand=".") for track in one_strand(tracks))


def read_tracks(path: pathlib.Path) -> TrackTable:
    """Read `tracks.tsv`.

    Raises:
        WeightsError: The file is missing, lacks a column, a row does not parse, or two rows are of one
            column of a head; names the line.
    """
    try:
        with path.open(newline="", encoding="utf-8") as lines:
            reader = csv.DictReader(lines, delimiter="\t")
            missing = sorted(set(COLUMNS) - set(reader.fieldnames or ()))
            if missing:
                raise WeightsError(
                    f"the track table lacks the columns {', '.join(missing)}", path=path, line=1
                )
            return TrackTable(tuple(_parse_rows(((reader.line_num, row) for row in reader), path)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise WeightsError(f"the track table cannot be read: {error}", path=path) from error


def write_tracks(path: pathlib.Path, tracks: Iterable[Track]) -> None:
    """Write `tracks.tsv`."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([_cell(getattr(track, column)) for column in COLUMNS] for track in tracks)


def count_by_output(tracks: Sequence[Track]) -> dict[OutputType, int]:
    """Return how many tracks each output type has, for those that have any."""
    counts = collections.Counter(track.output_type for track in tracks)
    return {output: counts[output] for output in OutputType if counts[output]}


def _parse_rows(rows: Iterable[tuple[int, dict[str, Any]]], path: pathlib.Path) -> Iterator[Track]:
    lines: dict[tuple[str, OutputType, int], int] = {}
    for line, row in rows:
        try:
            track = _parse_row(row)
            first = lines.setdefault((track.organism, track.output_type, track.index), line)
            if first != line:
                raise ValueError(f"line {first} has the same index")
        except ValueError as error:
            raise WeightsError(f"not a track: {error}", path=path, line=line) from error
        yield track


def _parse_row(row: dict[str, Any]) -> Track:
    if None in row or None in row.values():
        raise ValueError("the row has more or fewer cells than the header")
    values: dict[str, Any] = {column: row[column] for column in COLUMNS}
    values["output_type"] = OutputType(values["output_type"])
    values["index"] = int(values["index"])
    values["nonzero_mean"] = float(values["nonzero_mean"] or math.nan)
    _check_values(**{name: values[name] for name in ("organism", "strand", "index", "nonzero_mean")})
    return Track(**values)


def _check_values(*, organism: str, strand: str, index: int, nonzero_mean: float) -> None:
    if organism not in ORGANISMS:
        raise ValueError(f"{organism=} is none of {', '.join(ORGANISMS)}")
    if strand not in ("+", "-", "."):
        raise ValueError(f"{strand=} is none of '+', '-', '.'")
    if index < 0:
        raise ValueError(f"{index=} is negative")
    if nonzero_mean <= 0 or math.isinf(nonzero_mean):
        raise ValueError(f"{nonzero_mean=} is not positive and finite")


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value!r}".removesuffix(".0")
    return str(value)
