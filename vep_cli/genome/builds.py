"""Which build of the human or mouse genome a file is of, by the lengths of its chromosomes."""

import dataclasses
import re
from collections.abc import Iterable, Mapping

_HUMAN = (*map(str, range(1, 23)), "X", "Y")
_MOUSE = (*map(str, range(1, 20)), "X", "Y")

# fmt: off
_LENGTHS: Mapping[str, Mapping[str, int]] = {
    "GRCh37 (hg19)": dict(zip(_HUMAN, (
        249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022,
        141213431, 135534747, 135006516, 133851895, 115169878, 107349540, 102531392, 90354753,
        81195210, 78077248, 59128983, 63025520, 48129895, 51304566, 155270560, 59373566,
    ), strict=True)),
    "GRCh38 (hg38)": dict(zip(_HUMAN, (
        248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636,
        138394717, 133797422, 135086622, 133275309, 114364328, 107043718, 101991189, 90338345,
        83257441, 80373285, 58617616, 64444167, 46709983, 50818468, 156040895, 57227415,
    ), strict=True)),
    "T2T-CHM13": dict(zip(_HUMAN, (
        248387328, 242696752, 201105948, 193574945, 182045439, 172126628, 160567428, 146259331,
        150617247, 134758134, 135127769, 133324548, 113566686, 101161492, 99753195, 96330374,
        84276897, 80542538, 61707364, 66210255, 45090682, 51324926, 154259566, 62460029,
    ), strict=True)),
    "GRCm38 (mm10)": dict(zip(_MOUSE, (
        195471971, 182113224, 160039680, 156508116, 151834684, 149736546, 145441459, 129401213,
        124595110, 130694993, 122082543, 120129022, 120421639, 124902244, 104043685, 98207768,
        94987271, 90702639, 61431566, 171031299, 91744698,
    ), strict=True)),
    "GRCm39 (mm39)": dict(zip(_MOUSE, (
        195154279, 181755017, 159745316, 156860686, 151758149, 149588044, 144995196, 130127694,
        124359700, 130530862, 121973369, 120092757, 120883175, 125139656, 104073951, 98008968,
        95294699, 90720763, 61420004, 169476592, 91455967,
    ), strict=True)),
}
"""Base pairs of the chromosomes of each build, as its releases have them (UCSC's chrom.sizes)."""
# fmt: on

_NAMES = {
    "GRCh37 (hg19)": r"grch37|hg19|b37|hs37(d5)?|g1k_v37",
    "GRCh38 (hg38)": r"grch38|hg38|b38|hs38(dh|d1)?|assembly38",
    "T2T-CHM13": r"(t2t-?)?chm13(v[\d.]+)?|t2t|hs1",
    "GRCm38 (mm10)": r"grcm38|mm10",
    "GRCm39 (mm39)": r"grcm39|mm39",
}
_CONTIG = re.compile(r"##contig=<(?P<fields>.*)>\s*$")
_ID = re.compile(r"(?:^|,)ID=(?P<value>[^,]+)")
_LENGTH = re.compile(r"(?:^|,)length=(?P<value>\d+)")
_ASSEMBLY = re.compile(r"(?:^|,)assembly=(?P<value>[^,]+)")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StatedBuild:
    """What the header of a variant file says of its build.

    Attributes:
        name: The build.
        evidence: Where the header says so.
    """

    name: str
    evidence: str


def build_of_lengths(lengths: Mapping[str, int]) -> str | None:
    """Return the build of which most contigs have the length of its chromosome; None where none has.

    Args:
        lengths: Base pairs of each contig, by name, with or without 'chr'.
    """
    plain = {name.removeprefix("chr"): length for name, length in lengths.items()}
    fitting = {name: len(known.items() & plain.items()) for name, known in _LENGTHS.items()}
    best = max(fitting, key=lambda name: fitting[name])
    return best if fitting[best] else None


def stated_build(header: Iterable[str]) -> StatedBuild | None:
    """Return the build that a VCF header tells of, None where it does not.

    The lengths of its contigs count before the name in `##reference` or in `assembly=` of a contig,
    which may be any text.

    Args:
        header: The lines.
    """
    lines = list(header)
    by_lengths = build_of_lengths(_contig_lengths(lines))
    if by_lengths is not None:
        return StatedBuild(name=by_lengths, evidence="the lengths in its ##contig lines")
    if name := _named(" ".join(line for line in lines if line.startswith("##reference="))):
        return StatedBuild(name=name, evidence="a name in its ##reference line")
    if name := _named(" ".join(_values(lines, _ASSEMBLY).values())):
        return StatedBuild(name=name, evidence="a name in its ##contig lines")
    return None


def _contig_lengths(header: Iterable[str]) -> dict[str, int]:
    # Longer numbers are no lengths, and a hostile one would take for ever to be made a number.
    return {name: int(text) for name, text in _values(header, _LENGTH).items() if len(text) < 12}


def _values(header: Iterable[str], field: re.Pattern[str]) -> dict[str, str]:
    """Return a field of each contig that has it, by the contig's name."""
    contigs = [match["fields"] for line in header if (match := _CONTIG.match(line))]
    found = [(_ID.search(fields), field.search(fields)) for fields in contigs]
    return {name["value"]: value["value"] for name, value in found if name and value}


def _named(text: str) -> str | None:
    found = (
        name
        for name, pattern in _NAMES.items()
        if re.search(rf"(?<![a-z0-9])(?:human_)?({pattern})(?![a-z0-9])", text, re.IGNORECASE)
    )
    return next(found, None)
