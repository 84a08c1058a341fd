"""`vep calibrate`, and the quantiles that scores have from then on, through the real `main`."""

import hashlib
import io
import json
import pathlib
import shutil
import signal

import numpy as np
import pandas as pd
import pytest
from toy_inputs import WINDOW, Outcome, Run, ToyGenome, assert_refused, vcf, write_weights

from vep_cli import calibrate as making
from vep_cli.bundled import weights_folder
from vep_cli.model.weights_folder import CALIBRATION, WeightsFolder, open_weights
from vep_cli.scoring.calibration_file import read_calibration

# chr2 is all C, and the network counts letters: of 501 bp, the track of liver counts A and that of brain C.
# C>A scores log2(1 + 1) - log2(0 + 1) = 1 in liver; C>G and C>T score 0.
BACKGROUND = ("chr2 3000 . C A", "chr2 3100 . C G", "chr2 3200 . C T")
ATAC = ("--modality", "ATAC")


@pytest.fixture
def weights(toy_weights: WeightsFolder, tmp_path: pathlib.Path) -> pathlib.Path:
    return pathlib.Path(shutil.copytree(toy_weights.path, tmp_path / "weights"))


@pytest.fixture
def background(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "common.vcf"
    path.write_text(vcf(*BACKGROUND))
    return path


@pytest.fixture
def calibrate(
    run: Run, toy_genome: ToyGenome, weights: pathlib.Path, background: pathlib.Path, counting_network: None
) -> Run:
    """Call `vep calibrate` on the toy genome and a network that counts."""

    def call(*arguments: object, source: pathlib.Path = background) -> Outcome:
        genome = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf)
        model = () if "--weights" in arguments else ("--weights", weights)
        return run("calibrate", *genome, "--window", WINDOW, *model, source, *arguments)

    return call


def table(done: Outcome, path: pathlib.Path) -> pd.DataFrame:
    assert done.status == 0, done.stderr
    return pd.read_csv(path, sep="\t")


@pytest.fixture
def scored_table(
    score_toy: Run, weights: pathlib.Path, tmp_path: pathlib.Path, counting_network: None
) -> Run:
    def call(*arguments: object, records: tuple[str, ...] = BACKGROUND) -> Outcome:
        path = tmp_path / "scores.tsv"
        given = vcf(*records).encode()
        return score_toy("-", "-o", path, "--weights", weights, *arguments, stdin=given)

    return call


def contents(folder: pathlib.Path) -> dict[str, str]:
    files = (path for path in folder.iterdir() if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_scores_have_quantiles_from_then_on(
    calibrate: Run, scored_table: Run, run: Run, weights: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    done = calibrate(*ATAC)
    assert done.status == 0, done.stderr
    assert done.stdout == ""
    assert f"calibrated {weights}: 2 scorers, 4 tracks" in done.stderr
    scored = table(scored_table(*ATAC), tmp_path / "scores.tsv")
    liver = scored[(scored.biosample_name == "liver") & scored.variant_scorer.str.contains("DIFF")]
    # Ranks of 1 and twice 0 among themselves, ties counted half: 5/6 and twice 1/3; stretched to [-1, 1].
    np.testing.assert_allclose(liver.quantile_score, [2 / 3, -1 / 3, -1 / 3], atol=1e-6)
    levels = scored[(scored.biosample_name == "liver") & scored.variant_scorer.str.contains("ACTIVE")]
    np.testing.assert_allclose(levels.quantile_score, [5 / 6, 1 / 3, 1 / 3], atol=1e-6)
    assert run("weights", "verify", weights).status == 0
    assert "calibrated  3 alleles of common.vcf" in run("weights", "info", weights).stdout


def test_what_the_background_lacks_has_no_quantile(
    calibrate: Run, scored_table: Run, tmp_path: pathlib.Path
) -> None:
    calibrate(*ATAC, "--tissue", "liver")
    scored = table(scored_table("--modality", "ATAC", "--modality", "DNASE"), tmp_path / "scores.tsv")
    known = (scored.output_type == "ATAC") & (scored.biosample_name == "liver")
    assert scored[known].quantile_score.notna().all()
    assert scored[~known].quantile_score.isna().all()
    assert (~known).any()


def test_the_header_and_stderr_say_which_calibration(
    calibrate: Run, score_toy: Run, weights: pathlib.Path, background: pathlib.Path
) -> None:
    calibrate(*ATAC)
    done = score_toy("-", *ATAC, "--weights", weights, stdin=vcf(*BACKGROUND).encode())
    sha256 = hashlib.sha256(background.read_bytes()).hexdigest()
    said = f"3 alleles of common.vcf sha256:{sha256} (human, window 4096 bp, float32)"
    assert f"##vep_cli_calibration={said}\n" in done.stdout
    assert f"vep: quantiles among {said}\n" in done.stderr
    assert "approximate" not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (("--window", 2 * WINDOW), "window 4096 bp, this run has 8192 bp"),
        (("--precision", "bfloat16"), "precision float32, this run has bfloat16"),
        (("--organism", "mouse"), "there are no quantiles: the calibration is of human tracks"),
    ],
)
def test_other_settings_than_the_calibrated_are_told(
    calibrate: Run,
    score_toy: Run,
    weights: pathlib.Path,
    changes: tuple[object, ...],
    message: str,
) -> None:
    calibrate(*ATAC)
    done = score_toy(
        "-", *ATAC, "--weights", weights, "--quiet", *changes, stdin=vcf("chr2 3000 . C A").encode()
    )
    assert done.status == 0, done.stderr
    assert done.stderr.count(message) == 1
    assert any(line.startswith("##vep_cli_warning=") and message in line for line in done.stdout.splitlines())


