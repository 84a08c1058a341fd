import pathlib
import stat

import pytest
from cryptography import x509

from vep_cli.errors import OutputError, UsageError
from vep_cli.service import certificates
from vep_cli.service.access import KEY_HEADER, is_allowed, read_keys
from vep_cli.service.certificates import own_certificate
from vep_cli.service.listening import Listening, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:50051", ("127.0.0.1", 50051)),
        ("[::1]:443", ("::1", 443)),
        ("::1:443", ("::1", 443)),
        ("host.example.org:0", ("host.example.org", 0)),
    ],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "50051", ":50051", "host:", "host:port", "host:65536", "host:-1"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(UsageError, match="no address"):
        parse_address(text)


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("host.example.org", False),
    ],
)
def test_who_can_reach_a_server(host: str, is_local: bool) -> None:
    assert Listening(host=host, port=1, is_insecure=True).is_local is is_local
    if is_local:
        Listening(host=host, port=1)
    else:
        with pytest.raises(UsageError, match="without encryption"):
            Listening(host=host, port=1)


def test_other_machines_need_both_encryption_and_keys(tmp_path: pathlib.Path) -> None:
    certificate, key = own_certificate(tmp_path, "0.0.0.0")
    pair = {"certificate": certificate, "private_key": key}
    with pytest.raises(UsageError, match="without a key"):
        Listening(host="0.0.0.0", port=1, **pair)
    with pytest.raises(UsageError, match="without encryption"):
        Listening(host="0.0.0.0", port=1, keys=(b"a",))
    Listening(host="0.0.0.0", port=1, keys=(b"a",), **pair)


def test_a_certificate_needs_its_key(tmp_path: pathlib.Path) -> None:
    certificate, key = own_certificate(tmp_path, "localhost")
    with pytest.raises(UsageError, match="belong together"):
        Listening(host="localhost", port=1, certificate=certificate)
    key.unlink()
    with pytest.raises(UsageError, match="no such file"):
        Listening(host="localhost", port=1, certificate=certificate, private_key=key)


def test_keys_of_a_file(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "keys.txt"
    path.write_text("# of the group\n first \n\nsecond\n")
    assert read_keys(path) == (b"first", b"second")
    path.write_text("# none yet\n")
    with pytest.raises(UsageError, match="has no key"):
        read_keys(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_keys(tmp_path / "absent")


def test_who_is_allowed() -> None:
    keys = (b"first", b"second")
    assert is_allowed([("user-agent", "x"), (KEY_HEADER, "second")], keys)
    assert is_allowed([(KEY_HEADER, b"first")], keys)
    assert is_allowed([], ())
    for metadata in ([], [(KEY_HEADER, "firs")], [(KEY_HEADER, "firstsecond")], [("authorization", "first")]):
        assert not is_allowed(metadata, keys)


def test_a_certificate_of_ones_own(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "tls"
    certificate, key = own_certificate(folder, "host.example.org")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    own = x509.load_pem_x509_certificate(certificate.read_bytes())
    names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "host.example.org"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    own.verify_directly_issued_by(own)


def test_a_certificate_is_kept_as_long_as_it_is_of_use(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = own_certificate(tmp_path, "localhost")
    first = certificate.read_bytes(), key.read_bytes()
    own_certificate(tmp_path, "127.0.0.1")
    assert (certificate.read_bytes(), key.read_bytes()) == first
    # Another name of the machine is not in it. This one's life is over as soon as it is made.
    monkeypatch.setattr(certificates, "DAYS", 0)
    own_certificate(tmp_path, "host.example.org")
    second = certificate.read_bytes(), key.read_bytes()
    assert second != first
    monkeypatch.undo()
    own_certificate(tmp_path, "host.example.org")
    third = certificate.read_bytes(), key.read_bytes()
    assert third != second
    own_certificate(tmp_path, "host.example.org")
    assert (certificate.read_bytes(), key.read_bytes()) == third


def test_folders_that_cannot_have_a_certificate(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        own_certificate(tmp_path / "file", "localhost")
    for name in (certificates.CERTIFICATE, certificates.PRIVATE_KEY):
        (tmp_path / name).write_text("something else")
    with pytest.raises(UsageError, match="no certificate"):
        own_certificate(tmp_path, "localhost")
