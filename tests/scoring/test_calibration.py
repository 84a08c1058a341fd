import dataclasses
import json
import pathlib
import random
from typing import Any

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from toy_genes import strand_tracks

from vep_cli.errors import WeightsError
from vep_cli.genome.annotation import Gene
from vep_cli.model.output_type import OutputType
from vep_cli.scoring import calibration as calibration_module
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.calibration import Background, Calibration, MadeOf, track_key
from vep_cli.scoring.calibration_file import read_calibration, write_calibration
from vep_cli.scoring.center_mask import CenterMaskScorer
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic
from vep_cli.scoring.scorer import RowLabel, Scorer, Scores

CHANGE = CenterMaskScorer(requested_output=OutputType.ATAC, width=501, aggregation=Aggregation.DIFF_LOG2_SUM)
LEVEL = CenterMaskScorer(requested_output=OutputType.ATAC, width=501, aggregation=Aggregation.ACTIVE_SUM)
RNA = GeneMaskScorer(requested_output=OutputType.RNA_SEQ, statistic=GeneStatistic.LFC)

MADE_OF = MadeOf(
    background="common.vcf",
    background_sha256="ab" * 32,
    allele_count=4,
    weights_sha256="cd" * 32,
    organism="human",
    window=4096,
    precision="float32",
    run={"reference": "toy.fa"},
)


def gene(strand: str) -> Gene:
    return Gene(gene_id="G", name="G", gene_type="lncRNA", chromosome="chr1", start=9, end=20, strand=strand)


def made_scores(
    scorer: Scorer, raw: list[list[float]], *, strands: str = "", genes: tuple[Gene, ...] = ()
) -> Scores:
    matrix = np.array(raw, np.float32)
    return Scores(
        scorer=scorer,
        rows=tuple(RowLabel(gene=one) for one in genes) or (RowLabel(),),
        tracks=strand_tracks(scorer.output_type, strands or "." * matrix.shape[1]),
        raw=matrix,
        reference=matrix,
        alternate=matrix,
    )


def calibrated(*background: Scores) -> Calibration:
    seen = Background()
    for scores in background:
        seen.see(scores)
    return Calibration(made_of=MADE_OF, distributions=seen.distributions())


def quantiles(calibration: Calibration, scores: Scores) -> np.ndarray:
    found = calibration.filled(scores).quantile
    assert found is not None
    return found


def of_one_track(scorer: Scorer, *raw: float) -> Calibration:
    return calibrated(*(made_scores(scorer, [[score]]) for score in raw))


def test_signed_quantiles_on_paper() -> None:
    calibration = of_one_track(CHANGE, -4, -1, 1, 2)
    # Ranks 1/8, 3/8, 5/8, 7/8 of 4 scores, stretched: 2 x 1/8 - 1 = -0.75. Zero is the median here.
    for score, expected in ((-4, -0.75), (-1, -0.25), (0, 0), (1, 0.25), (2, 0.75), (9, 0.75), (-9, -0.75)):
        assert quantiles(calibration, made_scores(CHANGE, [[score]])).tolist() == [[expected]]


def test_unsigned_quantiles_on_paper() -> None:
    calibration = of_one_track(LEVEL, 0, 0, 8, 16)
    # Two of four tie at 0: rank 1/4.
    for score, expected in ((0, 0.25), (4, 0.5), (8, 0.625), (16, 0.875), (99, 0.875)):
        assert quantiles(calibration, made_scores(LEVEL, [[score]])).tolist() == [[expected]]


def test_scorers_are_calibrated_by_themselves() -> None:
    calibration = of_one_track(CHANGE, 1, 2)
    assert np.isnan(quantiles(calibration, made_scores(LEVEL, [[1]]))).all()
    # The same comparison over another width is another scorer.
    wider = dataclasses.replace(CHANGE, width=2001)
    assert np.isnan(quantiles(calibration, made_scores(wider, [[1]]))).all()


def test_tracks_are_found_by_name_and_strand() -> None:
    calibration = calibrated(*(made_scores(CHANGE, [[one, one]], strands="+-") for one in (1, 3)))
    asked = made_scores(CHANGE, [[2, 2, 2]], strands="+-.")
    # The third track is of a strand that the background lacks.
    np.testing.assert_array_equal(quantiles(calibration, asked), [[0, 0, np.nan]])
    swapped = dataclasses.replace(asked, tracks=asked.tracks[::-1])
    np.testing.assert_array_equal(quantiles(calibration, swapped), [[np.nan, 0, 0]])
    mouse = tuple(dataclasses.replace(track, organism="mouse") for track in asked.tracks)
    assert np.isnan(quantiles(calibration, dataclasses.replace(asked, tracks=mouse))).all()


def test_each_gene_counts_and_each_nan_does_not() -> None:
    seen = made_scores(RNA, [[1, np.nan], [2, 5]], genes=(gene("+"), gene("-")))
    distribution = calibrated(seen, seen).distributions[RNA.official_name]
    assert distribution.sketch.totals.tolist() == [4, 2]


def test_the_strand_opposite_to_the_gene_does_not_count() -> None:
    # Polyadenylation scores both strands, of which tables report the gene's own.
    seen = made_scores(RNA, [[1, 2, 3]], strands="+-.", genes=(gene("+"),))
    distribution = calibrated(seen).distributions[RNA.official_name]
    assert distribution.sketch.totals.tolist() == [1, 0, 1]


