"""Where scored records go: to whoever reads them now, or into a journal and from there into a file."""

import abc
import itertools
import logging
import pathlib
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType

from vep_cli.errors import OutputError, UsageError
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.identities import Identity, first_difference
from vep_cli.journal.entry import Entry, record_digest
from vep_cli.journal.journal import Found, Journal
from vep_cli.scoring.scored_record import ScoredRecord
from vep_cli.statistics import Statistics, counted
from vep_cli.writers.output_file import STANDARD_STREAM, OutputFile, is_special, target
from vep_cli.writers.piece import encoded
from vep_cli.writers.writer import Writer

logger = logging.getLogger(__name__)

SUFFIX = ".journal"


class ScoreOutput(abc.ABC):
    """The output of a run; a context that is left when all is written, or nothing more can be.

    Attributes:
        counts: Of the records in it: at first those that an earlier run has done.
    """

    def __init__(self, writer: Writer, counts: Statistics) -> None:
        """Begin.

        Args:
            writer: What makes its bytes.
            counts: Of the records that are done.
        """
        self.counts = counts
        self._writer = writer

    @abc.abstractmethod
    def left_of(self, records: Iterator[VcfRecord]) -> Iterator[VcfRecord] | None:
        """Return the records that are not done; None where all are.

        Args:
            records: All of the run's, in order.

        Raises:
            UsageError: One that is done is not what it was.
        """

    @abc.abstractmethod
    def write(self, scored: Iterable[ScoredRecord], after_record: Callable[[Statistics], None]) -> None:
        """Write what `left_of` returned, in order.

        Args:
            scored: The records with their scores.
            after_record: Told of the counts after each record.

        Raises:
            OutputError: The disk is full or has gone.
            BrokenPipeError: Nobody reads the output any more.
        """

    @abc.abstractmethod
    def finish(self, then: Callable[[], None]) -> None:
        """Give the output its name.

        Args:
            then: Makes what belongs to a whole output, such as its index.
        """

    @abc.abstractmethod
    def __enter__(self) -> "ScoreOutput":
        """Return the output itself."""

    @abc.abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""

    def _entries(
        self, scored: Iterable[ScoredRecord], after_record: Callable[[Statistics], None]
    ) -> Iterator[Entry]:
        """Yield an entry for each record, and count it when it has been taken care of."""
        for record in scored:
            counts, piece = Statistics.of(record), encoded(self._writer.format(record))
            yield Entry(digest=record_digest(record.record), counts=counts, piece=piece)
            self.counts += counts
            after_record(self.counts)


