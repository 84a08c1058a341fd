import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_inputs import toy_tracks

from vep_cli.genome.annotation import Gene
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.plot.choice import KINDS, PanelChoice, choose_panels, strands_of

HUMAN = TrackTable(tuple(toy_tracks())).where(lambda track: track.organism == "human")


def gene(strand: str, gene_type: str = "protein_coding") -> Gene:
    return Gene(gene_id="G", name="", gene_type=gene_type, chromosome="chr1", start=0, end=9, strand=strand)


def choose(
    tracks: TrackTable = HUMAN,
    genes: tuple[Gene, ...] = (),
    *,
    tissue: bool = True,
    strand: bool = False,
    limit: int = 99,
) -> PanelChoice:
    return choose_panels(tracks, genes, is_tissue_chosen=tissue, is_strand_chosen=strand, limit=limit)


def spelt(tracks: tuple[Track, ...]) -> list[str]:
    return [f"{track.output_type} {track.biosample_name or track.name} {track.strand}" for track in tracks]


def test_every_kind_has_its_place() -> None:
    assert sorted(KINDS) == sorted(OutputType)


def test_panels_are_sorted_by_kind_and_junctions_share_one() -> None:
    chosen = choose()
    assert spelt(chosen.tracks) == [
        "SPLICE_JUNCTIONS liver +",
        "SPLICE_JUNCTIONS brain +",
        *(f"SPLICE_SITES {name} {strand}" for strand in "+-" for name in ("donor", "acceptor")),
        "SPLICE_SITE_USAGE liver +",
        "SPLICE_SITE_USAGE liver -",
        "RNA_SEQ liver +",
        "RNA_SEQ liver -",
        "CAGE liver +",
        "CAGE liver -",
        "ATAC liver .",
        "ATAC brain .",
        "DNASE liver .",
        "CHIP_HISTONE liver .",
        "CHIP_TF liver .",
        "CONTACT_MAPS liver .",
    ]
    assert chosen.left_out == {}
    assert chosen.tissue is None
    # Both strands' junctions are predicted: the network's list has a column for each.
    assert set(chosen.predicted) == set(HUMAN)


def test_of_a_gene_only_its_strand_is_drawn() -> None:
    chosen = choose(genes=(gene("-"),))
    assert {track.strand for track in chosen.tracks if track.output_type is not KINDS[0]} == {"-", "."}
    assert [track.strand for track in chosen.predicted.by_output[OutputType.RNA_SEQ]] == ["-"]
    # Whoever asks for strands gets them.
    assert len(choose(genes=(gene("-"),), strand=True).tracks) == len(choose().tracks)
    # Where none of the tracks is of the gene's strand, there is no reason to draw nothing.
    forward = HUMAN.where(lambda track: track.strand == "+" and track.output_type is OutputType.CAGE)
    assert spelt(choose(forward, genes=(gene("-"),)).tracks) == ["CAGE liver +"]


def test_protein_coding_genes_decide_on_the_strand() -> None:
    assert strands_of([gene("-", "lncRNA"), gene("+")]) == ("+",)
    assert strands_of([gene("-", "lncRNA"), gene("+", "lncRNA"), gene(".")]) == ("-", "+")
    assert strands_of([gene(".")]) == ()


def test_without_a_tissue_the_one_with_most_kinds() -> None:
    chosen = choose(tissue=False)
    assert chosen.tissue is not None
    assert chosen.tissue.biosample_name == "liver"
    assert {track.biosample_name for track in chosen.tracks} == {"liver", ""}
    # Both have ATAC alone, and liver comes first; splice sites have no tissue at all.
    atac = HUMAN.where(lambda track: track.output_type is OutputType.ATAC)
    assert spelt(choose(atac, tissue=False).tracks) == ["ATAC liver ."]
    sites = HUMAN.where(lambda track: track.output_type is OutputType.SPLICE_SITES)
    assert (choose(sites, tissue=False).tissue, len(choose(sites, tissue=False).tracks)) == (None, 4)


def test_one_of_each_kind_comes_first() -> None:
    chosen = choose(limit=10)
    # Ten kinds (there is no PROCAP), so the first of each.
    assert [track.output_type for track in chosen.tracks] == [
        kind for kind in KINDS if kind is not OutputType.PROCAP
    ]
    assert chosen.left_out == {
        OutputType.SPLICE_JUNCTIONS: 1,
        OutputType.SPLICE_SITES: 3,
        OutputType.SPLICE_SITE_USAGE: 1,
        OutputType.RNA_SEQ: 1,
        OutputType.CAGE: 1,
        OutputType.ATAC: 1,
    }
    # The eleventh is a second one of the first kind.
    assert spelt(choose(limit=11).tracks)[:2] == ["SPLICE_JUNCTIONS liver +", "SPLICE_JUNCTIONS brain +"]


@settings(deadline=None)
@given(limit=st.integers(1, 30), keep=st.lists(st.booleans(), min_size=len(HUMAN), max_size=len(HUMAN)))
def test_nothing_is_lost(limit: int, keep: list[bool]) -> None:
    kept = {track for track, is_kept in zip(HUMAN, keep, strict=True) if is_kept}
    some = HUMAN.where(lambda track: track in kept)
    chosen = choose(some, limit=limit)
    assert len(chosen.tracks) <= limit
    assert set(chosen.tracks) <= set(chosen.predicted) <= kept
    junctions = [track for track in kept if track.output_type is OutputType.SPLICE_JUNCTIONS]
    shared = len(junctions) - len({track.name for track in junctions})
    assert len(chosen.tracks) + sum(chosen.left_out.values()) == len(kept) - shared


@pytest.mark.parametrize("limit", [1, 2])
def test_junctions_of_a_drawn_tissue_are_predicted_on_both_strands(limit: int) -> None:
    junctions = HUMAN.where(lambda track: track.output_type is OutputType.SPLICE_JUNCTIONS)
    chosen = choose(junctions, limit=limit)
    assert len(chosen.tracks) == limit
    assert [track.strand for track in chosen.predicted] == ["+"] * limit + ["-"] * limit
