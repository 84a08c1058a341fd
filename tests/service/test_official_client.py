"""What the unmodified official client makes of our answers."""

import pathlib

import numpy as np
import pandas as pd
import pytest
from alphagenome.data import genome
from alphagenome.models import dna_client, interval_scorers, variant_scorers, variant_scoring_utils
from anndata import AnnData
from toy_inputs import CONTIGS, LIVER, Run, ToyGenome, counting_predictor, toy_tracks, vcf
from toy_server import LENGTH, Serving, comparable, settings, toy_serving, window_of

from vep_cli import interval_pipeline
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.service import preparation

# The client's own: of a scorer that reads what the toy model does not predict.
pytestmark = pytest.mark.filterwarnings("ignore:Transforming to str index")


def at(position: int, length: int, alternate: str) -> genome.Variant:
    """Return a variant of chr1 whose REF is the reference's."""
    return genome.Variant("chr1", position, CONTIGS["chr1"][position - 1 :][:length], alternate)


def other(position: int) -> genome.Variant:
    """Return a substitution of chr1."""
    return at(position, 1, "ACGT"[("ACGT".index(CONTIGS["chr1"][position - 1]) + 1) % 4])


# In an exon of one gene, between exons of both, and outside; an insertion and a deletion.
SUBSTITUTIONS = [other(5300), other(5800), other(9000)]
INSERTION = at(6100, 1, CONTIGS["chr1"][6099] + "GATTACA")
DELETION = at(6200, 5, CONTIGS["chr1"][6199])


def tidy(scores: list[list[AnnData]]) -> pd.DataFrame:
    """Return the client's own table of some answers, with text in the place of its objects."""
    frame = variant_scorers.tidy_scores(scores)
    objects = {name for name in ("variant_id", "scored_interval") if name in frame.columns}
    return frame.assign(**{name: frame[name].map(str) for name in objects})


def records(variants: list[genome.Variant]) -> bytes:
    columns = [
        (one.chromosome, one.position, ".", one.reference_bases, one.alternate_bases) for one in variants
    ]
    return vcf(*(" ".join(map(str, record)) for record in columns)).encode()


def read(path: pathlib.Path) -> pd.DataFrame:
    return pd.read_csv(path, sep="\t", keep_default_na=False, na_values=[""])


def test_metadata_has_every_track_in_the_order_of_the_columns(counting: Serving) -> None:
    with counting.client() as client:
        metadata = client.output_metadata()
    human = [track for track in toy_tracks() if track.organism == "human"]
    for output in dna_client.OutputType:
        own = [track for track in human if track.output_type.value == output.name]
        if output is dna_client.OutputType.SPLICE_JUNCTIONS:
            own = [track for track in own if track.strand == "+"]
        frame = metadata.get(output)
        assert ([] if frame is None else list(frame["name"])) == [track.name for track in own]
    atac = metadata.atac.iloc[0]
    assert (atac["ontology_curie"], atac["biosample_name"], atac["biosample_type"]) == (*LIVER, "tissue")
    assert (atac["strand"], atac["nonzero_mean"]) == (".", 1.5)
    assert list(metadata.splice_junctions["biosample_name"]) == ["liver", "brain"]


@pytest.mark.usefixtures("counting_network")
def test_tidy_scores_are_the_table_of_vep_score(
    counting: Serving, score_toy: Run, tmp_path: pathlib.Path
) -> None:
    variants = [*SUBSTITUTIONS, INSERTION, DELETION]
    with counting.client() as client:
        scores = [
            client.score_variant(window_of(one), one, merge_stranded_gene_tracks=False) for one in variants
        ]
    table = tmp_path / "scores.tsv"
    assert score_toy("-", "-o", table, "--window", LENGTH, stdin=records(variants)).status == 0
    theirs = tidy(scores)
    pd.testing.assert_frame_equal(comparable(theirs), comparable(read(table)), rtol=1e-6)
    assert set(theirs["gene_name"].dropna()) == {"PLUS", "MINUS"}
    assert len(theirs["variant_scorer"].unique()) > 10


def test_the_real_network_says_what_vep_score_says(
    toy_genome: ToyGenome, toy_weights: WeightsFolder, score_toy: Run, tmp_path: pathlib.Path
) -> None:
    with toy_serving(settings(toy_genome, toy_weights.path)) as serving, serving.client() as client:
        scores = client.score_variant(window_of(DELETION), DELETION, merge_stranded_gene_tracks=False)
    table = tmp_path / "scores.tsv"
    assert score_toy("-", "-o", table, "--window", LENGTH, stdin=records([DELETION])).status == 0
    theirs = tidy([scores])
    # The same programs on the same numbers.
    pd.testing.assert_frame_equal(comparable(theirs), comparable(read(table)), check_exact=True)
    assert "SPLICE_JUNCTIONS" in set(theirs["output_type"])


