import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.errors import UsageError
from vep_cli.model.output_type import OutputType
from vep_cli.model.tissues import Tissue, resolve_tissue, vocabulary
from vep_cli.model.tracks import Track

# A small table in the manner of the official one: GTEx's liver is under the right lobe.
BIOSAMPLES = (
    ("UBERON:0002107", "liver", ""),
    ("UBERON:0001114", "right lobe of liver", "Liver"),
    ("CL:0000182", "hepatocyte", ""),
    ("EFO:0001187", "HepG2", ""),
    ("UBERON:0002048", "lung", ""),
    ("UBERON:0009834", "dorsolateral prefrontal cortex", ""),
    ("UBERON:0001870", "frontal cortex", "Brain_Cortex"),
    ("UBERON:0036149", "suprapubic skin", "Skin_Not_Sun_Exposed_Suprapubic"),
    ("CL:0000084", "T-cell", ""),
    ("CL:0000909", "CD8-positive, alpha-beta memory T cell", ""),
    ("EFO:0002791", "HeLa-S3", ""),
    ("UBERON:0001496", "ascending aorta", "Artery_Aorta"),
    ("UBERON:0001211", "Peyer's patch", "Small_Intestine_Terminal_Ileum"),
    ("", "", ""),
)
TRACKS = tuple(
    Track(
        organism="human",
        output_type=OutputType.RNA_SEQ,
        index=index,
        name=str(index),
        ontology_curie=curie,
        biosample_name=name,
        gtex_tissue=gtex,
    )
    for index, (curie, name, gtex) in enumerate(BIOSAMPLES)
)
LIVER = ("CL:0000182", "UBERON:0001114", "UBERON:0002107")


def curies(query: str, tracks: tuple[Track, ...] = TRACKS) -> tuple[str, ...]:
    return resolve_tissue(query, tracks, vocabulary()).curies


def of(*names: str) -> tuple[Track, ...]:
    return tuple(track for track in TRACKS if track.biosample_name in names)


def test_liver_has_its_lobes_and_cells_and_no_cell_line() -> None:
    choice = resolve_tissue("liver", TRACKS, vocabulary())
    assert choice.query == "liver"
    assert choice.curies == LIVER
    assert choice.names == ("hepatocyte", "right lobe of liver", "liver")


@pytest.mark.parametrize(
    "query", ["Liver", "LIVER", " liver ", "UBERON:0002107", "uberon_0002107", "hepatic tissue"]
)
def test_spellings_of_liver(query: str) -> None:
    assert curies(query) == LIVER


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("right lobe of liver", "UBERON:0001114", id="a part alone"),
        pytest.param("UBERON:0001114", "UBERON:0001114", id="its identifier"),
        pytest.param("HepG2", "EFO:0001187", id="cell line"),
        pytest.param("hepg2", "EFO:0001187", id="cell line in lower case"),
        pytest.param("DLPFC", "UBERON:0009834", id="abbreviation"),
        pytest.param("Brain_Frontal_Cortex_BA9", "UBERON:0009834", id="GTEx name in the vocabulary"),
        pytest.param("lungs", "UBERON:0002048", id="plural"),
        pytest.param("HepG2s", "EFO:0001187", id="plural of a name that ends in a number"),
        pytest.param("prefrontal cortex", "UBERON:0009834", id="what has no track but in a part"),
        pytest.param("Brain - Frontal Cortex (BA9)", "UBERON:0009834", id="GTEx's long name"),
        pytest.param("CD8+", "CL:0000909", id="marker"),
        pytest.param("HeLa", "EFO:0002791", id="clone of a cell line"),
        pytest.param("artery", "UBERON:0001496", id="kind of a kind"),
        pytest.param("Artery_Aorta", "UBERON:0001496", id="GTEx name in the table"),
        pytest.param("ileum", "UBERON:0001211", id="where GTEx keeps the ileum"),
        pytest.param("cl_0000182", "CL:0000182", id="identifier in lower case"),
        pytest.param("Skin - Not Sun Exposed (Suprapubic)", "UBERON:0036149", id="GTEx's long spelling"),
    ],
)
def test_one_term(query: str, expected: str) -> None:
    assert curies(query) == (expected,)


@pytest.mark.parametrize("query", ["T cell", "t_cell", "T-Cell", "T cells", "T lymphocytes", "CL:0000084"])
def test_cells_have_their_kinds(query: str) -> None:
    assert curies(query) == ("CL:0000084", "CL:0000909")


def test_descent_goes_to_any_depth() -> None:
    # brain > forebrain > cerebral hemisphere > cerebral cortex > frontal cortex > dorsolateral ...
    assert curies("brain") == ("UBERON:0001870", "UBERON:0009834")


def test_a_tissue_without_a_track_of_its_own_has_those_of_its_parts() -> None:
    assert curies("liver", of("right lobe of liver", "lung")) == ("UBERON:0001114",)


