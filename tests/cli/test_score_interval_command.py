import csv
import gzip
import io
import pathlib
import subprocess
import sys

import pytest
from toy_inputs import CONTIGS, WINDOW, CountingNetwork, Outcome, Run, ToyGenome, assert_refused

from vep_cli import interval_pipeline
from vep_cli.model.tracks import TrackTable
from vep_cli.model.weights_folder import WeightsFolder

Call = Run

GOOD = "chr1\t6000\t6100\tmine\nchr2\t0\t10\n"
BAD = "chr1\t6000\nnope\t0\t10\nchr2\t5990\t6001\nchr1\t1000\t5097\n"


@pytest.fixture
def score_interval(
    run: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder, monkeypatch: pytest.MonkeyPatch
) -> Call:
    """Call `vep score-interval` on the toy genome, with a network that counts bases."""

    def make(weights: WeightsFolder, tracks: TrackTable, **_: object) -> CountingNetwork:
        del weights
        return CountingNetwork(tracks)

    monkeypatch.setattr(interval_pipeline, "Predictor", make)

    def call(*arguments: object, stdin: bytes = b"") -> Outcome:
        genome: tuple[object, ...] = ("--fasta", toy_genome.fasta)
        if "--gtf" not in arguments and "--no-genes" not in arguments:
            genome = (*genome, "--gtf", toy_genome.gtf)
        given = [argument for argument in arguments if argument != "--no-genes"]
        model: tuple[object, ...] = ("--weights", toy_weights.path)
        if "--window" not in given:
            model = (*model, "--window", WINDOW)
        if "--width" not in given:
            model = (*model, "--width", 2001)
        return run("score-interval", *genome, *model, *given, stdin=stdin)

    return call


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def test_a_region_scores_the_genes_round_its_centre(score_interval: Call) -> None:
    done = score_interval("chr1:6001-6100", "--modality", "RNA_SEQ", "--aggregation", "sum")
    assert done.status == 0
    rows = table(done.stdout)
    # Bases 6000..6100 have their centre at 6050; the exons of PLUS count A, those of MINUS count C.
    bases = CONTIGS["chr1"]
    plus = (bases[5200:5400] + bases[6000:6300]).count("A")
    minus = (bases[5700:5900] + bases[6500:6800]).count("C")
    assert [(row["gene_name"], row["track_strand"], float(row["raw_score"])) for row in rows] == [
        ("PLUS", "+", plus),
        ("MINUS", "-", minus),
    ]
    assert {row["interval"] for row in rows} == {"chr1:6000-6100:."}
    assert {row["scored_interval"] for row in rows} == {"chr1:4002-8098:."}
    scorer = "GeneMaskScorer(requested_output=RNA_SEQ, width=2001, aggregation_type=SUM)"
    assert {row["interval_scorer"] for row in rows} == {scorer}
    assert "vep: 1 intervals: 1 scored" in done.stderr


def test_the_mean_is_over_exon_bases(score_interval: Call) -> None:
    summed, mean = (
        table(score_interval("chr1:6001-6100", "--modality", "RNA_SEQ", "--aggregation", how).stdout)
        for how in ("sum", "mean")
    )
    # Both genes have 500 exon bases.
    assert [float(row["raw_score"]) for row in mean] == pytest.approx(
        [float(row["raw_score"]) / 500 for row in summed]
    )


def test_every_line_comes_out(score_interval: Call, tmp_path: pathlib.Path) -> None:
    bed = tmp_path / "in.bed"
    bed.write_text(GOOD + BAD)
    output = tmp_path / "out.tsv"
    done = score_interval(bed, "--modality", "CAGE", "-o", output)
    assert (done.status, done.stdout) == (0, "")
    rows = table(output.read_text())
    assert [(row["interval"], row["name"], row["status"]) for row in rows] == [
        ("chr1:6000-6100:.", "mine", "PASS"),
        ("chr1:6000-6100:.", "mine", "PASS"),
        ("chr2:0-10:.", "", "NO_GENE"),
        ("line 3", "", "MALFORMED"),
        ("nope:0-10:.", "", "UNKNOWN_CONTIG"),
        ("chr2:5990-6001:.", "", "OFF_CONTIG"),
        ("chr1:1000-5097:.", "", "TOO_LONG"),
    ]
    for line, words in ((3, "2 columns"), (4, "not in the reference"), (5, "past the end"), (6, "longer")):
        assert any(f"{bed}:{line}: " in text and words in text for text in done.stderr.splitlines())
    assert "vep: 6 intervals: 1 scored" in done.stderr
    assert "  1 MALFORMED: the line is not a BED line" in done.stderr


