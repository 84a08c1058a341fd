"""Download a reference genome and make it ready: sequence, index, annotation, registration.

Every step leaves a finished file or nothing, and is skipped where its file is there; so
the same call continues an interrupted fetch, and does nothing after a complete one.
"""

import contextlib
import os
import pathlib
from collections.abc import Callable

import platformdirs

from vep_cli.errors import DownloadError
from vep_cli.genome.download import (
    DownloadSettings,
    Progress,
    RemoteFile,
    download,
    no_progress,
    require_space,
)
from vep_cli.genome.fasta_index import recompress_as_bgzip
from vep_cli.genome.registry import Genome, load_registry, register_genome
from vep_cli.genome.sources import GenomeSource

# The BGZF copy is written while the gzip file is there, and is up to a fifth larger.
_BGZF_SHARE = 1.2


def genome_folder(name: str) -> pathlib.Path:
    """Return where a fetched genome is kept: in `$VEP_DATA_DIR`, else in the user's data folder."""
    folder = os.environ.get("VEP_DATA_DIR") or platformdirs.user_data_path("vep-cli")
    return pathlib.Path(folder) / "genomes" / name


def fetch_genome(
    source: GenomeSource,
    *,
    folder: pathlib.Path | None = None,
    make_default: bool = False,
    replace: bool = False,
    settings: DownloadSettings | None = None,
    progress: Progress = no_progress,
    notify: Callable[[str], None] = lambda message: None,
) -> Genome:
    """Download, check, recompress, index and register a genome.

    Args:
        source: Where to download from.
        folder: Where to keep the files; None for `genome_folder(source.name)`.
        make_default: Use it where no genome is named.
        replace: Take the name from another genome that has it.
        settings: How patient the downloads are.
        progress: Told of bytes downloaded and recompressed.
        notify: Told in words when something slow begins.

    Returns:
        The registered genome.

    Raises:
        UsageError: The name is another genome's and `replace` is False.
        DownloadError: A file could not be had whole, or the disk is full.
        FastaError: The sequence cannot be recompressed or indexed.
    """
    where = folder or genome_folder(source.name)
    genome = Genome(
        name=source.name,
        fasta=(where / source.fasta_name).absolute(),
        gtf=(where / source.gtf_name).absolute(),
        organism=source.organism,
        source=source.folder_url,
    )
    # Refused before an hour of downloading, not after it.
    load_registry().with_genome(genome, replace=replace)
    if genome.missing_files():
        _obtain(source, genome, settings, progress)
    return register_genome(genome, make_default=make_default, replace=replace, notify=notify)


def parse_checksums(text: str) -> dict[str, str]:
    """Return MD5 sums by file name from the output format of `md5sum`.

    Args:
        text: Lines of a sum, white space, an optional `*`, and a path.
    """
    lines = (line.split(maxsplit=1) for line in text.splitlines())
    return {
        pathlib.PurePosixPath(fields[1].strip().lstrip("*")).name: fields[0].lower()
        for fields in lines
        if len(fields) == 2
    }


def _obtain(
    source: GenomeSource, genome: Genome, settings: DownloadSettings | None, progress: Progress
) -> None:
    folder = genome.fasta.parent
    checksums = _checksums(source, folder, settings)

    def get(file_name: str, destination: pathlib.Path, headroom: float) -> pathlib.Path:
        remote = RemoteFile(url=source.url(file_name), md5=checksums[file_name], headroom=headroom)
        return download(remote, destination, settings=settings, progress=progress)

    get(source.gtf_name, folder / source.gtf_name, 1.0)
    if not genome.fasta.exists():
        compressed = get(source.fasta_name, folder / "download" / source.fasta_name, 1.0 + _BGZF_SHARE)
        _recompress(compressed, genome.fasta, progress)


def _recompress(compressed: pathlib.Path, fasta: pathlib.Path, progress: Progress) -> None:
    """Turn the download into the BGZF file that random access needs, and delete the download."""
    require_space(fasta.parent, int(compressed.stat().st_size * _BGZF_SHARE))
    task = f"recompressing {fasta.name}"
    recompress_as_bgzip(compressed, fasta, progress=lambda done, total: progress(task, done, total))
    compressed.unlink()
    # Another process may be fetching into the same folder.
    with contextlib.suppress(OSError):
        compressed.parent.rmdir()


def _checksums(
    source: GenomeSource, folder: pathlib.Path, settings: DownloadSettings | None
) -> dict[str, str]:
    """Fetch the publisher's checksums anew; the file stays in the folder as a record."""
    remote = RemoteFile(url=source.url(source.checksums_name))
    path = download(remote, folder / source.checksums_name, refresh=True, settings=settings)
    checksums = parse_checksums(path.read_text(encoding="utf-8", errors="replace"))
    for file_name in (source.fasta_name, source.gtf_name):
        if file_name not in checksums:
            raise DownloadError(
                f"{source.url(source.checksums_name)}: no checksum of {file_name}",
                remedy="download the files yourself and register them: "
                f"vep genome add {source.name} --fasta FILE --gtf FILE",
            )
    return checksums
