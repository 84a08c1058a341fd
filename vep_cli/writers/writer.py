"""What a writer is: a header once, then every record in order, then an end."""

import abc

from vep_cli.scoring.scored_record import ScoredRecord

Piece = str | bytes
"""What goes into the output next: text, which becomes UTF-8, or bytes as they are. It may be empty."""


class Writer(abc.ABC):
    """Turns scored records into the pieces of one output format, in order."""

    @abc.abstractmethod
    def begin(self, header: tuple[str, ...]) -> Piece:
        """Return what goes before the records.

        Args:
            header: The header lines of the input, with their ends.
        """

    @abc.abstractmethod
    def format(self, scored: ScoredRecord) -> Piece:
        """Return one record, or what has become ready of those before it."""

    @abc.abstractmethod
    def end(self) -> Piece:
        """Return what goes behind the records."""
