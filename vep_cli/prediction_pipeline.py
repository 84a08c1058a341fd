"""The whole run of `vep predict`: a region in, files of what is predicted of it for genome browsers out."""

import csv
import dataclasses
import io
import logging
import pathlib
import re
from collections.abc import Iterator, Mapping

import jax
import numpy as np

from vep_cli.chosen_tracks import choose_tracks
from vep_cli.errors import OutputError, UsageError, VcfError, reason
from vep_cli.explanation import allele_problem, allele_remedy
from vep_cli.genome.alleles import read_alleles
from vep_cli.genome.bed import parse_region
from vep_cli.genome.contigs import located
from vep_cli.genome.interval import Interval
from vep_cli.genome.placement import GRID_UNIT
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.variant_text import parse_variant, reference_bases_at
from vep_cli.genome.window import build_window
from vep_cli.inference.devices import check_precision, choose_device, explained_memory_errors
from vep_cli.inference.predictor import Predictor
from vep_cli.inference.region_prediction import Predicted, RegionPrediction, predict_region
from vep_cli.model.output_type import OutputType
from vep_cli.model.precision import Precision
from vep_cli.model.selection import Selection
from vep_cli.model.tracks import Track, junction_tissues
from vep_cli.model.weights_folder import WeightsFolder, open_weights
from vep_cli.pipeline import SPELLINGS
from vep_cli.plot.prediction import predict_shown
from vep_cli.settings import PredictSettings
from vep_cli.writers.genome_tracks import (
    BIGWIG,
    COOLER,
    JUNCTIONS_BED,
    check_library,
    write_bigwig,
    write_cooler,
    write_junctions,
)
from vep_cli.writers.output_file import OutputFile

logger = logging.getLogger(__name__)

INDEX = "tracks.tsv"
"""Which file is which track."""

_REFERENCE = "reference"
_TRACK_COLUMNS = (
    "output_type",
    "name",
    "strand",
    "ontology_curie",
    "biosample_name",
    "assay_title",
    "transcription_factor",
    "histone_mark",
    "supervision",
)
_COLUMNS = ("file", "allele", "resolution", *_TRACK_COLUMNS)
_SUFFIXES = {OutputType.CONTACT_MAPS: COOLER, OutputType.SPLICE_JUNCTIONS: JUNCTIONS_BED}
_STRANDS = {"+": ".plus", "-": ".minus", ".": ""}

_LEAST_READS = 1e-3
"""Part of the strongest junction's reads, of either allele, than which one has to have more to be written."""

Alleles = Mapping[str, RegionPrediction]
"""By the allele's name in the file names; '' for the reference sequence alone."""

