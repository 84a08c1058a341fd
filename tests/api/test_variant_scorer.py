"""`vep_cli.score` against the command, whose tests say what the numbers ought to be."""

import pathlib
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pysam
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy_inputs import COLUMN_LINE, CONTIGS, HEADER, WINDOW, Run, ToyGenome, vcf

import vep_cli
from vep_cli import pipeline
from vep_cli.api.variants import path_or_records
from vep_cli.errors import UsageError, VcfError
from vep_cli.genome.alleles import AlleleStatus
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.writers.tidy import COLUMNS, COUNT_COLUMNS, NUMBER_COLUMNS, WHOLE_NUMBER_COLUMNS

RECORDS = (
    "chr1 40 . A C",
    "1 5300 snv G A 50 PASS DP=3;DB",
    "chr1 6010 multi C A,<DEL>,CGATTACA",
    "chr2 100 mismatch A C",
    "chr2 3000 star C *,A",
    "chr3 5 elsewhere A C",
    "chr2 not_a_number . C A",
)
Options = dict[str, Any]

pytestmark = pytest.mark.filterwarnings("ignore::vep_cli.VepWarning")


@pytest.fixture
def toy(toy_genome: ToyGenome, toy_weights: WeightsFolder) -> Options:
    """The options by which a model of a few parameters scores a genome of a few kilobases."""
    files = {"fasta": toy_genome.fasta, "gtf": toy_genome.gtf, "weights": toy_weights.path}
    return {**files, "window": WINDOW}


