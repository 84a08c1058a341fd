"""Read motifs, in the text forms of JASPAR and of MEME."""

import dataclasses
import pathlib
import re
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float64

from vep_cli.errors import UsageError, reason

_NUMBER = re.compile(r"[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Motif:
    """What a factor binds.

    Attributes:
        identifier: For instance 'MA0139.1'.
        name: For instance 'CTCF'; the identifier where the file gives none.
        frequencies: Of A, C, G and T at each position; rows sum to 1.
    """

    identifier: str
    name: str
    frequencies: Float64[np.ndarray, "positions 4"]

    def log_odds(self, pseudofrequency: float = 0.01) -> Float64[np.ndarray, "positions 4"]:
        """Return the natural logarithm of each base's frequency over 1/4.

        Args:
            pseudofrequency: Added to every frequency, so that none is 0.
        """
        odds = (self.frequencies + pseudofrequency) / (1 + 4 * pseudofrequency)
        return np.log(4 * odds)


def read_motifs(path: pathlib.Path) -> list[Motif]:
    """Read all motifs of a file.

    Raises:
        UsageError: It cannot be read, or is in neither form.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _no_motifs(path, reason(error)) from error
    is_meme = any(line.startswith("MOTIF") for line in lines)
    try:
        motifs = list(_meme(lines) if is_meme else _jaspar(lines))
    except ValueError as error:
        raise _no_motifs(path, str(error)) from error
    if not motifs:
        raise _no_motifs(path, "it has none")
    return motifs


def motif_named(motifs: list[Motif], name: str, path: pathlib.Path) -> Motif:
    """Return the first motif with this name or identifier; of a file with one motif, that.

    Raises:
        UsageError: There is none.
    """
    if len(motifs) == 1:
        return motifs[0]
    for motif in motifs:
        if name.casefold() in (motif.name.casefold(), motif.identifier.casefold()):
            return motif
    names = ", ".join(motif.name for motif in motifs[:20])
    raise UsageError(f"no motif is named {name!r}", path=path, remedy=f"the file has {names}")


def _jaspar(lines: list[str]) -> Iterator[Motif]:
    """Yield motifs of a header `>ID NAME` and four lines of counts, of A, C, G and T."""
    starts = [number for number, line in enumerate(lines) if line.startswith(">")]
    for start in starts:
        rows = [line for line in lines[start + 1 : start + 5] if not line.startswith(">")]
        numbers = [[float(text) for text in _NUMBER.findall(row)] for row in rows]
        if len(numbers) != 4 or len({len(row) for row in numbers}) != 1 or not numbers[0]:
            raise ValueError(f"line {start + 1}: four lines of as many counts have to follow")
        yield _motif(lines[start][1:].split(), np.array(numbers).T)


def _meme(lines: list[str]) -> Iterator[Motif]:
    """Yield motifs of a line `MOTIF ID NAME` and, after `letter-probability matrix`, a line per position."""
    words: list[str] = []
    for number, line in enumerate(lines):
        if line.startswith("MOTIF"):
            words = line.split()[1:]
        elif line.startswith("letter-probability matrix"):
            rows = []
            for row in lines[number + 1 :]:
                values = [float(text) for text in _NUMBER.findall(row)]
                if len(values) != 4:
                    break
                rows.append(values)
            if not rows:
                raise ValueError(f"line {number + 1}: lines of four frequencies have to follow")
            yield _motif(words, np.array(rows))


def _motif(words: list[str], counts: Float64[np.ndarray, "positions 4"]) -> Motif:
    totals = counts.sum(axis=1, keepdims=True)
    if not words or (totals <= 0).any() or (counts < 0).any():
        raise ValueError(f"the motif {' '.join(words)!r} has no name, or a position without counts")
    return Motif(identifier=words[0], name=words[-1], frequencies=counts / totals)


def _no_motifs(path: pathlib.Path, why: str) -> UsageError:
    return UsageError(
        f"the motifs cannot be read: {why}",
        path=path,
        remedy="give a file in the text form of JASPAR or MEME",
    )
