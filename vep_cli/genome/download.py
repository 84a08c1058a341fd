"""One file over HTTP: resumed after a cut, checked against its MD5 before it gets its name.

The bytes gather in `NAME.part`; `NAME.part.json` keeps which file of the server they are a
part of (address, validator, size), so that any later process can ask for the rest with
`Range` and `If-Range` (RFC 9110, sections 13.1.5 and 14) and never joins two versions.

`requests` makes the requests: TLS, redirects, `Retry-After`, and the proxies from the
environment that clusters need. Resuming is ours: pooch starts again after a cut, and pypdl
brings an event loop and several connections at once, which publishers dislike.
"""

import dataclasses
import hashlib
import json
import pathlib
import re
import shutil
import time
from collections.abc import Callable

import requests
import requests.adapters
import urllib3

import vep_cli
from vep_cli.errors import DownloadError

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done, the bytes done, and the bytes in all (None where unknown)."""

_CHUNK = 1 << 20
_BUSY = (429, 500, 502, 503, 504)
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)")
# Everything that another attempt may mend; the rest of requests' errors are about the address.
_PASSING = (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError)


def no_progress(task: str, done: int, total: int | None) -> None:
    """Ignore a progress report."""
    del task, done, total


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DownloadSettings:
    """How patient a download is.

    Attributes:
        attempts: Attempts in a row that gain no byte before the download is given up.
        backoff: Seconds before the second attempt; doubled before each further one.
        timeout: Seconds without a byte after which an attempt is over.
    """

    attempts: int = 5
    backoff: float = 1.0
    timeout: float = 60.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file on a server.

    Attributes:
        url: Its address.
        md5: Its MD5 in lower-case hexadecimal; None accepts any content of the announced length.
        headroom: Bytes of free disk wanted per byte still to come; above 1 where the file will
            be written again in another form.
    """

    url: str
    md5: str | None = None
    headroom: float = 1.0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The bytes so far of one file, and the note of what they are a part of."""

    destination: pathlib.Path
    url: str

    @property
    def path(self) -> pathlib.Path:
        return self.destination.with_name(self.destination.name + ".part")

    @property
    def note_path(self) -> pathlib.Path:
        return self.destination.with_name(self.destination.name + ".part.json")

    def note(self) -> dict[str, object]:
        """Return what the bytes are a part of; empty where nothing usable is known."""
        try:
            note = json.loads(self.note_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) and note.get("url") == self.url else {}

    def size(self) -> int:
        """Return the number of bytes that can be built upon."""
        return self.path.stat().st_size if self.note() and self.path.exists() else 0

    def begin(self, response: requests.Response) -> None:
        """Start from no bytes, noting the version of the file that the response carries."""
        length = response.headers.get("Content-Length")
        note = {
            "url": self.url,
            "validator": _validator(response),
            "size": None if length is None else int(length),
        }
        self.path.write_bytes(b"")
        self.note_path.write_text(json.dumps(note), encoding="utf-8")

    def discard(self) -> None:
        """Forget the bytes and the note."""
        self.path.unlink(missing_ok=True)
        self.note_path.unlink(missing_ok=True)


def download(
    remote: RemoteFile,
    destination: pathlib.Path,
    *,
    refresh: bool = False,
    settings: DownloadSettings | None = None,
    progress: Progress = no_progress,
) -> pathlib.Path:
    """Fetch a file, going on where an earlier attempt stopped; do nothing where it is there.

    `destination` appears only whole and checked. After a failure or a kill the part stays
    beside it. Content of a wrong checksum is dropped and fetched once more from the start,
    since bytes gathered over several attempts may have been damaged on the way.

    Args:
        remote: What to fetch.
        destination: The file to write; its folder is made.
        refresh: Fetch the file anew even where it is there.
        settings: How patient to be.
        progress: Told of the bytes as they come.

    Returns:
        `destination`.

    Raises:
        DownloadError: The server refuses, cannot be reached, or gives other content than the
            checksum says; or the disk is full.
    """
    if destination.exists() and not refresh:
        return destination
    part = _Part(destination=destination, url=remote.url)
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        for _ in range(2):
            _gather(remote, part, settings or DownloadSettings(), progress)
            found = _md5(part.path)
            if remote.md5 in (None, found):
                part.path.replace(destination)
                part.discard()
                return destination
            part.discard()
    except requests.RequestException as error:
        raise DownloadError(f"{remote.url}: {error}", remedy="check the address") from error
    except OSError as error:
        raise DownloadError(
            f"cannot write: {error}", path=destination, remedy="check the folder and the free disk space"
        ) from error
    raise DownloadError(
        f"{remote.url}: expected MD5 {remote.md5}, found {found}",
        remedy="try again later; if it stays so, the publisher's file or a proxy in between is at fault",
    )


def require_space(folder: pathlib.Path, wanted: int) -> None:
    """Raise unless the folder's disk has `wanted` bytes free.

    Raises:
        DownloadError: It has fewer.
    """
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise DownloadError(
            f"{wanted / 1e9:.1f} GB are needed and {free / 1e9:.1f} GB are free",
            path=folder,
            remedy="free some space, or choose another folder with --to",
        )


def _gather(remote: RemoteFile, part: _Part, settings: DownloadSettings, progress: Progress) -> None:
    """Bring the part to its full length, however many attempts that takes."""
    failures = 0
    with _session(settings) as session:
        while True:
            before = part.size()
            try:
                if _attempt(session, remote, part, settings, progress):
                    return
            except _PASSING as error:
                failures = 1 if part.size() > before else failures + 1
                if failures >= settings.attempts:
                    raise DownloadError(
                        f"{remote.url}: {_in_words(error)}",
                        remedy="check the connection and run the command again: it goes on where it stopped",
                    ) from error
                time.sleep(settings.backoff * 2 ** (failures - 1))


def _in_words(error: Exception) -> str:
    """Return what went wrong as the operating system says it, without what the libraries wrap round it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return f"the connection failed: {cause.strerror}"
        cause = cause.__cause__ or cause.__context__
    is_late = isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError)
    return "the server did not answer in time" if is_late else "the connection was cut"


