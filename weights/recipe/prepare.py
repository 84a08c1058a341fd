"""Turn the packages and sequences that the bundled model is taught with into files that `vep train` reads.

Run from the repository; see README.md of this folder:
    python weights/recipe/prepare.py --packages DIR --sequences DIR -o OUT
"""

import argparse
import hashlib
import json
import pathlib
from collections.abc import Sequence

from gene_tables import write_gene_tables
from motifs import write_motifs
from packages import provenance
from pieces import PIECES, Piece, write_piece
from regulatory_elements import write_regulatory_elements
from splice_teacher import write_splice_teacher

GENOMES = ("hg38", "hg19")


def main(arguments: Sequence[str] | None = None) -> None:
    """Write everything to the folder that the arguments name."""
    options = _parser().parse_args(arguments)
    prepare(options.packages, options.sequences, options.output, PIECES)


def prepare(
    packages: pathlib.Path, sequences: pathlib.Path, out: pathlib.Path, pieces: Sequence[Piece]
) -> None:
    """Write sequence, genes, usage, regulatory elements, motifs, the splice teacher and their provenance.

    Nothing of the test piece but its bases is written, and those to a folder of their own.
    """
    for piece in pieces:
        write_piece(sequences, piece, out)
    taught = [piece for piece in pieces if piece.split != "test"]
    for genome in GENOMES:
        write_gene_tables(packages, taught, genome, out / "genes")
    write_regulatory_elements(packages, taught, out / "regulatory_elements")
    write_motifs(packages, out / "motifs")
    write_splice_teacher(packages, out / "splice_teacher")
    (out / "provenance.json").write_text(json.dumps(_provenance(packages, out, pieces), indent=2) + "\n")


def _provenance(
    packages: pathlib.Path, out: pathlib.Path, pieces: Sequence[Piece]
) -> dict[str, list[dict[str, str]]]:
    made = sorted(path for path in out.rglob("*") if path.is_file() and path.suffix not in (".fai", ".gzi"))
    return {
        "packages": provenance(packages),
        "sequences": [
            {"name": piece.name, "split": piece.split, "source": piece.source, "licence": piece.licence}
            for piece in pieces
        ],
        "files": [
            {
                "path": path.relative_to(out).as_posix(),
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            for path in made
            if path.name != "provenance.json"
        ],
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--packages", type=pathlib.Path, required=True, help="folder of downloaded wheels")
    parser.add_argument("--sequences", type=pathlib.Path, required=True, help="folder of gzipped pieces")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, help="folder to write to")
    return parser


if __name__ == "__main__":
    main()
