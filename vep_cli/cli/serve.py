"""`vep serve`: the official client's calls, answered on this machine."""

import pathlib
from typing import Any

import click

from vep_cli.cli import options, server_options
from vep_cli.cli.runs import begin, score_settings


@click.command()
@server_options.listening
@options.track_selection
@options.genome
@options.fasta
@options.gtf
@options.polyadenylation
@options.splice_sites
@options.organism
@options.weights
@options.calibration
@options.alleles
@server_options.longest
@options.device
@options.devices
@options.precision
@options.quiet
@click.pass_obj
def serve(
    command: str | None,
    /,
    address: str,
    self_signed: pathlib.Path | None,
    certificate: pathlib.Path | None,
    private_key: pathlib.Path | None,
    keys: pathlib.Path | None,
    is_insecure: bool,
    calls: int,
    compression: str,
    is_any_ref: bool,
    weights: pathlib.Path | None,
    quiet: bool,
    **choices: Any,  # noqa: ANN401 - passed on by name
) -> None:
    """Answer the calls of the official AlphaGenome client, the Python package alphagenome, on this machine.

    Notebooks written for the official service run unchanged: only where they make the client do they name
    the address, which the server says when it is ready (docs/serve.md). Without --self-signed or --tls-cert
    there is no encryption, and only this machine can reach the server. Ends on Ctrl-C or SIGTERM when
    what is being answered is finished. Needs the client's own package: pip install 'vep-cli[serve]'.

    \b
    Examples:
      vep serve --genome hg38 --self-signed ~/.vep-tls
      vep serve --weights official --fasta hg38.fa --gtf gencode.gtf.gz --polya polya.tsv --device gpu
      vep serve --address 0.0.0.0:8443 --tls-cert cert.pem --tls-key key.pem --keys keys.txt
    """
    begin(quiet=quiet)
    from vep_cli.service.libraries import SERVICE, check_libraries

    check_libraries(SERVICE)
    from vep_cli.cli import serving

    listening = serving.listening(
        address,
        self_signed,
        keys,
        certificate=certificate,
        private_key=private_key,
        is_insecure=is_insecure,
        calls=calls,
        compression=compression,
        is_any_ref=is_any_ref,
    )
    folders = () if weights is None else (weights,)
    settings = score_settings("", folders, output="-", command=command or "", **choices)
    serving.serve_until_told(settings, listening, quiet=quiet)
