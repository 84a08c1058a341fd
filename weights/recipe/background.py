"""Draw the variants that quantiles of the bundled model are ranks among: common ones, at random.

The sequence that they lie in is put at its place on the chromosome, N before it.

Run from the repository; see README.md of this folder:
    python weights/recipe/background.py 1000G_chr20.vcf.gz --sequences sequences -o background
"""

import argparse
import gzip
import pathlib
import random
from collections.abc import Iterator, Sequence

import pysam
from pieces import PIECES, read_bases, write_record

PIECE = next(piece for piece in PIECES if piece.name == "hg19_chr20_1000001-2000000")
"""Where the variants lie."""

MINOR_ALLELE = 0.01
SEED = 7


def main(arguments: Sequence[str] | None = None) -> None:
    """Write `background.vcf` and `background.fa.gz` to the folder that the arguments name."""
    options = _parser().parse_args(arguments)
    options.output.mkdir(parents=True, exist_ok=True)
    drawn = draw(options.variants, options.number)
    (options.output / "background.vcf").write_text(drawn, encoding="utf-8")
    bases = read_bases(options.sequences / f"{PIECE.name}.fa.gz")
    with pysam.BGZFile(str(options.output / "background.fa.gz"), "w") as file:
        write_record(file, PIECE.contig, "N" * PIECE.start + bases)


def draw(variants: pathlib.Path, number: int) -> str:
    """Return the header of a VCF and records drawn from it, in order."""
    header, records = [], []
    for line in lines_of(variants):
        if line.startswith("#"):
            header.append(line)
        elif is_common(line):
            records.append(line)
    drawn = sorted(random.Random(SEED).sample(range(len(records)), min(number, len(records))))
    return "".join([*header, *(records[place] for place in drawn)])


def is_common(line: str) -> bool:
    """Say whether a record has one ALT, of bases alone, and both alleles are frequent."""
    fields = line.rstrip("\n").split("\t")
    if not set(fields[4]) <= set("ACGT"):
        return False
    entries = dict(entry.split("=", 1) for entry in fields[7].split(";") if "=" in entry)
    return MINOR_ALLELE < float(entries["AF"]) < 1 - MINOR_ALLELE


def lines_of(path: pathlib.Path) -> Iterator[str]:
    """Yield the lines of a VCF, gzipped or not."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        yield from lines


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("variants", type=pathlib.Path, help="VCF with AF among its INFO")
    parser.add_argument("-n", "--number", type=int, default=300, help="records to draw")
    parser.add_argument("--sequences", type=pathlib.Path, required=True, help="folder of published pieces")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    return parser


if __name__ == "__main__":
    main()
