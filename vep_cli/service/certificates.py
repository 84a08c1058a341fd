"""A certificate of one's own, so that a client that insists on TLS talks to a server on the same machine."""

import datetime
import ipaddress
import os
import pathlib
from collections.abc import Iterator, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from vep_cli.errors import OutputError, UsageError, reason

CERTIFICATE = "certificate.pem"
PRIVATE_KEY = "private-key.pem"

DAYS = 365
"""A certificate's life; a new one is made when it is over."""

_LOCAL = ("localhost", "127.0.0.1", "::1")


def own_certificate(folder: pathlib.Path, host: str) -> tuple[pathlib.Path, pathlib.Path]:
    """Return a certificate and its key, made in the folder where they are not there, or not of use any more.

    It signs itself, so that a client that is to trust it needs the certificate's own file.

    Args:
        folder: Made where there is none.
        host: What clients call the machine, besides its local names; a wildcard address does not count.

    Raises:
        OutputError: The folder cannot be written.
        UsageError: What is in it cannot be read.
    """
    paths = folder / CERTIFICATE, folder / PRIVATE_KEY
    names = [name for name in dict.fromkeys((*_LOCAL, host)) if name not in ("0.0.0.0", "::")]
    if all(path.is_file() for path in paths) and _is_of_use(paths[0], names):
        return paths
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signed(key, names)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_secret(paths[1], secret)
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    except OSError as error:
        raise OutputError(
            f"the certificate cannot be written: {reason(error)}", path=folder, remedy="choose another folder"
        ) from error
    return paths


def _signed(key: ec.EllipticCurvePrivateKey, names: Sequence[str]) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vep serve")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(
        issuer_name=subject,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        # Clocks differ a little.
        not_valid_before=now - datetime.timedelta(hours=1),
        not_valid_after=now + datetime.timedelta(days=DAYS),
    )
    alternatives = x509.SubjectAlternativeName(list(_alternatives(names)))
    is_root = x509.BasicConstraints(ca=True, path_length=0)
    extended = builder.add_extension(alternatives, critical=False).add_extension(is_root, critical=True)
    return extended.sign(key, hashes.SHA256())


def _alternatives(names: Sequence[str]) -> Iterator[x509.GeneralName]:
    for name in names:
        try:
            yield x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            yield x509.DNSName(name)


def _is_of_use(path: pathlib.Path, names: Sequence[str]) -> bool:
    """Return whether a certificate is of all these names, and of today."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        remedy = "remove it, or name another folder"
        raise UsageError(f"it is no certificate: {error}", path=path, remedy=remedy) from error
    own = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    is_current = certificate.not_valid_after_utc > datetime.datetime.now(datetime.UTC)
    return is_current and set(_alternatives(names)) <= set(own)


def _write_secret(path: pathlib.Path, secret: bytes) -> None:
    """Write what the user alone may read, in the place of what may be there."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secret)
