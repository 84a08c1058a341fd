"""A file with everything in it that a VCF can have or get wrong, through the command itself."""

import gzip
import pathlib
import urllib.parse

import cyvcf2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy_inputs import CONTIGS, Run, assert_refused, vcf

pytestmark = pytest.mark.usefixtures("counting_network")

ATAC = ("--modality", "ATAC")
SAMPLED = vcf().removesuffix("\n") + "\tFORMAT\tS1\tS2\n"
WHOLE = "\t.\t.\tDP=3\tGT\t0/1\t1|1"

# chr2 is all C; each line is up to ALT, with what becomes of its alleles.
GOOD = {
    "chr2\t3000\trs1;rs2\tC\tG": "PASS",
    "chr2\t3000\t.\tc\tcgg,<NON_REF>": "PASS,SYMBOLIC",
    "chr2\t3001\t.\tC\t*,A,<*>": "SPANNING_DELETION,PASS,SYMBOLIC",
    "chr2\t3002\t.\tC\tC[chr1:5[,]chr1:5]C,C.,.C": "BREAKEND,BREAKEND,BREAKEND,BREAKEND",
    "chr2\t3003\t.\tC\t.": "MISSING_ALT",
    "chr2\t3003\t.\tC\tA,,A": "PASS,MISSING_ALT,PASS",
    "chr2\t3004\t.\tCN\tR,n": "NON_ACGT,NON_ACGT",
    "chr2\t3005\t.\tC,C\tA": "NON_ACGT",
    "chr2\t3006\t.\t<DEL>\tA": "NON_ACGT",
    "chr2\t3007\t.\tA\tG": "REF_MISMATCH",
    f"chr2\t1\t.\t{'C' * 5000}\tC": "TOO_LONG",
    f"chr2\t3007\t.\tC\t{'CA' * 500_000}": "TOO_LONG",
    "chr2\t9999999999\t.\tC\tA": "OFF_CONTIG",
    "chr2\t0\t.\tC\tA": "OFF_CONTIG",
    "<ctg>\t5\t.\tC\tA": "UNKNOWN_CONTIG",
    "chr 2\t5\t.\tC\tA": "UNKNOWN_CONTIG",
    "chr2\t3000\trs1;rs2\tC\tG,G": "PASS,PASS",
}
BAD = (
    "chr2\t-1\t.\tC\tA" + WHOLE,
    "chr2\t3e3\t.\tC\tA" + WHOLE,
    "chr2\t3000\t.\t\tA" + WHOLE,
    "chr2\t3000\t.\tC\t" + WHOLE,
    "chr2\t3000\tC\tA" + WHOLE,
    "chr2\t3000\t.\tC\tA\t.\t.\tDP=3",
    "chr2\t3000\t.\tC\tA\t.\t.",
    "chr2 3000 . C A . . .",
    "chr2\t3000\t.\tC\tA\t.\t.\tDP=3\tGT\t0/1\t\0\0\0",
    "##INFO=<ID=LATE>",
)


def body(text: str) -> list[str]:
    return text[text.index("#CHROM") :].split("\n")[1:]


def status_of(line: str) -> str:
    return line.split("\t")[7].partition("VE_STATUS=")[2].split(";")[0]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_line_is_accounted_for(score_toy: Run, tmp_path: pathlib.Path, end: str) -> None:
    lines = [line for number, bad in enumerate(BAD) for line in (list(GOOD)[number] + WHOLE, bad)]
    lines += [line + WHOLE for line in list(GOOD)[len(BAD) :]]
    source, output = tmp_path / "in.vcf", tmp_path / "out.vcf"
    source.write_bytes((SAMPLED + "\n".join(lines) + "\n").replace("\n", end).encode())
    done = score_toy(source, *ATAC, "-o", output, "--strict")
    assert_refused(done, 1, "bad data kept", *(f"{len(BAD)} MALFORMED",))
    written = body(output.read_bytes().decode())
    assert written.pop() == ""
    assert len(written) == len(lines)
    first = SAMPLED.count("\n") + 1
    for number, (before, after) in enumerate(zip(lines, written, strict=True), first):
        told = f"{source}:{number}: not a VCF record" in done.stderr
        assert told == (before in BAD)
        if before in BAD:
            assert after.removesuffix(end.rstrip("\n")) == before
            continue
        assert status_of(after) == GOOD[before.removesuffix(WHOLE)]
        fields, expected = after.removesuffix(end.rstrip("\n")).split("\t"), before.split("\t")
        assert fields[:7] + fields[8:] == expected[:7] + expected[8:]
        assert fields[7].startswith("DP=3;V")
    scored = ",".join(GOOD.values()).split(",").count("PASS")
    assert f": {scored} scored" in done.stderr


def test_warnings_of_malformed_lines_are_bounded(score_toy: Run) -> None:
    done = score_toy("-", *ATAC, stdin=(SAMPLED + "bad\n" * 1000).encode())
    assert done.status == 0
    assert done.stderr.count("not a VCF record,") == 20
    assert "980 more lines are not VCF records" in done.stderr
    assert body(done.stdout) == ["bad"] * 1000 + [""]


def test_without_a_version_the_output_gets_one(score_toy: Run) -> None:
    text = vcf("chr2 3000 . C G").removeprefix("##fileformat=VCFv4.2\n")
    done = score_toy("-", *ATAC, stdin=text.encode())
    assert done.stdout.startswith("##fileformat=VCFv4.2\n##INFO=<ID=DP")
    assert done.stderr.count("the first line is not ##fileformat") == 1
    again = score_toy("-", *ATAC, stdin=done.stdout.encode())
    assert again.stdout == done.stdout
    assert "fileformat" not in again.stderr