@pytest.fixture
def source(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "in.vcf"
    path.write_text(vcf(*RECORDS))
    return path


def read_tsv(path: pathlib.Path) -> pd.DataFrame:
    kinds = {name: "Int64" for name in WHOLE_NUMBER_COLUMNS} | dict.fromkeys(NUMBER_COLUMNS, "float32")
    return pd.read_csv(path, sep="\t", dtype=kinds)


def assert_same_rows(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Compare names, order, texts and numbers; nothing is None, NaN or NA, as whoever read it has it."""
    assert list(found.columns) == list(expected.columns) == list(COLUMNS)
    pd.testing.assert_frame_equal(
        found.astype(object).where(found.notna(), None),
        expected.astype(object).where(expected.notna(), None),
        check_dtype=False,
    )


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ((), {}),
        (("--tissue", "brain", "--modality", "ATAC"), {"tissue": "brain", "modality": ["ATAC"]}),
        (("--scorer", "RNA_SEQ", "--strand", "+"), {"scorer": ("RNA_SEQ",), "strand": "+"}),
        (("--top", "1", "--min-score", "0.01"), {"top": 1, "min_score": 0.01}),
        (
            ("--alleles", "as-written", "--window-mode", "snapped"),
            {"alleles": "as-written", "window_mode": "snapped"},
        ),
    ],
    ids=["all", "some tracks", "one scorer", "few scores", "other windows"],
)
@pytest.mark.usefixtures("counting_network")
def test_same_table_as_the_command(
    score_toy: Run, toy: Options, source: pathlib.Path, words: tuple[str, ...], options: Options
) -> None:
    table = source.with_name("out.tsv")
    assert score_toy(source, "-o", table, *words).status == 0
    frame = vep_cli.score(source, **toy, **options)
    assert_same_rows(frame, read_tsv(table))
    assert set(frame.status) > {"PASS", "MALFORMED", "REF_MISMATCH", "SPANNING_DELETION", "UNKNOWN_CONTIG"}


@pytest.mark.usefixtures("counting_network")
def test_variants_may_come_in_many_forms(toy: Options, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "few.vcf"
    path.write_text(vcf("chr2 3000 . C A", "chr2 3001 . C CGG", "chr2 3002 . A T"))
    tuples = [("chr2", 3000, "C", "A"), ("chr2", np.int64(3001), "C", "CGG"), ["chr2", "3002", "A", "T"]]
    frame = pd.DataFrame(tuples, columns=["CHROM", "POS", "REF", "ALT"])
    texts = ["chr2:3000:C:A", "2-3001-C-CGG", "chr2:3,002:A>T"]
    forms = [
        str(path),
        tuples,
        iter(tuples),
        frame,
        frame.assign(POS=[3000.0, 3001.0, 3002.0], more=1),
        texts,
    ]
    with vep_cli.VariantScorer(**toy, modality="ATAC") as scorer:
        expected = scorer.score(path)
        for form in forms:
            assert_same_rows(scorer.score(form), expected)
        assert_same_rows(scorer.score("chr2:3000:C:A"), expected[:4])
        several = scorer.score([("chr2", 3000, "C", "A,<DEL>,T")])
        assert list(dict.fromkeys(several.variant_id)) == [
            f"chr2:3000:C>{alt}" for alt in ("A", "<DEL>", "T")
        ]
    # ATAC and its levels, of liver and brain: 4 rows for an allele, 1 for one without a score.
    assert list(expected.variant_id.value_counts(sort=False)) == [4, 4, 1]


WORDS = ["chr1", "chr2", "chr9", "A", "C", "CA", ".", "*", "<DEL>", "", "A\tC", "a,c", None, ("A", "T")]
CELLS = st.one_of(
    st.sampled_from(WORDS), st.integers(-5, 12_001), st.floats(), st.text(max_size=3), st.binary(max_size=2)
)


@pytest.mark.usefixtures("counting_network")
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(variants=st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), max_size=8))
def test_no_variant_is_dropped(toy: Options, variants: list[tuple[Any, ...]]) -> None:
    known = ("chr2", 3000, "C", "A")
    # One row of each ALT allele, whatever became of it: ATAC in liver is one track.
    frame = vep_cli.score(
        [one for each in variants for one in (each, known)], **toy, scorer="ATAC", tissue="liver"
    )
    at = 0
    for record in path_or_records(variants):
        alleles = ["malformed"] if record.problem else record.alternates
        at += len(alleles)
        assert frame.variant_id[at] == "chr2:3000:C>A"
        assert (frame.status[at - 1] == "MALFORMED") == (record.problem is not None)
        at += 1
    assert len(frame) == at
    assert set(frame.status) <= set(AlleleStatus)


@pytest.mark.usefixtures("counting_network")
def test_no_variants(toy: Options) -> None:
    frame = vep_cli.score([], **toy)
    some = vep_cli.score("chr2:3000:C:A", **toy)
    assert len(frame) == 0
    assert list(frame.dtypes) == list(some.dtypes)
    assert list(frame.columns) == list(some.columns) == list(COLUMNS)


def test_the_network_is_loaded_once_and_late(
    toy: Options, monkeypatch: pytest.MonkeyPatch, counting_network: None
) -> None:
    del counting_network
    loaded: list[object] = []
    make = pipeline.Predictor
    monkeypatch.setattr(pipeline, "Predictor", lambda *args, **more: loaded.append(1) or make(*args, **more))
    with vep_cli.VariantScorer(**toy, modality="ATAC") as scorer:
        assert loaded == []
        first, second = scorer.score("chr2:3000:C:A"), scorer.score("chr2:3000:C:A")
    assert loaded == [1]
    assert_same_rows(first, second)


@pytest.mark.usefixtures("counting_network")
class TestRegions:
    @pytest.fixture
    def indexed(self, tmp_path: pathlib.Path) -> pathlib.Path:
        plain, path = tmp_path / "in.vcf", tmp_path / "in.vcf.gz"
        plain.write_text(vcf("chr1 6000 . T A", "chr2 3000 . C A", "chr2 5000 . C T"))
        pysam.tabix_compress(str(plain), str(path))
        pysam.tabix_index(str(path), preset="vcf")
        return path

    def test_only_they_are_scored(self, toy: Options, indexed: pathlib.Path) -> None:
        bed = indexed.with_name("in.bed")
        bed.write_text("chr1\t5999\t6000\n")
        with vep_cli.VariantScorer(**toy, scorer="ATAC", tissue="liver") as scorer:
            frame = scorer.score(indexed, regions="chr2:4000-6000", regions_file=bed)
            assert list(frame.variant_id) == ["chr1:6000:T>A", "chr2:5000:C>T"]
            with pytest.raises(UsageError, match="there is none"):
                scorer.score(indexed.with_name("in.vcf"), regions=["chr2"])
            with pytest.raises(UsageError, match="a file's index"):
                scorer.score("chr2:3000:C:A", regions=["chr2"])


def test_provenance_is_that_of_the_header(score_toy: Run, toy: Options) -> None:
    stdout = score_toy("-", "--tissue", "liver", stdin=vcf().encode()).stdout
    said = [line[len("##vep_cli_") :].split("=", 1) for line in stdout.splitlines() if "##vep_cli_" in line]
    with vep_cli.VariantScorer(**toy, tissue="liver") as scorer:
        frame = scorer.score([])
        lines = [[name, one] for name, text in scorer.provenance.items() for one in text.split("\n")]
    assert frame.attrs == {"vep_cli": scorer.provenance}
    assert sorted(line for line in lines if line[0] != "command") == sorted(
        line for line in said if line[0] != "command"
    )


def test_what_has_to_be_told_is_a_warning(score_toy: Run, toy: Options) -> None:
    said = score_toy("-", "--quiet", stdin=vcf("chr2 3000 . C <DEL>").encode()).stderr.splitlines()
    with pytest.warns(vep_cli.VepWarning) as told:
        vep_cli.VariantScorer(**toy).close()
    assert said == [f"vep: warning: {one.message}" for one in told]
    assert len(said) >= 1


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (("--tissue", "livr"), {"tissue": "livr"}),
        (("--modality", "RNA"), {"modality": "RNA"}),
        (("--scorer", "ATAK"), {"scorer": "ATAK"}),
        (("--window", "5000"), {"window": 5000}),
        (("--weights", "/nowhere"), {"weights": "/nowhere"}),
        (("--fasta", "/nowhere.fa"), {"fasta": "/nowhere.fa"}),
        (("--genome", "demo"), {"genome": "demo"}),
        (("--splice-sites", "/nowhere.tsv"), {"splice_sites": ["/nowhere.tsv"]}),
        (("--device", "tpu"), {"device": "tpu"}),
        (("--devices", "none"), {"devices": "none"}),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_errors_are_those_of_the_command(
    score_toy: Run, toy: Options, source: pathlib.Path, words: tuple[str, ...], options: Options
) -> None:
    said = score_toy(source, *words).stderr.splitlines()
    with pytest.raises(vep_cli.VepError) as caught:
        vep_cli.score(source, **{**toy, **options})
    assert f"vep: error: {caught.value}" in said
    assert f"     {caught.value.remedy}" in said
    assert caught.value.__notes__ == [caught.value.remedy]


@pytest.mark.parametrize(
    ("variants", "words"),
    [
        ("nowhere.vcf", "'nowhere.vcf' is neither a file nor a variant"),
        ("chr2:3000:C", "neither a file nor a variant"),
        (["chr2:3000:C:A", "chr2:C:A"], "'chr2:C:A' is not a variant"),
        ([("chr2", 3000, "C")], r"\('chr2', 3000, 'C'\) is no variant"),
        ([17], "17 is no variant"),
        (pd.DataFrame({"CHROM": ["chr2"], "pos": [3000], "REF": ["C"]}), "no column POS, ALT"),
    ],
)
def test_what_is_no_variants(toy: Options, variants: Any, words: str) -> None:  # noqa: ANN401
    with vep_cli.VariantScorer(**toy) as scorer, pytest.raises(UsageError, match=words):
        scorer.score(variants)


def test_files_that_cannot_be_read(toy: Options, tmp_path: pathlib.Path) -> None:
    with vep_cli.VariantScorer(**toy) as scorer:
        with pytest.raises(VcfError, match="No such file"):
            scorer.score(tmp_path / "nowhere.vcf")
        with pytest.raises(VcfError, match="Is a directory"):
            scorer.score(str(tmp_path))


def test_names_are_looked_up_when_asked_for() -> None:
    program = (
        "import sys, vep_cli; "
        "heavy = {'jax', 'jaxlib', 'pandas', 'numpy', 'anndata', 'click', 'pysam'}; "
        "print(sorted(heavy & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_public_names() -> None:
    assert set(vep_cli.__all__) <= set(dir(vep_cli))
    assert all(getattr(vep_cli, name) is not None for name in vep_cli.__all__)
    with pytest.raises(AttributeError, match="no attribute 'scores'"):
        _ = vep_cli.scores  # type: ignore[attr-defined]


def test_alleles_on_haplotypes_are_those_of_the_command(
    score_toy: Run, toy: Options, tmp_path: pathlib.Path, counting_network: None
) -> None:
    def lines(samples: bool) -> str:
        rows = [
            f"chr1\t{position}\t.\t{base}\t<DEL>,{','.join('ACGT'.replace(base, ''))}\t.\t.\t."
            + f"\tGT\t{genotype}" * samples
            for position, genotype in ((5000, "0|2"), (5040, "3|2"), (5080, "2/3"))
            for base in CONTIGS["chr1"][position - 1]
        ]
        columns = COLUMN_LINE.rstrip("\n") + "\tFORMAT\tMUM" * samples
        return HEADER + "\n".join([columns, *rows]) + "\n"

    phased, source, table = tmp_path / "phased.vcf", tmp_path / "in.vcf", tmp_path / "out.tsv"
    phased.write_text(lines(True))
    source.write_text(lines(False))
    words = ("--phased", "MUM", "--phased-from", phased, "--modality", "ATAC")
    assert score_toy(source, "-o", table, *words).status == 0
    with vep_cli.VariantScorer(**toy, modality="ATAC", phased="MUM", phased_from=phased) as scorer:
        found = scorer.score(source)
        nothing = scorer.score([])
    expected = read_tsv(table).astype(dict.fromkeys(COUNT_COLUMNS, "Int64"))
    pd.testing.assert_frame_equal(
        found.astype(object).where(found.notna(), None),
        expected.astype(object).where(expected.notna(), None),
        check_dtype=False,
    )
    assert found.background_variants.max() > 0
    assert list(nothing.columns) == list(found.columns)
    assert "MUM" in found.attrs["vep_cli"]["phased"]
    with pytest.raises(UsageError, match="--phased reads the genotypes before"):
        vep_cli.VariantScorer(**toy, phased="MUM")
