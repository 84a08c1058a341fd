import itertools
import pathlib
import random
import shutil
import subprocess

import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.errors import BedError, UsageError, VcfError
from vep_cli.genome.interval import Interval
from vep_cli.genome.regions import (
    check_indexed,
    chosen_regions,
    in_file_order,
    lines_in_regions,
    parse_regions,
    read_regions,
)

END = (1 << 31) - 1
HEADER = (
    "##fileformat=VCFv4.2\n"
    '##INFO=<ID=END,Number=1,Type=Integer,Description="Ende, für Längen">\n'
    "##contig=<ID=chr2,length=1000>\n"
    "##contig=<ID=chr1,length=1000>\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
)


def record(contig: str, position: int, reference: str, info: str = ".") -> str:
    return f"{contig}\t{position}\t.\t{reference}\t<DEL>\t.\tPASS\t{info}\n"


LINES = (
    # The file has chr2 first. Covered, 1-based and closed: 10-10, 10-14, 20-60 by END, 95-100; 50-50.
    record("chr2", 10, "A"),
    record("chr2", 10, "ACGTA"),
    record("chr2", 20, "C", "END=60"),
    record("chr2", 95, "ACGTAC"),
    record("chr1", 50, "G"),
)


@pytest.fixture(params=["vcf", "bcf", "csi", "crlf"])
def source(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> pathlib.Path:
    """The records above, indexed."""
    plain = tmp_path / "in.vcf"
    text = HEADER + "".join(LINES)
    plain.write_bytes((text.replace("\n", "\r\n") if request.param == "crlf" else text).encode())
    if request.param == "bcf":
        path = tmp_path / "in.bcf"
        with (
            pysam.VariantFile(str(plain)) as reader,
            pysam.VariantFile(str(path), "wb", header=reader.header) as out,
        ):
            for one in reader:
                out.write(one)
        pysam.tabix_index(str(path), preset="bcf")
        return path
    path = tmp_path / "in.vcf.gz"
    pysam.tabix_compress(str(plain), str(path))
    pysam.tabix_index(str(path), preset="vcf", csi=request.param == "csi")
    return path


def found(source: pathlib.Path, *texts: str) -> list[int]:
    """Return which of the records above overlap regions."""
    lines = list(lines_in_regions(str(source), parse_regions(texts)))
    start = next(number for number, line in enumerate(lines) if line.startswith("#CHROM")) + 1
    # By CHROM to ALT: pysam, which makes the BCF, writes END into every record.
    known = [line.split("\t")[:5] for line in LINES]
    return [known.index(line.split("\t")[:5]) for line in lines[start:]]


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["chr2"], [0, 1, 2, 3]),
        (["chr1,chr2"], [0, 1, 2, 3, 4]),  # in the order of the file
        (["chr2:10"], [0, 1]),
        (["chr2:11"], [1]),  # REF reaches over it
        (["chr2:14-14"], [1]),
        (["chr2:15-19"], []),
        (["chr2:60"], [2]),  # so says END
        (["chr2:61-94"], []),
        (["chr2:61-95"], [3]),
        (["chr2:96-"], [3]),
        (["2:1-30", "MT", "chr3"], [0, 1, 2]),
        (["chr2:12-13", "chr2:14-25,chr2:50-70", "chr2:1-11"], [0, 1, 2]),  # each once
        (["chr2:100", "chr2:1-96"], [0, 1, 2, 3]),
    ],
)
def test_overlapping_records(source: pathlib.Path, texts: list[str], numbers: list[int]) -> None:
    assert found(source, *texts) == numbers


def test_lines_are_those_of_the_file(source: pathlib.Path) -> None:
    if source.suffix == ".bcf":
        pytest.skip("BCF has no lines")
    with pysam.BGZFile(str(source), "rb", None) as content:
        text = content.read().decode()
    everything = "".join(lines_in_regions(str(source), parse_regions(["chr1", "chr2"])))
    assert everything == text


def test_bytes_that_are_no_text_come_as_they_are(tmp_path: pathlib.Path) -> None:
    plain, path = tmp_path / "in.vcf", tmp_path / "in.vcf.gz"
    plain.write_bytes(HEADER.encode() + b"chr1\t5\tcaf\xe9\xc3\xa9\tA\tC\t.\t.\t.\n")
    pysam.tabix_compress(str(plain), str(path))
    pysam.tabix_index(str(path), preset="vcf")
    *_, line = lines_in_regions(str(path), parse_regions(["1"]))
    assert line.encode("utf-8", "surrogateescape") == b"chr1\t5\tcaf\xe9\xc3\xa9\tA\tC\t.\t.\t.\n"


