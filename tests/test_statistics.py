from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.alleles import Allele, AlleleFlag, AlleleStatus
from vep_cli.genome.vcf_record import parse_record
from vep_cli.scoring.scored_record import ScoredAllele, ScoredRecord
from vep_cli.statistics import BAD_DATA, Statistics

_RECORDS = st.lists(st.lists(st.sampled_from(AlleleStatus), min_size=1, max_size=4))


def counted(records: list[list[AlleleStatus]]) -> Statistics:
    statistics = Statistics()
    for statuses in records:
        alleles = tuple(ScoredAllele(allele=Allele(text="C", status=status)) for status in statuses)
        statistics.count(ScoredRecord(record=parse_record("1\t5\t.\tA\tC\t.\t.\t.\n", 1), alleles=alleles))
    return statistics


def test_summary() -> None:
    scored, malformed, mismatch = AlleleStatus.PASS, AlleleStatus.MALFORMED, AlleleStatus.REF_MISMATCH
    statistics = counted([[scored, scored], [malformed], [scored, mismatch, mismatch]])
    assert statistics.lines() == [
        "3 records, 6 ALT alleles: 3 scored",
        "  2 REF_MISMATCH: REF differs from the reference sequence",
        "  1 MALFORMED: the line is not a VCF record",
    ]
    assert statistics.bad_data == 3


def flagged(*flags: AlleleFlag) -> Statistics:
    statistics = Statistics()
    allele = ScoredAllele(allele=Allele(text="C", status=AlleleStatus.PASS, flags=flags))
    statistics.count(ScoredRecord(record=parse_record("1\t5\t.\tA\tC\t.\t.\t.\n", 1), alleles=(allele,)))
    return statistics


def test_flags_are_counted_in_one_line() -> None:
    statistics = flagged(AlleleFlag.NORMALIZED, AlleleFlag.TANDEM_DUPLICATION)
    statistics += flagged(AlleleFlag.TANDEM_DUPLICATION)
    statistics += flagged()
    assert statistics.lines() == [
        "3 records, 3 ALT alleles: 3 scored",
        "  flags: 1 NORMALIZED, 2 TANDEM_DUPLICATION",
    ]


def test_blank_lines_add_up_and_are_no_records() -> None:
    statistics = Statistics(blank_lines=2)
    statistics += Statistics(blank_lines=1)
    assert statistics.lines() == ["0 records, 0 ALT alleles: 0 scored (blank lines left out: 3)"]


def test_nothing_at_all() -> None:
    assert Statistics().lines() == ["0 records, 0 ALT alleles: 0 scored"]


@given(_RECORDS)
def test_every_allele_is_accounted_for(records: list[list[AlleleStatus]]) -> None:
    statistics = counted(records)
    assert statistics.records == len(records)
    assert statistics.alleles == sum(map(len, records)) == sum(statistics.statuses.values())
    head, *reasons = statistics.lines()
    told = int(head.split(": ")[1].split()[0]) + sum(int(line.split()[0]) for line in reasons)
    assert told == statistics.alleles
    assert statistics.scored + statistics.bad_data <= statistics.alleles


@given(_RECORDS, _RECORDS)
def test_parts_add_up(first: list[list[AlleleStatus]], second: list[list[AlleleStatus]]) -> None:
    both = counted(first)
    both += counted(second)
    assert both == counted(first + second)


def test_bad_data_is_what_a_user_can_mend() -> None:
    assert AlleleStatus.PASS not in BAD_DATA
    assert AlleleStatus.SYMBOLIC not in BAD_DATA
