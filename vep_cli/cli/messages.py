"""The package's messages on stderr."""

import logging

import click


class _StderrHandler(logging.Handler):
    """Prints each message of the package's loggers as the program's own."""

    def emit(self, record: logging.LogRecord) -> None:
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        click.echo(f"vep: {level}{record.getMessage()}", err=True)


def log_to_stderr(*, quiet: bool) -> None:
    """Show the package's messages, once each, however often a program calls `main`; quiet: warnings only."""
    package = logging.getLogger("vep_cli")
    package.setLevel(logging.INFO)
    package.handlers = [_StderrHandler(logging.WARNING if quiet else logging.INFO)]
