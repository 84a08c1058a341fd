"""Which tracks become panels, before anything is predicted: those of one tissue where none is asked for."""

import collections
import dataclasses
from collections.abc import Iterable, Sequence

from vep_cli.genome.annotation import Gene
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable

KINDS = (
    OutputType.SPLICE_JUNCTIONS,
    OutputType.SPLICE_SITES,
    OutputType.SPLICE_SITE_USAGE,
    OutputType.RNA_SEQ,
    OutputType.CAGE,
    OutputType.PROCAP,
    OutputType.ATAC,
    OutputType.DNASE,
    OutputType.CHIP_HISTONE,
    OutputType.CHIP_TF,
    OutputType.CONTACT_MAPS,
)
"""From the top of the figure: what is read against the exons is next to the genes."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PanelChoice:
    """What is drawn.

    Attributes:
        tracks: The track of each panel, from the top; of splice junctions, one for both strands.
        predicted: All that has to be predicted for them.
        left_out: How many panels there are besides, by kind of track; those that have none are not in it.
        tissue: A track of the tissue that was taken because none was asked for; None where one was.
    """

    tracks: tuple[Track, ...]
    predicted: TrackTable
    left_out: dict[OutputType, int]
    tissue: Track | None


def choose_panels(
    tracks: TrackTable, genes: Sequence[Gene], *, is_tissue_chosen: bool, is_strand_chosen: bool, limit: int
) -> PanelChoice:
    """Choose the panels of a figure.

    Args:
        tracks: What was asked for.
        genes: Those that the variant touches. Unless strands were asked for, tracks of the other strand
            are not drawn.
        is_tissue_chosen: Whether `tracks` are of a choice of tissues or tracks, and not simply all.
        is_strand_chosen: Whether they are of a choice of strands.
        limit: Panels to draw. One of each kind comes first, then a second one of each, and so on.
    """
    tissue = None if is_tissue_chosen else _richest_tissue(tracks)
    if tissue is not None:
        curies = ("", tissue.ontology_curie)
        tracks = tracks.where(lambda track: track.ontology_curie in curies)
    panels = _by_kind(_on_strands(_one_per_panel(tracks), () if is_strand_chosen else strands_of(genes)))
    kept = _first_of_each(panels, limit)
    named = {(track.output_type, track.name) for track in kept}
    return PanelChoice(
        tracks=tuple(track for kind in KINDS for track in panels[kind] if track in kept),
        predicted=tracks.where(lambda track: track in kept or _is_partner(track, named)),
        left_out={kind: left for kind in KINDS if (left := len(set(panels[kind]) - kept))},
        tissue=tissue,
    )


def strands_of(genes: Iterable[Gene]) -> tuple[str, ...]:
    """Return the strands of the protein-coding genes among some; where none is, of all of them."""
    known = [gene for gene in genes if gene.strand != "."]
    coding = [gene for gene in known if gene.is_protein_coding]
    return tuple(dict.fromkeys(gene.strand for gene in coding or known))


def _richest_tissue(tracks: TrackTable) -> Track | None:
    """Return a track of the tissue with most kinds of track, the first of several; None without tissues."""
    kinds: dict[str, set[OutputType]] = collections.defaultdict(set)
    first: dict[str, Track] = {}
    for track in tracks:
        if track.ontology_curie:
            kinds[track.ontology_curie].add(track.output_type)
            first.setdefault(track.ontology_curie, track)
    # `max` takes the first of the largest.
    return max(first.values(), key=lambda track: len(kinds[track.ontology_curie]), default=None)


def _one_per_panel(tracks: TrackTable) -> list[Track]:
    """Return the tracks without those of splice junctions on '-', which share a panel with those on '+'."""
    forward = {track.name for track in tracks if _is_junctions(track) and track.strand == "+"}
    return [
        track
        for track in tracks
        if not (_is_junctions(track) and track.strand == "-" and track.name in forward)
    ]


def _on_strands(tracks: list[Track], strands: Sequence[str]) -> list[Track]:
    """Return the tracks of some strands, or all where that leaves none or no strand is given."""
    kept = [track for track in tracks if track.strand in (*strands, ".") or _is_junctions(track)]
    return kept if strands and kept else tracks


def _by_kind(tracks: Iterable[Track]) -> dict[OutputType, list[Track]]:
    panels: dict[OutputType, list[Track]] = {kind: [] for kind in KINDS}
    for track in tracks:
        panels[track.output_type].append(track)
    return panels


def _first_of_each(panels: dict[OutputType, list[Track]], limit: int) -> set[Track]:
    ranked = [
        (place, number, track)
        for number, kind in enumerate(KINDS)
        for place, track in enumerate(panels[kind])
    ]
    return {track for _, _, track in sorted(ranked, key=lambda one: one[:2])[:limit]}


def _is_partner(track: Track, named: set[tuple[OutputType, str]]) -> bool:
    return _is_junctions(track) and (track.output_type, track.name) in named


def _is_junctions(track: Track) -> bool:
    return track.output_type is OutputType.SPLICE_JUNCTIONS
