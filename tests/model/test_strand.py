import jax.numpy as jnp
import numpy as np
import official_operations as official
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vep_cli.model.output_type import OutputType
from vep_cli.model.strand import (
    reverse_complement,
    reverse_complement_predictions,
    reverse_splice_sites,
    strand_partners,
    with_partners,
)
from vep_cli.model.tracks import Track, TrackTable

STRANDS = ["+", "-", ".", "-", "+"]


@pytest.mark.parametrize("output", [OutputType.DNASE, OutputType.RNA_SEQ])
def test_tracks_match_official(output: OutputType) -> None:
    case = f"reverse_complement_{output.lower()}"
    partners = official.ARRAYS[f"{case}/strand_reindexing"].astype(int)
    found = reverse_complement_predictions(output, official.value(case, "x"), partners)
    np.testing.assert_array_equal(found, official.value(case, "out"))


def test_contact_maps_match_official() -> None:
    case = "reverse_complement_contact_maps"
    found = reverse_complement_predictions(OutputType.CONTACT_MAPS, official.value(case, "x"), np.arange(2))
    np.testing.assert_array_equal(found, official.value(case, "out"))


def test_junctions_match_official() -> None:
    case = "reverse_complement_splice_junctions"
    partners = official.ARRAYS[f"{case}/strand_reindexing"].astype(int)
    found = reverse_complement_predictions(OutputType.SPLICE_JUNCTIONS, official.value(case, "x"), partners)
    np.testing.assert_array_equal(found, official.value(case, "out"))
    positions = official.value(case, "positions")
    found_positions = reverse_splice_sites(positions, 256)
    np.testing.assert_array_equal(found_positions, official.value(case, "out_positions"))


def test_reverse_complement_by_hand() -> None:
    # AACN read on the other strand is NGTT.
    one_hot = jnp.eye(5)[jnp.array([0, 0, 1, 4])][None, :, :4]
    expected = jnp.eye(5)[jnp.array([4, 2, 3, 3])][None, :, :4]
    np.testing.assert_array_equal(reverse_complement(one_hot), expected)


def test_partners_by_hand() -> None:
    # '+' tracks are 0 and 4, '-' tracks 1 and 3: 0 <-> 1, 4 <-> 3.
    assert strand_partners(STRANDS).tolist() == [1, 0, 2, 4, 3]


def test_partners_need_both_strands() -> None:
    with pytest.raises(ValueError, match="pairs"):
        strand_partners(["+", "."])


@given(st.lists(st.sampled_from("ACGTN"), min_size=1, max_size=40))
@settings(deadline=None)
def test_reverse_complement_twice_is_the_sequence(bases: list[str]) -> None:
    one_hot = jnp.eye(5)[jnp.array(["ACGTN".index(base) for base in bases])][None, :, :4]
    np.testing.assert_array_equal(reverse_complement(reverse_complement(one_hot)), one_hot)


@pytest.mark.parametrize("output", [output for output in OutputType if output is not OutputType.DNASE])
def test_reversing_twice_is_the_prediction(output: OutputType) -> None:
    shape = (2, 6, 6, 5) if output in (OutputType.CONTACT_MAPS, OutputType.SPLICE_JUNCTIONS) else (2, 6, 5)
    predictions = jnp.asarray(np.random.default_rng(0).normal(size=shape))
    partners = strand_partners(STRANDS)
    once = reverse_complement_predictions(output, predictions, partners)
    assert not np.array_equal(once, predictions)
    np.testing.assert_array_equal(reverse_complement_predictions(output, once, partners), predictions)


def test_splice_sites_reversed_twice_are_themselves() -> None:
    positions = jnp.array([[[0, 9, -1], [3, -1, -1], [4, 5, 6], [-1, -1, -1]]])
    once = reverse_splice_sites(positions, 10)
    # Length 10: 4, 5, 6 become 5, 4, 3 and move to the first list.
    assert once[0, 0].tolist() == [5, 4, 3]
    np.testing.assert_array_equal(reverse_splice_sites(once, 10), positions)


def stranded(strands: str, organism: str = "human") -> list[Track]:
    return [
        Track(organism=organism, output_type=OutputType.CAGE, index=index, name=f"{index}", strand=strand)
        for index, strand in enumerate(strands)
    ]


@pytest.mark.parametrize(("chosen", "expected"), [([0], [0, 3]), ([3], [0, 3]), ([2], [2]), ([], [])])
def test_chosen_tracks_bring_their_partners(chosen: list[int], expected: list[int]) -> None:
    # '+' tracks 0 and 1 pair with '-' tracks 3 and 4; 2 is unstranded. Mouse tracks stay out.
    human = stranded("++.--")
    table = TrackTable((*human, *stranded("++.--", "mouse")))
    found = with_partners(TrackTable(tuple(human[index] for index in chosen)), table)
    assert found == TrackTable(tuple(human[index] for index in expected))


def test_an_output_of_one_strand_has_no_partners() -> None:
    table = TrackTable(tuple(stranded("++-")))
    with pytest.raises(ValueError, match="both strands"):
        with_partners(TrackTable(table.tracks[:1]), table)
