"""What real files have besides clean records: each kind is read, told of, or refused, as docs/vcf.md says."""

import bz2
import gzip
import io
import lzma
import os
import pathlib
import zipfile

import cyvcf2
import pytest

from vep_cli.errors import VcfError
from vep_cli.genome import bcf_text
from vep_cli.genome.vcf_reader import VcfReader
from vep_cli.genome.vcf_record import COLUMNS, VcfRecord

FORMAT = "##fileformat=VCFv4.2\n"
SITES = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
SAMPLES = SITES.replace("\n", "\tFORMAT\tS1\tS2\n")
RECORD = "chr1\t5\t.\tA\tC\t.\t.\tDP=1\n"
GENOTYPES = RECORD.replace("\n", "\tGT\t0/1\t1/1\n")


def write(tmp_path: pathlib.Path, content: str | bytes) -> str:
    path = tmp_path / "input"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def read(source: str) -> list[VcfRecord]:
    with VcfReader(source) as reader:
        records = list(reader)
        reader.tell_of_oddities()
    return records


def problems(source: str) -> list[str | None]:
    return [record.problem for record in read(source)]


@pytest.mark.parametrize("version", ["4.0", "4.1", "4.2", "4.3", "4.4", "4.5"])
def test_versions_4_are_read_without_a_word(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture, version: str
) -> None:
    assert problems(write(tmp_path, FORMAT.replace("4.2", version) + SITES + RECORD)) == [None]
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("first", "message"),
    [
        pytest.param("", "the first line is not ##fileformat=VCFv4...: read as VCF 4", id="none"),
        pytest.param("##source=x\n" + FORMAT, "the first line is not ##fileformat=VCFv4", id="later"),
        pytest.param("##fileformat=VCFv3.3\n", "'##fileformat=VCFv3.3' is not VCF 4, but is", id="3.3"),
        pytest.param("##fileformat=VCFv5.0\n", "'##fileformat=VCFv5.0' is not VCF 4", id="5.0"),
        pytest.param("##fileformat=VCF v4.2\n", "'##fileformat=VCF v4.2' is not VCF 4", id="a space"),
    ],
)
def test_other_versions_are_told_of(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture, first: str, message: str
) -> None:
    source = write(tmp_path, first + SITES + RECORD)
    assert problems(source) == [None]
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith(f"{source}:1: {message}")


def test_a_byte_order_mark_is_left_out_and_told(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = write(tmp_path, "\ufeff" + FORMAT + SITES + RECORD)
    with VcfReader(source) as reader:
        assert reader.header == (FORMAT, SITES)
        assert [record.text for record in reader] == [RECORD]
    assert caplog.messages == [f"{source}:1: the byte order mark before the header is left out"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("#CHROM\tPOSITION\tID\tREF\tALT\tQUAL\tFILTER\tINFO", "a column 'POSITION' in the place of POS"),
        ("#CHROM\tPOS\tID\tALT\tREF\tQUAL\tFILTER\tINFO", "a column 'ALT' in the place of REF"),
        ("#CHROMOSOME\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO", "'CHROMOSOME' in the place of CHROM"),
        ("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\t\t", "has 7 tab-separated columns"),
    ],
)
def test_other_columns_are_refused(tmp_path: pathlib.Path, columns: str, message: str) -> None:
    # Where REF and ALT are swapped, every score would have the other sign.
    with pytest.raises(VcfError, match=message) as caught:
        read(write(tmp_path, FORMAT + columns + "\n" + RECORD))
    assert caught.value.line == 2


@pytest.mark.parametrize("header", [SITES, SITES.replace("\n", "\t\n"), SITES.replace("\n", "\t\t\r\n")])
def test_tabs_behind_the_columns_name_none(tmp_path: pathlib.Path, header: str) -> None:
    assert problems(write(tmp_path, FORMAT + header + RECORD)) == [None]


def test_a_line_that_is_cut_short_is_malformed(tmp_path: pathlib.Path) -> None:
    pieces = GENOTYPES.rstrip("\n").split("\t")
    lines = ["\t".join(pieces[:count]) + "\n" for count in range(1, len(pieces) + 1)]
    found = problems(write(tmp_path, FORMAT + SAMPLES + "".join(lines)))
    assert found == [
        *(f"{count} tab-separated columns, a record has at least 8" for count in range(1, 8)),
        *(f"{count} tab-separated columns, the header has 11" for count in range(8, 11)),
        None,
    ]


