import pytest

from vep_cli.genome.builds import StatedBuild, build_of_lengths, stated_build

CHROMOSOME_1 = {
    "GRCh37 (hg19)": 249250621,
    "GRCh38 (hg38)": 248956422,
    "T2T-CHM13": 248387328,
    "GRCm38 (mm10)": 195471971,
    "GRCm39 (mm39)": 195154279,
}


@pytest.mark.parametrize(("build", "length"), CHROMOSOME_1.items())
@pytest.mark.parametrize("name", ["chr1", "1"])
def test_one_chromosome_tells_the_build(build: str, length: int, name: str) -> None:
    assert build_of_lengths({name: length, "chrUn": 5}) == build


@pytest.mark.parametrize("lengths", [{}, {"chr1": 12_000}, {"chr2": 248956422}])
def test_other_lengths_tell_nothing(lengths: dict[str, int]) -> None:
    assert build_of_lengths(lengths) is None


def test_most_chromosomes_count() -> None:
    # chr20 and chr21 of GRCh38, chr22 of GRCh37.
    assert build_of_lengths({"20": 64444167, "21": 46709983, "22": 51304566}) == "GRCh38 (hg38)"


def test_lengths_count_before_names() -> None:
    header = (
        "##fileformat=VCFv4.2\n",
        "##reference=file:///data/hg38.fa\n",
        "##contig=<ID=20,assembly=b37,length=63025520>\r\n",
        "##contig=<length=48129895,ID=21>\n",
    )
    assert stated_build(header) == StatedBuild(
        name="GRCh37 (hg19)", evidence="the lengths in its ##contig lines"
    )


@pytest.mark.parametrize(
    ("line", "build"),
    [
        ("##reference=file:///data/hg38.fa", "GRCh38 (hg38)"),
        ("##reference=GRCh38.p14", "GRCh38 (hg38)"),
        ("##reference=ftp://host/human_g1k_v37.fasta", "GRCh37 (hg19)"),
        ("##reference=hs37d5.fa.gz", "GRCh37 (hg19)"),
        ("##reference=Homo_sapiens_assembly38.fasta", "GRCh38 (hg38)"),
        ("##reference=/refs/chm13v2.0.fa", "T2T-CHM13"),
        ("##reference=GRCm39", "GRCm39 (mm39)"),
        ("##contig=<ID=1,assembly=b37>", "GRCh37 (hg19)"),
        ("##contig=<ID=1,length=12,assembly=mm10>", "GRCm38 (mm10)"),
    ],
)
def test_names(line: str, build: str) -> None:
    found = stated_build([line + "\n"])
    assert found is not None
    assert found.name == build
    assert line.partition("=")[0] in found.evidence


@pytest.mark.parametrize(
    "line",
    [
        "##reference=file:///data/sample_b371.fa",
        "##reference=1000GenomesPilot-NCBI36",
        "##source=hg38",
        "##contig=<ID=hg38>",
        "##contig=<ID=1,length=" + "9" * 10_000 + ">",
        "##contig=<ID=1,length=248956422",
    ],
)
def test_what_says_nothing(line: str) -> None:
    assert stated_build([line + "\n"]) is None
