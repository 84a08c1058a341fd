"""`--window-mode`, through the real commands."""

import json
import pathlib

import pandas as pd
import pytest
from toy_inputs import Run, ToyGenome, assert_refused, vcf

from vep_cli.chosen_calibration import calibration_warning
from vep_cli.genome.registry import Genome
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.scoring.calibration import Calibration, MadeOf
from vep_cli.settings import ScoreSettings

ATAC = ("--modality", "ATAC")
SNAPPED = ("--window-mode", "snapped")


def table(score_toy: Run, folder: pathlib.Path, *arguments: object, records: tuple[str, ...]) -> pd.DataFrame:
    path = folder / "out.tsv"
    done = score_toy("-", "-o", path, *ATAC, *arguments, stdin=vcf(*records).encode())
    assert done.status == 0
    return pd.read_csv(path, sep="\t")


@pytest.mark.usefixtures("counting_network")
def test_snapped_windows_begin_on_the_grid(score_toy: Run, tmp_path: pathlib.Path) -> None:
    # chr2 is all C. Centred windows of 4096 bp begin at 3000 - 2048 = 952 and at 3200 - 2048 = 1152.
    records = ("chr2 3000 . C A", "chr2 3200 . C G")
    centred = table(score_toy, tmp_path, records=records)
    snapped = table(score_toy, tmp_path, *SNAPPED, records=records)
    assert list(dict.fromkeys(centred.scored_interval)) == ["chr2:952-5048:.", "chr2:1152-5248:."]
    # Of the multiples of 2048, 952 is nearest to 0, and 1152 to 2048.
    assert list(dict.fromkeys(snapped.scored_interval)) == ["chr2:0-4096:.", "chr2:2048-6144:."]
    # What counts letters in 501 bases round the variant does not care where the window lies.
    assert snapped.raw_score.tolist() == centred.raw_score.tolist()


@pytest.mark.usefixtures("counting_network")
def test_the_run_says_how_windows_lie(score_toy: Run) -> None:
    snapped = score_toy("-", *ATAC, *SNAPPED, stdin=vcf().encode())
    centred = score_toy("-", *ATAC, stdin=vcf().encode())
    assert "##vep_cli_window_mode=snapped\n" in snapped.stdout
    assert "##vep_cli_window_mode=centered\n" in centred.stdout
    (note,) = (line for line in snapped.stderr.splitlines() if "snapped" in line)
    assert "a grid of 2,048 bp" in note
    assert "up to 1,024 bp from its centre" in note
    assert "snapped" not in centred.stderr


@pytest.mark.usefixtures("counting_network")
@pytest.mark.parametrize(("length", "status"), [(1024, "PASS"), (1025, "TOO_LONG")])
def test_alleles_have_to_fit_wherever_the_window_is_snapped(score_toy: Run, length: int, status: str) -> None:
    # Half of what is left of 4096 bp when a variant may lie 1024 to either side: (4096 - 2048) / 2 = 1024.
    record = vcf(f"chr2 3000 . C C{'A' * (length - 1)}").encode()
    done = score_toy("-", *ATAC, *SNAPPED, "--alleles", "as-written", stdin=record)
    assert f"VE_STATUS={status}" in done.stdout
    centred = score_toy("-", *ATAC, "--alleles", "as-written", stdin=record)
    assert "VE_STATUS=PASS" in centred.stdout


def test_windows_too_short_to_snap_are_misuse(score_toy: Run) -> None:
    done = score_toy("-", *SNAPPED, "--window", 2048, stdin=vcf().encode())
    assert_refused(done, 2, "windows of 2048 bp", "at least 4096")


@pytest.mark.usefixtures("counting_network")
def test_explain_places_windows_likewise(run: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder) -> None:
    files = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf, "--weights", toy_weights.path)
    done = run("explain", "chr2:3000:C:A", "--json", "--window", 4096, *ATAC, *SNAPPED, *files)
    assert done.status == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["window"] == {"chromosome": "chr2", "start": 0, "end": 4096}


@pytest.mark.parametrize(
    ("of_calibration", "of_run", "is_told"),
    [
        ({}, "centered", False),
        ({}, "snapped", True),
        ({"window_mode": "snapped"}, "snapped", False),
        ({"window_mode": "snapped"}, "centered", True),
    ],
)
def test_quantiles_of_other_windows_are_approximate(
    of_calibration: dict[str, str], of_run: str, is_told: bool
) -> None:
    made_of = MadeOf(
        background="b.vcf",
        background_sha256="0",
        allele_count=1,
        weights_sha256="0",
        organism="human",
        window=4096,
        precision="float32",
        run=of_calibration,
    )
    genome = Genome(name="", fasta=pathlib.Path("x.fa"), gtf=None, organism="human", source="test")
    settings = ScoreSettings(
        source="-", output="-", genome=genome, weights=(), window=4096, window_mode=of_run
    )
    told = calibration_warning(Calibration(made_of=made_of, distributions={}), settings)
    theirs = of_calibration.get("window_mode", "centered")
    expected = f"the calibration was made with windows {theirs}, this run has {of_run}"
    assert told == (f"the quantiles are approximate: {expected}" if is_told else None)
