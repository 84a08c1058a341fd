"""What `vep serve` does with its options, and what it says on stderr."""

import pathlib
import signal
from typing import Any

import click

from vep_cli.cli import report
from vep_cli.errors import UsageError
from vep_cli.genome.reference import Reference
from vep_cli.pipeline import Preparation, prepare
from vep_cli.service.access import read_keys
from vep_cli.service.libraries import CERTIFICATES, check_libraries
from vep_cli.service.listening import Listening, parse_address
from vep_cli.service.preparation import load, served
from vep_cli.service.server import serving, wait_for_signal
from vep_cli.service.tensors import Compression
from vep_cli.settings import ScoreSettings


def listening(
    address: str,
    self_signed: pathlib.Path | None,
    keys: pathlib.Path | None,
    compression: str,
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> Listening:
    """Return how the server is reached, as options say it.

    Args:
        address: 'HOST:PORT'.
        self_signed: Folder of the server's own certificate, made where there is none; None for no such.
        keys: File of the clients' keys; None for no need of one.
        compression: By its name.
        choices: The other fields of `Listening`.

    Raises:
        VepError: An option has no such value, or does not go with another one.
    """
    host, port = parse_address(address)
    if self_signed is not None:
        if choices["certificate"] is not None or choices["private_key"] is not None:
            raise UsageError(
                "--self-signed makes its own certificate", remedy="leave --tls-cert and --tls-key out"
            )
        check_libraries(CERTIFICATES)
        from vep_cli.service.certificates import own_certificate

        choices["certificate"], choices["private_key"] = own_certificate(self_signed, host)
    return Listening(
        host=host,
        port=port,
        keys=() if keys is None else read_keys(keys),
        compression=Compression(compression),
        **choices,
    )


def serve_until_told(settings: ScoreSettings, how: Listening, *, quiet: bool) -> None:
    """Load the model, say where it is served, and serve it until a signal comes.

    Args:
        settings: Of a run of `vep score` without input and output.
        how: How the server is reached.
        quiet: Say nothing but warnings and errors.

    Raises:
        VepError: Something does not exist or does not fit, or the server cannot listen there.
        KeyboardInterrupt: The signal was SIGINT.
    """
    prepared = served(prepare(settings))
    report.describe(prepared, quiet=quiet)
    if not how.is_local:
        click.echo(f"vep: warning: other machines can reach the server at {how.host}", err=True)
    with (
        Reference(settings.genome.fasta) as reference,
        serving(load(prepared, reference, how), how) as address,
    ):
        if not quiet:
            _say_ready(prepared, how, address)
        told = wait_for_signal()
        if not quiet:
            click.echo(f"vep: {told.name}: finishing what is being answered", err=True)
    if told is signal.SIGINT:
        raise KeyboardInterrupt


def _say_ready(prepared: Preparation, how: Listening, address: str) -> None:
    manifest = prepared.weights[0].manifest
    locked = "encrypted" if how.certificate is not None else "not encrypted"
    allowed = f"{len(how.keys)} keys are known" if how.keys else "any key is accepted"
    click.echo(f"vep: serving {manifest.name} {manifest.version} at {address}, {locked}; {allowed}", err=True)
    click.echo(f"vep: {_client(how, address)}", err=True)


def _client(how: Listening, address: str) -> str:
    """Return how Python's client is made that calls the server."""
    if how.certificate is None:
        return f'in Python: dna_client.DnaClient(channel=grpc.insecure_channel("{address}"))'
    local = f"localhost:{address.rpartition(':')[2]}" if how.is_local else address
    return (
        f'in Python: dna_client.create("KEY", address="{local}"), with '
        f"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH={how.certificate} where the certificate is the server's own"
    )
