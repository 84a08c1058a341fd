"""Scored files to report on, small enough to count by hand, and a reader of the page."""

import dataclasses
import html.parser
import re
from collections.abc import Iterable

from vep_cli.report.page import page
from vep_cli.report.scored_file import ScoredFile
from vep_cli.report.scored_vcf import VcfHeader, read_header
from vep_cli.report.summary import Summary
from vep_cli.writers.vcf_info import ENTRY_FIELDS, escape

PROVENANCE = (
    "##vep_cli_version=1.2.3\n"
    "##vep_cli_weights=toy 1 sha256:00\n"
    "##vep_cli_warning=the weights 'toy' are RANDOM NUMBERS\n"
)
DEFINITIONS = (
    f'##INFO=<ID=VE,Number=.,Type=String,Description="Predicted effects. Format: {"|".join(ENTRY_FIELDS)}">\n'
    '##INFO=<ID=VE_STATUS,Number=A,Type=String,Description="PASS: scored.">\n'
)
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"


def entry(allele: str, modality: str, raw: float | str, **fields: str) -> str:
    """Return an entry of VE; the consequence is that of a signed scorer unless a field says otherwise."""
    cells = dict.fromkeys(ENTRY_FIELDS, "") | {
        "Allele": escape(allele),
        "Modality": modality,
        "Scorer": modality,
        "Consequence": f"{modality.lower()}_{'loss' if str(raw).startswith('-') else 'gain'}",
        "Raw": str(raw),
    }
    return "|".join((cells | {name: escape(value) for name, value in fields.items()}).values())


def record(where: str, *info: str, identifier: str = ".") -> str:
    """Return a line; `where` is `chr1:100:A:C,T`."""
    chromosome, position, reference, alternates = where.split(":")
    columns = (chromosome, position, identifier, reference, alternates, ".", ".", ";".join(info) or ".")
    return "\t".join(columns) + "\n"


def ve(*entries: str) -> str:
    """Return the field VE."""
    return f"VE={','.join(entries)}"


def scored_vcf(*records: str, provenance: str = PROVENANCE) -> str:
    """Return a scored VCF."""
    header = "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=12000>\n"
    return header + provenance + DEFINITIONS + COLUMNS + "".join(records)


def header_of(text: str) -> VcfHeader:
    """Return what the header of a VCF says."""
    return read_header([line for line in text.splitlines(keepends=True) if line.startswith("#")], "toy.vcf")


def page_of(summary: Summary, *, provenance: Iterable[tuple[str, str]] = (), name: str = "toy.vcf") -> str:
    """Return the page of a summary of a VCF."""
    file = ScoredFile(
        name=name,
        is_table=False,
        provenance=tuple(provenance),
        lengths={},
        samples=0,
        records=iter(()),
    )
    return page(file, summary)


@dataclasses.dataclass
class Element:
    """One element of a page, in the order of the start tags."""

    name: str
    attributes: dict[str, str]
    text: str = ""


class PageReader(html.parser.HTMLParser):
    """Reads a page as a browser would: its elements, and the text within each, that of its children too."""

    def __init__(self, page_text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(page_text)
        self.close()
        assert self._open == [], "an element is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = Element(tag, {name: value or "" for name, value in attrs})
        assert len(found.attributes) == len(attrs), f"an attribute twice: {attrs}"
        self.elements.append(found)
        if tag not in ("meta", "input"):
            self._open.append(found)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    @property
    def structure(self) -> list[tuple[str, tuple[str, ...]]]:
        """The names of the elements and of their attributes."""
        return [(one.name, tuple(one.attributes)) for one in self.elements]

    def named(self, name: str, **attributes: str) -> list[Element]:
        """Return the elements of that name and those attributes."""
        wanted = {key.rstrip("_"): value for key, value in attributes.items()}
        return [one for one in self.elements if one.name == name and wanted.items() <= one.attributes.items()]


def tables(page_text: str) -> list[list[list[str]]]:
    """Return the cells of the rows of every table of a page."""
    # Regular expressions will do: the page is ours, and escapes what is in its cells.
    unescape = html.unescape
    return [
        [
            [unescape(re.sub("<[^>]*>", "", cell)) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
            for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table)
        ]
        for table in re.findall(r"<table[^>]*>(.*?)</table>", page_text, re.DOTALL)
    ]
