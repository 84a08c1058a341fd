"""The tidy table as tab-separated text."""

from vep_cli.scoring.scored_record import ScoredRecord
from vep_cli.writers.limits import ALL, Limits
from vep_cli.writers.tidy import columns_of, tidy_table
from vep_cli.writers.writer import Writer


class TsvWriter(Writer):
    """Writes one line per allele, scorer, gene and track, and one per allele without scores."""

    def __init__(self, limits: Limits = ALL) -> None:
        """Keep the limits.

        Args:
            limits: Which scores are written.
        """
        self._limits = limits

    def begin(self, header: tuple[str, ...]) -> str:
        """See base class: the column names."""
        del header
        return "\t".join(columns_of(self._limits)) + "\n"

    def format(self, scored: ScoredRecord) -> str:
        """See base class."""
        return tidy_table(scored, self._limits).to_csv(
            sep="\t", header=False, index=False, lineterminator="\n"
        )
