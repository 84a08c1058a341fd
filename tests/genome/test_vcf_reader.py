import gzip
import io
import os
import pathlib
import threading
from collections.abc import Callable

import cyvcf2
import pysam
import pytest

from vep_cli.errors import VcfError
from vep_cli.genome.vcf_reader import VcfReader, check_source
from vep_cli.genome.vcf_record import VcfRecord

HEADER = (
    "##fileformat=VCFv4.2\n"
    '##FILTER=<ID=PASS,Description="All filters passed">\n'
    "##contig=<ID=chr1,length=100000>\n"
    '##INFO=<ID=AF,Number=A,Type=Float,Description="Allele frequency">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
)
RECORDS = (
    "chr1\t100\trs1\tA\tC,<DEL>\t9.5\tPASS\tAF=0.5,0.25\tGT\t0/1\nchr1\t200\t.\tAC\tA\t.\t.\t.\tGT\t./.\n"
)
EMPTY_BLOCK_BYTES = 28  # SAM specification, section 4.1.2


def read(source: str) -> tuple[tuple[str, ...], list[VcfRecord]]:
    with VcfReader(source) as reader:
        return reader.header, list(reader)


def text_of(source: str) -> str:
    header, records = read(source)
    return "".join(header) + "".join(record.text for record in records)


def bgzip(plain: pathlib.Path) -> bytes:
    compressed = plain.with_name(plain.name + ".gz")
    pysam.tabix_compress(str(plain), str(compressed), force=True)
    return compressed.read_bytes()


def bcf(plain: pathlib.Path, mode: str) -> bytes:
    binary = plain.with_suffix(".bcf")
    source = cyvcf2.VCF(str(plain))
    out = cyvcf2.Writer(str(binary), source, mode=mode)
    for record in source:
        out.write_record(record)
    out.close()
    return binary.read_bytes()


FORMS: dict[str, Callable[[pathlib.Path], bytes]] = {
    "plain": pathlib.Path.read_bytes,
    "gzip": lambda plain: gzip.compress(plain.read_bytes()),
    "gzip in two parts": lambda plain: (
        gzip.compress(plain.read_bytes()[:300]) + gzip.compress(plain.read_bytes()[300:])
    ),
    "bgzip": bgzip,
    "BCF": lambda plain: bcf(plain, "wb"),
    "BCF in stored blocks": lambda plain: bcf(plain, "wbu"),
    "BCF without compression": lambda plain: gzip.decompress(bcf(plain, "wb")),
}


