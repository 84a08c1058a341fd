import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.contigs import find_contig, rename_contigs


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        pytest.param("chr6", {"chr6", "6"}, "chr6", id="exact match wins"),
        pytest.param("6", {"chr6"}, "chr6", id="prefix added"),
        pytest.param("chr6", {"6"}, "6", id="prefix removed"),
        pytest.param("X", {"chrX"}, "chrX", id="sex chromosome"),
        pytest.param("7", {"chr6"}, None, id="absent"),
        pytest.param("1", {"chr11", "11"}, None, id="no part of a name"),
        pytest.param("chrUn_KI270742v1", {"Un_KI270742v1"}, "Un_KI270742v1", id="unplaced"),
        pytest.param("MT", {"chrM"}, "chrM", id="MT to chrM"),
        pytest.param("chrM", {"MT"}, "MT", id="chrM to MT"),
        pytest.param("M", {"MT"}, "MT", id="M to MT"),
        pytest.param("chrMT", {"M"}, "M", id="chrMT to M"),
        pytest.param("MT", {"MT", "chrM"}, "MT", id="exact mitochondrion wins"),
        pytest.param("MT", {"chr1"}, None, id="no mitochondrion"),
    ],
)
def test_find_contig(name: str, known: set[str], expected: str | None) -> None:
    assert find_contig(name, known) == expected


@given(name=st.text(min_size=1), known=st.sets(st.text()))
def test_answer_is_always_one_of_the_known_names(name: str, known: set[str]) -> None:
    found = find_contig(name, known)
    assert found is None or found in known
    assert find_contig(name, known | {name}) == name


def test_only_names_that_change_are_told() -> None:
    known = {"chr1": 10, "chrM": 5, "X": 7}
    assert rename_contigs(["1", "chr1", "MT", "X", "chrX", "2"], known) == {
        "1": "chr1",
        "MT": "chrM",
        "chrX": "X",
    }
