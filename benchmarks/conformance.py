"""Whatever a VCF file is like, the program survives it, tells of it, and loses no record of it.

Runs over every VCF and BCF of folders such as hts-specs' `test/vcf` and vcf-validator's
`test/input_files`, and prints a line for each: the exit status, records in and out, alleles by
status, and what the run ended with. In one process, with neither genome nor network (`stubbed_run.py`);
with `--fasta`, each file through the command line itself, with the bundled model.
"""

import collections
import concurrent.futures
import dataclasses
import gzip
import json
import logging
import multiprocessing
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
import zlib
from collections.abc import Callable, Iterable, Iterator

import click
import stubbed_run

from vep_cli.genome.vcf_record import COLUMNS, INFO_COLUMN
from vep_cli.statistics import Statistics

SUFFIXES = (".vcf", ".vcf.gz", ".vcf.bgz", ".bcf", ".vcf.Z", ".vcf.z", ".vcf.bz2", ".vcf.xz", ".vcf.zip")
DIED = "died"
_ALT_COLUMN = COLUMNS.index("ALT")
_OUR_KEY = re.compile("VE(_[A-Z_]+)?")
_STATUS = re.compile(r"[\t;]VE_STATUS=([A-Z_,]+)")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of one file.

    Attributes:
        file: Its path.
        exit: The exit status the command has; 'died' after a signal or a traceback.
        records: Its lines below the header, blank ones left out; None where it is no text.
        written: Those of the output.
        statuses: Alleles by status.
        message: What the run ended with or first warned of.
        faults: What must not be: a death, a lost record, a changed column, another output the second time.
    """

    file: str
    exit: int | str
    records: int | None = None
    written: int = 0
    statuses: dict[str, int] = dataclasses.field(default_factory=dict)
    message: str = ""
    faults: tuple[str, ...] = ()

    @property
    def is_reported(self) -> bool:
        """Whether the run failed, or called a line malformed."""
        return self.exit != 0 or "MALFORMED" in self.statuses


def files(folders: Iterable[pathlib.Path]) -> list[pathlib.Path]:
    """Return the VCF and BCF files in folders, and files that are given themselves."""
    found = []
    for folder in folders:
        inside = sorted(folder.rglob("*")) if folder.is_dir() else [folder]
        found += [path for path in inside if path.name.endswith(SUFFIXES) or path == folder]
    return [path for path in found if path.is_file()]


def survey(path: pathlib.Path) -> Finding:
    """Run over one file in this process, twice: the second time over its own output."""
    with _messages() as messages:
        try:
            done = stubbed_run.run(path)
        except Exception:
            return Finding(file=str(path), exit=DIED, message=_last_line(), faults=("traceback",))
    faults = list(_faults(path, done)) if done.error is None else []
    return Finding(
        file=str(path),
        exit=0 if done.error is None else done.error.exit_code,
        records=None if (lines := _records(path)) is None else len(lines),
        written=done.statistics.records,
        statuses=_statuses(done.statistics),
        message=str(done.error or next(iter(messages), "")).replace(f"{path}:", ""),
        faults=tuple(faults),
    )


def _faults(path: pathlib.Path, done: stubbed_run.Outcome) -> Iterator[str]:
    before, after = _records(path), _body(done.output)
    if before is not None and len(before) != len(after):
        yield f"{len(before)} records in, {len(after)} out"
    for line, written in zip(before or (), after, strict=False):
        if not is_kept(line, written):
            yield f"changed: {line[:60]!r}"
            break
    if done.statistics.alleles != sum(done.statistics.statuses.values()):
        yield "alleles do not add up"
    if _again(done.output) != done.output:
        yield "scoring the output again changes it"


def is_kept(line: str, written: str) -> bool:
    """Say whether a record came out with nothing changed but our INFO fields, which tell of each allele.

    Args:
        line: The record, without INFO fields of ours.
        written: What became of it; the same line, where it is malformed.
    """
    before, after = line.split("\t"), written.split("\t")
    if line == written:
        return True
    if len(before) != len(after) or len(before) <= INFO_COLUMN:
        return False
    info, changed = (columns[INFO_COLUMN].rstrip("\r\n") for columns in (before, after))
    theirs = "" if info == "." else info.rstrip(";") + ";"
    ours = dict(field.split("=", 1) for field in changed.removeprefix(theirs).split(";") if "=" in field)
    alleles = len(ours.get("VE_STATUS", "").split(","))
    before[INFO_COLUMN] = before[INFO_COLUMN].replace(info, changed, 1) if info else changed
    return (
        before == after
        and changed.startswith(theirs)
        and all(_OUR_KEY.fullmatch(key) for key in ours)
        and alleles == len(before[_ALT_COLUMN].split(","))
    )


def _again(output: str) -> str:
    with tempfile.NamedTemporaryFile(suffix=".vcf") as copy:
        copy.write(output.encode("utf-8", "surrogateescape"))
        copy.flush()
        return stubbed_run.run(pathlib.Path(copy.name)).output


def _body(text: str) -> list[str]:
    """Return the lines below `#CHROM`, blank ones left out."""
    lines = [line + "\n" for line in text.removesuffix("\n").split("\n")]
    if not text.endswith("\n"):
        lines[-1] = lines[-1].removesuffix("\n")
    header = next((number for number, line in enumerate(lines, 1) if line.startswith("#CHROM")), len(lines))
    return [line for line in lines[header:] if line.strip()]


def _records(path: pathlib.Path) -> list[str] | None:
    content = path.read_bytes()
    try:
        content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
    except (OSError, EOFError, zlib.error):
        return None
    if not content.lstrip(b"\xef\xbb\xbf").startswith(b"#"):
        return None
    return _body(content.decode("utf-8", "surrogateescape"))


def _statuses(statistics: Statistics) -> dict[str, int]:
    return {str(status): number for status, number in statistics.statuses.items() if number}


def _last_line() -> str:
    return traceback.format_exc().strip().splitlines()[-1]


class _messages(logging.Handler):  # noqa: N801 - used as a context
    """Collects what the package's loggers say."""

    def __enter__(self) -> list[str]:
        self.texts: list[str] = []
        logging.getLogger("vep_cli").addHandler(self)
        return self.texts

    def __exit__(self, *_: object) -> None:
        logging.getLogger("vep_cli").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def survey_all(paths: Iterable[pathlib.Path]) -> Iterator[Finding]:
    """Yield the finding of each file, from a process of its own that a death does not reach beyond."""
    context = multiprocessing.get_context("spawn")
    pool = concurrent.futures.ProcessPoolExecutor(1, mp_context=context)
    for path in paths:
        try:
            yield pool.submit(survey, path).result()
        except concurrent.futures.process.BrokenProcessPool:
            yield Finding(file=str(path), exit=DIED, faults=("killed by a signal",))
            pool = concurrent.futures.ProcessPoolExecutor(1, mp_context=context)
    pool.shutdown()


