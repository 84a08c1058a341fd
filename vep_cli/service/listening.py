"""Where a server listens and who can reach it, checked before anything is loaded."""

import dataclasses
import ipaddress
import pathlib

from vep_cli.errors import UsageError
from vep_cli.service.tensors import Compression

DEFAULT_ADDRESS = "127.0.0.1:50051"
DEFAULT_CALLS = 64


@dataclasses.dataclass(frozen=True, kw_only=True)
class Listening:
    """How a server is reached.

    Attributes:
        host: Name or number of the network interface.
        port: Of TCP; 0 for one that is free.
        certificate: File of the server's certificate, in PEM; None for no encryption.
        private_key: File of its key.
        keys: Those that clients need one of; none for anybody.
        is_insecure: Whether other machines may reach it without encryption, or without a key.
        calls: Calls that are answered or wait at once; further ones are told to try again.
        compression: Of the numbers in replies.
        is_any_ref: Whether variants are scored whose REF is not the reference's.
    """

    host: str
    port: int
    certificate: pathlib.Path | None = None
    private_key: pathlib.Path | None = None
    keys: tuple[bytes, ...] = ()
    is_insecure: bool = False
    calls: int = DEFAULT_CALLS
    compression: Compression = Compression.NONE
    is_any_ref: bool = False

    def __post_init__(self) -> None:
        """Reject half a certificate, and a server that anybody could use unasked."""
        if (self.certificate is None) != (self.private_key is None):
            raise UsageError(
                "a certificate and its key belong together", remedy="give --tls-cert and --tls-key"
            )
        for path in (self.certificate, self.private_key):
            if path is not None and not path.is_file():
                raise UsageError("no such file", path=path, remedy="check the path")
        is_open = self.certificate is None or not self.keys
        if not self.is_local and is_open and not self.is_insecure:
            raise UsageError(
                f"other machines could use the server at {self.host} "
                f"{'without encryption' if self.certificate is None else 'without a key'}",
                remedy="give --self-signed or --tls-cert, and --keys; or say --insecure",
            )

    @property
    def is_local(self) -> bool:
        """Whether this machine alone can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def with_port(self, port: int) -> str:
        """Return the address as clients and gRPC write it."""
        return f"[{self.host}]:{port}" if ":" in self.host else f"{self.host}:{port}"


def parse_address(text: str) -> tuple[str, int]:
    """Return the host and the port of 'HOST:PORT'; the host of IPv6 in brackets, or without.

    Raises:
        UsageError: It is no address.
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (colon and host and port.isdecimal() and int(port) < 1 << 16):
        raise UsageError(f"{text!r} is no address", remedy=f"write HOST:PORT, for instance {DEFAULT_ADDRESS}")
    return host, int(port)
