"""Compare two annotated VCFs: text to the letter, numbers within a tolerance.

Processors round differently, so that the last digits of a score are not the same everywhere.
The command line, which names files, is not compared.

Usage: python compare_vcf.py EXPECTED FOUND
"""

import itertools
import math
import pathlib
import re
import sys

RELATIVE, ABSOLUTE = 2e-3, 2e-4
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
DIRECTION = re.compile(r"\b(?:\w+_(?:gain|loss|change)|no_change)\b")  # says what the sign of the score says
PLACE_DEPENDENT = ("##vep_cli_command=",)


def differences(expected: str, found: str) -> list[str]:
    """Return what differs, one line each."""
    pairs = itertools.zip_longest(_comparable(expected), _comparable(found), fillvalue="")
    return [
        f"line {number}:\n  expected {one}\n  found    {other}"
        for number, (one, other) in enumerate(pairs, 1)
        if not _same(one, other)
    ]


def _comparable(text: str) -> list[str]:
    return [
        DIRECTION.sub("CHANGE", line) for line in text.splitlines() if not line.startswith(PLACE_DEPENDENT)
    ]


def _same(one: str, other: str) -> bool:
    if one == other:
        return True
    if NUMBER.sub("0", one) != NUMBER.sub("0", other):
        return False
    numbers = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=RELATIVE, abs_tol=ABSOLUTE) for a, b in numbers)


def main() -> int:
    expected, found = (pathlib.Path(path).read_text() for path in sys.argv[1:3])
    found_differences = differences(expected, found)
    print("\n".join(found_differences[:10]) or "the output is the expected one")
    return 1 if found_differences else 0


if __name__ == "__main__":
    sys.exit(main())
