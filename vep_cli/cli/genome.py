"""`vep genome`: the reference genomes that other commands call by name."""

import contextlib
import json
import pathlib
from collections.abc import Iterator

import click
import rich.console
import rich.progress

from vep_cli.cli import completed_names
from vep_cli.cli.workflow_order import WorkflowOrder
from vep_cli.genome.download import Progress
from vep_cli.genome.fetch import fetch_genome
from vep_cli.genome.registry import (
    ORGANISMS,
    Genome,
    Registry,
    genome_fields,
    load_registry,
    register_genome,
    save_registry,
)
from vep_cli.genome.sources import GENOME_SOURCES, genome_source

_FILE = click.Path(path_type=pathlib.Path, dir_okay=False)
_FOLDER = click.Path(path_type=pathlib.Path, file_okay=False)

_make_default = click.option(
    "--default", "make_default", is_flag=True, help="Use it wherever no genome is named."
)
_force = click.option("--force", is_flag=True, help="Replace another genome of this name.")


@click.group(name="genome", cls=WorkflowOrder)
def genome() -> None:
    """Manage the reference genomes that are used by name.

    The genome `demo` comes with vep-cli. Others are downloaded with `fetch`, or registered
    from files of your own with `add`. The list is kept in your configuration folder, or in
    $VEP_CONFIG_DIR where that is set.

    \b
    Example:
      vep genome fetch hg38 --default
      vep score input.vcf --tissue liver
    """


@genome.command()
@click.argument("name", metavar="NAME", type=click.Choice(sorted(GENOME_SOURCES)))
@click.option("--to", "folder", type=_FOLDER, help="Folder for the files  [default: your data folder]")
@click.option("--mirror", metavar="URL", help="Folder on another server that has the same files.")
@_make_default
@_force
def fetch(
    name: str, folder: pathlib.Path | None, mirror: str | None, make_default: bool, force: bool
) -> None:
    """Download the genome NAME with its genes, and register it.

    NAME is hg38 or mm10. Files come from GENCODE and are checked against its MD5 sums: about
    0.9 GB for hg38, and another 1 GB of free disk while the sequence is recompressed. An
    interrupted download goes on where it stopped when the command is run again.

    \b
    Example:
      vep genome fetch hg38 --default
      vep genome fetch mm10 --to /data/genomes/mm10
    """
    source = genome_source(name, mirror=mirror)
    with _progress_bars() as progress:
        fetched = fetch_genome(
            source,
            folder=folder,
            make_default=make_default,
            replace=force,
            progress=progress,
            notify=_say,
        )
    _say_registered(fetched)


@genome.command()
@click.argument("name")
@click.option("--fasta", type=_FILE, required=True, help="Reference sequence, plain or bgzipped.")
@click.option("--gtf", type=_FILE, help="Gene annotation; without it genes are not scored.")
@click.option("--organism", type=click.Choice(ORGANISMS), default="human", show_default=True)
@_make_default
@_force
def add(
    name: str,
    fasta: pathlib.Path,
    gtf: pathlib.Path | None,
    organism: str,
    make_default: bool,
    force: bool,
) -> None:
    """Register files of your own as the genome NAME.

    The files stay where they are. The FASTA's index is built beside it where it is missing, and the
    genes are read once and kept in your cache folder.

    \b
    Example:
      vep genome add hg38 --fasta GRCh38.fa.gz --gtf gencode.v46.gtf.gz --default
    """
    added = Genome(name=name, fasta=fasta, gtf=gtf, organism=organism, source="added by hand")
    _say_registered(register_genome(added, make_default=make_default, replace=force, notify=_say))


@genome.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_genomes(as_json: bool) -> None:
    """List the registered genomes; `*` marks the default.

    \b
    Example:
      vep genome list
      vep genome list --json | jq -r '.[] | select(.default).fasta'
    """
    registry = load_registry()
    click.echo(_as_json(registry) if as_json else _as_table(registry))
    for known in registry.genomes.values():
        for path in known.missing_files():
            _say(f"{known.name}: {path} is not there")


@genome.command()
@click.argument("name", shell_complete=completed_names.genomes)
def default(name: str) -> None:
    """Use the genome NAME wherever no genome is named.

    \b
    Example:
      vep genome default mm10
    """
    save_registry(load_registry().with_default(name))
    _say(f"the default genome is now {name}")


@genome.command()
@click.argument("name", shell_complete=completed_names.genomes)
def remove(name: str) -> None:
    """Forget the genome NAME; its files stay.

    \b
    Example:
      vep genome remove hg38
    """
    registry = load_registry()
    smaller = registry.without(name)
    save_registry(smaller)
    _say(f"forgot {name}; its files stay at {registry.get(name).fasta.parent}")
    if smaller.default != registry.default:
        _say(f"the default genome is now {smaller.default}")


def _as_json(registry: Registry) -> str:
    rows = [
        {"name": name, "default": name == registry.default, **genome_fields(known)}
        for name, known in registry.genomes.items()
    ]
    return json.dumps(rows, indent=2)


def _as_table(registry: Registry) -> str:
    rows = [("name", "default", "organism", "fasta", "gtf")] + [
        (
            name,
            "*" if name == registry.default else "",
            known.organism,
            str(known.fasta),
            str(known.gtf or "-"),
        )
        for name, known in registry.genomes.items()
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ("  ".join(map(str.ljust, row, widths)) for row in rows)
    return "\n".join(line.rstrip() for line in padded)


def _say(message: str) -> None:
    click.echo(message, err=True)


def _say_registered(known: Genome) -> None:
    _say(f"registered {known.name} ({known.organism}): {known.fasta}, genes from {known.gtf or 'nowhere'}")


@contextlib.contextmanager
def _progress_bars() -> Iterator[Progress]:
    """Draw one bar per task on stderr while it is a terminal, and nothing otherwise."""
    console = rich.console.Console(stderr=True)
    columns = (*rich.progress.Progress.get_default_columns(), rich.progress.DownloadColumn())
    tasks: dict[str, rich.progress.TaskID] = {}
    with rich.progress.Progress(*columns, console=console, disable=not console.is_terminal) as bars:

        def report(task: str, done: int, total: int | None) -> None:
            if task not in tasks:
                tasks[task] = bars.add_task(task, total=total)
            bars.update(tasks[task], completed=done, total=total)

        yield report
