"""What a writer is: a header once, then every record in order."""

import abc

from vep_cli.scoring.scored_record import ScoredRecord


class Writer(abc.ABC):
    """Turns scored records into the text of one output format."""

    @abc.abstractmethod
    def begin(self, header: tuple[str, ...]) -> str:
        """Return what goes before the records.

        Args:
            header: The header lines of the input, with their ends.
        """

    @abc.abstractmethod
    def format(self, scored: ScoredRecord) -> str:
        """Return the lines of one record."""