def test_a_line_that_lacks_a_column_is_malformed(tmp_path: pathlib.Path) -> None:
    # Without ID, C would be REF and '.' ALT: no ALT, nothing to score, and nobody would know.
    shifted = GENOTYPES.replace("\t.\tA", "\tA")
    assert problems(write(tmp_path, FORMAT + SAMPLES + shifted)) == [
        "10 tab-separated columns, the header has 11"
    ]


@pytest.mark.parametrize("surplus", ["\t", "\t\t\t", "\tGT\t0/1"])
def test_surplus_columns_pass_as_they_are(tmp_path: pathlib.Path, surplus: str) -> None:
    line = RECORD.replace("\n", surplus + "\n")
    (record,) = read(write(tmp_path, FORMAT + SITES + line))
    assert (record.problem, record.text) == (None, line)


@pytest.mark.parametrize("column", range(len(COLUMNS) + 1))
def test_a_nul_byte_makes_a_line_malformed(tmp_path: pathlib.Path, column: int) -> None:
    pieces = GENOTYPES.rstrip("\n").split("\t", len(COLUMNS))
    pieces[column] += "\0"
    line = "\t".join(pieces) + "\n"
    (record,) = read(write(tmp_path, FORMAT + SAMPLES + line))
    assert (record.problem, record.text) == ("there is a NUL byte in it", line)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("##INFO=<ID=LATE>\n", id="late header"),
        pytest.param(SITES, id="second header"),
        pytest.param("# a remark\n", id="remark"),
        pytest.param(RECORD.replace("\t", " "), id="spaces"),
    ],
)
def test_lines_between_records_are_malformed(tmp_path: pathlib.Path, line: str) -> None:
    records = read(write(tmp_path, FORMAT + SITES + RECORD + line + RECORD))
    assert [record.problem is None for record in records] == [True, False, True]
    assert records[1].text == line


@pytest.mark.parametrize("last", [RECORD, "chr1\t5\tcut"])
def test_a_last_line_without_its_end_is_told(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture, last: str
) -> None:
    source = write(tmp_path, FORMAT + SITES + RECORD + last.rstrip("\n"))
    assert len(read(source)) == 2
    assert caplog.messages == [f"{source}:4: the last line has no line end: the file may have been cut short"]