@pytest.mark.skipif(shutil.which("bcftools") is None, reason="bcftools is not installed")
def test_records_are_those_of_bcftools(tmp_path: pathlib.Path) -> None:
    chance = random.Random(5)
    positions = sorted(chance.randrange(1, 900) for _ in range(60))
    lines = [record("chr2", place, "ACGTACGTAC"[: chance.randrange(1, 10)]) for place in positions]
    plain, path = tmp_path / "in.vcf", tmp_path / "in.vcf.gz"
    plain.write_text(HEADER + "".join(lines))
    pysam.tabix_compress(str(plain), str(path))
    pysam.tabix_index(str(path), preset="vcf")
    for _ in range(20):
        starts = [chance.randrange(1, 900) for _ in range(3)]
        region = ",".join(f"chr2:{start}-{start + chance.randrange(0, 60)}" for start in starts)
        command = ["bcftools", "view", "--no-header", "-r", region, str(path)]
        theirs = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        ours = [line for line in lines_in_regions(str(path), parse_regions([region])) if line[0] != "#"]
        assert "".join(ours) == theirs


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("chr1", ("chr1", 0, END)),
        ("chr1:5", ("chr1", 4, 5)),
        ("chr1:5-9", ("chr1", 4, 9)),
        ("chr1:5-", ("chr1", 4, END)),
        ("HLA-A*01:01:01:5-9", ("HLA-A*01:01:01", 4, 9)),
    ],
)
def test_spellings(text: str, region: tuple[str, int, int]) -> None:
    (parsed,) = parse_regions([text])
    assert (parsed.chromosome, parsed.start, parsed.end) == region


@pytest.mark.parametrize("text", ["", "chr1,", "chr1:0-5", "chr1:9-5", "chr1:5-99999999999"])
def test_what_is_no_region(text: str) -> None:
    with pytest.raises(UsageError, match="is no region"):
        parse_regions([text])


REGIONS = st.lists(
    st.tuples(st.sampled_from(["chr1", "2", "chr9"]), st.integers(0, 40), st.integers(1, 9)), max_size=8
)


@given(REGIONS)
def test_regions_are_put_in_order_without_a_base_in_common(made: list[tuple[str, int, int]]) -> None:
    given_ones = [Interval(chromosome=name, start=start, end=start + width) for name, start, width in made]
    ordered = in_file_order(given_ones, ["chr2", "chr1"])
    assert [one.chromosome for one in ordered] == sorted((one.chromosome for one in ordered), reverse=True)
    for one, following in itertools.pairwise(ordered):
        assert one.chromosome != following.chromosome or one.end < following.start
    names = {"chr1": "chr1", "2": "chr2"}
    bases = {
        (names[one.chromosome], at)
        for one in given_ones
        if one.chromosome in names
        for at in range(one.start, one.end)
    }
    assert {(one.chromosome, at) for one in ordered for at in range(one.start, one.end)} == bases


def test_bed_file(tmp_path: pathlib.Path) -> None:
    bed = tmp_path / "regions.bed"
    bed.write_text("# comment\nchr1\t0\t5\n")
    both = chosen_regions(["chr2:1-3"], bed)
    assert both == [*parse_regions(["chr2:1-3"]), *parse_regions(["chr1:1-5"])]
    assert chosen_regions([], None) is None
    bed.write_text("")
    assert chosen_regions([], bed) == []  # nothing, and not everything
    bed.write_text("chr1\t0\t5\nchr1\t9\t5\n")
    with pytest.raises(BedError, match=r"regions\.bed:2: "):
        read_regions(bed)


def test_what_has_no_index(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "in.vcf.gz"
    path.touch()
    with pytest.raises(UsageError, match="there is none") as caught:
        check_indexed(str(path))
    assert "tabix -p vcf" in str(caught.value.remedy)
    with pytest.raises(UsageError, match="a stream has not"):
        check_indexed("-")


def test_damaged_index(tmp_path: pathlib.Path) -> None:
    plain, path = tmp_path / "in.vcf", tmp_path / "in.vcf.gz"
    plain.write_text(HEADER + "".join(LINES))
    pysam.tabix_compress(str(plain), str(path))
    (tmp_path / "in.vcf.gz.tbi").write_bytes(b"no index")
    with pytest.raises((VcfError, OSError)):
        list(lines_in_regions(str(path), parse_regions(["chr1"])))
