"""`vep score` from Python: variants in, a frame of scores out."""

import functools
import pathlib
import warnings
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Unpack

import pandas as pd

from vep_cli.api.options import Names, Path, ScorerOptions, score_settings, several
from vep_cli.api.variants import Variants, path_or_records
from vep_cli.errors import UsageError
from vep_cli.genome.haplotypes import Haplotypes
from vep_cli.genome.reference import Reference
from vep_cli.genome.regions import check_indexed, chosen_regions
from vep_cli.genome.vcf_reader import VcfReader, check_source
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.inference.compiled_programs import keep_compiled_programs
from vep_cli.inference.devices import explained_memory_errors
from vep_cli.inference.engine import Engine
from vep_cli.input_checks import InputChecks
from vep_cli.phased import chosen_haplotypes
from vep_cli.pipeline import load_engines, plan, prepare, provenance, run_annotation, scored_records
from vep_cli.writers.limits import Limits
from vep_cli.writers.tidy import (
    COUNT_COLUMNS,
    NUMBER_COLUMNS,
    WHOLE_NUMBER_COLUMNS,
    columns_of,
    tidy_table,
)

ATTRIBUTE = "vep_cli"
"""What of a frame's `attrs` says how its scores were made."""


class VepWarning(UserWarning):
    """What every user of the scores has to be told, for instance that the weights are not trained."""


class VariantScorer:
    """A model, a genome and a choice of tracks, to score variants with as often as wanted.

    The network is loaded once, for the first variants. To be used by one thread at a time, and closed, by
    `close` or a `with` block, when it is not needed any more.

    Attributes:
        provenance: What the header of an output would say of the scores, by name.
    """

    def __init__(self, **options: "Unpack[ScorerOptions]") -> None:
        """Check the options against one another, the weights and the machine.

        Args:
            options: See `ScorerOptions`; by the names that they have on the command line.

        Raises:
            TypeError: There is no such option.
            VepError: Something that was asked for does not exist or does not fit.
        """
        self._prepared = prepare(score_settings(options))
        self._reference = Reference(self._prepared.settings.genome.fasta)
        self.provenance = _by_name(provenance(self._prepared))
        for text in self._prepared.warnings:
            warnings.warn(text, VepWarning, stacklevel=2)

    def __enter__(self) -> "VariantScorer":
        """Return the scorer itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Let go of the network and of the genome's file."""
        self.__dict__.pop("_engines", None)
        self._reference.__exit__(None, None, None)

    def score(
        self, variants: Variants, *, regions: Names = (), regions_file: Path | None = None
    ) -> pd.DataFrame:
        """Return the rows that `vep score -o scores.tsv` writes: the same columns, names and numbers.

        Alleles come in the order of the variants, each with a row per scorer, gene and track, or with one
        that has its status and no score. `attrs['vep_cli']` of the frame is `provenance`.

        Args:
            variants: The path of a VCF or BCF; 'chr17:43115726:A:C', or several; a frame with CHROM, POS,
                REF and ALT; or several (chromosome, position, REF, ALT). Positions are 1-based, as in a VCF.
            regions: Of an indexed file, only the records that overlap one of these, such as 'chr1:1-1000'.
            regions_file: Of an indexed file, only those that overlap a line of this BED file.

        Raises:
            VepError: A file cannot be read, something is no variant, or memory does not suffice.
        """
        given = path_or_records(variants)
        bed = None if regions_file is None else pathlib.Path(regions_file)
        chosen = chosen_regions(several(regions), bed)
        if not isinstance(given, str):
            if chosen is not None:
                raise UsageError("regions are found by a file's index", remedy="give the path of a VCF")
            return self._frame(given, "the variants", lambda: None)
        check_source(given)
        if chosen is not None:
            check_indexed(given)
        with VcfReader(given, chosen) as records:
            frame = self._frame(records, records.name, records.cancel)
            records.tell_of_oddities()
        return frame

    def _frame(self, records: Iterable[VcfRecord], name: str, cancel: Callable[[], None]) -> pd.DataFrame:
        settings = self._prepared.settings
        checks = InputChecks(name, settings.genome.fasta)
        planned = plan(records, self._reference, settings, self._haplotypes)
        with (
            explained_memory_errors(),
            scored_records(planned, self._engines, checks, cancel) as scored,
        ):
            tables = [tidy_table(record, self._prepared.limits) for record in scored]
        checks.finish()
        frame = pd.concat(tables, ignore_index=True) if tables else _nothing(self._prepared.limits)
        whole = [name for name in (*WHOLE_NUMBER_COLUMNS, *COUNT_COLUMNS) if name in frame]
        frame = frame.astype(dict.fromkeys(whole, "Int64"))
        frame.attrs[ATTRIBUTE] = dict(self.provenance)
        return frame

    @functools.cached_property
    def _haplotypes(self) -> Haplotypes | None:
        return chosen_haplotypes(self._prepared.settings, self._reference)

    @functools.cached_property
    def _engines(self) -> list[Engine]:
        keep_compiled_programs()
        return load_engines(self._prepared, run_annotation(self._prepared, self._reference))


def score(
    variants: Variants,
    *,
    regions: Names = (),
    regions_file: Path | None = None,
    **options: "Unpack[ScorerOptions]",
) -> pd.DataFrame:
    """Score variants as `vep score` does; see `VariantScorer.score` for what they may be and what comes.

    Each call loads the network. For several, make a `VariantScorer`.

    Args:
        variants: A path, a text, a frame, or several texts or tuples.
        regions: Of an indexed file, only the records that overlap one of these.
        regions_file: Of an indexed file, only those that overlap a line of this BED file.
        options: See `ScorerOptions`: fasta, gtf, genome, organism, tissue, modality, ontology, track, strand,
            scorer, polya, splice_sites, weights, calibration, alleles, window, window_mode, precision,
            device, devices, top, min_score, phased and phased_from.

    Raises:
        TypeError: There is no such option.
        VepError: As the command ends with an error; its text is the command's.
    """
    with VariantScorer(**options) as scorer:
        return scorer.score(variants, regions=regions, regions_file=regions_file)


def _nothing(limits: Limits) -> pd.DataFrame:
    """Return a table without rows; its columns have the types of one with rows."""
    return pd.DataFrame({name: pd.Series(dtype=_type(name)) for name in columns_of(limits)})


def _type(column: str) -> str:
    return "float32" if column in NUMBER_COLUMNS else "object"


def _by_name(lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    for name, value in lines:
        values.setdefault(name, []).append(value)
    return {name: "\n".join(of_name) for name, of_name in values.items()}
