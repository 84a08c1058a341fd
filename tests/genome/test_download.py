import collections
import errno
import gzip
import hashlib
import json
import os
import pathlib
from collections.abc import Iterator

import pytest
import requests
import urllib3
from download_server import Answer, DownloadServer, serving
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vep_cli.errors import DownloadError
from vep_cli.genome.download import DownloadSettings, RemoteFile, download

# Longer than one chunk of the reader (1 MiB), and no period that a shifted byte could hide in.
CONTENT = b"".join(hashlib.md5(b"%d" % number).digest() for number in range(80_000))
AT_ONCE = DownloadSettings(attempts=3, backoff=0.0, timeout=10.0)
Usage = collections.namedtuple("Usage", "total used free")


@pytest.fixture
def server() -> Iterator[DownloadServer]:
    with serving() as running:
        running.files["/genome.fa.gz"] = CONTENT
        yield running


@pytest.fixture
def destination(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "new folder" / "genome.fa.gz"


def remote(server: DownloadServer, content: bytes = CONTENT) -> RemoteFile:
    return RemoteFile(url=f"{server.url}/genome.fa.gz", md5=hashlib.md5(content).hexdigest())


def fetch(server: DownloadServer, destination: pathlib.Path) -> pathlib.Path:
    return download(remote(server), destination, settings=AT_ONCE)


def ranges(server: DownloadServer) -> list[str | None]:
    return [request.byte_range for request in server.log]


def leave_part(server: DownloadServer, destination: pathlib.Path, size: int) -> None:
    """Let a download die after `size` bytes, as a killed process would leave it."""
    server.script = [Answer(cut_after=size)]
    with pytest.raises(DownloadError):
        download(remote(server), destination, settings=DownloadSettings(attempts=1, backoff=0.0))
    server.log.clear()


def test_whole_file_arrives_under_its_name_alone(server: DownloadServer, destination: pathlib.Path) -> None:
    assert fetch(server, destination) == destination
    assert destination.read_bytes() == CONTENT
    assert [path.name for path in destination.parent.iterdir()] == ["genome.fa.gz"]


def test_second_call_asks_nothing(server: DownloadServer, destination: pathlib.Path) -> None:
    fetch(server, destination)
    fetch(server, destination)
    assert len(server.log) == 1


def test_refresh_replaces_the_file_by_the_servers_newer_one(
    server: DownloadServer, destination: pathlib.Path
) -> None:
    fetch(server, destination)
    server.files["/genome.fa.gz"] = b"newer"
    download(remote(server, b"newer"), destination, refresh=True, settings=AT_ONCE)
    assert destination.read_bytes() == b"newer"


@pytest.mark.parametrize("cut", [1, 1000, (1 << 20) + 5, len(CONTENT) - 1])
def test_cut_connection_goes_on_from_the_byte(
    server: DownloadServer, destination: pathlib.Path, cut: int
) -> None:
    server.script = [Answer(cut_after=cut)]
    fetch(server, destination)
    assert destination.read_bytes() == CONTENT
    assert ranges(server) == [None, f"bytes={cut}-"]
    assert server.log[1].if_range == server.validator_headers(CONTENT)["ETag"]


def test_later_process_goes_on_from_the_byte(server: DownloadServer, destination: pathlib.Path) -> None:
    leave_part(server, destination, 1000)
    assert not destination.exists()
    assert destination.with_name("genome.fa.gz.part").read_bytes() == CONTENT[:1000]
    fetch(server, destination)
    assert destination.read_bytes() == CONTENT
    assert ranges(server) == ["bytes=1000-"]


def test_interrupt_leaves_only_the_part(server: DownloadServer, destination: pathlib.Path) -> None:
    def interrupt(task: str, done: int, total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(remote(server), destination, settings=AT_ONCE, progress=interrupt)
    left = sorted(path.name for path in destination.parent.iterdir())
    assert left == ["genome.fa.gz.part", "genome.fa.gz.part.json"]
    fetch(server, destination)
    assert destination.read_bytes() == CONTENT


def test_part_that_is_whole_is_only_checked(server: DownloadServer, destination: pathlib.Path) -> None:
    # A process killed between the last byte and the renaming leaves exactly this.
    leave_part(server, destination, 1000)
    destination.with_name("genome.fa.gz.part").write_bytes(CONTENT)
    fetch(server, destination)
    assert destination.read_bytes() == CONTENT
    assert server.log == []


def test_cuts_that_gain_bytes_do_not_use_up_the_attempts(
    server: DownloadServer, destination: pathlib.Path
) -> None:
    server.script = [Answer(cut_after=100_000) for _ in range(3 * AT_ONCE.attempts)]
    fetch(server, destination)
    assert destination.read_bytes() == CONTENT
    assert len(server.log) == 3 * AT_ONCE.attempts + 1


def test_cuts_that_gain_nothing_are_given_up(server: DownloadServer, destination: pathlib.Path) -> None:
    server.script = [Answer(cut_after=0) for _ in range(10)]
    with pytest.raises(DownloadError) as caught:
        fetch(server, destination)
    assert len(server.log) == AT_ONCE.attempts
    assert "goes on where it stopped" in str(caught.value.remedy)
    assert not destination.exists()


def test_server_without_ranges_starts_again(server: DownloadServer, destination: pathlib.Path) -> None:
    server.ranges = False
    server.script = [Answer(cut_after=1000)]
    fetch(server, destination)
    assert destination.read_bytes() == CONTENT
    assert ranges(server) == [None, "bytes=1000-"]


@pytest.mark.parametrize("validators", [("etag",), ("weak", "date"), ("date",), ()])
def test_file_changed_between_attempts_is_not_joined(
    server: DownloadServer, destination: pathlib.Path, validators: tuple[str, ...]
) -> None:
    server.validators = validators
    leave_part(server, destination, 1000)
    newer = CONTENT[::-1] + b"x"
    server.files["/genome.fa.gz"] = newer
    download(remote(server, newer), destination, settings=AT_ONCE)
    assert destination.read_bytes() == newer


def test_changed_length_shows_a_changed_file_without_any_checksum(
    server: DownloadServer, destination: pathlib.Path
) -> None:
    server.validators = ()
    leave_part(server, destination, 1000)
    newer = CONTENT[::-1] + b"x"
    server.files["/genome.fa.gz"] = newer
    download(RemoteFile(url=f"{server.url}/genome.fa.gz"), destination, settings=AT_ONCE)
    assert destination.read_bytes() == newer


def test_changed_file_of_the_same_length_is_caught_by_the_checksum(
    server: DownloadServer, destination: pathlib.Path
) -> None:
    # With neither ETag nor date the server hands out the rest of the new version: 1000 bytes of
    # the old and the rest of the new have the right length and the wrong sum.
    server.validators = ()
    leave_part(server, destination, 1000)
    newer = CONTENT[::-1]
    server.files["/genome.fa.gz"] = newer
    download(remote(server, newer), destination, settings=AT_ONCE)
    assert destination.read_bytes() == newer
    assert ranges(server) == ["bytes=1000-", None]


def test_weak_etag_is_never_sent_back(server: DownloadServer, destination: pathlib.Path) -> None:
    server.validators = ("weak", "date")
    leave_part(server, destination, 1000)
    fetch(server, destination)
    assert [request.if_range for request in server.log] == [
        server.validator_headers(CONTENT)["Last-Modified"]
    ]


def test_shorter_file_than_the_part_starts_again(server: DownloadServer, destination: pathlib.Path) -> None:
    server.validators = ()
    leave_part(server, destination, 1000)
    server.files["/genome.fa.gz"] = CONTENT[:500]
    download(remote(server, CONTENT[:500]), destination, settings=AT_ONCE)
    assert destination.read_bytes() == CONTENT[:500]
    assert ranges(server) == ["bytes=1000-", None]


def test_part_of_another_address_is_not_used(server: DownloadServer, destination: pathlib.Path) -> None:
    leave_part(server, destination, 1000)
    server.files["/mirror/genome.fa.gz"] = CONTENT
    mirror = RemoteFile(url=f"{server.url}/mirror/genome.fa.gz", md5=hashlib.md5(CONTENT).hexdigest())
    download(mirror, destination, settings=AT_ONCE)
    assert ranges(server) == [None]


@pytest.mark.parametrize("note", ["", "[]", "{"])
def test_damaged_note_starts_again(server: DownloadServer, destination: pathlib.Path, note: str) -> None:
    leave_part(server, destination, 1000)
    destination.with_name("genome.fa.gz.part.json").write_text(note)
    fetch(server, destination)
    assert ranges(server) == [None]
    assert destination.read_bytes() == CONTENT


def test_wrong_checksum_leaves_nothing(server: DownloadServer, destination: pathlib.Path) -> None:
    expected = hashlib.md5(b"something else").hexdigest()
    with pytest.raises(DownloadError) as caught:
        download(remote(server, b"something else"), destination, settings=AT_ONCE)
    assert expected in caught.value.message
    assert hashlib.md5(CONTENT).hexdigest() in caught.value.message
    assert list(destination.parent.iterdir()) == []
    assert ranges(server) == [None, None]


def test_missing_file_is_not_asked_for_again(server: DownloadServer, destination: pathlib.Path) -> None:
    del server.files["/genome.fa.gz"]
    with pytest.raises(DownloadError, match="404"):
        fetch(server, destination)
    assert len(server.log) == 1


def test_busy_server_is_asked_again(server: DownloadServer, destination: pathlib.Path) -> None:
    server.script = [Answer(status=503), Answer(status=503)]
    fetch(server, destination)
    assert destination.read_bytes() == CONTENT
    assert len(server.log) == 3


def test_busy_server_is_given_up_and_the_part_kept(server: DownloadServer, destination: pathlib.Path) -> None:
    leave_part(server, destination, 1000)
    server.script = [Answer(status=503) for _ in range(10)]
    with pytest.raises(DownloadError, match="503") as caught:
        fetch(server, destination)
    assert len(server.log) == AT_ONCE.attempts
    assert caught.value.remedy == "try again later"
    assert destination.with_name("genome.fa.gz.part").stat().st_size == 1000


def test_no_server_is_an_error_with_a_remedy(destination: pathlib.Path) -> None:
    with serving() as gone:
        address = gone.url
    with pytest.raises(DownloadError) as caught:
        download(RemoteFile(url=f"{address}/genome.fa.gz"), destination, settings=AT_ONCE)
    reason = os.strerror(errno.ECONNREFUSED)
    assert str(caught.value) == f"{address}/genome.fa.gz: the connection failed: {reason}"
    assert "connection" in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ReadTimeout("Read timed out."), "the server did not answer in time"),
        (urllib3.exceptions.ReadTimeoutError(None, None, "x"), "the server did not answer in time"),  # type: ignore[arg-type]
        (urllib3.exceptions.IncompleteRead(3, 5), "the connection was cut"),
        (requests.ConnectionError("HTTPSConnectionPool(...)"), "the connection was cut"),
    ],
)
def test_libraries_do_not_speak_for_themselves(
    server: DownloadServer,
    destination: pathlib.Path,
    error: Exception,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def get(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(requests.Session, "get", get)
    with pytest.raises(DownloadError) as caught:
        fetch(server, destination)
    assert str(caught.value) == f"{server.url}/genome.fa.gz: {words}"


def test_address_that_is_none_is_an_error(destination: pathlib.Path) -> None:
    with pytest.raises(DownloadError) as caught:
        download(RemoteFile(url="genomes/hg38"), destination, settings=AT_ONCE)
    assert caught.value.remedy == "check the address"


def test_bytes_are_kept_as_stored_whatever_the_server_calls_them(
    server: DownloadServer, destination: pathlib.Path
) -> None:
    stored = gzip.compress(b">chr1\nACGT\n")
    server.files["/genome.fa.gz"] = stored
    server.encoding = "gzip"
    download(remote(server, stored), destination, settings=AT_ONCE)
    assert destination.read_bytes() == stored


def test_length_need_not_be_announced(server: DownloadServer, destination: pathlib.Path) -> None:
    server.lengths = False
    reports: list[tuple[str, int, int | None]] = []
    download(remote(server), destination, settings=AT_ONCE, progress=lambda *report: reports.append(report))
    assert destination.read_bytes() == CONTENT
    assert reports[-1] == ("genome.fa.gz", len(CONTENT), None)


def test_progress_counts_up_to_the_whole(server: DownloadServer, destination: pathlib.Path) -> None:
    leave_part(server, destination, 1000)
    reports: list[tuple[str, int, int | None]] = []
    download(remote(server), destination, settings=AT_ONCE, progress=lambda *report: reports.append(report))
    assert reports[0] == ("genome.fa.gz", 1000, len(CONTENT))
    assert reports[-1] == ("genome.fa.gz", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in reports] == sorted(done for _, done, _ in reports)


@pytest.mark.parametrize(("free", "enough"), [(2 * len(CONTENT), True), (2 * len(CONTENT) - 1, False)])
def test_disk_without_room_is_refused_before_the_first_byte(
    server: DownloadServer,
    destination: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    free: int,
    enough: bool,
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: Usage(total=free, used=0, free=free))
    wanted = RemoteFile(url=f"{server.url}/genome.fa.gz", headroom=2.0)
    if enough:
        assert download(wanted, destination, settings=AT_ONCE).read_bytes() == CONTENT
    else:
        with pytest.raises(DownloadError, match="are free"):
            download(wanted, destination, settings=AT_ONCE)
        assert destination.with_name("genome.fa.gz.part").read_bytes() == b""


def test_folder_that_cannot_be_made_is_an_error(server: DownloadServer, tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DownloadError, match="cannot write"):
        fetch(server, tmp_path / "file" / "genome.fa.gz")


def test_note_names_the_version(server: DownloadServer, destination: pathlib.Path) -> None:
    leave_part(server, destination, 1000)
    assert json.loads(destination.with_name("genome.fa.gz.part.json").read_text()) == {
        "url": f"{server.url}/genome.fa.gz",
        "validator": server.validator_headers(CONTENT)["ETag"],
        "size": len(CONTENT),
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    faults=st.lists(
        st.one_of(
            st.integers(0, 3000).map(lambda cut: Answer(cut_after=cut)),
            st.just(Answer(status=503)),
        ),
        max_size=8,
    ),
    understands_ranges=st.booleans(),
    validators=st.sampled_from([("etag",), ("weak",), ("date",), ()]),
)
def test_any_sequence_of_faults_gives_the_content_or_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    faults: list[Answer],
    understands_ranges: bool,
    validators: tuple[str, ...],
) -> None:
    content = CONTENT[:3000]
    destination = tmp_path_factory.mktemp("faults") / "genome.fa.gz"
    with serving() as server:
        server.files["/genome.fa.gz"] = content
        server.script, server.ranges, server.validators = faults, understands_ranges, validators
        for _ in range(len(faults) + 1):
            try:
                download(remote(server, content), destination, settings=AT_ONCE)
            except DownloadError:
                assert not destination.exists()
    assert destination.read_bytes() == content
