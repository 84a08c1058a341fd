"""What a figure says in words."""

from collections.abc import Iterable, Sequence

from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.selection import MECHANISTIC
from vep_cli.model.tracks import Track

MINUS = "\N{MINUS SIGN}"

_KINDS = {
    OutputType.ATAC: "ATAC-seq",
    OutputType.CAGE: "CAGE",
    OutputType.DNASE: "DNase-seq",
    OutputType.RNA_SEQ: "RNA-seq",
    OutputType.CHIP_HISTONE: "Histone ChIP-seq",
    OutputType.CHIP_TF: "TF ChIP-seq",
    OutputType.SPLICE_SITES: "Splice sites",
    OutputType.SPLICE_SITE_USAGE: "Splice site usage",
    OutputType.SPLICE_JUNCTIONS: "Splice junctions",
    OutputType.CONTACT_MAPS: "Contact map",
    OutputType.PROCAP: "PRO-cap",
}
_SITES = {"donor": "Splice donors", "acceptor": "Splice acceptors"}
_SUPERVISIONS = {"experiment": "", "": "", "none": "not trained", "annotation": "gene annotation"}
_STRANDS = {"+": "+", "-": MINUS}
_LONGEST_ALLELE = 12
_LONGEST_WORDS = 26
_MOST_NAMES = 4


def panel_title(track: Track) -> str:
    """Return what a panel shows: the assay, or its target, and the strand."""
    target = track.histone_mark or track.transcription_factor or _SITES.get(track.name)
    is_stranded = track.strand != "." and track.output_type is not OutputType.SPLICE_JUNCTIONS
    words = target or _KINDS[track.output_type]
    return shortened(f"{words} ({_STRANDS[track.strand]})" if is_stranded else words)


def panel_subtitles(track: Track) -> tuple[str, ...]:
    """Return what else there is to say beside a panel: of which tissue it is, and what it was learnt from."""
    origin, _, name = track.supervision.partition(":")
    learnt = _SUPERVISIONS.get(track.supervision, f"{origin}: {name}" if name else track.supervision)
    return tuple(shortened(words) for words in (track.biosample_name, learnt) if words)


def is_mechanistic(track: Track) -> bool:
    """Return whether a track follows rules that someone wrote down."""
    return track.supervision == MECHANISTIC


def variant_title(variant: Variant) -> str:
    """Return a variant with thousands separated and long alleles cut short, and what kind of change it is."""
    reference, alternate = _allele(variant.reference_bases), _allele(variant.alternate_bases)
    text = f"{variant.chromosome}:{variant.position:,} {reference}>{alternate}"
    if variant.length_change == 0:
        return text
    kind = "insertion" if variant.length_change > 0 else "deletion"
    return f"{text} ({abs(variant.length_change):,}-bp {kind})"


def subtitle(touched: Sequence[str], tracks: Iterable[Track]) -> str:
    """Return the genes and the tissues of a figure in one line.

    Args:
        touched: Names of the genes that the variant lies in.
        tracks: What is drawn.
    """
    tissues = [name for name in dict.fromkeys(track.biosample_name for track in tracks) if name]
    parts = (_listed(touched) or "in no gene", _listed(tissues))
    return "  \N{MIDDLE DOT}  ".join(part for part in parts if part)


def shortened(words: str, longest: int = _LONGEST_WORDS) -> str:
    """Return words on one line without what cannot be printed, cut to a length."""
    printable = "".join(letter if letter.isprintable() else "?" for letter in words)
    return printable if len(printable) <= longest else f"{printable[: longest - 1]}…"


def number(value: float) -> str:
    """Return a number for the margin of a panel, to two digits or to the unit."""
    magnitude = abs(value)
    if magnitude >= 10:
        return f"{value:,.0f}"
    if magnitude >= 0.001:
        return f"{value:#.2g}"
    return f"{value:.0e}" if magnitude else "0"


def _listed(names: Sequence[str]) -> str:
    """Return names with commas, and how many there are besides the first few."""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(shortened(name) for name in names[:_MOST_NAMES]) + more


def _allele(bases: str) -> str:
    return bases if len(bases) <= _LONGEST_ALLELE else f"{bases[:6]}…{bases[-3:]}"