_Row = tuple[str, str, int, Track]
"""What a file is: its name, the allele, base pairs of a bin, and the track."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PredictPreparation:
    """Everything a prediction needs before the genome is read, checked against one another.

    Attributes:
        settings: What was asked for.
        region: What to predict, under the contig's name as written.
        weights: The model, without its parameters.
        selection: The tracks to predict.
        device: Where the network will run.
    """

    settings: PredictSettings
    region: Interval
    weights: WeightsFolder
    selection: Selection
    device: jax.Device


def prepare_predict(settings: PredictSettings) -> PredictPreparation:
    """Check the settings against one another, the weights and the machine.

    Raises:
        VepError: Something that was asked for does not exist or does not fit.
    """
    region = parse_region(settings.region)
    if region is None:
        raise UsageError(
            f"{settings.region!r} is no region",
            remedy="write it as chr6:32,038,001-32,042,000: 1-based, both ends included",
        )
    weights = open_weights(settings.weights)
    weights.config.check_length(settings.window)
    if region.width > settings.window - GRID_UNIT:
        raise UsageError(
            f"{region.width:,} base pairs do not fit a window of {settings.window:,} that starts at a bin",
            remedy=f"choose at most {settings.window - GRID_UNIT:,}, or a larger --window",
        )
    selection = choose_tracks(weights.tracks, settings)
    for suffix in {_suffix(output) for output in selection.tracks.by_output}:
        check_library(suffix)
    device = choose_device(settings.device)
    check_precision(Precision(settings.precision), [device])
    return PredictPreparation(
        settings=settings, region=region, weights=weights, selection=selection, device=device
    )


def run_predict(prepared: PredictPreparation) -> list[pathlib.Path]:
    """Predict the region and write a file for each track and allele, and a table of them.

    Returns:
        The files, without the table.

    Raises:
        VepError: The region or the variant is not on the reference, a file cannot be written, and the like.
    """
    settings = prepared.settings
    folder = _made(settings.output)
    with Reference(settings.genome.fasta) as reference, explained_memory_errors():
        region = located(prepared.region, reference.lengths)
        window = window_of(region, settings.window)
        alleles = _predicted(prepared, reference, region, window)
        length = reference.lengths[region.chromosome]
    by_output = prepared.selection.tracks.by_output
    rows = [
        *_track_files(folder, alleles, by_output, window, length),
        *_bed_files(folder, alleles, by_output, window.chromosome),
    ]
    _write_index(folder / INDEX, rows)
    return [folder / name for name, *_ in rows]


def window_of(region: Interval, width: int) -> Interval:
    """Return the window round a region that starts at the multiple of `GRID_UNIT` nearest to being centred.

    So the bins of every file are those of the chromosome, counted from its first base. A region that is
    `GRID_UNIT` shorter than the window lies in it wherever that comes to start.
    """
    start = (region.resize(width).start + GRID_UNIT // 2) // GRID_UNIT * GRID_UNIT
    return dataclasses.replace(region, start=start, end=start + width)


def _predicted(
    prepared: PredictPreparation, reference: Reference, region: Interval, window: Interval
) -> Alleles:
    settings, tracks = prepared.settings, prepared.selection.tracks
    variant = None
    if settings.variant is not None:
        variant = _variant(settings.variant, settings, reference, window)
    predictor = Predictor(
        prepared.weights,
        tracks,
        organism=settings.genome.organism,
        device=prepared.device,
        precision=Precision(settings.precision),
    )
    if variant is None:
        return {"": predict_region(predictor, tracks, window, reference.fetch(window), region)}
    both = build_window(variant, window, reference)
    shown = predict_shown(predictor, tracks, both, region, None)
    before, after = shown.junctions or (None, None)
    values = shown.pairs.items()
    return {
        "ref": RegionPrediction(
            outputs={output: Predicted(start=one.start, values=one.reference) for output, one in values},
            junctions=before,
        ),
        "alt": RegionPrediction(
            outputs={output: Predicted(start=one.start, values=one.alternate) for output, one in values},
            junctions=after,
        ),
    }


def _variant(text: str, settings: PredictSettings, reference: Reference, window: Interval) -> Variant:
    record = parse_variant(text)
    (allele,) = read_alleles(record, reference, settings.window, SPELLINGS[settings.alleles])
    if allele.variant is None:
        problem = allele_problem(record, allele, reference_bases_at(record, reference))
        raise VcfError(f"{text} cannot be predicted: {problem}", remedy=allele_remedy(allele))
    if not window.contains(allele.variant.interval):
        raise UsageError(
            f"{text} does not lie in what the network sees, {window}",
            remedy="choose a region near it, or a larger --window",
        )
    return allele.variant


def _names(tracks: tuple[Track, ...]) -> Iterator[str]:
    """Yield a name for the file of each track, of letters that all file systems take; no two alike."""
    taken: set[str] = set()
    for track in tracks:
        words = re.sub(r"[^A-Za-z0-9._+-]+", "_", track.name).strip("._") or "track"
        name = f"{track.output_type}.{words[:100]}{_STRANDS[track.strand]}"
        if name.lower() in taken:
            name = f"{name}.{track.index}"
        taken.add(name.lower())
        yield name


def _suffix(output: OutputType) -> str:
    return _SUFFIXES.get(output, BIGWIG)


def _paths(folder: pathlib.Path, tracks: tuple[Track, ...], allele: str) -> list[pathlib.Path]:
    """Return the file of each track, all of one output."""
    names = _names(tracks)
    return [
        folder / f"{name}{f'.{allele}' if allele else ''}{_suffix(track.output_type)}"
        for name, track in zip(names, tracks, strict=True)
    ]


def _track_files(
    folder: pathlib.Path,
    alleles: Alleles,
    by_output: Mapping[OutputType, tuple[Track, ...]],
    window: Interval,
    length: int,
) -> Iterator[_Row]:
    """Write a file for each track and allele, and yield what each is."""
    for allele, prediction in alleles.items():
        for output, predicted in prediction.outputs.items():
            tracks, resolution = by_output[output], output.resolution
            for column, path in enumerate(_paths(folder, tracks, allele)):
                values = predicted.values[..., column]
                if output is OutputType.CONTACT_MAPS:
                    write_cooler(path, length, window, resolution, values)
                else:
                    write_bigwig(path, length, window.chromosome, predicted.start, resolution, values)
                yield path.name, allele or _REFERENCE, resolution, tracks[column]


def _bed_files(
    folder: pathlib.Path,
    alleles: Alleles,
    by_output: Mapping[OutputType, tuple[Track, ...]],
    chromosome: str,
) -> Iterator[_Row]:
    """Write the splice junctions of each tissue and allele, and yield what each file is."""
    tissues = junction_tissues(by_output.get(OutputType.SPLICE_JUNCTIONS, ()))
    listed = {allele: one.junctions for allele, one in alleles.items() if one.junctions is not None}
    for allele, junctions in listed.items():
        # The alleles have the same junctions: those that are weak in one may be what the other gains.
        reads = np.maximum.reduce([one.counts for one in listed.values()])
        for column, path in enumerate(_paths(folder, tissues, allele)):
            most = float(reads[:, column].max(initial=0))
            kept = reads[:, column] > _LEAST_READS * most
            write_junctions(
                path,
                chromosome,
                f"{tissues[column].name} {allele}".strip(),
                junctions.start[kept],
                junctions.end[kept],
                junctions.is_forward[kept],
                junctions.counts[kept, column],
                most,
            )
            yield path.name, allele or _REFERENCE, 1, tissues[column]


def _write_index(path: pathlib.Path, rows: list[_Row]) -> None:
    text = io.StringIO()
    table = csv.writer(text, delimiter="\t", lineterminator="\n")
    table.writerow(_COLUMNS)
    for name, allele, resolution, track in rows:
        table.writerow([name, allele, resolution, *(getattr(track, column) for column in _TRACK_COLUMNS)])
    with OutputFile(str(path)) as out:
        out.write(text.getvalue())


def _made(folder: pathlib.Path) -> pathlib.Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"the folder cannot be made: {reason(error)}", path=folder, remedy="choose another --output"
        ) from error
    return folder
