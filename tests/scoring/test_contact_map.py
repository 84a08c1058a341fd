import jax
import numpy as np
import pytest
from official_cases import Golden

from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.contact_map import ContactMapScorer
from vep_cli.scoring.scorer import Scores

SCORER = ContactMapScorer()
WINDOW = Interval(chromosome="chr1", start=0, end=8192)
TRACKS = tuple(
    Track(organism="human", output_type=OutputType.CONTACT_MAPS, index=index, name=f"track {index}")
    for index in range(3)
)

compute_on_device = jax.jit(ContactMapScorer.compute, static_argnums=0)


def snv(position: int, chromosome: str = "chr1") -> Variant:
    return Variant(chromosome=chromosome, position=position, reference_bases="A", alternate_bases="C")


def run(reference: np.ndarray, alternate: np.ndarray, variant: Variant) -> Scores:
    masks = SCORER.masks(variant, WINDOW, None)
    output = SCORER.output_type
    values = compute_on_device(SCORER, {output: reference}, {output: alternate}, dict(masks.arrays))
    return SCORER.label(jax.device_get(values), masks.rows, TRACKS)


def test_official_scores(golden: Golden) -> None:
    cases = golden.of_kind("contact_map")
    assert len(cases) == 5
    for case in cases:
        masks = SCORER.masks(case["variant"], WINDOW, None)
        assert masks.arrays["bin"].tolist() == [case["bin"]]
        scores = run(golden.arrays["contact/ref"], golden.arrays["contact/alt"], case["variant"])
        expected = golden.arrays[f"{case['name']}/score"]
        np.testing.assert_allclose(scores.raw, expected[None], rtol=1e-6)


def test_change_on_paper() -> None:
    # Position 2049 is in bin 1. Down its column ALT - REF is 1, -2, 3, -4: mean of the sizes 2.5.
    reference, alternate = np.zeros((2, 4, 4, 3), np.float32)
    reference[:, 1], alternate[:, 0] = 1, 100
    alternate[:, 1] = np.array([2, -1, 4, -3], np.float32)[:, None]
    scores = run(reference, alternate, snv(2049))
    assert scores.raw.tolist() == [[2.5] * 3]
    assert scores.reference.tolist() == [[1.0] * 3]
    assert scores.alternate.tolist() == [[0.5] * 3]


def test_equal_alleles_differ_by_zero(golden: Golden) -> None:
    reference = golden.arrays["contact/ref"]
    assert run(reference, reference, snv(5000)).raw.tolist() == [[0.0] * 3]


def test_permuting_tracks_permutes_scores(golden: Golden) -> None:
    reference, alternate = golden.arrays["contact/ref"], golden.arrays["contact/alt"]
    scores = run(reference, alternate, snv(5000))
    permuted = run(reference[..., [2, 0, 1]], alternate[..., [2, 0, 1]], snv(5000))
    np.testing.assert_array_equal(permuted.raw, scores.raw[:, [2, 0, 1]])


@pytest.mark.parametrize("variant", [snv(8193), snv(5000, "chr2")])
def test_variant_outside_the_window_has_no_row(variant: Variant) -> None:
    assert SCORER.masks(variant, WINDOW, None).rows == ()


def test_names() -> None:
    assert (SCORER.name, SCORER.official_name) == ("CONTACT_MAPS", "ContactMapScorer()")
    assert SCORER.is_difference
    assert not SCORER.is_signed
    assert not SCORER.needs_annotation
