"""Make a calibration: score a background as any variants are scored, and keep how the scores are distributed.

Nothing is written before the last variant is scored, so that a run that is stopped leaves no trace.
"""

import os
import pathlib
from collections.abc import Callable, Iterable

from vep_cli.bundled import weights_folder
from vep_cli.errors import OutputError, UsageError, VcfError
from vep_cli.genome.reference import Reference
from vep_cli.genome.vcf_reader import VcfReader
from vep_cli.inference.devices import explained_memory_errors
from vep_cli.input_checks import InputChecks
from vep_cli.model.weights_folder import CALIBRATION, FILES, MANIFEST, add_calibration, file_sha256
from vep_cli.pipeline import (
    Preparation,
    input_files,
    load_engines,
    plan,
    provenance,
    run_annotation,
    scored_records,
)
from vep_cli.scoring.calibration import Background, Calibration, MadeOf
from vep_cli.scoring.calibration_file import write_calibration
from vep_cli.scoring.scored_record import ScoredRecord
from vep_cli.statistics import Statistics
from vep_cli.writers.output_file import STANDARD_STREAM, check_output

_OWN_RUN = ("command", "notice", "warning", "calibration")
"""What an output's header says of its own run alone."""


def check_target(prepared: Preparation, output: pathlib.Path | None) -> None:
    """Refuse what could not be written in the end, or whose hash could not be told, before hours go into it.

    Args:
        prepared: The run.
        output: The file to write; None for the folder's own calibration.

    Raises:
        UsageError: The background is no file, the output is an input or standard output, or the weights are
            the bundled ones.
        OutputError: The place cannot be written.
    """
    source, folder = prepared.settings.source, prepared.weights[0].path
    if not pathlib.Path(source).is_file():
        raise UsageError("the background has to be a file", path=source, remedy="give its path, not a pipe")
    if str(output) == STANDARD_STREAM:
        raise UsageError("a calibration is not written to standard output", remedy="name a file: -o FILE")
    if output is not None:
        inputs = [*input_files(prepared.settings), *(folder / name for name in (MANIFEST, *FILES))]
        check_output(str(output), inputs=inputs)
    elif folder.resolve() == weights_folder().resolve():
        raise UsageError(
            "the bundled weights are part of the program and stay as they are",
            remedy="write the calibration to a file (-o FILE) and score with --calibration FILE, "
            "or calibrate a copy of the folder (--weights DIR)",
        )
    elif not os.access(folder, os.W_OK):
        raise OutputError(
            "the weights folder cannot be written", path=folder, remedy="choose a file: -o FILE"
        )


def calibrate(
    prepared: Preparation, output: pathlib.Path | None, *, after_record: Callable[[Statistics], None]
) -> tuple[Statistics, Calibration]:
    """Score the background and write the calibration, to a file or into the weights folder.

    Args:
        prepared: A run of one model, without quantiles.
        output: The file to write; None for the folder's own calibration.
        after_record: Told of the counts after each record.

    Returns:
        What became of every allele, and the calibration.

    Raises:
        VepError: The background ends in the middle or none of it has a score, the output cannot be
            written, and the like.
    """
    settings = prepared.settings
    sha256 = file_sha256(pathlib.Path(settings.source))
    background, statistics = Background(), Statistics()
    with Reference(settings.genome.fasta) as reference, VcfReader(settings.source) as records:
        checks = InputChecks(records.name, settings.genome.fasta)
        with explained_memory_errors():
            engines = load_engines(prepared, run_annotation(prepared, reference))
            planned = plan(records, reference, settings)
            with scored_records(planned, engines, checks, records.cancel) as scored:
                _collect(scored, background, statistics, after_record)
            records.tell_of_oddities()
            statistics.blank_lines = records.blank_lines
    checks.finish()
    if not statistics.scored:
        raise VcfError(
            "no allele of the background has a score",
            path=settings.source,
            remedy="; ".join(statistics.lines()[1:]) or "give a VCF with variants",
        )
    made_of = _made_of(prepared, sha256, statistics.scored)
    calibration = Calibration(made_of=made_of, distributions=background.distributions())
    _store(calibration, prepared.weights[0].path, output)
    return statistics, calibration


def _collect(
    scored: Iterable[ScoredRecord],
    background: Background,
    statistics: Statistics,
    after_record: Callable[[Statistics], None],
) -> None:
    for record in scored:
        for allele in record.alleles:
            for scores in allele.scores:
                background.see(scores)
        statistics.count(record)
        after_record(statistics)


def _made_of(prepared: Preparation, sha256: str, allele_count: int) -> MadeOf:
    settings = prepared.settings
    return MadeOf(
        background=pathlib.Path(settings.source).name,
        background_sha256=sha256,
        allele_count=allele_count,
        weights_sha256=prepared.weights[0].sha256,
        organism=settings.genome.organism,
        window=settings.window,
        precision=settings.precision,
        run={name: value for name, value in provenance(prepared) if name not in _OWN_RUN},
    )


def _store(calibration: Calibration, folder: pathlib.Path, output: pathlib.Path | None) -> None:
    target = folder / CALIBRATION if output is None else output
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        write_calibration(partial, calibration)
        if output is None:
            add_calibration(folder, partial)
        else:
            partial.replace(target)
    except OSError as error:
        raise OutputError(
            f"the calibration cannot be written: {error.strerror or error}",
            path=target,
            remedy="check the folder, its permissions and the free disk space",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
