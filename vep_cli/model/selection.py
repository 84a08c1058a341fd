"""Which tracks a run predicts: those of the organism, the modalities and the tissues asked for."""

import dataclasses
import difflib
from collections.abc import Sequence

from vep_cli.errors import UsageError
from vep_cli.model.output_type import OutputType
from vep_cli.model.tissues import Tissue, TissueChoice, resolve_tissue
from vep_cli.model.tracks import TrackTable


@dataclasses.dataclass(frozen=True, kw_only=True)
class Selection:
    """The tracks of a run.

    Attributes:
        tracks: The chosen tracks.
        tissues: What each `--tissue` was taken to mean; empty where none was given.
    """

    tracks: TrackTable
    tissues: tuple[TissueChoice, ...]


def select_tracks(
    table: TrackTable,
    *,
    organism: str,
    modalities: Sequence[str],
    tissues: Sequence[str],
    terms: Sequence[Tissue],
) -> Selection:
    """Choose tracks.

    Args:
        table: All that the weights predict.
        organism: 'human' or 'mouse'.
        modalities: Output types, in any case and with '-' or ' ' for '_'; none means all.
        tissues: Names as `resolve_tissue` takes them; none means all. Tracks that are of no tissue,
            such as splice sites, are always chosen.
        terms: The vocabulary of tissues.

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
            remedy="see what they predict: vep tracks",
        )
    # Modalities without tissues, such as splice sites, leave a tissue's name to be looked up in the others.
    with_tissue = candidates.where(lambda track: track.ontology_curie != "") or of_organism
    choices = tuple(resolve_tissue(name, with_tissue.tracks, terms) for name in tissues)
    curies = {curie for choice in choices for curie in choice.curies}
    chosen = candidates.where(lambda track: not choices or track.ontology_curie in curies | {""})
    return Selection(tracks=chosen, tissues=choices)


def parse_modality(name: str) -> OutputType:
    """Return the output type of that name.

    Raises:
        UsageError: There is none.
    """
    wanted = name.strip().upper().replace("-", "_").replace(" ", "_")
    try:
        return OutputType(wanted)
    except ValueError as error:
        near = difflib.get_close_matches(wanted, list(OutputType), n=2) or list(OutputType)
        raise UsageError(f"unknown modality {name!r}", remedy=f"choose from {', '.join(near)}") from error
