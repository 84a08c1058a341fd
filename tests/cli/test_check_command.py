"""`vep check` through the real command."""

import json
import pathlib
from typing import Any

import pysam
import pytest
from toy_inputs import (
    COLUMN_LINE,
    CONTIGS,
    HEADER,
    WINDOW,
    CountingNetwork,
    Outcome,
    Run,
    ToyGenome,
    assert_refused,
    vcf,
)

from vep_cli import pipeline
from vep_cli.model.tracks import TrackTable
from vep_cli.model.weights_folder import WeightsFolder

ATAC = ("--modality", "ATAC")


def snv(position: int, contig: str = "chr1") -> str:
    base = CONTIGS["chr1"][position - 1]
    return f"{contig} {position} . {base} {'ACGT'.replace(base, '')[0]}"


GOOD = vcf(snv(5300, "1"), snv(5400), "chr2 3000 . C G,CC,<DEL>")
BAD = vcf(snv(5300), "chr2 10 . A C", "chr2 20 . G C", "chr2 30 . T G", "chr9 5 . A C", "chr2 x . C A")


@pytest.fixture
def check_toy(run: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder) -> Run:
    """Call `vep check` on the toy genome with the toy model."""

    def call(*arguments: object, stdin: bytes = b"") -> Outcome:
        files = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf, "--weights", toy_weights.path)
        return run("check", *files, "--window", WINDOW, *arguments, stdin=stdin)

    return call