def test_a_file_instead_of_the_folder(
    calibrate: Run, scored_table: Run, weights: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    before = contents(weights)
    made = tmp_path / "common.safetensors"
    assert calibrate(*ATAC, "-o", made).status == 0
    assert contents(weights) == before
    assert table(scored_table(*ATAC), tmp_path / "scores.tsv").quantile_score.isna().all()
    scored = table(scored_table(*ATAC, "--calibration", made), tmp_path / "scores.tsv")
    assert scored.quantile_score.notna().all()


def test_order_does_not_change_the_file(calibrate: Run, tmp_path: pathlib.Path) -> None:
    assert calibrate("-o", tmp_path / "one").status == 0
    (tmp_path / "other.vcf").write_text(vcf(*BACKGROUND[::-1]))
    assert calibrate("-o", tmp_path / "reversed", source=tmp_path / "other.vcf").status == 0
    one, other = (read_calibration(tmp_path / name).distributions for name in ("one", "reversed"))
    assert one.keys() == other.keys()
    for name, distribution in one.items():
        np.testing.assert_array_equal(distribution.sketch.codes, other[name].sketch.codes)
        np.testing.assert_array_equal(distribution.sketch.counts, other[name].sketch.counts)


def test_calibrating_again_replaces(calibrate: Run, weights: pathlib.Path, tmp_path: pathlib.Path) -> None:
    calibrate(*ATAC)
    other = tmp_path / "other.vcf"
    other.write_text(vcf(BACKGROUND[0]))
    assert calibrate(*ATAC, source=other).status == 0
    assert read_calibration(weights / CALIBRATION).made_of.allele_count == 1
    assert open_weights(weights).calibration_path == weights / CALIBRATION


def test_what_it_was_made_of_is_kept(
    calibrate: Run, weights: pathlib.Path, toy_genome: ToyGenome, toy_weights: WeightsFolder
) -> None:
    calibrate(*ATAC, "--tissue", "liver")
    made_of = read_calibration(weights / CALIBRATION).made_of
    assert (made_of.background, made_of.allele_count, made_of.organism) == ("common.vcf", 3, "human")
    assert (made_of.window, made_of.precision) == (WINDOW, "float32")
    assert made_of.weights_sha256 == toy_weights.sha256
    assert made_of.run["reference"] == str(toy_genome.fasta)
    assert made_of.run["tissues"] == "liver: UBERON:0002107 liver"
    assert "command" not in made_of.run


def test_an_interrupt_leaves_the_folder_as_it_was(
    calibrate: Run, weights: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calibrate(*ATAC)
    before = contents(weights)

    def interrupt(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(making, "write_calibration", interrupt)
    done = calibrate("--modality", "DNASE")
    assert (done.status, contents(weights)) == (130, before)


def test_a_full_disk_leaves_the_folder_as_it_was(
    calibrate: Run, weights: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(weights)

    def fail(path: pathlib.Path, _: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(making, "write_calibration", fail)
    assert_refused(calibrate(*ATAC), 1, "the calibration cannot be written: No space left")
    assert contents(weights) == before


def test_the_bundled_weights_stay_as_they_are(calibrate: Run) -> None:
    before = contents(weights_folder())
    assert_refused(calibrate(*ATAC, "--weights", weights_folder()), 2, "the bundled weights", "-o FILE")
    assert contents(weights_folder()) == before


def test_a_background_without_scores_is_refused(
    calibrate: Run, weights: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    before = contents(weights)
    for records in ((), ("chr2 3000 . C <DEL>",)):
        path = tmp_path / "empty.vcf"
        path.write_text(vcf(*records))
        assert_refused(calibrate(*ATAC, source=path), 1, "no allele of the background has a score", str(path))
    assert contents(weights) == before


@pytest.mark.parametrize("source", ["-", "absent.vcf", "/dev/null"])
def test_a_background_that_is_no_file_is_refused(calibrate: Run, run: Run, source: str) -> None:
    done = run("calibrate", source, "--genome", "demo")
    assert done.status in (1, 2)
    assert done.stderr.count("vep: error: ") == 1
    assert "internal error" not in done.stderr


def test_a_place_that_cannot_take_the_output_is_refused(
    calibrate: Run, weights: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    assert_refused(calibrate(*ATAC, "-o", tmp_path / "no" / "file"), 1, "folder does not exist")
    assert_refused(calibrate(*ATAC, "-o", "-"), 2, "not written to standard output", "-o FILE")
    before = contents(weights)
    for place in (tmp_path / "common.vcf", weights / "model.safetensors"):
        assert_refused(calibrate(*ATAC, "-o", place), 2, "the output is one of the inputs")
    assert contents(weights) == before


def test_a_changed_calibration_is_refused(
    calibrate: Run, scored_table: Run, run: Run, weights: pathlib.Path
) -> None:
    calibrate(*ATAC)
    path = weights / CALIBRATION
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    assert_refused(scored_table(*ATAC), 1, str(path), "not the one that manifest.json names")
    assert run("weights", "verify", weights).status == 1
    # It can be made anew all the same.
    assert calibrate(*ATAC).status == 0
    assert scored_table(*ATAC).status == 0


def test_a_manifest_with_a_wrong_hash_of_it_is_refused(
    calibrate: Run, run: Run, weights: pathlib.Path
) -> None:
    calibrate(*ATAC)
    path = weights / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["sha256"][CALIBRATION] = 3
    path.write_text(json.dumps(manifest))
    assert_refused(run("weights", "info", weights), 1, f"has no hash of {CALIBRATION}")


def test_the_calibration_of_other_weights_is_refused(
    calibrate: Run, score_toy: Run, tmp_path: pathlib.Path
) -> None:
    made = tmp_path / "common.safetensors"
    calibrate(*ATAC, "-o", made)
    other = write_weights(tmp_path / "other", seed=5)
    done = score_toy("-", *ATAC, "--weights", other, "--calibration", made, stdin=vcf().encode())
    assert_refused(done, 1, str(made), "made with other weights, toy 1 sha256:", str(other))


def test_an_ensemble_has_no_quantiles(
    calibrate: Run, score_toy: Run, weights: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    made = tmp_path / "common.safetensors"
    calibrate(*ATAC, "-o", made)
    calibrate(*ATAC)
    members = ("--weights", weights, "--weights", write_weights(tmp_path / "other", seed=5))
    path = tmp_path / "out.tsv"
    done = score_toy("-", *ATAC, *members, "-o", path, stdin=vcf(*BACKGROUND).encode())
    scored = table(done, path)
    assert scored.quantile_score.isna().all()
    assert done.stderr.count("quantiles are left out: a calibration is of one model") == 1
    refused = score_toy("-", *ATAC, *members, "--calibration", made, stdin=vcf(*BACKGROUND).encode())
    assert_refused(refused, 2, "a calibration is of one model, not of several together")


def test_quantiles_are_in_the_entries_of_a_vcf(calibrate: Run, score_toy: Run, weights: pathlib.Path) -> None:
    calibrate(*ATAC)
    done = score_toy("-", *ATAC, "--tissue", "liver", "--weights", weights, stdin=vcf(BACKGROUND[0]).encode())
    header = next(line for line in done.stdout.splitlines() if "ID=VE," in line)
    names = header.split("Format: ")[1].rstrip('">').split("|")
    info = done.stdout.splitlines()[-1].split("\t")[7]
    entry = next(part for part in info.split(";") if part.startswith("VE=")).removeprefix("VE=").split(",")[0]
    cells = dict(zip(names, entry.split("|"), strict=True))
    assert float(cells["Quantile"]) == pytest.approx(2 / 3, abs=1e-3)


def test_help_has_an_example(run: Run) -> None:
    said = run("calibrate", "--help").stdout
    assert "vep calibrate common.vcf.gz --weights" in " ".join(said.split())
    assert io.StringIO(said).readline().startswith("Usage: vep calibrate")
