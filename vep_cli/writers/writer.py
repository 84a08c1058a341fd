"""What a writer is: it makes a piece of each record, and the output of all pieces in order."""

import abc
from collections.abc import Iterable, Iterator

from vep_cli.scoring.scored_record import ScoredRecord
from vep_cli.writers.piece import Piece


class Writer(abc.ABC):
    """Turns scored records into one output format.

    A piece depends on its record alone, so that pieces can be kept and put together later, by another
    run too.
    """

    @abc.abstractmethod
    def begin(self, header: tuple[str, ...]) -> Piece:
        """Return the piece that goes before those of the records.

        Args:
            header: The header lines of the input, with their ends.
        """

    @abc.abstractmethod
    def format(self, scored: ScoredRecord) -> Piece:
        """Return the piece of one record."""

    def assemble(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the output's bytes: for text, the pieces one behind the other.

        Args:
            pieces: What `begin` returned and what `format` returned of each record, through `piece.encoded`.
        """
        yield from pieces
