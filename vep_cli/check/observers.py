"""What is watched while the records of an input go by; each observer remembers a bounded amount."""

import collections
import dataclasses

from vep_cli.genome.alleles import Allele, AlleleStatus
from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.vcf_record import VcfRecord
from vep_cli.input_checks import COMPARED, SIGNS_OF_ANOTHER_BUILD

MAX_NAMES = 10_000
"""Contigs of the input that are told apart; only a damaged file has more."""

MAX_EXAMPLES = 20
"""Lines that are named of one kind, before they are only counted."""

REMEMBERED_ALLELES = 200_000
"""Different alleles back to which a repeated one is recognised, whatever the order; it takes about 40 MB."""

_WITH_BASES = frozenset(
    {
        AlleleStatus.PASS,
        AlleleStatus.NO_SCORE,
        AlleleStatus.REF_MISMATCH,
        AlleleStatus.REF_N,
        AlleleStatus.TOO_LONG,
    }
)
"""Alleles that their letters say all of; two `<DEL>` at one position may end at different ones."""


@dataclasses.dataclass(kw_only=True)
class Examples:
    """Lines of one kind.

    Attributes:
        count: How many there are.
        lines: The first of them, each with what is wrong there.
    """

    count: int = 0
    lines: list[tuple[int, str]] = dataclasses.field(default_factory=list)

    def add(self, line: int, what: str) -> None:
        """Add a line.

        Args:
            line: 1-based line of the input.
            what: What is wrong there.
        """
        self.count += 1
        if len(self.lines) < MAX_EXAMPLES:
            self.lines.append((line, shortened(what, 200)))


class ContigNames:
    """How the names of the input's contigs fit those of the reference.

    Attributes:
        records: Records of each contig, by the input's name, in order of appearance.
        spellings: The reference's name of each; None where it has no such contig.
        unnamed_records: Records of contigs beyond `MAX_NAMES`.
    """

    def __init__(self) -> None:
        self.records: dict[str, int] = {}
        self.spellings: dict[str, str | None] = {}
        self.unnamed_records = 0

    def see(self, record: VcfRecord, spelling: str | None) -> None:
        """Look at one record and the reference's name of its contig."""
        name = record.chromosome
        if name in self.records:
            self.records[name] += 1
        elif len(self.records) < MAX_NAMES:
            self.records[name] = 1
            self.spellings[name] = spelling
        else:
            self.unnamed_records += 1

    @property
    def direct(self) -> list[str]:
        """The contigs that have the same name in the reference."""
        return [name for name, spelling in self.spellings.items() if spelling == name]

    @property
    def renamed(self) -> dict[str, str]:
        """The reference's name of contigs that have another there."""
        return {name: other for name, other in self.spellings.items() if other not in (None, name)}

    @property
    def unknown(self) -> list[str]:
        """The contigs that the reference does not have."""
        return [name for name, spelling in self.spellings.items() if spelling is None]


class ReferenceAgreement:
    """How often REF is what the reference sequence has.

    Attributes:
        compared: Records whose REF lies on a contig of the reference.
        mismatched: Those of them that differ, or reach past the contig's end.
        swapped: Alleles with such a REF whose ALT is what the reference has.
    """

    def __init__(self, reference: Reference) -> None:
        """Compare with this reference."""
        self._reference = reference
        self.compared = 0
        self.mismatched = 0
        self.swapped = 0

    def see(self, record: VcfRecord, alleles: tuple[Allele, ...], spelling: str | None) -> None:
        """Look at one record, what its alleles were found to be, and the reference's name of its contig."""
        statuses = {allele.status for allele in alleles}
        if not statuses & (COMPARED | {AlleleStatus.NO_SCORE}):
            return
        self.compared += 1
        if statuses & SIGNS_OF_ANOTHER_BUILD:
            self.mismatched += 1
            if spelling is not None:
                self.swapped += sum(self._is_reference(allele, record, spelling) for allele in alleles)

    @property
    def is_of_another_build(self) -> bool:
        """Whether most records differ."""
        return 2 * self.mismatched > self.compared

    def _is_reference(self, allele: Allele, record: VcfRecord, spelling: str) -> bool:
        if allele.status is not AlleleStatus.REF_MISMATCH:
            return False
        start = record.position - 1
        place = Interval(chromosome=spelling, start=start, end=start + len(allele.text))
        return self._reference.fetch(place) == allele.text.upper()


