"""`vep serve` through the real `main`, and a server in a process of its own."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from toy_inputs import Run, ToyGenome, assert_refused

from vep_cli.model.weights_folder import WeightsFolder

CLIENT = """
import sys
from alphagenome.models import dna_client
client = dna_client.create(sys.argv[1], address=sys.argv[2], timeout=60)
print(len(client.output_metadata().atac))
"""


@pytest.fixture
def arguments(toy_genome: ToyGenome, toy_weights: WeightsFolder) -> list[str]:
    files = ("--fasta", toy_genome.fasta, "--gtf", toy_genome.gtf, "--weights", toy_weights.path)
    chosen = ("--longest", 32_768, "--device", "cpu", "--address", "127.0.0.1:0")
    return [*map(str, files), *map(str, chosen)]


@pytest.fixture
def serve(run: Run, arguments: list[str]) -> Run:
    """Call `vep serve`, which is to refuse what it is asked for."""

    def call(*more: object) -> object:
        return run("serve", *arguments, *more)

    return call


def test_options_that_do_not_go_together(serve: Run, tmp_path: pathlib.Path) -> None:
    (tmp_path / "cert.pem").write_text("nothing")
    keys = tmp_path / "keys.txt"
    keys.write_text("secret\n")
    certificate = ("--tls-cert", tmp_path / "cert.pem")
    assert_refused(serve("--address", "nowhere"), 2, "'nowhere' is no address", "127.0.0.1:50051")
    assert_refused(serve(*certificate), 2, "belong together", "--tls-key")
    assert_refused(serve(*certificate, "--self-signed", tmp_path), 2, "leave --tls-cert")
    assert_refused(serve("--address", "0.0.0.0:0"), 2, "other machines", "--self-signed", "--insecure")
    assert_refused(serve("--address", "0.0.0.0:0", "--keys", keys), 2, "without encryption")
    assert_refused(serve("--keys", tmp_path / "absent.txt"), 2, "absent.txt", "cannot be read")
    assert_refused(serve("--longest", 1000), 2, "cannot read a sequence of 1000 bp")


def test_help_needs_no_network() -> None:
    program = (
        "import sys; from vep_cli.cli import main; main(['serve', '--help']); "
        "print(*sorted({'jax', 'grpc', 'alphagenome', 'pandas'} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "--self-signed" in done.stdout
    assert done.stderr.split() == []


def test_without_its_libraries_it_says_what_to_install(serve: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from vep_cli.service import libraries

    monkeypatch.setattr(libraries, "SERVICE", ("no_such_package",))
    assert_refused(serve(), 2, "no_such_package", "pip install 'vep-cli[serve]'")


def test_a_port_that_is_taken(run: Run, arguments: list[str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", *arguments, "--address", f"127.0.0.1:{port}")
    assert done.status == 2
    assert f"cannot listen at 127.0.0.1:{port}" in done.stderr
    assert "another --address" in done.stderr


@contextlib.contextmanager
def server(arguments: list[str], *more: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server in its own process; yield it and its address when it says that it is ready."""
    command = [sys.executable, "-m", "vep_cli", "serve", *arguments, *map(str, more)]
    process = subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    try:
        said = ""
        assert process.stderr is not None
        for line in process.stderr:
            said += line
            if found := re.search(r"serving toy 1 at (\S+), (.*)", line):
                yield process, found[1]
                break
        else:
            raise AssertionError(said)
    finally:
        process.kill()
        process.wait()


def called(key: str, address: str, certificate: pathlib.Path) -> subprocess.CompletedProcess[str]:
    """Call a server as a user's own program does, with the unmodified client."""
    environment = os.environ | {"GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": str(certificate)}
    return subprocess.run(
        [sys.executable, "-c", CLIENT, key, address],
        capture_output=True,
        text=True,
        env=environment,
        timeout=240,
        check=False,
    )


def test_the_unmodified_client_over_tls_with_a_key(arguments: list[str], tmp_path: pathlib.Path) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text("secret\n")
    with server(arguments, "--self-signed", tmp_path / "tls", "--keys", keys) as (process, address):
        port = address.rpartition(":")[2]
        certificate = tmp_path / "tls" / "certificate.pem"
        good = called("secret", f"localhost:{port}", certificate)
        assert (good.returncode, good.stdout) == (0, "2\n"), good.stderr
        wrong = called("guess", f"localhost:{port}", certificate)
        assert "UNAUTHENTICATED" in wrong.stderr
        process.send_signal(signal.SIGTERM)
        out, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out == ""
    assert "SIGTERM: finishing what is being answered" in said
    assert "GetMetadata" in said
    assert "secret" not in said


def test_ctrl_c_ends_it(arguments: list[str]) -> None:
    with server(arguments) as (process, _):
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.endswith("vep: error: interrupted\n")
