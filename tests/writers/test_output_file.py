import gzip
import io
import os
import pathlib
import sys
from collections.abc import Iterable, Iterator

import pytest

from vep_cli.errors import OutputError, UsageError
from vep_cli.writers.output_file import OutputFile, check_output


def write(path: pathlib.Path | str, pieces: Iterable[str | bytes]) -> None:
    with OutputFile(str(path)) as output:
        for piece in pieces:
            output.write(piece)


def test_file_appears_when_it_is_whole(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.vcf"
    with OutputFile(str(path)) as output:
        output.write("one\n")
        assert not path.exists()
    assert path.read_text() == "one\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["a.vcf.gz", "a.vcf.bgz"])
def test_compressed_files_are_bgzip(tmp_path: pathlib.Path, name: str) -> None:
    write(tmp_path / name, ["one\n", "two\n"])
    content = (tmp_path / name).read_bytes()
    assert gzip.decompress(content) == b"one\ntwo\n"
    assert (
        content[12:16] == b"BC\x02\x00"
    )  # the extra field that tells BGZF from gzip (SAM specification, 4.1)


@pytest.mark.parametrize("name", ["a.vcf", "a.vcf.gz"])
def test_error_leaves_the_old_file_and_no_part(tmp_path: pathlib.Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("old")

    def interrupted() -> Iterator[str]:
        yield "new\n" * 100_000
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(path, interrupted())
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_bytes_that_are_no_text_come_out_as_they_were(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "a.vcf", [b"caf\xe9\t\xc3\xa9\n".decode("utf-8", "surrogateescape")])
    assert (tmp_path / "a.vcf").read_bytes() == b"caf\xe9\t\xc3\xa9\n"


def test_bytes_are_written_as_they_are(tmp_path: pathlib.Path) -> None:
    write(tmp_path / "a.parquet", [b"PAR1\xff\r\n", b"", "text"])
    assert (tmp_path / "a.parquet").read_bytes() == b"PAR1\xff\r\ntext"


def test_target_of_a_link_is_replaced(tmp_path: pathlib.Path) -> None:
    target, link = tmp_path / "target.vcf", tmp_path / "link.vcf"
    target.write_text("old")
    link.symlink_to(target)
    write(link, ["new"])
    assert link.is_symlink()
    assert target.read_text() == "new"


@pytest.mark.parametrize("name", ["full.vcf", "full.vcf.gz"])
def test_full_disk_is_an_error_with_a_remedy(tmp_path: pathlib.Path, name: str) -> None:
    path = tmp_path / name
    path.symlink_to("/dev/full")
    with pytest.raises(OutputError, match="cannot be written") as caught:
        write(path, ["line\n" * 100_000])
    assert str(path) in str(caught.value)
    assert "disk space" in str(caught.value.remedy)


@pytest.mark.parametrize("text", ["short\n", "long\n" * 100_000])
def test_full_standard_output(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    full = io.TextIOWrapper(os.fdopen(os.open("/dev/full", os.O_WRONLY), "wb"))
    monkeypatch.setattr(sys, "stdout", full)
    with pytest.raises(OutputError, match="standard output: cannot be written: No space left"):
        write("-", [text])
    full.close()  # what was left has gone nowhere, so that closing says nothing


def test_closed_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(OutputError, match="standard output"):
        OutputFile("-")


def test_reader_that_has_gone_is_no_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = io.TextIOWrapper(os.fdopen(writing, "wb"))
    monkeypatch.setattr(sys, "stdout", stream)
    with pytest.raises(BrokenPipeError):
        write("-", ["x"])
    os.dup2(os.open(os.devnull, os.O_WRONLY), writing)
    stream.close()


def test_named_pipe_is_written_to(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    write(path, ["one\n"])
    assert os.read(reading, 100) == b"one\n"
    os.close(reading)
    assert path.is_fifo()


def test_link_to_a_pipe_is_written_to(tmp_path: pathlib.Path) -> None:
    # As /dev/stdout in a pipe and bash's >(command) are: the link leads to "pipe:[4711]", which is no path.
    reading, writing = os.pipe()
    link = tmp_path / "link"
    link.symlink_to(f"/dev/fd/{writing}")
    write(link, ["one\n"])
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"one\n"


def test_folder_that_went_away(tmp_path: pathlib.Path) -> None:
    with pytest.raises(OutputError, match="No such file"):
        OutputFile(str(tmp_path / "absent" / "a.vcf"))


def test_output_is_checked_before_the_work(tmp_path: pathlib.Path) -> None:
    source = tmp_path / "in.vcf"
    source.write_text("x")
    for path, kind, words in (
        (tmp_path, OutputError, "is a folder"),
        (tmp_path / "absent" / "a.vcf", OutputError, "mkdir -p"),
        (source, UsageError, "one of the inputs"),
    ):
        with pytest.raises(kind) as caught:
            check_output(str(path), inputs=[tmp_path / "none", source])
        assert words in f"{caught.value} {caught.value.remedy}"
    link = tmp_path / "link.vcf"
    link.symlink_to(source)
    with pytest.raises(UsageError):
        check_output(str(link), inputs=[source])


def test_good_outputs_pass(tmp_path: pathlib.Path) -> None:
    other = tmp_path / "in.vcf"
    other.write_text("x")
    for path in ("-", "/dev/null", str(tmp_path / "out.vcf")):
        check_output(path, inputs=[other, pathlib.Path("-"), pathlib.Path("/dev/null")])