class Order:
    """Whether records are sorted: contig by contig, by position.

    Attributes:
        steps_back: Lines whose record should come before an earlier one.
    """

    def __init__(self) -> None:
        self.steps_back = Examples()
        self._place = ("", 0)
        self._left: set[str] = set()

    def see(self, record: VcfRecord) -> None:
        """Look at one record."""
        contig, position = self._place
        self._place = (record.chromosome, record.position)
        if record.chromosome == contig:
            if record.position < position:
                self.steps_back.add(record.line_number, f"{contig}:{record.position} behind {position}")
            return
        if record.chromosome in self._left:
            self.steps_back.add(record.line_number, f"{record.chromosome} again, behind {contig}")
        if len(self._left) < MAX_NAMES:
            self._left.add(contig)


class Repeats:
    """Alleles that were there before: as they are written, or as another spelling of the same change.

    Attributes:
        written: Lines of alleles with the contig, POS, REF and ALT of an earlier one.
        respelt: Lines of alleles that are scored as an earlier one is, and are written in another way.
    """

    def __init__(self, remembered: int = REMEMBERED_ALLELES) -> None:
        """Begin.

        Args:
            remembered: Alleles back to which a repeated one is recognised.
        """
        self.written = Examples()
        self.respelt = Examples()
        self._written = _Memory(remembered)
        self._scored = _Memory(remembered)

    def see(self, record: VcfRecord, alleles: tuple[Allele, ...], spelling: str | None) -> None:
        """Look at one record, what its alleles were found to be, and the reference's name of its contig."""
        for allele in alleles:
            if allele.status in _WITH_BASES:
                contig = spelling or record.chromosome
                key = (contig, record.position, record.reference.upper(), allele.text.upper())
                is_repeated = self._written.knows(hash(key))
                is_known = allele.variant is not None and self._scored.knows(hash(_key(allele.variant)))
                if is_repeated:
                    self.written.add(record.line_number, _described(record, allele))
                elif is_known:
                    self.respelt.add(record.line_number, f"{_described(record, allele)} is {allele.variant}")


class _Memory:
    """The last different numbers that it was asked for."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: set[int] = set()
        self._in_order: collections.deque[int] = collections.deque()

    def knows(self, number: int) -> bool:
        """Return whether it was asked for this number before, and remember it if not."""
        if number in self._known:
            return True
        self._known.add(number)
        self._in_order.append(number)
        if len(self._in_order) > self._size:
            self._known.remove(self._in_order.popleft())
        return False


def _key(variant: Variant) -> tuple[str, int, str, str]:
    return variant.chromosome, variant.position, variant.reference_bases, variant.alternate_bases


def _described(record: VcfRecord, allele: Allele) -> str:
    alleles = (shortened(text, 20) for text in (record.reference, allele.text))
    return f"{record.chromosome}:{record.position}:{'>'.join(alleles)}"


def shortened(text: str, length: int) -> str:
    """Return a text with what is beyond a length left out; a damaged file can have a megabyte anywhere."""
    return text if len(text) <= length else f"{text[: length - 3]}..."


class WindowSharing:
    """Which windows the network will see, and which genes the scored alleles lie in.

    Kinds of alleles are told apart by whether ALT has as many bases as REF, as the others take longer.

    Attributes:
        alleles: Scored alleles of each kind.
        windows: Those of each kind whose window is another than that of the scored allele before; REF is
            computed once for neighbours of one window.
        first: The first scored allele of each kind.
        alleles_in_genes: Scored alleles that touch the body of a gene.
        genes: The identifiers of these genes.
    """

    def __init__(self, annotation: Annotation | None) -> None:
        """Begin.

        Args:
            annotation: Genes, if there are any.
        """
        self.alleles: collections.Counter[bool] = collections.Counter()
        self.windows: collections.Counter[bool] = collections.Counter()
        self.first: dict[bool, Variant] = {}
        self.alleles_in_genes = 0
        self.genes: set[str] = set()
        self._annotation = annotation
        self._interval: Interval | None = None

    def see(self, variant: Variant, interval: Interval) -> None:
        """Look at a variant that is scored and its window."""
        kind = variant.length_change == 0
        self.alleles[kind] += 1
        self.first.setdefault(kind, variant)
        if interval != self._interval:
            self.windows[kind] += 1
            self._interval = interval
        if self._annotation is not None:
            genes = self._annotation.genes_overlapping(variant)
            self.alleles_in_genes += bool(genes)
            self.genes.update(gene.gene_id for gene in genes)
