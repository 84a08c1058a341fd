import logging
import pathlib

import pytest

from vep_cli.genome.alleles import Allele, AlleleStatus
from vep_cli.genome.variant import Variant
from vep_cli.genome.vcf_record import parse_record
from vep_cli.input_checks import FIRST_RECORDS, MAX_WARNINGS, InputChecks

Messages = pytest.LogCaptureFixture


@pytest.fixture
def messages(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "vep_cli")
    return caplog


@pytest.fixture
def checks() -> InputChecks:
    return InputChecks("in.vcf", pathlib.Path("hg38.fa"))


def see(checks: InputChecks, status: AlleleStatus, contig: str = "chr1", spelling: str = "chr1") -> None:
    variant = Variant(chromosome=spelling, position=5, reference_bases="A", alternate_bases="C")
    allele = Allele(text="C", status=status, variant=variant if status is AlleleStatus.PASS else None)
    checks.see(parse_record(f"{contig}\t5\t.\tA\tC\t.\t.\t.\n", 1), (allele,))


def test_good_input_says_nothing(checks: InputChecks, messages: Messages) -> None:
    for _ in range(2 * FIRST_RECORDS):
        see(checks, AlleleStatus.PASS)
    checks.finish()
    assert messages.messages == []


def test_no_records(checks: InputChecks, messages: Messages) -> None:
    checks.finish()
    assert messages.messages == ["in.vcf has no records"]


def test_malformed_lines_are_named_then_counted(checks: InputChecks, messages: Messages) -> None:
    for line in range(MAX_WARNINGS + 3):
        checks.see(parse_record("x\n", line), (Allele(text=".", status=AlleleStatus.MALFORMED),))
    assert len(messages.messages) == MAX_WARNINGS
    assert messages.messages[4].startswith("in.vcf:4: not a VCF record")
    checks.finish()
    assert messages.messages[MAX_WARNINGS:] == ["3 more lines are not VCF records"]


def test_each_unknown_contig_is_named_once(checks: InputChecks, messages: Messages) -> None:
    for contig in ("chrUn", "chrX_alt", "chrUn"):
        see(checks, AlleleStatus.UNKNOWN_CONTIG, contig)
    assert messages.messages == [
        "contig 'chrUn' is not in the reference hg38.fa",
        "contig 'chrX_alt' is not in the reference hg38.fa",
    ]


@pytest.mark.parametrize("other", [AlleleStatus.PASS, AlleleStatus.REF_N, AlleleStatus.OFF_CONTIG])
def test_one_known_contig_and_the_reference_is_not_called_into_question(
    checks: InputChecks, messages: Messages, other: AlleleStatus
) -> None:
    see(checks, AlleleStatus.UNKNOWN_CONTIG, "chrUn")
    see(checks, other)
    checks.finish()
    assert not any("no contig of" in message for message in messages.messages)


def test_another_reference_is_suggested_where_no_contig_is_known(
    checks: InputChecks, messages: Messages
) -> None:
    for contig in ("20", "21"):
        see(checks, AlleleStatus.UNKNOWN_CONTIG, contig)
    checks.finish()
    assert messages.messages[2:] == [
        "no contig of in.vcf is in the reference hg38.fa: --genome and --fasta choose another"
    ]


def test_many_unknown_contigs_are_counted(checks: InputChecks, messages: Messages) -> None:
    see(checks, AlleleStatus.PASS)
    for number in range(MAX_WARNINGS + 2):
        see(checks, AlleleStatus.UNKNOWN_CONTIG, f"c{number}")
    checks.finish()
    assert len(messages.messages) == MAX_WARNINGS + 1
    assert messages.messages[-1] == "2 more contigs are not in the reference"


def test_other_spelling_of_contigs_is_told_once(checks: InputChecks, messages: Messages) -> None:
    for contig in ("1", "2", "1"):
        see(checks, AlleleStatus.PASS, contig, f"chr{contig}")
    assert messages.messages == ["contigs go by other names in the reference: 1 is its chr1"]
    assert messages.records[0].levelno == logging.INFO


@pytest.mark.parametrize("sign", [AlleleStatus.REF_MISMATCH, AlleleStatus.OFF_CONTIG])
@pytest.mark.parametrize(("mismatches", "is_told"), [(0, False), (50, False), (51, True), (100, True)])
def test_build_is_questioned_when_most_of_the_first_differ(
    checks: InputChecks, messages: Messages, mismatches: int, is_told: bool, sign: AlleleStatus
) -> None:
    for number in range(FIRST_RECORDS):
        see(checks, sign if number < mismatches else AlleleStatus.PASS)
    assert len(messages.messages) == is_told
    for _ in range(FIRST_RECORDS):
        see(checks, AlleleStatus.REF_MISMATCH)
    checks.finish()
    assert len(messages.messages) == is_told
    assert (
        not is_told
        or f"in {mismatches} of the first 100 records: wrong genome build?" in messages.messages[0]
    )


@pytest.mark.parametrize(("unknown", "is_told"), [(0, False), (50, False), (51, True), (100, True)])
def test_reference_of_n_is_questioned(
    checks: InputChecks, messages: Messages, unknown: int, is_told: bool
) -> None:
    for number in range(FIRST_RECORDS):
        see(checks, AlleleStatus.REF_N if number < unknown else AlleleStatus.PASS)
    checks.finish()
    assert len(messages.messages) == is_told
    assert not is_told or f"is N in {unknown} of the first 100 records" in messages.messages[0]


def test_short_input_is_judged_at_the_end(checks: InputChecks, messages: Messages) -> None:
    see(checks, AlleleStatus.REF_MISMATCH)
    see(checks, AlleleStatus.SYMBOLIC)
    assert messages.messages == []
    checks.finish()
    assert "in 1 of the first 1 records" in messages.messages[0]