def paragraphs(text: str) -> dict[str, list[str]]:
    """Return the lines of each paragraph by its heading, and the title under ''."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in text.splitlines():
        heading = line[2:12].strip() or heading
        found.setdefault(heading if line.startswith("  ") else "", []).append(
            line[12:] if line.startswith("  ") else line
        )
    return found


def document(done: Outcome) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def test_a_good_input(check_toy: Run, tmp_path: pathlib.Path, toy_genome: ToyGenome) -> None:
    source = tmp_path / "in.vcf"
    source.write_text(GOOD)
    done = check_toy(source, *ATAC)
    assert done.status == 0, done.stderr
    assert paragraphs(done.stdout) == {
        "": [f"{source}, against {toy_genome.fasta}"],
        "alleles": [
            "3 records, 5 ALT alleles: 4 scored",
            "flags: 1 NORMALIZED, 1 TANDEM_DUPLICATION, 1 CONTIG_EDGE, 1 MANY_N",
            "1 SYMBOLIC: a symbolic allele such as <DEL>",
        ],
        "contigs": ["as in the reference: chr1, chr2", "of another name in the reference: 1 is chr1"],
        "REF": ["agrees with the reference sequence in 3 of 3 records"],
        "build": [
            "of the input: not known by its header",
            "of the reference: not known by the lengths of its contigs",
        ],
        "order": ["sorted"],
        "repeats": ["none"],
        "windows": ["4 for 4 alleles; REF is computed once for 0 that share one"],
        # Both SNVs of chr1 lie in the gene from 5201 on.
        "genes": ["2 alleles in 1 gene"],
        "time": ["not estimated; --estimate runs the network on a variant or two"],
    }


@pytest.mark.usefixtures("counting_network")
@pytest.mark.parametrize("text", [GOOD, BAD], ids=["good", "bad"])
def test_the_counts_are_those_of_score(check_toy: Run, score_toy: Run, text: str) -> None:
    checked = check_toy("-", *ATAC, stdin=text.encode())
    scored = score_toy("-", *ATAC, "--strict", stdin=text.encode())
    said = [line.removeprefix("vep:").strip() for line in scored.stderr.splitlines()]
    counts = paragraphs(checked.stdout)["alleles"]
    first = said.index(counts[0])
    assert said[first : first + len(counts)] == counts
    assert checked.status == scored.status


def test_bad_data(check_toy: Run) -> None:
    done = check_toy("-", *ATAC, stdin=BAD.encode())
    assert done.status == 1
    assert "vep: error: standard input: bad data would keep 5 of 6 alleles from a score" in done.stderr
    said = paragraphs(done.stdout)
    assert said["contigs"][1] == "NOT in the reference: chr9 (1 record)"
    # chr2 is all C; T>G is wrong on either side.
    assert said["REF"] == [
        "agrees with the reference sequence in 1 of 4 records",
        "2 of the others have the reference's bases as ALT: REF and ALT swapped?",
        "most differ: the input is of another genome build; --genome and --fasta choose a reference",
    ]
    assert said["lines"][0] == "1 not a VCF record:"
    # Five lines of header, five records before it.
    assert said["lines"][1].startswith("  line 11: POS is 'x'")


def test_order_and_repeats_are_named(check_toy: Run) -> None:
    done = check_toy("-", *ATAC, stdin=vcf(snv(5400), snv(5300), snv(5400)).encode())
    assert done.status == 0
    said = paragraphs(done.stdout)
    assert said["order"] == ["1 out of order:", "  line 7: chr1:5300 behind 5400"]
    assert said["repeats"][0] == "1 an allele again:"
    assert said["repeats"][1].startswith("  line 8: chr1:5400:")


def test_builds_that_differ_are_told(
    check_toy: Run, run: Run, toy_weights: WeightsFolder, tmp_path: pathlib.Path
) -> None:
    header = "##fileformat=VCFv4.2\n##reference=file:///refs/hg19.fa\n"
    done = check_toy("-", *ATAC, stdin=(header + COLUMN_LINE).encode())
    assert (
        paragraphs(done.stdout)["build"][0]
        == "of the input: GRCh37 (hg19), by a name in its ##reference line"
    )
    # A reference of which all is N but its length is that of GRCh38's chromosome 21.
    fasta = tmp_path / "chr21.fa"
    fasta.write_text(">chr21\n" + ("N" * 46_709_983) + "\n")
    (tmp_path / "chr21.fa.fai").write_text("chr21\t46709983\t7\t46709983\t46709984\n")
    done = run(
        "check", "-", "--fasta", fasta, "--weights", toy_weights.path, "--window", WINDOW, *ATAC,
        stdin=(header + COLUMN_LINE).encode(),
    )  # fmt: skip
    said = paragraphs(done.stdout)["build"]
    assert said[1] == "of the reference: GRCh38 (hg38)"
    assert said[2].startswith("THEY DIFFER")


def test_json(check_toy: Run) -> None:
    read = document(check_toy("-", *ATAC, "--json", stdin=BAD.encode()))
    assert read["format_version"] == 1
    assert read["input"] == "standard input"
    assert (read["records"], read["alleles"], read["scored"], read["bad_data"]) == (6, 6, 1, 5)
    assert read["statuses"] == {"PASS": 1, "REF_MISMATCH": 3, "UNKNOWN_CONTIG": 1, "MALFORMED": 1}
    assert read["contigs"][2] == {"name": "chr9", "reference_name": None, "records": 1}
    assert read["ref"] == {"compared": 4, "mismatched": 3, "swapped_alleles": 2}
    assert read["malformed"]["first"][0]["line"] == 11
    assert read["genes"] == {"alleles": 1, "genes": 1}
    assert read["estimate"] is None


@pytest.mark.usefixtures("counting_network")
def test_estimate(check_toy: Run) -> None:
    read = document(check_toy("-", *ATAC, "--json", "--estimate", stdin=GOOD.encode()))["estimate"]
    assert set(read["kinds"]) == {"substitution", "indel"}
    assert read["kinds"]["substitution"]["variant"].startswith("chr1:5300:")
    assert read["memory_bytes"] > 10_000_000
    measured = read["kinds"].values()
    # Each allele has a window of its own: three substitutions, one insertion.
    work = 3 * read["kinds"]["substitution"]["seconds"] + read["kinds"]["indel"]["seconds"]
    compiling = sum(max(0, one["first_seconds"] - one["seconds"]) for one in measured)
    assert read["total_seconds"] == pytest.approx(read["loading_seconds"] + compiling + work)
    done = check_toy("-", *ATAC, "--estimate", stdin=GOOD.encode())
    assert paragraphs(done.stdout)["time"][0].startswith("about ")


def test_what_the_engine_predicts_for_an_estimate(check_toy: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    networks: list[CountingNetwork] = []

    def make(weights: WeightsFolder, tracks: TrackTable, **_: object) -> CountingNetwork:
        del weights
        networks.append(CountingNetwork(tracks))
        return networks[-1]

    monkeypatch.setattr(pipeline, "Predictor", make)
    check_toy("-", *ATAC, "--estimate", stdin=vcf(snv(5300)).encode())
    (network,) = networks
    # REF and ALT, both anew, and another ALT of the REF that is known.
    reference, alternate, *again, another = network.sequences
    assert again == [reference, alternate]
    assert another not in (reference, alternate)
    assert sum(one != other for one, other in zip(reference, another, strict=True)) == 1


@pytest.mark.usefixtures("counting_network")
def test_nothing_to_estimate(check_toy: Run) -> None:
    read = document(check_toy("-", *ATAC, "--json", "--estimate", stdin=vcf().encode()))
    assert read["estimate"]["kinds"] == {}
    assert read["estimate"]["total_seconds"] == read["estimate"]["loading_seconds"]


def test_names_cannot_write_to_the_terminal(check_toy: Run) -> None:
    line = b"\x1b[31m\xff\t5\t.\tA\tC\t.\t.\t.\n"
    done = check_toy("-", *ATAC, stdin=HEADER.encode() + COLUMN_LINE.encode() + line)
    assert "\x1b" not in done.stdout
    assert "NOT in the reference: ?[31m? (1 record)" in done.stdout
    done = check_toy("-", *ATAC, "--json", stdin=HEADER.encode() + COLUMN_LINE.encode() + line)
    assert document(done)["contigs"][0]["name"] == "\x1b[31m\ufffd"


def test_what_score_refuses_is_refused(check_toy: Run, tmp_path: pathlib.Path) -> None:
    assert_refused(check_toy(tmp_path / "none.vcf"), 1, "none.vcf", "No such file")
    assert_refused(check_toy("-", "--modality", "ATACC", stdin=GOOD.encode()), 2, "ATACC", "ATAC")
    assert_refused(check_toy("-", "--window", 5000, stdin=GOOD.encode()), 2, "5000")


def test_the_example_of_the_documentation(run: Run) -> None:
    root = pathlib.Path(__file__).parents[2]
    done = run("check", root / "examples" / "demo.vcf", "-q")
    title, *said = done.stdout.splitlines()
    documented = (root / "docs" / "check.md").read_text().partition("```text\n")[2].partition("```")[0]
    assert documented.splitlines()[1:] == said
    assert title.startswith(str(root / "examples" / "demo.vcf"))


def test_regions(check_toy: Run, tmp_path: pathlib.Path) -> None:
    plain, source = tmp_path / "in.vcf", tmp_path / "in.vcf.gz"
    plain.write_text(GOOD.replace("\n1\t", "\nchr1\t"))
    pysam.tabix_compress(str(plain), str(source))
    pysam.tabix_index(str(source), preset="vcf")
    read = document(check_toy(source, *ATAC, "--json", "--regions", "chr1:5350-5450"))
    assert (read["records"], read["scored"]) == (1, 1)
    # The whole has three records of two contigs.
    assert [contig["name"] for contig in document(check_toy(source, *ATAC, "--json"))["contigs"]] == [
        "chr1",
        "chr2",
    ]
