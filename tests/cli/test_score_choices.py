"""What `--weights` given twice, `--alleles` and `--precision` do to scores, through the real network."""

import pathlib

import numpy as np
import pandas as pd
import pytest
from toy_inputs import CONTIGS, Run, vcf, write_weights

from vep_cli.model.weights_folder import WeightsFolder

ATAC = ("--modality", "ATAC")


@pytest.fixture(scope="session")
def second_model(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return write_weights(tmp_path_factory.mktemp("model") / "second", seed=4)


def base(position: int, length: int = 1) -> str:
    return CONTIGS["chr1"][position - 1 : position - 1 + length]


def snv(position: int) -> str:
    return f"chr1 {position} . {base(position)} {'ACGT'.replace(base(position), '')[0]}"


def scores(score_toy: Run, tmp_path: pathlib.Path, record: str, *options: object) -> pd.DataFrame:
    path = tmp_path / "out.tsv"
    done = score_toy("-", "-o", path, *ATAC, *options, stdin=vcf(record).encode())
    assert done.status == 0, done.stderr
    return pd.read_csv(path, sep="\t")


def test_ensemble_is_the_mean_with_its_spread(
    score_toy: Run, tmp_path: pathlib.Path, toy_weights: WeightsFolder, second_model: pathlib.Path
) -> None:
    first = scores(score_toy, tmp_path, snv(5300))
    second = scores(score_toy, tmp_path, snv(5300), "--weights", second_model)
    both = scores(score_toy, tmp_path, snv(5300), "--weights", toy_weights.path, "--weights", second_model)
    assert not np.allclose(first.raw_score, second.raw_score)
    assert first.raw_score_sd.isna().all()
    np.testing.assert_allclose(both.raw_score, (first.raw_score + second.raw_score) / 2, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(both.ref_value, (first.ref_value + second.ref_value) / 2, rtol=1e-5)
    # Of two numbers, the sample standard deviation is their distance over the root of 2.
    distance = (first.raw_score - second.raw_score).abs()
    np.testing.assert_allclose(both.raw_score_sd, distance / 2**0.5, rtol=1e-4, atol=1e-6)


def test_ensemble_in_a_vcf_names_its_models(
    score_toy: Run, toy_weights: WeightsFolder, second_model: pathlib.Path
) -> None:
    models = ("--weights", toy_weights.path, "--weights", second_model)
    done = score_toy("-", *ATAC, *models, stdin=vcf(snv(5300)).encode())
    assert done.status == 0
    assert done.stdout.count("##vep_cli_weights=toy 1 sha256:") == 2
    entry = done.stdout.splitlines()[-1].split("VE=")[1].split(";")[0]
    assert float(entry.split("|")[-1]) > 0


def test_one_haplotype_has_one_score_however_it_is_written(score_toy: Run, tmp_path: pathlib.Path) -> None:
    # One base taken out, with one shared base before it, and with nine.
    plain = f"chr1 5300 . {base(5300, 2)} {base(5300)}"
    padded = f"chr1 5292 . {base(5292, 10)} {base(5292, 9)}"
    one, other = (scores(score_toy, tmp_path, record) for record in (plain, padded))
    assert list(one.raw_score) == list(other.raw_score)
    assert list(one.scored_interval) == list(other.scored_interval)
    assert other.variant_id[0] == f"chr1:5292:{base(5292, 10)}>{base(5292, 9)}"
    written = scores(score_toy, tmp_path, padded, "--alleles", "as-written")
    assert list(written.raw_score) != list(other.raw_score)
    assert written.scored_interval[0] != other.scored_interval[0]


def test_bfloat16_is_near_float32_and_not_it(score_toy: Run, tmp_path: pathlib.Path) -> None:
    exact = scores(score_toy, tmp_path, snv(5300))
    rounded = scores(score_toy, tmp_path, snv(5300), "--precision", "bfloat16")
    assert list(exact.ref_value) != list(rounded.ref_value)
    np.testing.assert_allclose(rounded.ref_value, exact.ref_value, rtol=0.05)


def test_header_says_what_was_chosen(score_toy: Run) -> None:
    done = score_toy("-", *ATAC, "--alleles", "as-written", stdin=vcf(snv(5300)).encode())
    assert "##vep_cli_alleles=as-written\n" in done.stdout
    assert "##vep_cli_precision=float32\n" in done.stdout


def test_strand_and_name_choose_columns_and_change_no_number(score_toy: Run, tmp_path: pathlib.Path) -> None:
    def table(*options: object) -> pd.DataFrame:
        path = tmp_path / "out.tsv"
        done = score_toy("-", "-o", path, *options, stdin=vcf(snv(6000)).encode())
        assert done.status == 0, done.stderr
        return pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)

    full = table()
    numbers = ["raw_score", "ref_value", "alt_value"]
    assert set(full.track_strand) == {"+", "-", "."}
    is_junction = full.output_type == "SPLICE_JUNCTIONS"
    for options, kept in (
        (["--strand", "-"], (full.track_strand == "-") | is_junction),
        (["--strand", "+", "--strand", "."], full.track_strand != "-"),
        (["--track", "acc*", "--track", "*RNA_SEQ"], full.track_name.str.contains("^acc|RNA_SEQ$")),
        # Which introns are rows goes by the tissues that were chosen; junctions are left out here.
        (
            ["--ontology", "UBERON:0000955", "--modality", "ATAC", "--modality", "SPLICE_SITES"],
            full.ontology_curie.isin(["UBERON:0000955", ""]) & ~is_junction,
        ),
    ):
        assert kept.any()
        narrowed, expected = table(*options), full[kept].reset_index(drop=True)
        labels = [column for column in full if column not in numbers]
        pd.testing.assert_frame_equal(narrowed[labels], expected[labels])
        # A program for fewer columns may round otherwise.
        np.testing.assert_allclose(
            narrowed[numbers].astype(float), expected[numbers].astype(float), rtol=1e-5, atol=1e-5
        )
