import csv
import pathlib

import jax
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from toy_inputs import CONTIGS, Outcome, Run, ToyGenome, assert_refused

from vep_cli.genome.interval import Interval
from vep_cli.inference.interval_prediction import IntervalPrediction, predict_interval
from vep_cli.inference.junction_list import JunctionList, list_junctions
from vep_cli.inference.predictor import Predictor
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.prediction_pipeline import window_of

pybigtools = pytest.importorskip("pybigtools")

REGION = "chr1:5001-6000"


@pytest.fixture
def predict(run: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder) -> Run:
    """Call `vep predict` on the toy genome with the toy model."""

    def call(*arguments: object) -> Outcome:
        files = ("--fasta", toy_genome.fasta, "--weights", toy_weights.path)
        window = () if "--window" in arguments else ("--window", 8192)
        return run("predict", *arguments, *files, *window)

    return call


def index(folder: pathlib.Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "tracks.tsv").read_text().splitlines(), delimiter="\t"))


def values(path: pathlib.Path) -> np.ndarray:
    return np.asarray(pybigtools.open(str(path)).values("chr1", 5000, 6000, fillna=None), np.float32)


def test_files_hold_what_the_network_predicts(
    predict: Run, toy_weights: WeightsFolder, tmp_path: pathlib.Path
) -> None:
    folder = tmp_path / "made" / "out"
    assert (
        predict(
            REGION, "--modality", "ATAC", "--modality", "CHIP_TF", "--modality", "SPLICE_SITES", "-o", folder
        ).status
        == 0
    )
    rows = index(folder)
    assert sorted(row["file"] for row in rows) == sorted(path.name for path in folder.glob("*.bw"))
    wanted = {OutputType.ATAC, OutputType.CHIP_TF, OutputType.SPLICE_SITES}
    human = toy_weights.tracks.where(lambda one: one.organism == "human" and one.output_type in wanted)
    window = window_of(Interval(chromosome="chr1", start=5000, end=6000), 8192)
    assert window.start % 2048 == 0
    whole = _whole(toy_weights, human, window)
    for row in rows:
        output = OutputType(row["output_type"])
        tracks = whole.tracks[output]
        (column,) = [
            n for n, one in enumerate(tracks) if (one.name, one.strand) == (row["name"], row["strand"])
        ]
        per_base = np.repeat(whole.values[output][:, column], output.resolution)
        expected = per_base[5000 - window.start : 6000 - window.start]
        np.testing.assert_allclose(values(folder / row["file"]), expected, rtol=1e-4, atol=1e-6)


def _whole(weights: WeightsFolder, tracks: TrackTable, window: Interval) -> IntervalPrediction:
    predictor = Predictor(weights, tracks, organism="human", device=jax.local_devices()[0])
    bases = "".join(
        CONTIGS["chr1"][place] if 0 <= place < len(CONTIGS["chr1"]) else "N"
        for place in range(window.start, window.end)
    )
    return predict_interval(predictor, tracks, window, bases)


@given(start=st.integers(0, 100_000), width=st.integers(1, 6144))
@example(start=3000, width=6144)
def test_a_region_lies_in_its_window(start: int, width: int) -> None:
    region = Interval(chromosome="chr1", start=start, end=start + width)
    window = window_of(region, 8192)
    assert window.contains(region)
    assert window.width == 8192
    assert window.start % 2048 == 0
    assert abs(window.start + window.end - region.start - region.end) <= 2048 + 1


def test_deleted_bases_of_alt_are_zero(predict: Run, tmp_path: pathlib.Path) -> None:
    bases = CONTIGS["chr1"][5500 - 1 : 5510 - 1]
    done = predict(
        REGION,
        "--variant",
        f"chr1:5500:{bases}:{bases[0]}",
        "--alleles",
        "as-written",
        "--modality",
        "ATAC",
        "--tissue",
        "liver",
        "-o",
        tmp_path,
    )
    assert done.status == 0
    before, after = (values(next(tmp_path.glob(f"*.{allele}.bw"))) for allele in ("ref", "alt"))
    # The bases behind the first of REF, of 1-based positions 5501 to 5509.
    assert not after[500:509].any()
    assert before[500:509].all()
    assert {row["allele"] for row in index(tmp_path)} == {"ref", "alt"}