def command(fasta: pathlib.Path, output: pathlib.Path) -> Callable[[pathlib.Path], Finding]:
    """Return what runs `vep score` over a file and looks at its exit status, messages and output."""

    def call(path: pathlib.Path) -> Finding:
        output.unlink(missing_ok=True)
        words = ["score", path, "--fasta", fasta, "--window", str(stubbed_run.WINDOW), "-q", "-o", output]
        done = subprocess.run(
            [sys.executable, "-m", "vep_cli", *map(str, words)], capture_output=True, text=True, check=False
        )
        before, is_there = _records(path), output.exists()
        after = _body(output.read_text("utf-8", "surrogateescape")) if is_there else []
        faults = [word for word in ("Traceback", "internal error") if word in done.stderr]
        faults += [] if done.returncode in (0, 1) else [f"exit status {done.returncode}"]
        faults += [] if is_there is (done.returncode == 0) else ["an output that is not whole"]
        if is_there and before is not None and not _all_kept(before, after):
            faults.append("records lost or changed")
        said = [line.removeprefix("vep: ") for line in done.stderr.splitlines() if str(path) in line]
        return Finding(
            file=str(path),
            exit=done.returncode,
            records=None if before is None else len(before),
            written=len(after),
            statuses=dict(collections.Counter(_written_statuses(after))),
            message=(said or [""])[0].replace(f"{path}:", ""),
            faults=tuple(faults),
        )

    return call