def test_header_is_extended_and_keeps_its_order(score_toy: Run) -> None:
    lines = [
        "##fileformat=VCFv4.4",
        '##ALT=<ID=NON_REF,Description="x">',
        "##vep=v110",
        '##INFO=<ID=VE_ATAC,Number=A,Type=Float,Description="of an earlier run">',
        "##zzz=\u00e9 anything, really",
        "##contig=<ID=chr2>",
        "##zzz=\u00e9 anything, really",
    ]
    text = "\n".join([*lines, *vcf("chr2 3000 . C G").splitlines()[-2:]]) + "\n"
    done = score_toy("-", *ATAC, stdin=text.encode())
    found = done.stdout[: done.stdout.index("#CHROM")].splitlines()
    del lines[3]
    assert found[: len(lines)] == lines
    assert all(line.startswith(("##vep_cli_", "##INFO=<ID=VE")) for line in found[len(lines) :])
    assert sum("ID=VE_ATAC," in line for line in found) == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(gzip.compress((SAMPLED + "chr2\t5\t.\tC\tA" + WHOLE + "\n").encode())[:-9], id="gzip"),
        pytest.param(gzip.compress(SAMPLED.encode()) + b"garbage", id="garbage behind gzip"),
        pytest.param(b"BCF\x02\x02" + b"\xff" * 400, id="text that says it is BCF"),
        pytest.param(b"BZh91AY&SY", id="bzip2"),
    ],
)
def test_what_cannot_be_read_whole_leaves_no_output(
    score_toy: Run, tmp_path: pathlib.Path, content: bytes
) -> None:
    source, output = tmp_path / "in.vcf", tmp_path / "out.vcf"
    source.write_bytes(content)
    assert_refused(score_toy(source, *ATAC, "-q", "-o", output), 1, str(source))
    assert list(tmp_path.glob("*out.vcf*")) == []


_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\t\n\r\0"), min_size=1, max_size=8)
_FIELD = st.sampled_from(
    ["DB", "AF=0.5,0.1", "VE=old", "VE_STATUS=PASS", "VE_ATAC=1", "VE_FLAG=A", "END=;", ""]
)
_ALLELES = st.lists(
    st.sampled_from(["G", "A", "CT", "<DEL>", "*", ".", "N", "C", ""]), min_size=1, max_size=3
)


@st.composite
def lines_of_any_kind(draw: st.DrawFn) -> str:
    info = ";".join(draw(st.lists(_FIELD, max_size=4))) or "."
    columns = [
        draw(st.sampled_from(["chr2", "2", "chrX", "chr1"])),
        draw(st.sampled_from(["3000", "0", "x", "5999"])),
        draw(_TEXT),
        draw(st.sampled_from(["C", "CC", "a", "N", ""])),
        ",".join(draw(_ALLELES)),
        draw(_TEXT),
        draw(_TEXT),
        info,
        *draw(st.lists(_TEXT, max_size=2)),
    ]
    return "\t".join(columns)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(lines_of_any_kind(), max_size=5), end=st.sampled_from(["\n", "\r\n"]))
def test_scoring_twice_is_scoring_once(score_toy: Run, lines: list[str], end: str) -> None:
    text = (vcf() + "".join(line + "\n" for line in lines)).replace("\n", end)
    once = score_toy("-", *ATAC, "-q", stdin=text.encode())
    assert once.status == 0
    assert len(body(once.stdout)) == len(lines) + 1
    twice = score_toy("-", *ATAC, "-q", stdin=once.stdout.encode("utf-8", "surrogateescape"))
    assert twice.stdout == once.stdout


def test_names_of_genes_cannot_break_out(score_toy: Run, tmp_path: pathlib.Path) -> None:
    # In GFF3 anything can be percent-encoded: a tab, line ends, NUL, another INFO field, another record.
    name = "A;DP=9,|%3B&\tx\ny\r\0 chr2\t1\t.\tC\tA \u00e9\x85"
    attributes = f"ID=gene:G1;gene_id=G%3B1%7C;Name={urllib.parse.quote(name)}"
    genes = tmp_path / "genes.gff3"
    genes.write_text(
        f"chr1\tx\tgene\t5201\t6300\t.\t+\t.\t{attributes}\n"
        "chr1\tx\tmRNA\t5201\t6300\t.\t+\t.\tID=T;Parent=gene:G1\n"
        "chr1\tx\texon\t5201\t6300\t.\t+\t.\tParent=T\n"
    )
    output = tmp_path / "out.vcf"
    source = vcf(f"chr1 6000 . {CONTIGS['chr1'][5999]} {'ACGT'.replace(CONTIGS['chr1'][5999], '')[0]}")
    done = score_toy("-", "--modality", "RNA_SEQ", "--gtf", genes, "-o", output, stdin=source.encode())
    assert done.status == 0
    (variant,) = cyvcf2.VCF(str(output))
    entries = [entry.split("|") for entry in variant.INFO["VE"].split(",")]
    assert {len(entry) for entry in entries} == {15}
    found = {tuple(map(urllib.parse.unquote, entry[4:6])) for entry in entries}
    assert found == {("G;1|", name)}
    assert variant.INFO.get("DP") is None


def test_bcf_of_every_kind_of_allele(score_toy: Run, tmp_path: pathlib.Path) -> None:
    text = vcf(*(line.replace("\t", " ") for line in list(GOOD)[:5]))
    plain, binary = tmp_path / "plain.vcf", tmp_path / "in.bcf"
    plain.write_text(text)
    variants = cyvcf2.VCF(str(plain))
    writer = cyvcf2.Writer(str(binary), variants, mode="wb")
    for variant in variants:
        writer.write_record(variant)
    writer.close()
    done = score_toy(binary, *ATAC)
    assert [status_of(line) for line in body(done.stdout)[:-1]] == list(GOOD.values())[:5]
