"""Which tracks a run predicts: those of the organism, the modalities and the tissues asked for."""

import dataclasses
import difflib
import fnmatch
from collections.abc import Mapping, Sequence

from vep_cli.errors import UsageError
from vep_cli.model.output_type import OutputType
from vep_cli.model.tissues import Tissue, TissueChoice, listing, resolve_tissue
from vep_cli.model.tracks import TrackTable

MECHANISTIC = "mechanistic"
"""Supervision of tracks that were learnt from rules."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Selection:
    """The tracks of a run.

    Attributes:
        tracks: The chosen tracks.
        tissues: What each `--tissue` was taken to mean; empty where none was given.
    """

    tracks: TrackTable
    tissues: tuple[TissueChoice, ...]

    @property
    def warning(self) -> str | None:
        """What every user of the tracks has to be told, or None."""
        supervisions = self.tracks.supervisions.items()
        ruled = [output for output, kinds in supervisions if MECHANISTIC in kinds]
        if not ruled:
            return None
        return (
            f"tracks of {', '.join(ruled)} follow rules that someone wrote down, not measurements: "
            "their scores are for demonstration only"
        )


def select_tracks(
    table: TrackTable,
    *,
    organism: str,
    modalities: Sequence[str],
    tissues: Sequence[str],
    terms: Sequence[Tissue],
    ontologies: Sequence[str] = (),
    track_names: Sequence[str] = (),
    strands: Sequence[str] = (),
) -> Selection:
    """Choose tracks.

    Args:
        table: All that the weights predict.
        organism: 'human' or 'mouse'.
        modalities: Output types, in any case and with '-' or ' ' for '_'; none means all.
        tissues: Names as `resolve_tissue` takes them; none means all. Tracks that are of no tissue,
            such as splice sites, are always chosen.
        terms: The vocabulary of tissues.
        ontologies: Exact identifiers, for instance 'UBERON:0002107'; none means all. Tracks that are of
            no tissue are always chosen.
        track_names: Names in any case, with '*' and '?' as in file names; none means all.
        strands: Of '+', '-' and '.'; none means all. Splice junctions are always chosen: their tracks
            on either strand are one tissue's.

    Raises:
        UsageError: A name is unknown or ambiguous, a tissue has no track of these modalities, or nothing
            is left to predict.
    """
    outputs = {parse_modality(name) for name in modalities} or set(OutputType)
    of_organism = table.where(lambda track: track.organism == organism)
    candidates = of_organism.where(lambda track: track.output_type in outputs)
    if not candidates.tracks:
        raise UsageError(
            f"the weights predict nothing of {', '.join(sorted(outputs))} in {organism}",
            remedy=f"see what they predict: {listing(organism)}",
        )
    # Modalities without tissues, such as splice sites, leave a tissue's name to be looked up in the others.
    with_tissue = candidates.where(lambda track: track.ontology_curie != "") or of_organism
    choices = tuple(resolve_tissue(name, with_tissue.tracks, terms) for name in tissues)
    curies = {curie for choice in choices for curie in choice.curies}
    chosen = candidates.where(lambda track: not choices or track.ontology_curie in curies | {""})
    chosen = _of_ontologies(chosen, ontologies)
    chosen = _of_names(chosen, track_names)
    return Selection(tracks=_of_strands(chosen, strands), tissues=choices)


def _of_ontologies(table: TrackTable, curies: Sequence[str]) -> TrackTable:
    known = {track.ontology_curie.upper(): track.ontology_curie for track in table if track.ontology_curie}
    for curie in curies:
        if curie.upper() not in known:
            raise UsageError(
                f"none of the tracks to choose from is of the ontology identifier {curie!r}",
                remedy=_nearest(curie.upper(), known) + "; --tissue takes names, and finds parts and kinds",
            )
    wanted = {"", *(known[curie.upper()] for curie in curies)}
    return table.where(lambda track: not curies or track.ontology_curie in wanted)


def _of_names(table: TrackTable, patterns: Sequence[str]) -> TrackTable:
    names = {track.name.lower(): track.name for track in table}
    for pattern in patterns:
        if not fnmatch.filter(names, pattern.lower()):
            raise UsageError(
                f"none of the tracks to choose from has the name {pattern!r}",
                remedy=_nearest(pattern.lower(), names) + "; '*' stands for any letters",
            )
    wanted = {name for pattern in patterns for name in fnmatch.filter(names, pattern.lower())}
    return table.where(lambda track: not patterns or track.name.lower() in wanted)


def _of_strands(table: TrackTable, strands: Sequence[str]) -> TrackTable:
    chosen = table.where(
        lambda track: (
            not strands or track.strand in strands or track.output_type is OutputType.SPLICE_JUNCTIONS
        )
    )
    if not chosen.tracks:
        there_are = ", ".join(sorted({track.strand for track in table}))
        raise UsageError(
            f"none of the tracks to choose from has the strand {' or '.join(strands)}",
            remedy=f"they have {there_are}",
        )
    return chosen


def _nearest(wanted: str, known: Mapping[str, str]) -> str:
    """Return a remedy that names the nearest of `known`, whose keys are as `wanted` is spelt."""
    near = [known[key] for key in difflib.get_close_matches(wanted, known, n=3)]
    return f"did you mean {' or '.join(near)}? (list them: vep tracks)" if near else "list them: vep tracks"


def parse_modality(name: str) -> OutputType:
    """Return the output type of that name.

    Raises:
        UsageError: There is none.
    """
    wanted = name.strip().upper().replace("-", "_").replace(" ", "_")
    try:
        return OutputType(wanted)
    except ValueError as error:
        parts = [output for output in OutputType if wanted and wanted in output]
        near = list(dict.fromkeys([*parts, *difflib.get_close_matches(wanted, list(OutputType))]))
        remedy = f"did you mean {', '.join(near)}?" if near else f"choose from {', '.join(OutputType)}"
        raise UsageError(f"unknown modality {name!r}", remedy=remedy) from error