def _written_statuses(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        found = _STATUS.search(line)
        yield from found[1].split(",") if found else ["MALFORMED"]


def _all_kept(before: list[str], after: list[str]) -> bool:
    return len(before) == len(after) and all(map(is_kept, before, after))


def fidelity(path: pathlib.Path) -> Iterator[str]:
    """Yield what differs between one file and what is written of it: to us, and to bcftools where it is."""
    done = stubbed_run.run(path)
    if done.error is not None:
        yield str(done.error)
        return
    yield from _faults(path, done)
    text = gzip.decompress(path.read_bytes()) if path.suffix in (".gz", ".bgz") else path.read_bytes()
    header, written = _header(text.decode("utf-8", "surrogateescape")), _header(done.output)
    if [line for line in written if line in set(header)] != header:
        yield "a line of the header is changed, lost or moved"
    if shutil.which("bcftools"):
        yield from _differences_to_bcftools(path, done.output)


def _header(text: str) -> list[str]:
    return text[: text.index("\n", text.index("#CHROM"))].split("\n")


def _differences_to_bcftools(path: pathlib.Path, output: str) -> Iterator[str]:
    with tempfile.NamedTemporaryFile(suffix=".vcf") as copy:
        copy.write(output.encode("utf-8", "surrogateescape"))
        copy.flush()
        keys = ",".join(f"INFO/{key}" for key in ("VE", "VE_STATUS", "VE_FLAG"))
        commands = ["view", "-H", str(path)], ["annotate", "-x", keys, copy.name]
        before, after = (
            subprocess.run(["bcftools", *command], capture_output=True, check=True).stdout.splitlines()
            for command in commands
        )
    after = [line for line in after if not line.startswith(b"#")]
    if before != after:
        same = sum(map(bytes.__eq__, before, after))
        yield f"bcftools reads {len(before)} records of the input, {len(after)} of the output, {same} alike"


def table(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield the lines of a table with a row for each file."""
    yield "exit\tin\tout\tstatuses\tfile\tmessage\tfaults"
    for one in findings:
        statuses = ",".join(f"{name}:{number}" for name, number in sorted(one.statuses.items()))
        known = "?" if one.records is None else one.records
        cells = (one.exit, known, one.written, statuses or "-", one.file, one.message, "; ".join(one.faults))
        yield "\t".join(map(str, cells))


def summary(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield the counts, by folder: what validators pass and fail, we accept or report."""
    counts: collections.Counter[tuple[str, str]] = collections.Counter()
    for one in findings:
        folder = next(
            (part for part in pathlib.Path(one.file).parts if part in ("passed", "failed")), "other"
        )
        counts[folder, "reported" if one.is_reported else "accepted"] += 1
        counts["all", "with faults"] += bool(one.faults)
    yield from (f"{folder}: {number} {what}" for (folder, what), number in sorted(counts.items()))


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, path_type=pathlib.Path))
@click.option("--every", default=1, show_default=True, help="Only every so many-th file.")
@click.option("--fasta", type=click.Path(exists=True, path_type=pathlib.Path), help="Run the command itself.")
@click.option(
    "--fidelity", "only_fidelity", is_flag=True, help="Compare each file with what is written of it."
)
@click.option("--json", "json_path", type=click.Path(path_type=pathlib.Path), help="Write findings as JSON.")
def main(
    folders: tuple[pathlib.Path, ...],
    every: int,
    fasta: pathlib.Path | None,
    only_fidelity: bool,
    json_path: pathlib.Path | None,
) -> None:
    """Run over all VCF files of FOLDERS; exit 1 if a run died, or lost or changed a record."""
    paths = files(folders)[::every]
    if only_fidelity:
        sys.exit(_tell_of_fidelity(paths))
    with tempfile.TemporaryDirectory() as scratch:
        call = command(fasta, pathlib.Path(scratch) / "out.vcf") if fasta else None
        findings = list(map(call, paths) if call else survey_all(paths))
    click.echo("\n".join((*table(findings), "", *summary(findings))))
    if json_path is not None:
        json_path.write_text(json.dumps([dataclasses.asdict(one) for one in findings], indent=1))
    sys.exit(any(one.faults for one in findings))


def _tell_of_fidelity(paths: Iterable[pathlib.Path]) -> bool:
    are_all_kept = True
    for path in paths:
        differences = list(fidelity(path))
        are_all_kept &= not differences
        click.echo(f"{path}: {'; '.join(differences) or 'nothing differs'}")
    return not are_all_kept


if __name__ == "__main__":
    main()
