"""The Python packages whose data teach the model: read as downloaded, never installed."""

import dataclasses
import hashlib
import pathlib
import zipfile


@dataclasses.dataclass(frozen=True, kw_only=True)
class Package:
    """One package of the registry.

    Attributes:
        name: In the registry.
        version: The one whose layout is known.
        licence: Of the data taken from it.
        use: What is taken.
        citation: Whom to credit.
    """

    name: str
    version: str
    licence: str
    use: str
    citation: str


CISPLICEAI = Package(
    name="cispliceai",
    version="1.2.2",
    licence="CC BY 4.0",
    use="splice-site probabilities of five networks; table of splice junctions (evaluation)",
    citation="Strauch et al., CI-SpliceAI, PLOS ONE 2022, doi:10.1371/journal.pone.0269159",
)
MMSPLICE = Package(
    name="mmsplice",
    version="2.4.0",
    licence="MIT",
    use="exons of GENCODE transcripts; fractions of inclusion per GTEx tissue",
    citation="Cheng et al., MMSplice and MTSplice, Genome Biology 2019 and 2021",
)
REMOPY = Package(
    name="remopy",
    version="1.1.0",
    licence="Artistic-2.0",
    use="regulatory elements and the cell types in which their modules are open",
    citation="Stuart and Lim, REMO v1",
)
PYJASPAR = Package(
    name="pyjaspar",
    version="4.0.0",
    licence="CC BY 4.0",
    use="profiles of transcription factors, JASPAR 2024",
    citation="Rauluseviciute et al., JASPAR 2024, Nucleic Acids Research 2024, doi:10.1093/nar/gkad1059",
)
PACKAGES = (CISPLICEAI, MMSPLICE, REMOPY, PYJASPAR)


def wheel(folder: pathlib.Path, package: Package) -> pathlib.Path:
    """Return the downloaded file of a package.

    Raises:
        FileNotFoundError: It is not in the folder; the message says how to download it.
    """
    for path in sorted(folder.glob(f"{package.name}-{package.version}-*.whl")):
        return path
    raise FileNotFoundError(
        f"{folder} has no wheel of {package.name} {package.version}; "
        f"pip download --no-deps -d {folder} {package.name}=={package.version}"
    )


def read(folder: pathlib.Path, package: Package, member: str) -> bytes:
    """Return a file of a package.

    Raises:
        FileNotFoundError: The package is not in the folder.
        KeyError: It has no such file.
    """
    with zipfile.ZipFile(wheel(folder, package)) as archive:
        return archive.read(member)


def provenance(folder: pathlib.Path) -> list[dict[str, str]]:
    """Return what is known of each package, with the hash of its file."""
    return [
        dataclasses.asdict(package)
        | {"sha256": hashlib.sha256(wheel(folder, package).read_bytes()).hexdigest()}
        for package in PACKAGES
    ]