def zipped(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("variants.vcf", content)
    return archive.getvalue()


@pytest.mark.parametrize(
    ("content", "kind", "command"),
    [
        (bz2.compress(FORMAT.encode()), "compressed with bzip2", "bzip2 -dc"),
        (lzma.compress(FORMAT.encode()), "compressed with xz", "xz -dc"),
        (zipped(FORMAT.encode()), "a zip archive", "unzip -p"),
        (b"\x28\xb5\x2f\xfd" + bytes(9), "compressed with zstd", "zstd -dc"),
        (b"\x1f\x9d\x90" + bytes(9), "compressed with compress", "gzip -dc"),
        ((FORMAT + SITES).encode("utf-16"), "text in UTF-16", "iconv"),
        (b"BCF\x04" + bytes(9), "BCF of the first version", "bcftools"),
    ],
)
def test_files_of_other_kinds_are_named(
    tmp_path: pathlib.Path, content: bytes, kind: str, command: str
) -> None:
    with pytest.raises(VcfError, match=f"the file is {kind}") as caught:
        read(write(tmp_path, content))
    assert command in (caught.value.remedy or "")


class Endless(io.BytesIO):
    """A file of one kind of byte, of which nobody may ask for the end."""

    def __init__(self, byte: bytes) -> None:
        super().__init__()
        self.byte = byte
        self.given = 0

    def read(self, size: int | None = -1) -> bytes:
        assert size is not None
        self.given += size
        assert self.given < 1 << 20
        return self.byte * size

    def read1(self, size: int | None = -1) -> bytes:
        return self.read(size)


@pytest.mark.parametrize("byte", [b"\0", b"A", b"\xff"])
def test_endless_lines_of_no_vcf_are_not_read(monkeypatch: pytest.MonkeyPatch, byte: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(Endless(byte)))
    with pytest.raises(VcfError, match=r"begins with #CHROM is missing|UTF-16"):
        VcfReader("-")


class TestBcf:
    @pytest.fixture
    def source(self, tmp_path: pathlib.Path) -> str:
        return self.bcf(tmp_path, RECORD)

    @staticmethod
    def bcf(tmp_path: pathlib.Path, records: str) -> str:
        plain, binary = tmp_path / "plain.vcf", tmp_path / "binary.bcf"
        info = '##INFO=<ID=DP,Number=1,Type=String,Description="x">\n##contig=<ID=chr1>\n'
        plain.write_text(FORMAT + info + SITES + records, "latin-1")
        variants = cyvcf2.VCF(str(plain))
        writer = cyvcf2.Writer(str(binary), variants, mode="wb")
        for variant in variants:
            writer.write_record(variant)
        writer.close()
        return str(binary)

    @staticmethod
    def decode_by(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, program: str) -> None:
        path = tmp_path / "decoder.py"
        path.write_text(program)
        monkeypatch.setattr(bcf_text, "__file__", str(path))

    def test_bytes_that_are_no_utf8_come_back(self, tmp_path: pathlib.Path) -> None:
        (record,) = read(self.bcf(tmp_path, RECORD.replace("DP=1", "DP=\xe9")))
        assert record.info == "DP=\udce9"

    @pytest.mark.parametrize("length", [1, 5, 23, 1 << 24, (1 << 31) - 1, (1 << 32) - 1])
    @pytest.mark.parametrize("which", [0, 4])
    def test_lengths_of_records_that_are_not_theirs_are_told(
        self, source: str, tmp_path: pathlib.Path, length: int, which: int
    ) -> None:
        content = gzip.decompress(pathlib.Path(source).read_bytes())
        # Behind the magic and the header's length, VCF 4.3, section 6.3.1: two lengths begin each record.
        place = 9 + int.from_bytes(content[5:9], "little") + which
        edited = content[:place] + length.to_bytes(4, "little") + content[place + 4 :]
        with pytest.raises(VcfError, match="truncated or damaged"):
            read(write(tmp_path, edited))

    @pytest.mark.parametrize(
        ("program", "message"),
        [
            ("import os; os.kill(os.getpid(), 11)", "decoding it ended with SIGSEGV"),
            ("import os; os.abort()", "decoding it ended with SIGABRT"),
            ("import sys; sys.exit('too bad')", "too bad"),
            (
                "import sys; print('odd\\n[E::f] broken', file=sys.stderr); sys.exit('after')",
                r"\[E::f\] broken",
            ),
            ("import sys; sys.exit(1)", "it cannot be decoded"),
        ],
    )
    def test_a_decoder_that_dies_is_told(
        self, source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, program: str, message: str
    ) -> None:
        header = f"import sys; print({FORMAT + SITES + RECORD!r}, end='', flush=True)\n"
        for before in ("", header):
            self.decode_by(monkeypatch, tmp_path, before + program)
            with pytest.raises(VcfError, match=f"truncated or damaged: {message}") as caught:
                read(source)
            # Three lines came, or none, before the one that did not.
            assert caught.value.line == (4 if before else 1)

    def test_a_decoder_does_not_outlive_its_reader(
        self, source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
    ) -> None:
        number = tmp_path / "number"
        text = FORMAT + SITES + RECORD
        program = (
            f"import os, time; open({str(number)!r}, 'w').write(str(os.getpid()))\n"
            f"print({text!r}, end='', flush=True)\nwhile True: time.sleep(1)\n"
        )
        self.decode_by(monkeypatch, tmp_path, program)
        with VcfReader(source) as reader:
            assert next(iter(reader)).position == 5
        with pytest.raises(ProcessLookupError):
            os.kill(int(number.read_text()), 0)

    def test_no_module_of_the_folder_is_taken_for_another(
        self, source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
    ) -> None:
        (tmp_path / "cyvcf2.py").write_text("raise SystemExit('the wrong one')")
        monkeypatch.chdir(tmp_path)
        assert len(read(source)) == 1