def test_messages_name_standard_input_and_regions(score_interval: Call) -> None:
    done = score_interval("-", "--modality", "RNA_SEQ", stdin=b"chr1\t6000\t6100\nchr9\t1\t2\n")
    assert "vep: warning: standard input:2: no score: the contig is not in the reference" in done.stderr
    done = score_interval("chr9:2-3", "--modality", "RNA_SEQ")
    assert "vep: warning: chr9:2-3: no score: the contig is not in the reference" in done.stderr


@pytest.mark.parametrize(
    "choice", [("--strand", "-"), ("--track", "*RNA_SEQ"), ("--ontology", "UBERON:0002107")]
)
def test_tracks_are_chosen_as_for_variants(score_interval: Call, choice: tuple[str, str]) -> None:
    rows = table(score_interval("chr1:6001-6100", "--modality", "RNA_SEQ", *choice).stdout)
    # The gene on '-' is read by the track on '-' alone, as is the gene on '+' by that on '+'.
    expected = ["MINUS"] if choice[0] == "--strand" else ["PLUS", "MINUS"]
    assert [row["gene_name"] for row in rows] == expected


def test_standard_input_and_contig_names(score_interval: Call, tmp_path: pathlib.Path) -> None:
    bed = tmp_path / "in.bed.gz"
    bed.write_bytes(gzip.compress(b"1\t6000\t6100\n"))
    from_file = score_interval(bed, "--modality", "RNA_SEQ", "--quiet")
    assert from_file.stdout == score_interval("1:6001-6100", "--modality", "RNA_SEQ", "--quiet").stdout
    assert {row["interval"] for row in table(from_file.stdout)} == {"chr1:6000-6100:."}


def test_all_that_is_predicted_along_the_window(score_interval: Call) -> None:
    rows = table(score_interval("chr1:6001-6100", "--tissue", "liver").stdout)
    outputs = list(dict.fromkeys(row["output_type"] for row in rows))
    assert outputs == [
        "ATAC",
        "CAGE",
        "DNASE",
        "RNA_SEQ",
        "CHIP_HISTONE",
        "CHIP_TF",
        "SPLICE_SITES",
        "SPLICE_SITE_USAGE",
    ]
    assert {row["biosample_name"] for row in rows if row["output_type"] == "ATAC"} == {"liver"}


def test_an_empty_file_says_so(score_interval: Call, tmp_path: pathlib.Path) -> None:
    bed = tmp_path / "empty.bed"
    bed.write_text("# nothing\n")
    done = score_interval(bed, "--modality", "ATAC", "--quiet")
    assert done.status == 0
    assert done.stderr.endswith(f"vep: warning: {bed} has no intervals\n")
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["none.bed"], 1, ["none.bed", "no such file", "chr1:1001-2000"]),
        (["chr1:9-8"], 2, ["has no base"]),
        ([pathlib.Path(__file__).parent], 1, ["a folder, not a BED file"]),
        (["chr1:1-10", "--ontology", "UBERON:1"], 2, ["UBERON:1", "vep tracks"]),
        (["chr1:1-10", "--width", 4097], 2, ["4097 bp", "--width 4096"]),
        (["chr1:1-10", "--window", 4097], 2, ["4097 bp", "multiple of 2048"]),
        (["chr1:1-10", "--modality", "CONTACT_MAPS"], 2, ["CONTACT_MAPS", "another --modality"]),
        (["chr1:1-10", "--no-genes"], 2, ["--gtf"]),
        (["chr1:1-10", "-o", "out.vcf"], 2, ["end its name in .tsv or .tsv.gz"]),
        (["chr1:1-10", "--aggregation", "max"], 2, ["'mean', 'sum'"]),
    ],
)
def test_refusals(score_interval: Call, arguments: list[object], status: int, words: list[str]) -> None:
    assert_refused(score_interval(*arguments), status, *words)


def test_the_real_network(run: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder) -> None:
    choices = ("--window", WINDOW, "--width", 2001, "--modality", "RNA_SEQ", "--device", "cpu")
    files = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf, "--weights", toy_weights.path)
    done = run("score-interval", "chr1:6001-6100", *files, *choices)
    assert done.status == 0
    assert [float(row["raw_score"]) > 0 for row in table(done.stdout)] == [True, True]
    assert "vep: tracks: RNA_SEQ 2" in done.stderr
    assert f"window {WINDOW:,} bp" in done.stderr


def test_help_needs_no_jax() -> None:
    program = (
        "import sys; from vep_cli.cli import main; main(['score-interval', '--help']); "
        "sys.exit('jax' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "vep score-interval chr6:32038327-32041644" in ran.stdout
    assert "1-based with both ends included" in " ".join(ran.stdout.split())
