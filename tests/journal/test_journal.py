import errno
import os
import pathlib
from collections.abc import Iterator

import pytest

from vep_cli.errors import OutputError, UsageError
from vep_cli.genome.alleles import AlleleFlag, AlleleStatus
from vep_cli.genome.vcf_record import VcfRecord, parse_record
from vep_cli.journal import journal as journal_module
from vep_cli.journal.entry import Entry, record_digest
from vep_cli.journal.journal import MAGIC, Journal
from vep_cli.statistics import Statistics

IDENTITY = {"window": "4096"}
RECORDS = tuple(parse_record(f"chr1\t{position}\t.\tA\tC\t.\t.\t.\n", position) for position in (1, 2, 3))


def entry(record: VcfRecord) -> Entry:
    counts = Statistics(records=1, alleles=2)
    counts.statuses.update([AlleleStatus.PASS, AlleleStatus.SYMBOLIC])
    counts.flags.update([AlleleFlag.NORMALIZED])
    return Entry(digest=record_digest(record), counts=counts, piece=record.text.encode() * 3)


def written(path: pathlib.Path, *records: VcfRecord) -> None:
    journal = Journal(path)
    journal.begin(IDENTITY, b"head\n")
    for record in records:
        journal.add(entry(record))
    journal.close()


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "out.vcf.journal"


@pytest.fixture
def reopened(path: pathlib.Path) -> Iterator[Journal]:
    """A journal with two of three records."""
    written(path, *RECORDS[:2])
    journal = Journal(path)
    yield journal
    journal.close()


def test_entry_comes_back() -> None:
    one = entry(RECORDS[0])
    assert Entry.from_payload(one.to_payload()) == one


@pytest.mark.parametrize(
    "other",
    [
        parse_record("chr1\t1\t.\tA\tC\t.\t.\t.\r\n", 1),
        parse_record("chr1\t1\t.\tA\tC\t.\t.\t.\n", 2),  # tables name bad lines by their number
        parse_record("chr1\t1\t.\tA\tC\t.\t.\t.\tGT\n", 1),
    ],
)
def test_every_part_of_a_record_is_in_its_digest(other: VcfRecord) -> None:
    assert record_digest(other) != record_digest(RECORDS[0])


def test_another_run_finds_what_was_done(reopened: Journal) -> None:
    assert reopened.found is not None
    assert reopened.found.identity == IDENTITY
    assert (reopened.found.counts.records, reopened.found.counts.alleles) == (2, 4)
    assert reopened.found.counts.statuses == {AlleleStatus.PASS: 2, AlleleStatus.SYMBOLIC: 2}
    assert reopened.found.counts.flags == {AlleleFlag.NORMALIZED: 2}


def test_it_goes_on_behind_that(reopened: Journal, path: pathlib.Path) -> None:
    with path.open("ab") as end:
        end.write(b"half a frame")
    reopened.go_on()
    assert list(reopened.not_in_it(iter(RECORDS))) == [RECORDS[2]]
    reopened.add(entry(RECORDS[2]))
    assert list(reopened.pieces()) == [b"head\n", *(record.text.encode() * 3 for record in RECORDS)]


def test_it_begins_anew(reopened: Journal, path: pathlib.Path) -> None:
    reopened.begin({}, b"")
    assert list(reopened.pieces()) == [b""]
    assert path.stat().st_size < 100


@pytest.mark.parametrize(
    ("records", "words"),
    [
        (RECORDS[:1], "record 2 differs, the input ends before it"),
        ((RECORDS[1],), "record 1 differs, see line 2"),
        ((RECORDS[0], RECORDS[2]), "record 2 differs, see line 3"),
    ],
)
def test_another_input_is_refused(reopened: Journal, records: tuple[VcfRecord, ...], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        list(reopened.not_in_it(iter(records)))


def test_it_belongs_to_one_process_at_a_time(reopened: Journal, path: pathlib.Path) -> None:
    with pytest.raises(OutputError, match="another process is writing this output"):
        Journal(path)
    # Nothing was done to it.
    assert list(reopened.not_in_it(iter(RECORDS))) == [RECORDS[2]]


def test_the_lock_of_one_that_is_done_is_no_lock(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is opened, then deleted by the run that had it, then locked: a lock on nothing."""
    lock, calls = journal_module._lock, []

    def late(file: int, place: pathlib.Path) -> None:
        calls.append(file)
        if len(calls) == 1:
            place.unlink()
        lock(file, place)

    monkeypatch.setattr(journal_module, "_lock", late)
    journal = Journal(path)
    journal.begin(IDENTITY, b"")
    assert len(calls) == 2
    assert path.read_bytes().startswith(MAGIC)
    journal.close()


def test_file_systems_without_locks_will_do(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: int, kind: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(journal_module.fcntl, "flock", refuse)
    written(path, *RECORDS)
    assert path.exists()


@pytest.mark.parametrize("content", [b"##fileformat=VCFv4.2\n", b"vep score journal 2\n", MAGIC[1:]])
def test_what_is_no_journal_is_left_alone(path: pathlib.Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(UsageError, match="no journal that this version reads"):
        Journal(path)
    assert path.read_bytes() == content


def test_a_link_is_not_followed(path: pathlib.Path, tmp_path: pathlib.Path) -> None:
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="cannot be written"):
        Journal(path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_run_that_was_killed_as_it_began_left_nothing(path: pathlib.Path) -> None:
    written(path)
    content = path.read_bytes()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        journal = Journal(path)
        assert journal.found is None
        journal.close()
