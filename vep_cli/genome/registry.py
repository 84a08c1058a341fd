"""Reference genomes by name, so that a command names `hg38` and not two paths.

The registry is one JSON file in the user's configuration folder, replaced as a whole on
every change. The genome `demo` comes with the package: it is in every registry, cannot be
changed or removed, and is the default until another genome is made the default.
"""

import dataclasses
import difflib
import json
import os
import pathlib
import re
from collections.abc import Callable
from typing import Any

import platformdirs

from vep_cli.bundled import demo_genome_folder
from vep_cli.errors import AnnotationError, FastaError, UsageError, VepError
from vep_cli.genome.fasta_index import build_index, has_current_index
from vep_cli.genome.sources import GENOME_SOURCES
from vep_cli.whole_file import appearing_whole

ORGANISMS = ("human", "mouse")
DEMO = "demo"
FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LIST_REMEDY = "see the registered genomes: vep genome list"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Genome:
    """A reference sequence and its gene annotation.

    Attributes:
        name: Name on the command line: letters, digits, '.', '_' and '-'; empty for files
            that were given by path.
        fasta: The sequence, plain or bgzipped.
        gtf: The gene annotation; None leaves gene scorers without genes.
        organism: 'human' or 'mouse': which of the model's tracks apply.
        source: Where the files come from, in words or as an address.
    """

    name: str
    fasta: pathlib.Path
    gtf: pathlib.Path | None
    organism: str
    source: str

    def __post_init__(self) -> None:
        """Reject a name that cannot be a folder's, and an unknown organism."""
        if self.name and not _NAME.fullmatch(self.name):
            raise UsageError(
                f"a genome cannot be named {self.name!r}",
                remedy="use letters, digits, '.', '_' and '-', and begin with a letter or digit",
            )
        if self.organism not in ORGANISMS:
            raise UsageError(
                f"unknown organism {self.organism!r}", remedy=f"choose one of: {', '.join(ORGANISMS)}"
            )

    def describe(self, path: pathlib.Path | None) -> str:
        """Return how outputs name one of the genome's files; 'none' for one that it lacks.

        A bundled file goes by its name: where it is installed says nothing about what is in it.
        """
        if path is None:
            return "none"
        is_bundled = path.parent == demo_genome_folder()
        return f"{path.name}, bundled with vep-cli" if is_bundled else str(path)

    def missing_files(self) -> tuple[pathlib.Path, ...]:
        """Return those of the genome's files that are not there."""
        return tuple(path for path in (self.fasta, self.gtf) if path is not None and not path.is_file())


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """The genomes of one user; every change returns a new registry.

    Attributes:
        added: The user's genomes by name, in order of registration, without `demo`.
        default: Name of the genome used where none is named.
    """

    added: dict[str, Genome] = dataclasses.field(default_factory=dict)
    default: str = DEMO

    @property
    def genomes(self) -> dict[str, Genome]:
        """All genomes by name, `demo` first."""
        return {DEMO: demo_genome(), **self.added}

    def get(self, name: str | None = None) -> Genome:
        """Return the genome of this name, or the default where `name` is None.

        Raises:
            UsageError: No genome has this name.
        """
        wanted = self.default if name is None else name
        if wanted not in self.genomes:
            raise UsageError(f"no genome is named {wanted!r}", remedy=self._remedy_for(wanted))
        return self.genomes[wanted]

    def with_genome(self, genome: Genome, *, replace: bool = False) -> "Registry":
        """Return the registry with `genome` in it.

        Raises:
            UsageError: The name is `demo`, or is another genome's and `replace` is False.
        """
        if genome.name == DEMO:
            raise UsageError(f"{DEMO!r} is the bundled genome", remedy="choose another name")
        if self.added.get(genome.name, genome) != genome and not replace:
            raise UsageError(
                f"another genome is already named {genome.name!r}",
                remedy="choose another name, or replace it with --force",
            )
        return dataclasses.replace(self, added={**self.added, genome.name: genome})

    def without(self, name: str) -> "Registry":
        """Return the registry without a genome; if it was the default, `demo` becomes the default.

        Raises:
            UsageError: The name is `demo` or unknown.
        """
        if self.get(name).name == DEMO:
            raise UsageError(f"{DEMO!r} is bundled and cannot be removed", remedy=_LIST_REMEDY)
        return Registry(
            added={key: genome for key, genome in self.added.items() if key != name},
            default=DEMO if self.default == name else self.default,
        )

    def with_default(self, name: str) -> "Registry":
        """Return the registry with another default genome.

        Raises:
            UsageError: No genome has this name.
        """
        return dataclasses.replace(self, default=self.get(name).name)

    def _remedy_for(self, name: str) -> str:
        if name in GENOME_SOURCES:
            return f"download it: vep genome fetch {name}"
        lower = {known.lower(): known for known in self.genomes}
        near = difflib.get_close_matches(name.lower(), lower, cutoff=0.5)
        meant = f"did you mean {', '.join(lower[key] for key in near)}? " if near else ""
        return meant + _LIST_REMEDY