class StreamedOutput(ScoreOutput):
    """Standard output, or a named pipe: what is written is gone, so that there is nothing to go on with."""

    def __init__(self, path: str, writer: Writer, head: bytes) -> None:
        """Open it.

        Raises:
            OutputError: It cannot be opened.
        """
        super().__init__(writer, Statistics())
        self._file = OutputFile(path)
        self._head = head

    def left_of(self, records: Iterator[VcfRecord]) -> Iterator[VcfRecord] | None:
        """See base class: all."""
        return records

    def write(self, scored: Iterable[ScoredRecord], after_record: Callable[[Statistics], None]) -> None:
        """See base class."""
        of_records = (entry.piece for entry in self._entries(scored, after_record))
        pieces = itertools.chain([self._head], of_records)
        for data in self._writer.assemble(pieces):
            self._file.write(data)

    def finish(self, then: Callable[[], None]) -> None:
        """See base class: a stream has neither a name nor an index."""
        del then

    def __enter__(self) -> "StreamedOutput":
        """See base class."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """See base class."""
        self._file.__exit__(kind, error, trace)


class JournaledOutput(ScoreOutput):
    """A file, made from a journal when all records are in it.

    Killed between any two steps, a run that resumes ends with the same bytes: the journal goes last.
    """

    def __init__(self, path: str, writer: Writer, head: bytes, identity: Identity, *, resume: bool) -> None:
        """Open the journal and, to resume, what an earlier run has left in it.

        Args:
            path: The file.
            writer: What makes its bytes.
            head: What goes before the records.
            identity: What decides its bytes, by name.
            resume: Go on with what is there; else begin anew.

        Raises:
            OutputError: The journal cannot be written, or another process is writing it.
            UsageError: It is of another run, and `resume` is asked for.
        """
        self._path = path
        self._journal = Journal(journal_path(path))
        try:
            super().__init__(writer, self._begin(head, identity, resume=resume))
        except BaseException:
            if self._journal.is_open:
                self._journal.close()
            raise

    def left_of(self, records: Iterator[VcfRecord]) -> Iterator[VcfRecord] | None:
        """See base class."""
        if not self.counts.records:
            return records
        left = self._journal.not_in_it(records)
        first = next(left, None)
        return None if first is None else itertools.chain([first], left)

    def write(self, scored: Iterable[ScoredRecord], after_record: Callable[[Statistics], None]) -> None:
        """See base class."""
        for entry in self._entries(scored, after_record):
            self._journal.add(entry)

    def finish(self, then: Callable[[], None]) -> None:
        """See base class."""
        with OutputFile(self._path, part=".part") as file:
            for data in self._writer.assemble(self._journal.pieces()):
                file.write(data)
        then()
        self._journal.remove()

    def __enter__(self) -> "JournaledOutput":
        """See base class."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """See base class; a journal without a record is of no use to anyone."""
        if not self._journal.is_open:
            return
        if not self.counts.records:
            self._journal.remove()
            return
        self._journal.close()
        if not isinstance(error, UsageError):
            logger.warning(
                "%s done, in %s: the same command with --resume goes on behind them",
                counted(self.counts.records, "record"),
                self._journal.path,
            )

    def _begin(self, head: bytes, identity: Identity, *, resume: bool) -> Statistics:
        found = self._journal.found
        if found is not None and found.counts.records:
            done = counted(found.counts.records, "record")
            if resume:
                self._check(found, identity)
                self._journal.go_on()
                logger.info("going on behind %s, in %s", done, self._journal.path)
                return found.counts
            logger.warning(
                "%s of an unfinished run thrown away (%s); --resume would go on behind them",
                done,
                self._journal.path,
            )
        try:
            self._journal.begin(identity, head)
        except OutputError:
            self._journal.remove()
            raise
        return Statistics()

    def _check(self, found: Found, identity: Identity) -> None:
        difference = first_difference(found.identity, identity)
        if difference is not None:
            name, before, now = difference
            raise UsageError(
                f"the journal is of another run: {name} was {before}, and is {now}",
                path=self._journal.path,
                remedy="give the same settings and files, or begin anew: without --resume",
            )


def open_output(
    path: str, writer: Writer, header: tuple[str, ...], identity: Identity, *, resume: bool
) -> ScoreOutput:
    """Open the output of a run.

    Args:
        path: The output, or '-'.
        writer: What makes its bytes.
        header: The header lines of the input.
        identity: What decides the output's bytes, by name.
        resume: Go on with what an earlier run has left.

    Raises:
        OutputError: It cannot be written, or another process is writing it.
        UsageError: There is a journal that is of another run, and `resume` is asked for.
    """
    head = encoded(writer.begin(header))
    if not is_kept(path):
        return StreamedOutput(path, writer, head)
    return JournaledOutput(path, writer, head, identity, resume=resume)


def is_kept(path: str) -> bool:
    """Return whether an output is a file, so that a run can be resumed."""
    return path != STANDARD_STREAM and not is_special(path)


def journal_path(path: str) -> pathlib.Path:
    """Return where the journal of an output is: beside the file, links followed."""
    final = target(path)
    return final.with_name(final.name + SUFFIX)


def check_resume(path: str, *, resume: bool) -> None:
    """Refuse to resume what leaves nothing behind.

    Raises:
        UsageError: The output is a stream, and `resume` is asked for.
    """
    if resume and not is_kept(path):
        raise UsageError(
            "--resume needs an output file: what went to a stream is gone",
            remedy="name a file: -o scored.vcf.gz",
        )