def test_contact_map_is_of_the_window(predict: Run, tmp_path: pathlib.Path) -> None:
    cooler = pytest.importorskip("cooler")
    assert predict(REGION, "--modality", "CONTACT_MAPS", "-o", tmp_path).status == 0
    (path,) = tmp_path.glob("*.cool")
    opened = cooler.Cooler(str(path))
    # chr1 has 12,000 bp, in bins of 2,048; the window has four of them.
    assert opened.binsize == 2048
    found = opened.matrix(balance=False)[:]
    assert found.shape == (6, 6)
    assert (found != 0).any(axis=1).sum() == 4
    np.testing.assert_array_equal(found, found.T)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("chr1",), ("'chr1' is no region",)),
        (("chr9:1-10",), ("no contig chr9",)),
        (("chr1:11991-12001",), ("not wholly on chr1",)),
        (("chr1:1-6145",), ("6,145 base pairs do not fit a window of 8,192", "at most 6,144")),
        ((REGION, "--variant", "chr2:3000:C:A"), ("does not lie in what the network sees",)),
        ((REGION, "--variant", "chr1"), ("'chr1' is not a variant",)),
    ],
)
def test_refusals(
    predict: Run, tmp_path: pathlib.Path, arguments: tuple[object, ...], words: tuple[str, ...]
) -> None:
    assert_refused(predict(*arguments, "-o", tmp_path), 2, *words)
    assert list(tmp_path.glob("*.bw")) == []


def test_a_variant_that_is_not_there(predict: Run, tmp_path: pathlib.Path) -> None:
    wrong = "A" if CONTIGS["chr1"][5499] != "A" else "C"
    assert_refused(
        predict(REGION, "--variant", f"chr1:5500:{wrong}:T", "-o", tmp_path), 1, "cannot be predicted"
    )


def introns(path: pathlib.Path) -> dict[tuple[int, int, str], float]:
    """Return the reads of each intron, by its first base, the base after its last, and its strand."""
    header, *lines = path.read_text().splitlines()
    assert header.startswith("track name=")
    rows = [line.split("\t") for line in lines]
    assert rows == sorted(rows, key=lambda row: (int(row[1]), int(row[2])))
    assert all(0 <= int(row[4]) <= 1000 for row in rows)
    return {(int(row[1]) + 1, int(row[2]) - 1, row[5]): float(row[3]) for row in rows}


def test_splice_junctions_are_those_of_the_regions_sites(
    predict: Run, toy_weights: WeightsFolder, tmp_path: pathlib.Path
) -> None:
    done = predict(REGION, "--modality", "SPLICE_JUNCTIONS", "-o", tmp_path)
    assert done.status == 0
    rows = index(tmp_path)
    assert [(row["name"].partition(" ")[0], row["strand"]) for row in rows] == [
        ("UBERON:0002107", "."),
        ("UBERON:0000955", "."),
    ]
    every = _junctions_within(toy_weights, 5000, 6000)
    strands = np.where(every.is_forward, "+", "-").tolist()
    for column, row in enumerate(rows):
        expected = dict(
            zip(
                zip(every.start.tolist(), every.end.tolist(), strands, strict=True),
                every.counts[:, column],
                strict=True,
            )
        )
        found = introns(tmp_path / row["file"])
        assert len(found) > 10
        assert all(reads == pytest.approx(expected[intron], rel=1e-3) for intron, reads in found.items())
        # What is left out is weak.
        weakest = max((reads for intron, reads in expected.items() if intron not in found), default=0)
        assert weakest <= 1.01e-3 * every.counts[:, column].max()


def _junctions_within(weights: WeightsFolder, start: int, end: int) -> JunctionList:
    """Return the junctions between sites of a part of chr1, by a network told that there are no others."""
    tracks = weights.tracks.where(
        lambda one: one.organism == "human" and one.output_type is OutputType.SPLICE_JUNCTIONS
    )
    window = window_of(Interval(chromosome="chr1", start=start, end=end), 8192)
    predictor = Predictor(weights, tracks, organism="human", device=jax.local_devices()[0])
    (predicted,) = predictor.predict([CONTIGS["chr1"][window.start : window.end]])
    sites = predicted[OutputType.SPLICE_JUNCTIONS]
    places = np.arange(window.start, window.end)
    is_inside = (places >= start) & (places < end)
    within = sites._replace(probabilities=np.asarray(sites.probabilities) * is_inside[:, None])
    junctions = predictor.junctions_of_sequence(within)
    return list_junctions(np.asarray(junctions.sites), np.asarray(junctions.counts), window)


def test_junctions_of_both_alleles(predict: Run, tmp_path: pathlib.Path) -> None:
    reference = CONTIGS["chr1"][5499]
    alternate = "A" if reference != "A" else "C"
    done = predict(
        REGION,
        *("--variant", f"chr1:5500:{reference}:{alternate}"),
        *("--modality", "SPLICE_JUNCTIONS", "--tissue", "liver", "-o", tmp_path),
    )
    assert done.status == 0
    before, after = (introns(next(tmp_path.glob(f"*.{allele}.junctions.bed"))) for allele in ("ref", "alt"))
    assert before.keys() == after.keys()
    assert before != after
