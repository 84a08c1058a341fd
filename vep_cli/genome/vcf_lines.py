"""The lines of VCF text that a file holds: plain, gzipped, bgzipped, or as BCF.

Text is never parsed here. BCF has none to keep, and cyvcf2 renders it in a process of its own:
a file that makes htslib crash ends that process and not ours.
"""

import gzip
import io
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator, Mapping

from vep_cli.errors import VcfError
from vep_cli.genome import bcf_text
from vep_cli.genome.vcf_source import Source

_BUFFER = 1 << 16
_BCF_MAGIC = b"BCF\x02"
_FOREIGN: Mapping[bytes, tuple[str, str]] = {
    b"BZh": ("compressed with bzip2", "bzip2 -dc"),
    b"\xfd7zXZ\x00": ("compressed with xz", "xz -dc"),
    b"\x28\xb5\x2f\xfd": ("compressed with zstd", "zstd -dc"),
    b"PK\x03\x04": ("a zip archive", "unzip -p"),
    b"\x1f\x9d": ("compressed with compress", "gzip -dc"),
    b"BCF\x04": ("BCF of the first version", "bcftools 0.1's view"),
    b"\xff\xfe": ("text in UTF-16", "iconv -f UTF-16 -t UTF-8"),
    b"\xfe\xff": ("text in UTF-16", "iconv -f UTF-16 -t UTF-8"),
}
"""What the first bytes say of files that are no VCF yet, and the program that makes one of them."""

_FIRST_LETTERS = (b"#", b"\xef\xbb\xbf#", b"\n", b"\r")
"""What text may begin with to be looked at; a file of another kind may have one line of gigabytes."""


def text_lines(source: Source, name: str) -> Generator[str, None, None]:
    """Yield the lines with their ends, and bytes that are no UTF-8 as surrogates.

    Args:
        source: The file, from its first byte on.
        name: How messages name the file.

    Raises:
        VcfError: The file is of another kind.
        EOFError: It ends in the middle.
        OSError: It cannot be read, or not decoded.
        zlib.error: Its compression is damaged.
    """
    is_gzip = source.is_gzip()
    stream: io.BufferedReader = io.BufferedReader(source, _BUFFER)
    if is_gzip:
        stream = io.BufferedReader(gzip.GzipFile(fileobj=stream), _BUFFER)
    first = stream.peek(_BUFFER)
    _check_kind(first, name)
    for line in _bcf_lines(stream) if first.startswith(_BCF_MAGIC) else _vcf_lines(stream):
        # Half a line is no record of a file that goes on behind it.
        if not line.endswith("\n") and source.lacks_end():
            break
        yield line
    if source.lacks_end():
        raise EOFError("the last block of a bgzipped file is missing")


def no_header(name: str, line: int) -> VcfError:
    """Return the error of a file whose header does not end with a `#CHROM` line."""
    return VcfError(
        "the header line that begins with #CHROM is missing",
        path=name,
        line=line,
        remedy="is this a VCF? Its header is: ##fileformat=VCFv4.2, then #CHROM<TAB>POS<TAB>ID ...",
    )


def _check_kind(first: bytes, name: str) -> None:
    for magic, (kind, command) in _FOREIGN.items():
        if first.startswith(magic):
            raise VcfError(f"the file is {kind}", path=name, remedy=f"convert it first, with: {command}")
    if first and not first.startswith((_BCF_MAGIC, *_FIRST_LETTERS)):
        raise no_header(name, line=1)


def _vcf_lines(stream: io.BufferedReader) -> Iterator[str]:
    for line in stream:
        yield line.decode("utf-8", "surrogateescape")


def _bcf_lines(stream: io.BufferedReader) -> Iterator[str]:
    # htslib opens paths only; a copy on disk serves standard input and files alike.
    with tempfile.NamedTemporaryFile(suffix=".bcf") as copy:
        shutil.copyfileobj(stream, copy)
        copy.flush()
        yield from rendered(copy.name)


def rendered(path: str, *regions: str) -> Generator[str, None, None]:
    """Yield the text of a BCF file, line by line.

    Args:
        path: The file.
        regions: Those of its records to render, as htslib writes them, in the order of the file and without
            a base in common; none for all. Takes the file's index.

    Raises:
        OSError: It cannot be decoded.
    """
    # By its path and with -P: nothing but cyvcf2 is imported, wherever the program is run.
    command = [sys.executable, "-P", str(pathlib.Path(bcf_text.__file__)), path, *regions]
    with (
        tempfile.TemporaryFile() as messages,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=messages) as child,
    ):
        assert child.stdout is not None
        try:
            for line in child.stdout:
                yield line.decode("utf-8", "surrogateescape")
        except BaseException:
            child.kill()
            raise
        if child.wait() != 0:
            messages.seek(0)
            raise OSError(_reason(child.returncode, messages.read().decode("utf-8", "replace")))


def _reason(status: int, messages: str) -> str:
    if status < 0:
        return f"decoding it ended with {signal.Signals(-status).name}"
    lines = messages.splitlines()
    # htslib's own words say more than the exception that they lead to.
    own = [line for line in lines if line.startswith(("[E::", "[W::"))]
    return (own or lines or ["it cannot be decoded"])[-1]