@pytest.fixture
def plain(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "variants.vcf"
    path.write_text(HEADER + RECORDS)
    return path


@pytest.fixture
def many(tmp_path: pathlib.Path) -> pathlib.Path:
    """Return a VCF that fills several BGZF blocks, each of at most 65,280 bytes."""
    path = tmp_path / "many.vcf"
    records = (f"chr1\t{line}\trs{line * 7919 % 99991}\tA\tC\t.\t.\t.\tGT\t0/1\n" for line in range(1, 8001))
    path.write_text(HEADER + "".join(records))
    return path


def write(tmp_path: pathlib.Path, content: bytes) -> str:
    path = tmp_path / "input"
    path.write_bytes(content)
    return str(path)


def give_stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("source", ["path", "stdin"])
def test_every_form_gives_the_same_text(
    plain: pathlib.Path, form: str, source: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The suffix is no help: only the content tells the forms apart.
    content = FORMS[form](plain)
    give_stdin(monkeypatch, content)
    assert text_of("-" if source == "stdin" else write(tmp_path, content)) == HEADER + RECORDS


def test_header_ends_with_its_columns(plain: pathlib.Path) -> None:
    header, records = read(str(plain))
    assert "".join(header) == HEADER
    assert [record.position for record in records] == [100, 200]
    # Six header lines come before the first record.
    assert [record.line_number for record in records] == [7, 8]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param((HEADER + RECORDS).replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param((HEADER + RECORDS).encode().rstrip(b"\n"), id="no last newline"),
        pytest.param(HEADER.encode(), id="header only"),
        pytest.param(HEADER.encode().rstrip(b"\n"), id="header only, no last newline"),
        pytest.param((HEADER + RECORDS.replace("rs1", "rs\u00e9\u4e2d")).encode(), id="UTF-8"),
        pytest.param((HEADER + RECORDS).encode().replace(b"rs1", b"\xe9\xff\x80"), id="not UTF-8"),
        pytest.param(
            (HEADER + RECORDS).replace("rs1", "rs\x85\x0b\x0c\u2028x").encode(), id="other line ends"
        ),
        pytest.param((HEADER + RECORDS.replace("chr1\t100", "chr1\tx")).encode(), id="malformed"),
    ],
)
def test_bytes_come_back_as_they_were(tmp_path: pathlib.Path, content: bytes) -> None:
    text = text_of(write(tmp_path, content))
    assert text.encode("utf-8", "surrogateescape") == content


@pytest.mark.parametrize("blank", ["\n", "\r\n", "  \n", "\t\n", "\t" * 9 + "\n"])
def test_blank_lines_are_left_out_and_told_once(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture, blank: str
) -> None:
    first, second = RECORDS.splitlines(keepends=True)
    path = write(tmp_path, (HEADER + first + 2 * blank + second + blank).encode())
    with VcfReader(str(path)) as reader:
        records = list(reader)
        assert reader.blank_lines == 3
        assert caplog.messages == []
        reader.tell_of_oddities()
    # Header 1 to 6, record 7, blank 8 and 9, record 10, blank 11.
    assert [(record.line_number, record.problem) for record in records] == [(7, None), (10, None)]
    assert "".join(record.text for record in records) == RECORDS
    assert caplog.messages == [f"{path}:8: the line is blank: blank lines are left out"]


def test_malformed_lines_come_with_their_problem_and_number(tmp_path: pathlib.Path) -> None:
    good = RECORDS.splitlines(keepends=True)[0]
    no_number, no_reference = good.replace("\t100\t", "\t-\t"), good.replace("\tA\t", "\t\t")
    lines = [good, "chr1 100 . A C . . .\n", no_number, no_reference, good]
    _, records = read(write(tmp_path, (HEADER + "".join(lines)).encode()))
    assert [(record.line_number, record.problem) for record in records] == [
        (7, None),
        (8, "1 tab-separated columns, a record has at least 8"),
        (9, "POS is '-', not a whole number"),
        (10, "REF is empty"),
        (11, None),
    ]


def test_lines_that_crash_htslib_wrappers_are_only_malformed(tmp_path: pathlib.Path) -> None:
    # hts-specs' failed_body_pos_000 and failed_body_format_000 end interpreters that parse them with cyvcf2.
    lines = ["chr1\t\t.\tA\tC\t.\t.\t.\n", "chr1\t1\t.\tA\tC\t.\t.\t.\tGT:\t0/1\n"]
    _, records = read(write(tmp_path, (HEADER + "".join(lines)).encode()))
    assert [record.problem is None for record in records] == [False, True]


def test_very_long_lines_are_whole(tmp_path: pathlib.Path) -> None:
    samples = "\t".join(["0/1"] * 500_000)
    record = f"chr1\t100\t.\tA\tC\t.\t.\t.\tGT\t{samples}\n"
    assert text_of(write(tmp_path, (HEADER + record).encode())) == HEADER + record


def test_records_are_read_as_they_are_asked_for(many: pathlib.Path) -> None:
    with many.open("rb") as handle, VcfReader(str(many)) as reader:
        records = iter(reader)
        first = next(records)
        assert first.position == 1
        # A file that shrinks after the first record ends early for a reader that did not read it all.
        os.truncate(many, 100_000)
        assert handle.seek(0, os.SEEK_END) == 100_000
        assert sum(1 for _ in records) < 7_999


def test_a_pipe_gives_records_before_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    receive, send = os.pipe()
    with open(receive, encoding="utf-8") as stdin, open(send, "wb", buffering=0) as upstream:
        monkeypatch.setattr("sys.stdin", stdin)
        first, second = RECORDS.encode().splitlines(keepends=True)
        upstream.write(HEADER.encode() + first)
        with VcfReader("-") as reader:
            records = iter(reader)
            assert next(records).position == 100
            upstream.write(second)
            assert next(records).position == 200
            upstream.close()
            assert list(records) == []


@pytest.mark.parametrize("form", ["plain", "bgzip", "BCF"])
def test_a_pipe_may_give_single_bytes(
    plain: pathlib.Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = FORMS[form](plain)
    receive, send = os.pipe()

    def dribble() -> None:
        with open(send, "wb", buffering=0) as upstream:
            for index in range(len(content)):
                upstream.write(content[index : index + 1])

    writer = threading.Thread(target=dribble)
    with open(receive, encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        writer.start()
        assert text_of("-") == HEADER + RECORDS
        writer.join()


def test_standard_input_stays_open_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO((HEADER + RECORDS).encode()))
    monkeypatch.setattr("sys.stdin", stdin)
    with VcfReader("-") as reader:
        assert reader.name == "standard input"
    assert not stdin.buffer.closed


def test_no_standard_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(VcfError, match="no standard input"):
        VcfReader("-")


def test_a_reader_that_is_left_early_closes_its_file(plain: pathlib.Path, tmp_path: pathlib.Path) -> None:
    # Warnings are errors, and an open file at its end warns.
    source = write(tmp_path, FORMS["BCF"](plain))
    with VcfReader(source) as reader:
        next(iter(reader))
    assert list(reader) == []


def whole_blocks(compressed: bytes, count: int) -> bytes:
    """Return the first `count` BGZF blocks: bytes 16 and 17 of each hold its size less one."""
    end = 0
    for _ in range(count):
        end += int.from_bytes(compressed[end + 16 : end + 18], "little") + 1
    return compressed[:end]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "cut inside a block": lambda data: data[: len(data) // 2],
    "cut between blocks": lambda data: whole_blocks(data, 2),
    "cut in a block's header": lambda data: whole_blocks(data, 2) + data[:5],
    "no empty block at the end": lambda data: data[:-EMPTY_BLOCK_BYTES],
    "a byte short": lambda data: data[:-1],
    "a byte changed": lambda data: data[:-500] + bytes([data[-500] ^ 0xFF]) + data[-499:],
    "something after it": lambda data: data + b"junk",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("form", ["bgzip", "BCF"])
def test_truncated_and_damaged_files_are_told(
    many: pathlib.Path, form: str, damage: str, tmp_path: pathlib.Path
) -> None:
    source = write(tmp_path, DAMAGES[damage](FORMS[form](many)))
    with pytest.raises(VcfError, match="truncated or damaged") as caught:
        read(source)
    assert caught.value.path == source
    assert caught.value.line is not None


def test_what_came_before_the_damage_is_read(many: pathlib.Path, tmp_path: pathlib.Path) -> None:
    source = write(tmp_path, whole_blocks(bgzip(many), 2))
    records: list[VcfRecord] = []
    with VcfReader(source) as reader, pytest.raises(VcfError) as caught:
        records.extend(reader)
    assert [record.position for record in records] == list(range(1, len(records) + 1))
    # The number of lines in whole: the header's six, the records', and the one that is missing.
    assert caught.value.line == 6 + len(records) + 1


def test_truncated_plain_bcf_is_told(many: pathlib.Path, tmp_path: pathlib.Path) -> None:
    content = FORMS["BCF without compression"](many)
    with pytest.raises(VcfError, match="truncated or damaged"):
        read(write(tmp_path, content[: len(content) // 2]))


def test_damaged_header_of_a_compressed_file_is_told(plain: pathlib.Path, tmp_path: pathlib.Path) -> None:
    for length in (2, 5, 17, 60):
        with pytest.raises(VcfError, match="truncated or damaged"):
            read(write(tmp_path, bgzip(plain)[:length]))


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")])
def test_empty_file_is_told(tmp_path: pathlib.Path, content: bytes) -> None:
    with pytest.raises(VcfError, match="is empty"):
        read(write(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(b">chr1\nACGT\n", 1, id="FASTA"),
        pytest.param(bytes(range(128, 256)) * 20, 1, id="binary"),
        pytest.param(b"BAM\x01" + bytes(100), 1, id="BAM"),
        pytest.param(b"\n\n", 1, id="blank lines"),
        pytest.param(b"##fileformat=VCFv4.2\n", 1, id="header cut short"),
        pytest.param(b"##fileformat=VCFv4.2\nchr1\t1\t.\tA\tC\t.\t.\t.\n", 2, id="no columns"),
        pytest.param(RECORDS.encode(), 1, id="records alone"),
    ],
)
def test_what_is_no_vcf_is_told(tmp_path: pathlib.Path, content: bytes, line: int) -> None:
    with pytest.raises(VcfError, match="begins with #CHROM is missing") as caught:
        read(write(tmp_path, content))
    assert caught.value.line == line


def test_columns_without_tabs_are_told(tmp_path: pathlib.Path) -> None:
    content = HEADER.replace("\t", " ") + RECORDS
    with pytest.raises(VcfError, match="has 1 tab-separated columns") as caught:
        read(write(tmp_path, content.encode()))
    assert caught.value.line == 6


@pytest.mark.parametrize("magic", [b"\x1f\x8b\x08\x00garbage" * 9, b"BCF\x02\x02garbage"])
def test_what_only_begins_like_a_format_is_told(tmp_path: pathlib.Path, magic: bytes) -> None:
    with pytest.raises(VcfError, match="truncated or damaged"):
        read(write(tmp_path, magic))


@pytest.mark.parametrize(
    ("name", "reason"), [("absent.vcf", "No such file"), (".", "Is a directory"), ("a\0b", "null")]
)
def test_what_cannot_be_opened_is_told(tmp_path: pathlib.Path, name: str, reason: str) -> None:
    with pytest.raises(VcfError, match=f"cannot be opened: .*{reason}"):
        VcfReader(f"{tmp_path}/{name}")
    with pytest.raises(VcfError, match=f"cannot be opened: .*{reason}"):
        check_source(f"{tmp_path}/{name}")


def test_checking_a_source_does_not_read_it(tmp_path: pathlib.Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # opening it would wait for a writer for ever
    check_source(str(pipe))
    check_source("-")


class FailingDisk(io.BytesIO):
    """Content that ends in an error of the system."""

    def read(self, size: int | None = -1) -> bytes:
        block = super().read(size)
        if not block:
            raise OSError(5, "Input/output error")
        return block

    def read1(self, size: int | None = -1) -> bytes:
        return self.read(size)


@pytest.mark.parametrize("content", [b"", (HEADER + RECORDS).encode()])
def test_errors_of_the_system_are_told(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(FailingDisk(content)))
    with pytest.raises(VcfError, match="Input/output error") as caught:
        read("-")
    assert caught.value.path == "standard input"


def test_a_bcf_that_htslib_warns_of_is_read(tmp_path: pathlib.Path) -> None:
    # htslib says on stderr that AF should be a Float; that is no failure.
    text = HEADER.replace("Number=A,Type=Float", "Number=.,Type=String") + RECORDS
    path = tmp_path / "tags.vcf"
    path.write_text(text)
    assert text_of(write(tmp_path, bcf(path, "wb"))) == text