def test_gtex_tissue_brings_its_tracks_wherever_they_are_kept() -> None:
    elsewhere = Track(
        organism="human",
        output_type=OutputType.RNA_SEQ,
        index=0,
        name="x",
        ontology_curie="NTR:1",
        biosample_name="a sample",
        gtex_tissue="Lung",
    )
    assert curies("lung", (*TRACKS, elsewhere)) == ("NTR:1", "UBERON:0002048")
    assert curies("UBERON:0002048", (*TRACKS, elsewhere)) == ("NTR:1", "UBERON:0002048")


@pytest.mark.parametrize(
    ("query", "nearest"),
    [
        ("livr", "liver"),
        ("hepatocytee", "hepatocyte"),
        ("hepg", "HepG2"),
        ("fetal liver", "liver"),
        ("memory T", "CD8-positive"),
    ],
)
def test_unknown_name_gets_the_nearest(query: str, nearest: str) -> None:
    with pytest.raises(UsageError, match=f"unknown tissue '{query}'") as caught:
        curies(query)
    assert nearest in str(caught.value.remedy)
    assert "vep tracks" in str(caught.value.remedy)


@pytest.mark.parametrize("query", ["", "  ", "-", "zzzzzz", "UBERON:9999999"])
def test_what_is_like_nothing_gets_the_list(query: str) -> None:
    with pytest.raises(UsageError, match="unknown tissue") as caught:
        curies(query)
    assert caught.value.remedy == "list them: vep tracks"


def test_what_contains_the_name_is_suggested_before_what_is_spelt_alike() -> None:
    # The cerebral cortex ("cortex of brain") and its prefrontal part have tracks only by their own parts.
    with pytest.raises(UsageError, match="unknown tissue 'cortex'") as caught:
        curies("cortex")
    assert str(caught.value.remedy).startswith(
        "did you mean cerebral cortex or frontal cortex or prefrontal cortex or dorsolateral"
    )


def test_few_names_are_suggested() -> None:
    many = tuple(
        Track(
            organism="human",
            output_type=OutputType.ATAC,
            index=index,
            name=str(index),
            ontology_curie=f"X:{index}",
            biosample_name=f"cell of kind {index}",
        )
        for index in range(50)
    )
    with pytest.raises(UsageError) as caught:
        curies("cell", many)
    assert str(caught.value.remedy).count(" or ") == 4


def test_known_tissue_without_a_track_gets_what_it_is_a_part_of() -> None:
    with pytest.raises(
        UsageError, match="none of the tracks to choose from is of the tissue 'left lobe"
    ) as caught:
        curies("left lobe of liver")
    assert "did you mean liver" in str(caught.value.remedy)


def test_ambiguous_name_is_refused_with_its_meanings() -> None:
    terms = (
        Tissue(curie="A:1", name="renal cortex", synonyms=("cortex",)),
        Tissue(curie="A:2", name="cerebral cortex", synonyms=("cortex",)),
    )
    with pytest.raises(UsageError, match=r"renal cortex \(A:1\), cerebral cortex \(A:2\)"):
        resolve_tissue("cortex", TRACKS, terms)


def test_a_name_of_a_tissue_and_of_its_part_means_the_tissue() -> None:
    terms = (
        Tissue(curie="UBERON:0002107", name="liver", synonyms=("hepar",)),
        Tissue(curie="UBERON:0001114", name="lobe", synonyms=("hepar",), parents=("UBERON:0002107",)),
    )
    assert resolve_tissue("hepar", TRACKS, terms).curies == ("UBERON:0001114", "UBERON:0002107")


@given(query=st.text(max_size=20))
def test_any_text_gives_tracks_or_a_usage_error(query: str) -> None:
    try:
        found = curies(query)
    except UsageError:
        return
    assert found
    assert set(found) <= {track.ontology_curie for track in TRACKS} - {""}


def test_vocabulary_has_each_identifier_once_and_knows_every_parent() -> None:
    identifiers = [term.curie for term in vocabulary()]
    assert len(set(identifiers)) == len(identifiers)
    assert {parent for term in vocabulary() for parent in term.parents} <= set(identifiers)
    assert all(term.name for term in vocabulary())


def test_vocabulary_has_no_circle() -> None:
    parents = {term.curie: term.parents for term in vocabulary()}
    for start in parents:
        above = list(parents[start])
        for curie in above:
            assert curie != start
            above.extend(parent for parent in parents[curie] if parent not in above)


def test_every_name_of_the_vocabulary_has_one_meaning() -> None:
    everywhere = tuple(
        Track(
            organism="human",
            output_type=OutputType.ATAC,
            index=index,
            name=term.curie,
            ontology_curie=term.curie,
            biosample_name=term.name,
        )
        for index, term in enumerate(vocabulary())
    )
    for term in vocabulary():
        for name in (term.name, term.curie, *term.synonyms):
            assert term.curie in curies(name, everywhere), name