def demo_genome() -> Genome:
    """Return the genome that comes with the package: a piece of human chromosome 6."""
    folder = demo_genome_folder()
    return Genome(
        name=DEMO,
        fasta=folder / "demo.fa.gz",
        gtf=folder / "demo.gtf.gz",
        organism="human",
        source="bundled with vep-cli",
    )


def registry_path() -> pathlib.Path:
    """Return the registry's file: in `$VEP_CONFIG_DIR`, else in the user's configuration folder."""
    folder = os.environ.get("VEP_CONFIG_DIR") or platformdirs.user_config_path("vep-cli")
    return pathlib.Path(folder) / "genomes.json"


def load_registry() -> Registry:
    """Read the user's registry; one that was never written holds `demo` alone.

    Raises:
        UsageError: The file is damaged, or of a newer format.
    """
    path = registry_path()
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return _parse(document, path)
    except FileNotFoundError:
        return Registry()
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(
            f"the list of genomes cannot be read: {error}",
            path=path,
            remedy="mend the file, or delete it and register the genomes again: vep genome add",
        ) from error


def save_registry(registry: Registry) -> None:
    """Replace the user's registry file; a killed write leaves the old one.

    Raises:
        UsageError: The configuration folder cannot be written.
    """
    path = registry_path()
    text = json.dumps(_document(registry), indent=2) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with appearing_whole(path) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the list of genomes cannot be written: {error.strerror}",
            path=path,
            remedy="make the folder writable, or name another one in VEP_CONFIG_DIR",
        ) from error


def register_genome(
    genome: Genome,
    *,
    make_default: bool = False,
    replace: bool = False,
    notify: Callable[[str], None] = lambda message: None,
) -> Genome:
    """Check a genome's files, index its FASTA where needed, and keep it under its name.

    Its genes are read once, so that a damaged annotation is found now and the first run finds them parsed.

    Args:
        genome: The genome; its paths may be relative.
        make_default: Use it where no genome is named.
        replace: Take the name from another genome that has it.
        notify: Told in words when something slow begins.

    Returns:
        The genome with absolute paths, as kept.

    Raises:
        UsageError: The name is taken or `demo`.
        FastaError: The FASTA is missing, malformed, or compressed with plain gzip.
        AnnotationError: The GTF is missing, or malformed (names the line).
    """
    # Imported here because it imports numpy, which `--help` must not wait for.
    from vep_cli.genome.annotation_cache import read_annotation

    kept = dataclasses.replace(
        genome, fasta=_absolute(genome.fasta), gtf=None if genome.gtf is None else _absolute(genome.gtf)
    )
    known = load_registry()
    registry = known.with_genome(kept, replace=replace)
    check_files(kept)
    if kept.gtf is not None:
        if known.added.get(kept.name) != kept:
            notify(f"reading the genes of {kept.gtf}")
        read_annotation(kept.gtf)
    if not has_current_index(kept.fasta):
        notify(f"indexing {kept.fasta}")
        build_index(kept.fasta)
    save_registry(registry.with_default(kept.name) if make_default else registry)
    return kept