@pytest.mark.usefixtures("counting_network")
def test_quantiles_are_those_of_vep_score(
    run: Run,
    score_toy: Run,
    toy_genome: ToyGenome,
    toy_weights: WeightsFolder,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(preparation, "Predictor", counting_predictor)
    background, file, table = tmp_path / "common.vcf", tmp_path / "made.safetensors", tmp_path / "scores.tsv"
    common = [genome.Variant("chr2", 3000 + n, "C", base) for n, base in enumerate("AGT")]
    background.write_bytes(records(common))
    files = ("--fasta", toy_genome.fasta, "--weights", toy_weights.path, "--window", LENGTH)
    assert run("calibrate", background, *files, "--modality", "ATAC", "-o", file).status == 0
    change = genome.Variant("chr2", 3500, "C", "A")
    chosen = settings(toy_genome, toy_weights.path, calibration=file)
    with toy_serving(chosen) as serving, serving.client() as client:
        scores = client.score_variant(window_of(change), change)
    done = score_toy("-", "-o", table, "--window", LENGTH, "--calibration", file, stdin=records([change]))
    assert done.status == 0
    theirs = tidy([scores])
    pd.testing.assert_frame_equal(comparable(theirs), comparable(read(table)), rtol=1e-6)
    # Of three background scores in liver, 1 and twice 0, this one is the highest.
    liver = theirs[theirs["biosample_name"] == "liver"]
    liver = liver[liver["variant_scorer"].str.contains("DIFF_LOG2_SUM")]
    assert liver["quantile_score"].dropna().tolist() == pytest.approx([2 / 3])


def test_what_a_score_is_on_paper(counting: Serving) -> None:
    # The liver track counts A. Of 501 bases that are all C, one becomes A: mean 1/501 - 0/501.
    scorer = variant_scorers.CenterMaskScorer(
        requested_output=dna_client.OutputType.ATAC,
        width=501,
        aggregation_type=variant_scorers.AggregationType.DIFF_MEAN,
    )
    change = genome.Variant("chr2", 3001, "C", "A")
    with counting.client() as client:
        (scores,) = client.score_variant(window_of(change), change, [scorer])
    np.testing.assert_allclose(scores.X, [[1 / 501, -1 / 501]], rtol=1e-5)
    assert scores.layers == {}
    assert list(scores.var["biosample_name"]) == ["liver", "brain"]


@pytest.mark.usefixtures("counting_network")
def test_every_centre_mask_of_the_client(counting: Serving, score_toy: Run, tmp_path: pathlib.Path) -> None:
    change, table = other(9000), tmp_path / "scores.tsv"
    masks = [
        variant_scorers.CenterMaskScorer(
            requested_output=dna_client.OutputType.RNA_SEQ, width=width, aggregation_type=aggregation
        )
        for aggregation in variant_scorers.AggregationType
        for width in (None, 10_001)
    ]
    with counting.client() as client:
        scores = client.score_variant(window_of(change), change, masks)
    names = [word for mask in masks for word in ("--scorer", str(mask))]
    assert score_toy("-", "-o", table, "--window", LENGTH, *names, stdin=records([change])).status == 0
    pd.testing.assert_frame_equal(comparable(tidy([scores])), comparable(read(table)), rtol=1e-6)
    assert len(scores) == 16


def test_tracks_are_merged_as_the_client_merges_them(counting: Serving) -> None:
    change = other(6100)
    window = window_of(change)
    gene_scorers = [
        interval_scorers.GeneMaskScorer(
            requested_output=dna_client.OutputType.CAGE,
            width=10_001,
            aggregation_type=interval_scorers.IntervalAggregationType.SUM,
        )
    ]
    with counting.client() as client:
        whole, merged = (
            [
                *client.score_variant(window, change, merge_stranded_gene_tracks=is_merged),
                *client.score_interval(window, gene_scorers, merge_stranded_gene_tracks=is_merged),
            ]
            for is_merged in (False, True)
        )
    for apart, together in zip(whole, merged, strict=True):
        if len(apart.obs) == 0:
            assert len(together.obs) == 0
            continue
        expected = variant_scoring_utils.merge_stranded_gene_tracks(apart)
        np.testing.assert_array_equal(together.X, expected.X)
        assert list(together.var["name"]) == list(expected.var["name"])
        assert list(together.var["strand"]) == list(expected.var["strand"])
    assert sum(a.X.shape != b.X.shape for a, b in zip(whole, merged, strict=True)) >= 3


@pytest.mark.usefixtures("counting_network")
def test_mutagenesis_is_that_of_vep_ism(
    counting: Serving, run: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder, tmp_path: pathlib.Path
) -> None:
    # 12 bases, which the client asks for in two calls; in one window, as the command has it.
    stretch, table = genome.Interval("chr1", 5995, 6007), tmp_path / "changes.tsv"
    scorers = [
        variant_scorers.RECOMMENDED_VARIANT_SCORERS[name] for name in ("ATAC", "RNA_SEQ", "SPLICE_SITES")
    ]
    with counting.client() as client:
        scores = client.score_ism_variants(
            stretch.resize(LENGTH), stretch, scorers, progress_bar=False, merge_stranded_gene_tracks=False
        )
    for of_variant in scores:
        for scorer, one in zip(scorers, of_variant, strict=True):
            one.uns["variant_scorer"] = scorer  # the client forgets it
    names = [word for scorer in scorers for word in ("--scorer", str(scorer))]
    files = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf, "--weights", toy_weights.path)
    done = run("ism", "chr1:5996-6007", *names, *files, "--window", LENGTH, "-o", table)
    assert done.status == 0
    pd.testing.assert_frame_equal(comparable(tidy(scores)), comparable(read(table)), rtol=1e-6)
    assert len(scores) == 36


