import dataclasses
import re
from collections.abc import Sequence

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


STRANDED = TrackTable(
    tuple(
        Track(
            organism="human",
            output_type=output,
            index=index,
            name=name,
            strand=strand,
            ontology_curie=curie,
            biosample_name=NAMES[curie],
        )
        for output, index, name, strand, curie in (
            (OutputType.RNA_SEQ, 0, "polyA liver", "+", LIVER),
            (OutputType.RNA_SEQ, 1, "polyA liver", "-", LIVER),
            (OutputType.RNA_SEQ, 2, "total lung", ".", LUNG),
            (OutputType.SPLICE_SITES, 0, "donor", "+", ""),
            (OutputType.SPLICE_SITES, 1, "donor", "-", ""),
            (OutputType.SPLICE_JUNCTIONS, 0, "liver", "+", LIVER),
            (OutputType.SPLICE_JUNCTIONS, 4, "liver", "-", LIVER),
        )
    )
)


def narrowed(**choices: Sequence[str]) -> list[str]:
    given = {"modalities": (), "tissues": (), **choices}
    selection = select_tracks(STRANDED, organism="human", terms=vocabulary(), **given)
    return [f"{track.name}{track.strand}" for track in selection.tracks]


SITES, JUNCTIONS, LIVER_RNA = ["donor+", "donor-"], ["liver+", "liver-"], ["polyA liver+", "polyA liver-"]


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        pytest.param({}, [*LIVER_RNA, "total lung.", *SITES, *JUNCTIONS], id="everything"),
        pytest.param({"ontologies": [LIVER]}, [*LIVER_RNA, *SITES, *JUNCTIONS], id="ontology"),
        pytest.param({"ontologies": [LUNG.lower()]}, ["total lung.", *SITES], id="ontology in lower case"),
        pytest.param({"track_names": ["POLYA *"]}, LIVER_RNA, id="name"),
        pytest.param({"track_names": ["*liver"]}, [*LIVER_RNA, *JUNCTIONS], id="end of a name"),
        pytest.param({"track_names": ["donor", "t?tal*"]}, ["total lung.", *SITES], id="two names"),
        pytest.param({"strands": ["+"]}, ["polyA liver+", "donor+", *JUNCTIONS], id="strand"),
        pytest.param({"strands": ["."]}, ["total lung.", *JUNCTIONS], id="unstranded"),
        pytest.param(
            {"strands": ["-", "."]}, ["polyA liver-", "total lung.", "donor-", *JUNCTIONS], id="two"
        ),
        pytest.param(
            {"ontologies": [LIVER], "strands": ["-"], "modalities": ["RNA_SEQ"]}, ["polyA liver-"], id="all"
        ),
        pytest.param({"tissues": ["lung"], "ontologies": [LUNG]}, ["total lung.", *SITES], id="tissue too"),
    ],
)
def test_further_choices(choices: dict[str, list[str]], expected: list[str]) -> None:
    assert narrowed(**choices) == expected


def test_junctions_always_have_the_columns_of_a_tissue() -> None:
    # Junction heads go by tissue: with one strand gone, there would be none left to predict.
    for strand in "+-.":
        selection = select_tracks(
            STRANDED,
            organism="human",
            modalities=["splice_junctions"],
            tissues=[],
            terms=(),
            strands=[strand],
        )
        assert selection.tracks.columns(OutputType.SPLICE_JUNCTIONS) == [0]


def test_ontology_takes_no_parts() -> None:
    # --tissue liver would have the right lobe of liver, UBERON:0001114.
    table = TrackTable((*TABLE.tracks, dataclasses.replace(TABLE.tracks[0], ontology_curie="UBERON:0001114")))
    for choices, count in (({"ontologies": [LIVER]}, 1), ({"tissues": ["liver"]}, 2)):
        given: dict[str, list[str]] = {"tissues": [], **choices}
        selection = select_tracks(
            table, organism="human", modalities=["rna_seq"], terms=vocabulary(), **given
        )
        assert len(selection.tracks) == count


@pytest.mark.parametrize(
    ("choices", "problem", "remedy"),
    [
        ({"ontologies": ["UBERON:0002108"]}, "ontology identifier 'UBERON:0002108'", "UBERON:0002107"),
        ({"ontologies": [LIVER, "liver"]}, "ontology identifier 'liver'", "--tissue takes names"),
        (
            {"tissues": ["liver"], "ontologies": [LUNG]},
            "ontology identifier 'UBERON:0002048'",
            "UBERON:0002107",
        ),
        ({"track_names": ["polya livr"]}, "has the name 'polya livr'", "polyA liver"),
        ({"track_names": ["*", "kidney*"]}, "has the name 'kidney", "vep tracks"),
        ({"modalities": ["rna_seq"], "tissues": ["lung"], "strands": ["+", "-"]}, "strand + or -", "have ."),
    ],
)
def test_choices_without_a_track_are_refused(
    choices: dict[str, list[str]], problem: str, remedy: str
) -> None:
    with pytest.raises(UsageError, match=re.escape(problem)) as caught:
        narrowed(**choices)
    assert remedy in str(caught.value.remedy)


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


@pytest.mark.parametrize(
    ("organism", "command"), [("human", "vep tracks"), ("mouse", "vep tracks --organism mouse")]
)
def test_modality_that_nothing_predicts_is_refused(organism: str, command: str) -> None:
    with pytest.raises(UsageError, match=f"predict nothing of DNASE in {organism}") as caught:
        chosen(["dnase"], [], organism)
    assert str(caught.value.remedy).endswith(command)


def test_unknown_tissue_of_another_organism_is_told_where_its_names_are() -> None:
    with pytest.raises(UsageError, match="unknown tissue 'zzz'") as caught:
        chosen([], ["zzz"], "mouse")
    assert caught.value.remedy == "list them: vep tracks --organism mouse"


@pytest.mark.parametrize("output", OutputType)
def test_every_modality_has_its_spellings(output: OutputType) -> None:
    for spelling in (output.value, output.value.lower(), output.value.replace("_", "-"), f" {output.value} "):
        assert parse_modality(spelling) is output


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("rnaseq", "RNA_SEQ"),
        ("chip", "CHIP_HISTONE, CHIP_TF"),
        ("splice", "SPLICE_SITES, SPLICE_SITE_USAGE, SPLICE_JUNCTIONS"),
        ("???", "PROCAP"),
        ("", "PROCAP"),
    ],
)
def test_unknown_modality_gets_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(UsageError, match="unknown modality") as caught:
        parse_modality(name)
    assert nearest in str(caught.value.remedy)


def test_tracks_that_follow_rules_come_with_a_warning() -> None:
    learnt_from = {OutputType.RNA_SEQ: "mechanistic", OutputType.ATAC: "labels:REMO"}
    table = TrackTable(
        tuple(
            dataclasses.replace(track, supervision=learnt_from.get(track.output_type, "none"))
            for track in TABLE
        )
    )
    both = select_tracks(table, organism="human", modalities=[], tissues=[], terms=vocabulary())
    assert both.tracks.supervisions == {
        OutputType.RNA_SEQ: ("mechanistic",),
        OutputType.ATAC: ("labels:REMO",),
        OutputType.SPLICE_SITES: (),
    }
    assert both.warning is not None
    assert both.warning.startswith("tracks of RNA_SEQ follow rules")
    labelled = select_tracks(table, organism="human", modalities=["ATAC"], tissues=[], terms=vocabulary())
    assert labelled.warning is None
