import gzip
import pathlib

import background
import pysam
import pytest

HEADER = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def record(position: int, alternate: str, frequency: str) -> str:
    return f"20\t{position}\t.\tA\t{alternate}\t.\tPASS\tAC=1;AF={frequency};DB\n"


COMMON = [record(position, "C", "0.3") for position in range(100, 130)]
OTHERS = [
    record(200, "C", "0.01"),
    record(201, "C", "0.995"),
    record(202, "C,G", "0.3,0.1"),
    record(203, "<DEL>", "0.3"),
]


@pytest.mark.parametrize("name", ["variants.vcf", "variants.vcf.gz"])
def test_common_variants_are_drawn_in_order_and_the_same_every_time(
    tmp_path: pathlib.Path, name: str
) -> None:
    text = HEADER + "".join(COMMON + OTHERS)
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    drawn = background.draw(path, 10)
    assert drawn == background.draw(path, 10)
    assert drawn.startswith(HEADER)
    lines = drawn.removeprefix(HEADER).splitlines(keepends=True)
    assert len(lines) == 10
    assert lines == sorted(set(lines) & set(COMMON))


def test_where_there_are_few_all_are_drawn(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "variants.vcf"
    path.write_text(HEADER + "".join(COMMON[:3] + OTHERS))
    assert background.draw(path, 10) == HEADER + "".join(COMMON[:3])


def test_the_sequence_lies_at_its_place(tmp_path: pathlib.Path) -> None:
    (tmp_path / "in.vcf").write_text(HEADER + "".join(COMMON))
    published = tmp_path / f"{background.PIECE.name}.fa.gz"
    published.write_bytes(gzip.compress(b">piece\nACGTA\nCC\n"))
    arguments = [tmp_path / "in.vcf", "--sequences", tmp_path, "-o", tmp_path / "out"]
    background.main([str(one) for one in arguments])
    assert (tmp_path / "out" / "background.vcf").read_text().startswith(HEADER)
    with pysam.FastaFile(str(tmp_path / "out" / "background.fa.gz")) as fasta:
        assert fasta.fetch("chr20", 999_998, 1_000_007) == "NNACGTACC"