def resolve_genome(
    *,
    name: str | None = None,
    fasta: pathlib.Path | None = None,
    gtf: pathlib.Path | None = None,
    organism: str | None = None,
) -> Genome:
    """Return the genome that a command line asks for, its files checked.

    `fasta` wins and stands alone; otherwise the named or the default genome is used, and
    `gtf` and `organism`, where given, replace that genome's own.

    Raises:
        UsageError: Both `name` and `fasta` are given, or no genome has this name.
        FastaError: The FASTA is not there.
        AnnotationError: The GTF is not there.
    """
    if fasta is not None and name is not None:
        raise UsageError("--fasta and --genome name two references", remedy="give only one of them")
    if gtf is not None:
        _require_given(gtf, AnnotationError, "--gtf")
    if fasta is not None:
        _require_given(fasta, FastaError, "--fasta")
        return Genome(name="", fasta=fasta, gtf=gtf, organism=organism or "human", source="command line")
    known = load_registry().get(name)
    chosen = dataclasses.replace(known, gtf=gtf or known.gtf, organism=organism or known.organism)
    check_files(chosen)
    return chosen


def default_organism() -> str:
    """Return whose genome is used where none is named.

    Raises:
        VepError: The list of genomes is damaged.
    """
    return load_registry().get(None).organism


def check_files(genome: Genome) -> None:
    """Raise the error that names the first of a registered genome's files that is not there.

    Raises:
        FastaError: The FASTA is not there.
        AnnotationError: The GTF is not there.
    """
    for path in genome.missing_files():
        kind = FastaError if path == genome.fasta else AnnotationError
        remedy = (
            "reinstall vep-cli: the demo genome comes with it"
            if genome.name == DEMO
            else "check the path, or say where the files are: "
            f"vep genome add {genome.name} --fasta FILE --gtf FILE --force"
        )
        raise kind(f"genome {genome.name!r} has no such file", path=path, remedy=remedy)


def _require_given(path: pathlib.Path, kind: type[VepError], option: str) -> None:
    if not path.is_file():
        what = "a folder, not a file" if path.is_dir() else "no such file"
        raise kind(what, path=path, remedy=f"check the path given to {option}")


def _absolute(path: pathlib.Path) -> pathlib.Path:
    # Not resolve(): a link that the user keeps pointing at the current file stays a link.
    return pathlib.Path(os.path.abspath(path.expanduser()))


def _document(registry: Registry) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "default": registry.default,
        "genomes": {name: genome_fields(genome) for name, genome in registry.added.items()},
    }


def genome_fields(genome: Genome) -> dict[str, str | None]:
    """Return the genome as JSON values, without its name."""
    return {
        "organism": genome.organism,
        "fasta": str(genome.fasta),
        "gtf": None if genome.gtf is None else str(genome.gtf),
        "source": genome.source,
    }


def _parse(document: dict[str, Any], path: pathlib.Path) -> Registry:
    if document["format"] != FORMAT:
        raise UsageError(
            f"the list of genomes has format {document['format']}, this version reads {FORMAT}",
            path=path,
            remedy="use the vep-cli that wrote it, or delete it and register the genomes again",
        )
    added = {name: _genome(name, fields) for name, fields in document["genomes"].items()}
    return Registry(added=added).with_default(document["default"])


def _genome(name: str, fields: dict[str, str | None]) -> Genome:
    gtf = fields["gtf"]
    return Genome(
        name=name,
        fasta=pathlib.Path(str(fields["fasta"])),
        gtf=None if gtf is None else pathlib.Path(gtf),
        organism=str(fields["organism"]),
        source=str(fields["source"]),
    )
