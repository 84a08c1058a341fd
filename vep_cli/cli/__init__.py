"""The command line: turns errors into messages and exit codes; commands are imported when called.

Nothing here or in a command module imports jax, so that `--help` and `--version` answer at once.
"""

import contextlib
import errno
import importlib
import os
import shlex
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any, NoReturn

import click

import vep_cli
from vep_cli import standard_output
from vep_cli.errors import VepError

INTERRUPTED = 130
BROKEN_PIPE = 141
_DEBUG = "--debug"

_COMMANDS = {
    "check": "Tell what would become of a VCF, before it is scored.",
    "score": "Score the effect of the variants in a VCF.",
    "merge": "Put the outputs of shards together.",
    "stats": "Add up summaries of runs, for pipelines and MultiQC.",
    "report": "Make a page of a scored file, to read and to print.",
    "explain": "Tell what lies behind the scores of one variant.",
    "plot": "Draw what is predicted round one variant.",
    "ism": "Score every single-base change of a stretch.",
    "predict": "Write what is predicted of a region, for genome browsers.",
    "serve": "Answer the official client's calls on this machine.",
    "calibrate": "Give weights a background of common variants, for quantiles.",
    "score-interval": "Score the genes of intervals, without a variant.",
    "tracks": "List what the weights can predict.",
    "scorers": "List what variants can be scored by.",
    "weights": "Look at weights, check them, import the official ones.",
    "train": "Train a model on sequences and targets of your own.",
    "genome": "Manage the reference genomes that are used by name.",
    "completion": "Print the script by which a shell completes commands.",
}
"""Commands in the order in which they are needed: each a function of that name (_ for -) in its module."""

_MODULES = {"report": "report_command"}
"""Modules whose name is not their command's; `cli.report` is what commands say on stderr."""

_NOT_ENSEMBL = (
    "this is vep-cli, not Ensembl's Variant Effect Predictor: it has commands (vep score INPUT), "
    "not the option {option}"
)


class _Commands(click.Group):
    """A group that imports a command's module when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        name = cmd_name.replace("-", "_")
        module = importlib.import_module(f"vep_cli.cli.{_MODULES.get(name, name)}")
        command: click.Command = getattr(module, name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] == "help":
            args = [*args[1:], "--help"]
        known = {name for option in self.get_params(ctx) for name in option.opts}
        if args and args[0].startswith("-") and args[0].partition("=")[0] not in known:
            raise click.UsageError(_NOT_ENSEMBL.format(option=args[0]), ctx)
        if args and args[0] not in _COMMANDS and os.path.isfile(args[0]):
            raise click.UsageError(f"there is no command {args[0]!r}; did you mean: vep score {args[0]}", ctx)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        # Caught here, because click itself would leave with status 1 and wrap the streams.
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            standard_output.abandon()
            raise click.exceptions.Exit(BROKEN_PIPE) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(vep_cli.__version__, prog_name="vep-cli")
@click.option(_DEBUG, is_flag=True, help="Show the traceback of an error; may stand anywhere.")
def vep(debug: bool) -> None:
    """Score the effect of genetic variants from DNA sequence.

    For research only, not for diagnosis. The same program is installed as `vep-cli`, for machines
    on which `vep` is Ensembl's.

    \b
    Example:
      vep score input.vcf --tissue liver -o scored.vcf.gz
    """
    del debug  # `main` looks for it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Args:
        arguments: Without the program's name; None takes the process's own.

    Returns:
        0 done, 1 bad data, 2 misuse, 130 interrupted, 141 when nobody reads the output any more.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    # Taken from anywhere: who needs it has just seen an error, and adds it at the end.
    known = [argument for argument in given if argument != _DEBUG]
    try:
        with _sigterm_interrupts():
            command = shlex.join(["vep", *given])
            return vep.main(known, prog_name="vep", standalone_mode=False, obj=command) or 0
    except Exception as error:
        if _DEBUG in given:
            traceback.print_exc()
        return _explain(error)
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)


def _explain(error: Exception) -> int:
    """Tell the user what went wrong and what to do; return the exit status."""
    match error:
        case click.Abort():
            return _say("interrupted", INTERRUPTED)
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.format_message(), err=True)
            return error.exit_code
        case click.ClickException():
            return _say(error.format_message(), error.exit_code, _usage_hint(error))
        case VepError():
            return _say(str(error), error.exit_code, error.remedy)
        case OSError(errno=errno.ENOSPC):
            standard_output.abandon()
            return _say(str(error), 1, "make room on the disk")
    return _say(
        f"internal error: {type(error).__name__}: {error}",
        1,
        f"this is a bug of vep-cli: please report it with what the same command prints with {_DEBUG}",
    )


def _usage_hint(error: click.ClickException) -> str | None:
    context = getattr(error, "ctx", None)
    return None if context is None else f"see {context.command_path} --help"


def _say(message: str, exit_code: int, remedy: str | None = None) -> int:
    click.echo(f"vep: error: {message}", err=True)
    if remedy:
        click.echo(f"     {remedy}", err=True)
    return exit_code


@contextlib.contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does, so that no part of an output stays; only while we run."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's to handle
        return
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous or signal.SIG_DFL)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    raise KeyboardInterrupt


def entry_point() -> NoReturn:
    """Run the command line as the installed program."""
    sys.exit(main())