def test_mutagenesis_on_the_background_of_a_variant(counting: Serving) -> None:
    # On chr2, all C, the network counts letters: with A at 3001, of 501 bases round 3002 one is A before and
    # after C>G at 3002; A>C at 3001 itself loses it.
    scorer = variant_scorers.CenterMaskScorer(
        requested_output=dna_client.OutputType.ATAC,
        width=501,
        aggregation_type=variant_scorers.AggregationType.ACTIVE_SUM,
    )
    stretch, own = genome.Interval("chr2", 3000, 3002), genome.Variant("chr2", 3001, "C", "A")
    with counting.client() as client:
        scores = client.score_ism_variants(
            stretch.resize(LENGTH), stretch, [scorer], interval_variant=own, progress_bar=False
        )
    levels = {str(one.uns["variant"]): one.X[0].tolist() for (one,) in scores}
    # The larger of REF's and ALT's count of A in liver, and of C in brain.
    assert levels == {
        "chr2:3001:A>C": [1, 501],
        "chr2:3001:A>G": [1, 500],
        "chr2:3001:A>T": [1, 500],
        "chr2:3002:C>A": [2, 500],
        "chr2:3002:C>G": [1, 500],
        "chr2:3002:C>T": [1, 500],
    }


def test_interval_scores_are_those_of_vep_score_interval(
    counting: Serving,
    run: Run,
    toy_genome: ToyGenome,
    toy_weights: WeightsFolder,
    tmp_path: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interval_pipeline, "Predictor", counting_predictor)
    interval, table = genome.Interval("chr1", 5000, 7000), tmp_path / "scores.tsv"
    scorer = interval_scorers.GeneMaskScorer(
        requested_output=dna_client.OutputType.RNA_SEQ,
        width=2001,
        aggregation_type=interval_scorers.IntervalAggregationType.MEAN,
    )
    with counting.client() as client:
        scores = client.score_interval(interval.resize(LENGTH), [scorer])
    files = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf, "--weights", toy_weights.path)
    chosen = ("--modality", "RNA_SEQ", "--width", 2001, "--window", LENGTH, "-o", table)
    assert run("score-interval", "chr1:5001-7000", *files, *chosen).status == 0
    theirs, ours = variant_scorers.tidy_scores([scores]), read(table)
    by_gene = [frame.set_index("gene_id")["raw_score"].sort_index() for frame in (theirs, ours)]
    pd.testing.assert_series_equal(*by_gene, check_dtype=False, rtol=1e-6)
    assert list(by_gene[0].index) == ["ENSG01", "ENSG02"]
    assert set(theirs["interval_scorer"]) == set(ours["interval_scorer"])


def test_many_clients_at_once_get_what_one_gets(counting: Serving) -> None:
    variants = [other(5000 + 150 * number) for number in range(12)]
    windows = [window_of(variants[number if number % 3 else 0]) for number in range(12)]
    with counting.client() as client:
        one_by_one = [client.score_variant(*pair) for pair in zip(windows, variants, strict=True)]
        together = client.score_variants(windows, variants, progress_bar=False, max_workers=12)
    for alone, among in zip(one_by_one, together, strict=True):
        for one, same in zip(alone, among, strict=True):
            np.testing.assert_array_equal(one.X, same.X)


def test_calls_of_one_window_share_the_reference(counting: Serving) -> None:
    window = genome.Interval("chr1", -2000, LENGTH - 2000)
    variants = [other(5000 + number) for number in range(4)]
    asked = counting.network.sequences
    del asked[:]
    with counting.client() as client:
        client.score_variants(window, variants, progress_bar=False, max_workers=4)
    # REF once, and ALT of each.
    assert len(asked) == 5


def test_a_scorer_without_its_data_has_nothing_to_say_beside_others(counting: Serving) -> None:
    # Without a table of sites there is no POLYADENYLATION, for which the client asks unless told otherwise.
    change = other(6100)
    names = ("ATAC", "POLYADENYLATION", "PROCAP", "RNA_SEQ")
    scorers = [variant_scorers.RECOMMENDED_VARIANT_SCORERS[name] for name in names]
    with counting.client() as client:
        scores = client.score_variant(window_of(change), change, scorers)
    assert [one.X.shape for one in scores] == [(1, 2), (0, 1), (0, 0), (2, 1)]
    assert [str(one.uns["variant_scorer"]) for one in scores] == list(map(str, scorers))


def test_a_variant_without_genes_has_no_rows_of_genes(counting: Serving) -> None:
    change = genome.Variant("chr2", 3001, "C", "A")
    with counting.client() as client:
        scores = client.score_variant(window_of(change), change)
    assert {one.X.shape[0] for one in scores if "GeneMask" in str(one.uns["variant_scorer"])} == {0}