def test_scores_keep_what_they_were() -> None:
    scores = made_scores(CHANGE, [[1]])
    filled = of_one_track(CHANGE, 1).filled(scores)
    assert scores.quantile is None
    assert filled.quantile is not None
    assert filled.quantile.dtype == np.float32
    assert dataclasses.replace(filled, quantile=None) == scores


@given(
    st.lists(st.floats(-8, 8, width=32), min_size=1, max_size=20), st.randoms(), st.sampled_from([1, 3, 1000])
)
def test_order_and_the_moment_of_counting_change_nothing(
    raw: list[float], order: random.Random, most: int
) -> None:
    expected = of_one_track(CHANGE, *raw).distributions[CHANGE.official_name].sketch
    order.shuffle(raw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calibration_module, "_MAX_WAITING", most)
        found = of_one_track(CHANGE, *raw).distributions[CHANGE.official_name].sketch
    np.testing.assert_array_equal(found.codes, expected.codes)
    np.testing.assert_array_equal(found.counts, expected.counts)


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "calibration.safetensors"
    write_calibration(path, example())
    return path


def example() -> Calibration:
    changes = [made_scores(CHANGE, [[-score, score]], strands="+-") for score in (0, 1, 1, 2)]
    return calibrated(*changes, made_scores(LEVEL, [[np.nan, 7]]))


def test_a_file_holds_all_of_it(path: pathlib.Path) -> None:
    found, expected = read_calibration(path), example()
    assert found.made_of == MADE_OF
    assert found.distributions.keys() == expected.distributions.keys()
    for name, distribution in expected.distributions.items():
        assert found.distributions[name].tracks == distribution.tracks
        np.testing.assert_array_equal(found.distributions[name].sketch.codes, distribution.sketch.codes)
        np.testing.assert_array_equal(found.distributions[name].sketch.counts, distribution.sketch.counts)


def test_files_are_the_same_each_time(path: pathlib.Path) -> None:
    before = path.read_bytes()
    write_calibration(path, example())
    assert path.read_bytes() == before


def test_what_a_calibration_says_of_itself() -> None:
    assert str(MADE_OF) == f"4 alleles of common.vcf sha256:{'ab' * 32} (human, window 4096 bp, float32)"


def rewrite(path: pathlib.Path, changes: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write the file again with another description and other arrays; an array of None is left out."""
    with safetensors.safe_open(path, framework="numpy") as file:
        document = json.loads(file.metadata()["vep_cli_calibration"])
        stored = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    stored = {name: array for name, array in (stored | arrays).items() if array is not None}
    text = json.dumps(document | changes)
    path.write_bytes(safetensors.numpy.save(stored, metadata={"vep_cli_calibration": text}))


TRACKS = [list(track_key(track)) for track in strand_tracks(OutputType.ATAC, "+-")]


@pytest.mark.parametrize(
    ("changes", "arrays", "message"),
    [
        ({"format": 2}, {}, "it has format 2, this version reads 1"),
        ({"made_of": None}, {}, "not a calibration"),
        ({"made_of": {}}, {}, "it lacks 'background'"),
        ({"made_of": dataclasses.asdict(MADE_OF) | {"window": "wide"}}, {}, "window is 'wide'"),
        ({"made_of": dataclasses.asdict(MADE_OF) | {"window": True}}, {}, "window is True"),
        ({"made_of": dataclasses.asdict(MADE_OF) | {"run": {"a": 1}}}, {}, "is not text"),
        ({"made_of": dataclasses.asdict(MADE_OF) | {"other": 1}}, {}, "not a calibration"),
        ({"scorers": 3}, {}, "not a calibration"),
        ({"scorers": [{"name": "x"}]}, {}, "it lacks 'tracks'"),
        ({"scorers": [{"name": "x", "tracks": [["a"]]}]}, {}, "not a calibration"),
        ({"scorers": [{"name": "x", "tracks": TRACKS[:1]}]}, {}, "tracks are not those of the counts"),
        ({"scorers": [{"name": "x", "tracks": TRACKS[:1] * 2}]}, {}, "tracks are not those of the counts"),
        ({}, {"0.counts": None}, r"it lacks '0\.counts'"),
        ({}, {"0.counts": np.zeros(5, np.float32)}, r"0\.counts is float32\[5\]"),
        ({}, {"0.buckets": np.zeros((5, 1), np.int16)}, r"0\.buckets is int16\[5, 1\]"),
        ({}, {"0.sizes": np.array([9, 9], np.uint32)}, "do not add up"),
    ],
)
def test_a_file_that_was_tampered_with_is_refused(
    path: pathlib.Path, changes: dict[str, Any], arrays: dict[str, Any], message: str
) -> None:
    rewrite(path, changes, arrays)
    with pytest.raises(WeightsError, match=message) as caught:
        read_calibration(path)
    assert caught.value.path == path
    assert "vep calibrate" in str(caught.value.remedy)


@pytest.mark.parametrize("length", [0, 7, 40, -1])
def test_a_truncated_file_is_refused(path: pathlib.Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(WeightsError, match="not a calibration"):
        read_calibration(path)


def test_arrays_of_something_else_are_refused(path: pathlib.Path) -> None:
    safetensors.numpy.save_file({"0.counts": np.ones(3)}, path)
    with pytest.raises(WeightsError, match="it lacks 'vep_cli_calibration'"):
        read_calibration(path)


def test_a_missing_file_and_a_folder_are_told(tmp_path: pathlib.Path) -> None:
    with pytest.raises(WeightsError, match="absent: no such file"):
        read_calibration(tmp_path / "absent")
    with pytest.raises(WeightsError, match="a folder, not a calibration"):
        read_calibration(tmp_path)
