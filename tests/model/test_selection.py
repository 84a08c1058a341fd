import pytest

from vep_cli.errors import UsageError
from vep_cli.model.output_type import OutputType
from vep_cli.model.selection import parse_modality, select_tracks
from vep_cli.model.tissues import vocabulary
from vep_cli.model.tracks import Track, TrackTable

LIVER, LUNG, HEART = "UBERON:0002107", "UBERON:0002048", "UBERON:0000948"
NAMES = {LIVER: "liver", LUNG: "lung", HEART: "heart", "": ""}


def track(name: str, output: OutputType, curie: str, organism: str = "human") -> Track:
    return Track(
        organism=organism,
        output_type=output,
        index=0,
        name=name,
        ontology_curie=curie,
        biosample_name=NAMES[curie],
    )


TABLE = TrackTable(
    (
        track("rna liver", OutputType.RNA_SEQ, LIVER),
        track("rna lung", OutputType.RNA_SEQ, LUNG),
        track("atac liver", OutputType.ATAC, LIVER),
        track("atac heart", OutputType.ATAC, HEART),
        track("splice sites", OutputType.SPLICE_SITES, ""),
        track("mouse lung", OutputType.RNA_SEQ, LUNG, "mouse"),
    )
)


def chosen(modalities: list[str], tissues: list[str], organism: str = "human") -> list[str]:
    selection = select_tracks(
        TABLE, organism=organism, modalities=modalities, tissues=tissues, terms=vocabulary()
    )
    return [track.name for track in selection.tracks]


@pytest.mark.parametrize(
    ("modalities", "tissues", "expected"),
    [
        pytest.param([], [], ["rna liver", "rna lung", "atac liver", "atac heart", "splice sites"], id="all"),
        pytest.param(["rna_seq"], [], ["rna liver", "rna lung"], id="one modality"),
        pytest.param(["RNA-seq", "splice sites"], [], ["rna liver", "rna lung", "splice sites"], id="two"),
        pytest.param([], ["liver"], ["rna liver", "atac liver", "splice sites"], id="tissue and tissueless"),
        pytest.param([], ["lung", "heart"], ["rna lung", "atac heart", "splice sites"], id="two tissues"),
        pytest.param(["atac"], ["Liver"], ["atac liver"], id="modality and tissue"),
        pytest.param(["splice_sites"], ["liver"], ["splice sites"], id="tissue of a tissueless modality"),
    ],
)
def test_tracks_of_modalities_and_tissues(
    modalities: list[str], tissues: list[str], expected: list[str]
) -> None:
    assert chosen(modalities, tissues) == expected


def test_organisms_are_kept_apart() -> None:
    assert chosen([], [], "mouse") == ["mouse lung"]


def test_what_tissues_were_taken_to_mean_is_told() -> None:
    selection = select_tracks(
        TABLE, organism="human", modalities=[], tissues=["LIVER", "lung"], terms=vocabulary()
    )
    assert [(choice.query, choice.curies) for choice in selection.tissues] == [
        ("LIVER", (LIVER,)),
        ("lung", (LUNG,)),
    ]


def test_tissue_without_the_modality_is_refused() -> None:
    # Lung has RNA-seq alone; silently predicting nothing of it would pass for "no effect in lung".
    with pytest.raises(UsageError, match="of the tissue 'lung'"):
        chosen(["atac"], ["liver", "lung"])


def test_tissue_of_the_other_organism_is_refused() -> None:
    with pytest.raises(UsageError, match="of the tissue 'liver'"):
        chosen([], ["liver"], "mouse")


def test_unknown_tissue_is_refused_for_tissueless_modalities_too() -> None:
    with pytest.raises(UsageError, match="unknown tissue 'livr'"):
        chosen(["splice_sites"], ["livr"])


def test_modality_that_nothing_predicts_is_refused() -> None:
    with pytest.raises(UsageError, match="predict nothing of DNASE in human"):
        chosen(["dnase"], [])


@pytest.mark.parametrize("output", OutputType)
def test_every_modality_has_its_spellings(output: OutputType) -> None:
    for spelling in (output.value, output.value.lower(), output.value.replace("_", "-"), f" {output.value} "):
        assert parse_modality(spelling) is output


@pytest.mark.parametrize(
    ("name", "nearest"), [("rnaseq", "RNA_SEQ"), ("chip", "CHIP_TF"), ("???", "PROCAP"), ("", "PROCAP")]
)
def test_unknown_modality_gets_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(UsageError, match="unknown modality") as caught:
        parse_modality(name)
    assert nearest in str(caught.value.remedy)