def _attempt(
    session: requests.Session,
    remote: RemoteFile,
    part: _Part,
    settings: DownloadSettings,
    progress: Progress,
) -> bool:
    """Ask for the missing bytes once; return whether the part is whole now."""
    offset = part.size()
    if offset and offset == part.note().get("size"):
        return True
    with session.get(
        remote.url, headers=_resume_headers(part), stream=True, timeout=settings.timeout
    ) as response:
        if not _continues(response, part):
            if offset and response.status_code in (206, 416):
                part.discard()
                return False
            _require_whole_file(response)
            part.begin(response)
        _append(response, remote, part, progress)
    return True


def _append(response: requests.Response, remote: RemoteFile, part: _Part, progress: Progress) -> None:
    done, total = part.size(), part.note().get("size")
    size = total if isinstance(total, int) else None
    if size is not None:
        require_space(part.path.parent, int((size - done) * remote.headroom))
    with part.path.open("ab") as handle:
        progress(part.destination.name, done, size)
        # Some servers label a .gz file as an encoding of its content; its own bytes are wanted.
        for chunk in response.raw.stream(_CHUNK, decode_content=False):
            handle.write(chunk)
            done += len(chunk)
            progress(part.destination.name, done, size)


def _resume_headers(part: _Part) -> dict[str, str]:
    offset, validator = part.size(), part.note().get("validator")
    if not offset:
        return {}
    headers = {"Range": f"bytes={offset}-"}
    return headers | {"If-Range": validator} if isinstance(validator, str) else headers


def _continues(response: requests.Response, part: _Part) -> bool:
    """Return whether the response is exactly the rest of the file that the part began."""
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status_code != 206 or match is None:
        return False
    return int(match[1]) == part.size() and int(match[2]) == part.note().get("size")


def _require_whole_file(response: requests.Response) -> None:
    if response.status_code != 200:
        raise DownloadError(
            f"{response.url}: the server answered {response.status_code} {response.reason}",
            remedy="try again later"
            if response.status_code in _BUSY
            else "check the address in a browser; the publisher may have moved the file",
        )


def _validator(response: requests.Response) -> str | None:
    # If-Range takes no weak entity tag (RFC 9110, section 13.1.5); the date is the next best.
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified")


def _session(settings: DownloadSettings) -> requests.Session:
    """Return a session that waits for a busy server; cut connections are `_gather`'s affair."""
    retry = urllib3.Retry(
        total=None,
        connect=0,
        read=0,
        other=0,
        status=settings.attempts - 1,
        status_forcelist=_BUSY,
        backoff_factor=settings.backoff,
        raise_on_status=False,
    )
    session = requests.Session()
    session.headers.update({"Accept-Encoding": "identity", "User-Agent": f"vep-cli/{vep_cli.__version__}"})
    for scheme in ("http://", "https://"):
        session.mount(scheme, requests.adapters.HTTPAdapter(max_retries=retry))
    return session


def _md5(path: pathlib.Path) -> str:
    with path.open("rb") as handle:
        # Declared as no security measure, which machines in FIPS mode ask for.
        return hashlib.file_digest(handle, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
