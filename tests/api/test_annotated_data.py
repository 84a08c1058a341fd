import pathlib
import sys

import numpy as np
import pandas as pd
import pytest
from toy_inputs import WINDOW, ToyGenome

import vep_cli
from vep_cli.api.annotated_data import LAYERS
from vep_cli.errors import UsageError
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.writers.tidy import COLUMNS

VARIANTS = ["chr1:6000:T:A", "chr2:3000:C:A", "chr2:100:A:C"]

pytestmark = [
    pytest.mark.filterwarnings("ignore::vep_cli.VepWarning"),
    pytest.mark.usefixtures("counting_network"),
]


@pytest.fixture
def frame(toy_genome: ToyGenome, toy_weights: WeightsFolder) -> pd.DataFrame:
    """ATAC of two tracks, splice sites of two genes round chr1:6000, and one variant of another REF."""
    return vep_cli.score(
        VARIANTS,
        fasta=toy_genome.fasta,
        gtf=toy_genome.gtf,
        weights=toy_weights.path,
        window=WINDOW,
        scorer=["ATAC", "SPLICE_SITES"],
    )


def test_without_the_package(frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.delitem(sys.modules, "anndata", raising=False)
    monkeypatch.setattr(sys, "path_importer_cache", {})
    with pytest.raises(UsageError, match="not installed") as caught:
        vep_cli.to_anndata(frame)
    assert caught.value.remedy == "pip install 'vep-cli[anndata]'"


class TestWithThePackage:
    @pytest.fixture(autouse=True)
    def _is_installed(self) -> None:
        # Its own warnings, of what it imports, are none of ours.
        pytest.importorskip("anndata", reason="anndata, of the extra 'anndata', is not installed")

    def test_a_row_for_each_allele(self, frame: pd.DataFrame) -> None:
        made = vep_cli.to_anndata(frame)
        names = ["chr1:6000:T>A", "chr2:3000:C>A", "chr2:100:A>C"]
        assert list(made.obs_names) == list(made.obs["variant_id"]) == names
        assert list(made.obs["status"]) == ["PASS", "PASS", "REF_MISMATCH"]
        # Two tissues of ATAC, and the splice sites that there are, each of one strand.
        assert list(made.var["scorer"])[:2] == ["ATAC", "ATAC"]
        assert set(made.var["scorer"]) == {"ATAC", "SPLICE_SITES"}
        assert made.var_names.is_unique
        assert made.X.shape == (3, len(made.var))
        assert np.isnan(made.X[2]).all()

    def test_each_score_is_in_its_place(self, frame: pd.DataFrame) -> None:
        made = vep_cli.to_anndata(frame)
        scored = frame[frame.raw_score.notna()]
        assert len(scored) > 4
        for cell, of_cell in scored.groupby(["variant_id", "variant_scorer", "track_name", "track_strand"]):
            variant, *track = cell
            column = (made.var[["variant_scorer", "track_name", "track_strand"]] == track).all(axis=1)
            strongest = of_cell.loc[of_cell.raw_score.abs().idxmax()]
            found = made[variant, column]
            assert found.X[0, 0] == strongest.raw_score
            assert found.layers["ref_value"][0, 0] == strongest.ref_value
            assert found.layers["alt_value"][0, 0] == strongest.alt_value

    def test_a_row_for_each_gene(self, frame: pd.DataFrame) -> None:
        made = vep_cli.to_anndata(frame, by_gene=True)
        of_genes = frame[frame.gene_id.notna()][["variant_id", "gene_id"]].drop_duplicates()
        assert len(of_genes) > 0
        assert len(made.obs) == 3 + len(of_genes)
        assert list(made.obs_names) == [
            f"{row.variant_id} {row.gene_id}".strip() for row in made.obs.itertuples()
        ]
        # Every score is in it, and none twice.
        scores = frame.raw_score.dropna()
        assert sorted(made.X[~np.isnan(made.X)]) == sorted(scores)

    def test_only_layers_with_numbers(self, frame: pd.DataFrame) -> None:
        assert set(vep_cli.to_anndata(frame).layers) == {"ref_value", "alt_value"}
        ranked = frame.assign(quantile_score=np.float32(0.5), raw_score_sd=np.float32(0))
        assert set(vep_cli.to_anndata(ranked).layers) == set(LAYERS)

    def test_ties_and_missing_scores(self, frame: pd.DataFrame) -> None:
        # The same allele and track three times: nothing, and then two of one magnitude.
        one = frame[frame.variant_scorer.notna()].iloc[[0, 0, 0]]
        made = vep_cli.to_anndata(one.assign(raw_score=np.float32([np.nan, -2, 2])))
        assert made.X.tolist() == [[-2]]

    @pytest.mark.parametrize("by_gene", [False, True])
    def test_round_trip_through_a_file(
        self, frame: pd.DataFrame, tmp_path: pathlib.Path, by_gene: bool
    ) -> None:
        import anndata

        made = vep_cli.to_anndata(frame, by_gene=by_gene)
        expected = made.copy()
        made.write_h5ad(tmp_path / "scores.h5ad")
        found = anndata.read_h5ad(tmp_path / "scores.h5ad")
        np.testing.assert_array_equal(found.X, expected.X)
        for name, layer in expected.layers.items():
            np.testing.assert_array_equal(found.layers[name], layer)
        for table, other in ((found.obs, expected.obs), (found.var, expected.var)):
            assert table.astype(object).fillna("").equals(other.astype(object).fillna(""))
        assert found.uns["vep_cli"] == frame.attrs["vep_cli"]

    def test_of_a_table_that_was_written(self, frame: pd.DataFrame, tmp_path: pathlib.Path) -> None:
        frame.to_csv(tmp_path / "scores.tsv", sep="\t", index=False)
        table = pd.read_csv(tmp_path / "scores.tsv", sep="\t")
        found, expected = (vep_cli.to_anndata(one, by_gene=True) for one in (table, frame))
        np.testing.assert_allclose(found.X, expected.X, rtol=1e-6)
        assert list(found.obs_names) == list(expected.obs_names)
        assert list(found.var_names) == list(expected.var_names)
        assert found.uns["vep_cli"] == {}

    def test_nothing(self, frame: pd.DataFrame) -> None:
        made = vep_cli.to_anndata(frame.iloc[:0])
        assert made.X.shape == (0, 0)

    def test_what_is_no_table_of_scores(self) -> None:
        with pytest.raises(UsageError, match="no column variant_id"):
            vep_cli.to_anndata(pd.DataFrame({"CHROM": ["chr1"]}))


def test_columns_are_those_of_the_table() -> None:
    from vep_cli.api.annotated_data import ALLELE, GENE, SCORE, TRACK

    assert {*ALLELE, *GENE, *TRACK, SCORE, *LAYERS} == set(COLUMNS)
