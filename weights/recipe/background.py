"""Draw the variants that quantiles of the bundled model are ranks among: common ones, at random.

Run from the repository; see README.md of this folder:
    python weights/recipe/background.py 1000G_chr20.vcf.gz -n 300 -o background.vcf
"""

import argparse
import gzip
import pathlib
import random
from collections.abc import Iterator, Sequence

MINOR_ALLELE = 0.01
SEED = 7


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the header of the file that the arguments name, and the records drawn from it, in order."""
    options = _parser().parse_args(arguments)
    header, records = [], []
    for line in lines_of(options.variants):
        if line.startswith("#"):
            header.append(line)
        elif is_common(line):
            records.append(line)
    drawn = sorted(random.Random(SEED).sample(range(len(records)), min(options.number, len(records))))
    options.output.write_text("".join([*header, *(records[place] for place in drawn)]), encoding="utf-8")


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
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True)
    return parser


if __name__ == "__main__":
    main()
