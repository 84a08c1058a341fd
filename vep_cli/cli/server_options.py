"""The options of a server, each once."""

import pathlib
from collections.abc import Callable
from typing import Any, TypeVar

import click

from vep_cli.settings import DEFAULT_WINDOW

Command = TypeVar("Command", bound=Callable[..., Any])

_PATH = click.Path(path_type=pathlib.Path)

_address = click.option(
    "--address",
    default="127.0.0.1:50051",
    show_default=True,
    metavar="HOST:PORT",
    help="Where to listen; 0.0.0.0:PORT is reached from other machines too. Port 0 is any free one.",
)
_self_signed = click.option(
    "--self-signed",
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    metavar="DIR",
    help="Encrypt with a certificate of the server's own, DIR/certificate.pem, made where it is not there.",
)
_certificate = click.option(
    "--tls-cert", "certificate", type=_PATH, metavar="FILE", help="Encrypt with this certificate, in PEM."
)
_private_key = click.option(
    "--tls-key", "private_key", type=_PATH, metavar="FILE", help="The certificate's private key, in PEM."
)
_keys = click.option(
    "--keys",
    type=_PATH,
    metavar="FILE",
    help="Answer only clients that have one of the keys in FILE, one a line.  [default: any key, or none]",
)
_insecure = click.option(
    "--insecure",
    "is_insecure",
    is_flag=True,
    help="Let other machines in without encryption, or without keys.",
)
_calls = click.option(
    "--calls",
    type=click.IntRange(min=1, max=1000),
    default=64,
    show_default=True,
    metavar="N",
    help="Answer or keep waiting so many calls at once; the official client tries again after a while.",
)
_compression = click.option(
    "--compression",
    type=click.Choice(["none", "zstd"]),
    default="none",
    show_default=True,
    help="Of the numbers in replies; zstd is worth it over a network.",
)
_any_ref = click.option(
    "--any-ref",
    "is_any_ref",
    is_flag=True,
    help="Score variants whose REF is not the reference's, as if it were, as the official service does; or "
    "refuse them, which is the default.",
)
longest = click.option(
    "--longest",
    "window",
    type=click.IntRange(min=1),
    default=DEFAULT_WINDOW,
    show_default=True,
    metavar="BP",
    help="Refuse sequences and intervals that are longer.",
)


def listening(command: Command) -> Command:
    """Give a command the options that say how a server is reached, and what it lets pass."""
    for option in (
        _any_ref,
        _compression,
        _calls,
        _insecure,
        _keys,
        _private_key,
        _certificate,
        _self_signed,
        _address,
    ):
        command = option(command)
    return command
