import gzip
import hashlib
import json
import pathlib
from collections.abc import Iterator

import pysam
import pytest
from click.testing import CliRunner
from download_server import Answer, DownloadServer, serving

from vep_cli.cli.genome import genome as genome_command
from vep_cli.errors import DownloadError, UsageError
from vep_cli.genome.download import DownloadSettings
from vep_cli.genome.fetch import fetch_genome, genome_folder, parse_checksums
from vep_cli.genome.registry import Genome, load_registry, register_genome
from vep_cli.genome.sources import GENOME_SOURCES, GenomeSource, genome_source

FASTA = b">chr1 1\nACGTACGT\nACG\n>chr2 2\nTTTTGGGG\n"
GTF = gzip.compress(b'chr1\ttest\tgene\t1\t4\t.\t+\t.\tgene_id "G1";\n')
AT_ONCE = DownloadSettings(attempts=2, backoff=0.0, timeout=10.0)


@pytest.fixture(autouse=True)
def folders(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    monkeypatch.setenv("VEP_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("VEP_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("VEP_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data" / "genomes" / "hg38"


@pytest.fixture
def source() -> Iterator[tuple[GenomeSource, DownloadServer]]:
    with serving() as server:
        found = genome_source("hg38", mirror=f"{server.url}/release/")
        publish(server, found, fasta=gzip.compress(FASTA), gtf=GTF)
        yield found, server


def publish(server: DownloadServer, source: GenomeSource, *, fasta: bytes, gtf: bytes) -> None:
    """Put the two files on the server, with their sums as `md5sum` writes them."""
    files = {source.fasta_name: fasta, source.gtf_name: gtf}
    sums = "".join(f"{hashlib.md5(content).hexdigest()}  {name}\n" for name, content in files.items())
    for name, content in {**files, source.checksums_name: sums.encode()}.items():
        server.files[f"/release/{name}"] = content


def paths(server: DownloadServer) -> list[str]:
    return [request.path.removeprefix("/release/") for request in server.log]


def test_fetched_genome_is_indexed_and_registered(
    source: tuple[GenomeSource, DownloadServer], folders: pathlib.Path
) -> None:
    described, _ = source
    fetched = fetch_genome(described, settings=AT_ONCE, make_default=True)
    assert fetched == Genome(
        name="hg38",
        fasta=folders / "GRCh38.primary_assembly.genome.fa.gz",
        gtf=folders / "gencode.v46.annotation.gtf.gz",
        organism="human",
        source=described.folder_url,
    )
    assert load_registry().get() == fetched
    assert fetched.gtf is not None
    assert fetched.gtf.read_bytes() == GTF
    with pysam.FastaFile(str(fetched.fasta)) as reader:
        assert reader.fetch("chr1", 6, 11) == "GTACG"
        assert list(reader.references) == ["chr1", "chr2"]
    assert sorted(path.name for path in folders.iterdir()) == [
        "GRCh38.primary_assembly.genome.fa.gz",
        "GRCh38.primary_assembly.genome.fa.gz.fai",
        "GRCh38.primary_assembly.genome.fa.gz.gzi",
        "MD5SUMS",
        "gencode.v46.annotation.gtf.gz",
    ]


def test_second_fetch_asks_nothing_and_says_nothing(source: tuple[GenomeSource, DownloadServer]) -> None:
    described, server = source
    first = fetch_genome(described, settings=AT_ONCE)
    server.log.clear()
    said: list[str] = []
    assert fetch_genome(described, settings=AT_ONCE, notify=said.append) == first
    assert (server.log, said) == ([], [])


def test_interrupted_fetch_goes_on(
    source: tuple[GenomeSource, DownloadServer], folders: pathlib.Path
) -> None:
    described, server = source
    # The sums and the annotation arrive; the sequence is cut at byte 20 and the next try is refused.
    server.script = [Answer(), Answer(), Answer(cut_after=20), Answer(status=404)]
    with pytest.raises(DownloadError, match="404"):
        fetch_genome(described, settings=AT_ONCE)
    assert "hg38" not in load_registry().genomes
    server.log.clear()
    fetch_genome(described, settings=AT_ONCE)
    assert paths(server) == ["MD5SUMS", described.fasta_name]
    assert server.log[1].byte_range == "bytes=20-"
    assert load_registry().get("hg38").missing_files() == ()


def test_missing_index_is_built_without_the_server(source: tuple[GenomeSource, DownloadServer]) -> None:
    described, server = source
    index = fetch_genome(described, settings=AT_ONCE).fasta.with_suffix(".gz.fai")
    index.unlink()
    server.log.clear()
    fetch_genome(described, settings=AT_ONCE)
    assert index.exists()
    assert server.log == []


def test_taken_name_is_refused_before_the_download(
    source: tuple[GenomeSource, DownloadServer], tmp_path: pathlib.Path
) -> None:
    described, server = source
    own = tmp_path / "own.fa"
    own.write_bytes(FASTA)
    register_genome(Genome(name="hg38", fasta=own, gtf=None, organism="human", source="own"))
    with pytest.raises(UsageError, match="already named 'hg38'"):
        fetch_genome(described, settings=AT_ONCE)
    assert server.log == []
    assert fetch_genome(described, settings=AT_ONCE, replace=True).source == described.folder_url


def test_file_without_a_published_checksum_is_not_fetched(
    source: tuple[GenomeSource, DownloadServer],
) -> None:
    described, server = source
    server.files["/release/MD5SUMS"] = b"0123456789abcdef0123456789abcdef  other.gz\n"
    with pytest.raises(DownloadError, match="no checksum of GRCh38") as caught:
        fetch_genome(described, settings=AT_ONCE)
    assert paths(server) == ["MD5SUMS"]
    assert "vep genome add hg38" in str(caught.value.remedy)


def test_damaged_sequence_is_not_registered(
    source: tuple[GenomeSource, DownloadServer], folders: pathlib.Path
) -> None:
    described, server = source
    server.files[f"/release/{described.fasta_name}"] = gzip.compress(FASTA[::-1])
    with pytest.raises(DownloadError, match="expected MD5"):
        fetch_genome(described, settings=AT_ONCE)
    assert not (folders / described.fasta_name).exists()
    assert "hg38" not in load_registry().genomes


def test_progress_tells_of_each_step(source: tuple[GenomeSource, DownloadServer]) -> None:
    described, _ = source
    tasks: dict[str, tuple[int, int | None]] = {}

    def report(task: str, done: int, total: int | None) -> None:
        tasks[task] = (done, total)

    fetch_genome(described, settings=AT_ONCE, progress=report)
    size = len(gzip.compress(FASTA))
    assert tasks == {
        described.gtf_name: (len(GTF), len(GTF)),
        described.fasta_name: (size, size),
        f"recompressing {described.fasta_name}": (size, size),
    }


def test_command_fetches_registers_and_lists(
    source: tuple[GenomeSource, DownloadServer], tmp_path: pathlib.Path
) -> None:
    described, _ = source
    arguments = [
        "fetch",
        "hg38",
        "--mirror",
        described.folder_url,
        "--to",
        str(tmp_path / "here"),
        "--default",
    ]
    fetched = CliRunner().invoke(genome_command, arguments)
    assert (fetched.exit_code, fetched.stdout) == (0, "")
    assert f"registered hg38 (human): {tmp_path}/here/" in fetched.stderr
    listed = json.loads(CliRunner().invoke(genome_command, ["list", "--json"]).stdout)
    assert [(row["name"], row["default"]) for row in listed] == [("demo", False), ("hg38", True)]


def test_sums_are_read_in_each_spelling_of_md5sum() -> None:
    text = (
        "D41D8CD98F00B204E9800998ECF8427E  a.gz\n0cc175b9c0f1b6a831c399e269772661 *./dir/b.gz\n\nnonsense\n"
    )
    assert parse_checksums(text) == {
        "a.gz": "d41d8cd98f00b204e9800998ecf8427e",
        "b.gz": "0cc175b9c0f1b6a831c399e269772661",
    }


def test_without_the_variable_the_users_folder_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEP_DATA_DIR", "")
    monkeypatch.setattr("platformdirs.user_data_path", lambda name: pathlib.Path("/home/user/share", name))
    assert genome_folder("mm10") == pathlib.Path("/home/user/share/vep-cli/genomes/mm10")


@pytest.mark.parametrize("name", sorted(GENOME_SOURCES))
def test_catalogue_is_consistent(name: str) -> None:
    described = genome_source(name)
    assert described.name == name
    assert described.url("X").startswith("https://")
    assert "//" not in described.url("X").removeprefix("https://")
    # A GENCODE annotation is named after the release whose folder it lies in: v46 in release_46.
    release = described.folder_url.rpartition("release_")[2]
    assert described.gtf_name == f"gencode.v{release}.annotation.gtf.gz"


def test_unknown_source_tells_the_two_ways() -> None:
    with pytest.raises(UsageError, match="'hg19'") as caught:
        genome_source("hg19")
    assert "hg38, mm10" in str(caught.value.remedy)
    assert "vep genome add hg19" in str(caught.value.remedy)
