import pytest
from toy_inputs import Run, ToyGenome

from vep_cli.model.weights_folder import WeightsFolder


def listed(run: Run, weights: WeightsFolder, *arguments: str) -> list[list[str]]:
    done = run("tracks", "--weights", weights.path, *arguments)
    assert (done.status, done.stderr) == (0, "")
    header, *rows = (line.split("\t") for line in done.stdout.splitlines())
    assert header == [
        "output_type",
        "name",
        "strand",
        "ontology_curie",
        "biosample_name",
        "gtex_tissue",
        "supervision",
    ]
    return rows


def test_all_tracks_of_human(run: Run, toy_weights: WeightsFolder) -> None:
    rows = listed(run, toy_weights)
    assert len(rows) == sum(track.organism == "human" for track in toy_weights.tracks)
    assert rows[0] == ["ATAC", "UBERON:0002107 ATAC", ".", "UBERON:0002107", "liver", "", "none"]


def test_the_default_genome_says_the_organism(
    run: Run, toy_weights: WeightsFolder, toy_genome: ToyGenome
) -> None:
    files = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf)
    assert run("genome", "add", "mine", *files, "--organism", "mouse", "--default").status == 0
    assert len(listed(run, toy_weights)) == 1
    assert "POLYADENYLATION\t" not in run("scorers").stdout
    assert "POLYADENYLATION\t" in run("scorers", "--organism", "human").stdout


def test_choices_narrow_the_list(run: Run, toy_weights: WeightsFolder) -> None:
    brain = listed(run, toy_weights, "--tissue", "brain", "--modality", "ATAC")
    assert [row[4] for row in brain] == ["brain"]
    two = listed(run, toy_weights, "--modality", "rna-seq", "--modality", "CAGE")
    assert [(row[0], row[2]) for row in two] == [
        ("RNA_SEQ", "+"),
        ("RNA_SEQ", "-"),
        ("CAGE", "+"),
        ("CAGE", "-"),
    ]
    assert len(listed(run, toy_weights, "--organism", "mouse")) == 1


def test_ontology_name_and_strand_narrow_it_further(run: Run, toy_weights: WeightsFolder) -> None:
    liver = listed(run, toy_weights, "--ontology", "UBERON:0002107", "--modality", "ATAC")
    assert [row[4] for row in liver] == ["liver"]
    forward = listed(run, toy_weights, "--track", "* rna_seq", "--track", "donor", "--strand", "+")
    assert [(row[0], row[2]) for row in forward] == [("RNA_SEQ", "+"), ("SPLICE_SITES", "+")]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--tissue", "spleenn"], "spleenn"),
        (["--modality", "ATAK"], "ATAC"),
        (["--modality", "chip"], "CHIP_HISTONE, CHIP_TF"),
        (["--organism", "mouse", "--modality", "CAGE"], "vep tracks --organism mouse"),
        (["--organism", "mouse", "--tissue", "zzz"], "vep tracks --organism mouse"),
        (["--ontology", "UBERON:0002108"], "UBERON:0002107"),
        (["--track", "nonsense"], "'nonsense'"),
        (["--strand", "*"], "'+', '-', '.'"),
    ],
)
def test_unknown_choices(run: Run, toy_weights: WeightsFolder, arguments: list[str], words: str) -> None:
    done = run("tracks", "--weights", toy_weights.path, *arguments)
    assert (done.status, done.stdout) == (2, "")
    assert words in done.stderr


def test_weights_that_are_not_there(run: Run) -> None:
    done = run("tracks", "--weights", "absent")
    assert done.status == 1
    assert "absent: no such weights folder" in done.stderr


def test_bundled_weights_have_the_tissues_that_are_promised(run: Run) -> None:
    names = {line.split("\t")[4] for line in run("tracks").stdout.splitlines()}
    assert {"liver", "brain", "K562", "HepG2"} <= names
