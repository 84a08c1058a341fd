"""The haplotypes of a sample: its genotypes, read once from a file with phase."""

import array
import collections
import dataclasses
import difflib
import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Int64

from vep_cli.errors import UsageError
from vep_cli.genome.alleles import AlleleStatus, read_alleles
from vep_cli.genome.annotation import concatenated_ranges
from vep_cli.genome.carried import (
    BOTH,
    COPIES,
    FIRST,
    HAPLOID,
    SECOND,
    UNKNOWN,
    UNPHASED,
    Carried,
    in_conflict,
)
from vep_cli.genome.contigs import find_contig
from vep_cli.genome.edits import Edit
from vep_cli.genome.genotype import Copy, Genotype, parse_genotype
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.vcf_reader import VcfReader
from vep_cli.genome.vcf_record import COLUMNS, VcfRecord

CONFLICT = "CONFLICT"
MISSING = "MISSING"

_ANY_LENGTH = 1 << 40
_DIGITS = 16
_NOT_OF_ITS_OWN = (AlleleStatus.SPANNING_DELETION, AlleleStatus.MISSING_ALT, AlleleStatus.DUPLICATE_OF_REF)
"""Alleles that change nothing which another record does not tell of."""


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Haplotypes:
    """What a sample carries.

    Attributes:
        sample: Its name.
        source: The file.
        contigs: Its alleles by contig, under the reference's names.
        counts: Its alleles by what they are: a `Copy`, `CONFLICT`, or a status that keeps them from use;
            `MISSING` counts genotypes that are not known, or in part.
        phase_sets: How many of them there are.
        digest: Tells these alleles from others.
    """

    sample: str
    source: str
    contigs: Mapping[str, Carried]
    counts: Mapping[str, int]
    phase_sets: int
    digest: str


def read_haplotypes(
    source: str, sample: str, reference: Reference, regions: Sequence[Interval] | None = None
) -> Haplotypes:
    """Read what a sample carries. Malformed lines are passed over.

    Args:
        source: Path of a VCF or BCF; read from its beginning to its end, or by its index.
        sample: Its name in the file's header.
        reference: The reference sequence, with which REF has to agree.
        regions: Only the records that overlap one of these; None for all.

    Raises:
        UsageError: The file has no such sample.
        VcfError: The file cannot be read to its end.
    """
    with VcfReader(source, regions) as records:
        column = _column(records.header[-1], sample, source)
        gathering = _Gathering(reference)
        for record in records:
            if record.problem is None:
                gathering.add(record, _genotype(record, column))
    contigs = {name: rows.carried(gathering.counts) for name, rows in gathering.rows.items()}
    return Haplotypes(
        sample=sample,
        source=source,
        contigs=contigs,
        counts=gathering.counts,
        phase_sets=sum(map(_count_groups, contigs.values())),
        digest=_digest(contigs),
    )


def _column(header: str, sample: str, source: str) -> int:
    """Return where a sample's column is, counted from FORMAT."""
    samples = header.rstrip("\r\n").split("\t")[len(COLUMNS) + 1 :]
    if samples.count(sample) == 1:
        return samples.index(sample) + 1
    if sample in samples:
        raise UsageError(f"{sample} is the name of several samples", path=source, remedy="rename them")
    near = difflib.get_close_matches(sample, samples, n=3) or samples[:3]
    remedy = f"it has {', '.join(near)}{' and others' if len(samples) > len(near) else ''}"
    raise UsageError(
        f"there is no sample {sample}", path=source, remedy=remedy if samples else "it has no samples at all"
    )


def _genotype(record: VcfRecord, column: int) -> Genotype | None:
    if len(record.columns) == len(COLUMNS):
        return None
    cells = record.columns[len(COLUMNS)].split("\t", column + 1)
    return parse_genotype(cells[0], cells[column])


class _Gathering:
    """Takes records in, and keeps what the sample carries of them.

    Attributes:
        rows: By contig, under the reference's names.
        counts: See `Haplotypes`; what only all alleles together tell comes later.
    """

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self.rows: dict[str, _Rows] = {}
        self.counts: collections.Counter[str] = collections.Counter()

    def add(self, record: VcfRecord, genotype: Genotype | None) -> None:
        """Keep the alleles of a record that the sample carries."""
        if genotype is None or genotype.is_missing:
            self.counts[MISSING] += 1
        if genotype is None or not any(genotype.alleles):
            return
        alleles = read_alleles(record, self._reference, _ANY_LENGTH)
        for number, allele in enumerate(alleles, start=1):
            copy = genotype.copy_of(number)
            if copy is None or allele.status in _NOT_OF_ITS_OWN:
                continue
            contig = find_contig(record.chromosome, self._reference.lengths)
            if allele.variant is not None:
                edit = Edit.of(allele.variant)
            else:
                self.counts[allele.status] += 1
                start = record.position - 1
                edit = Edit(start=start, end=start + len(record.reference), bases=UNKNOWN)
            if contig is not None:
                self.rows.setdefault(contig, _Rows()).add(edit, copy, genotype)


class _Rows:
    """Alleles of one contig as they come."""

    def __init__(self) -> None:
        self._start, self._end = array.array("q"), array.array("q")
        self._copy, self._group = array.array("b"), array.array("i")
        self._text_start, self._text = array.array("q"), bytearray()
        self._groups: dict[str, int] = {}

    def add(self, edit: Edit, copy: Copy, genotype: Genotype) -> None:
        self._start.append(edit.start)
        self._end.append(edit.end)
        self._copy.append(COPIES.index(copy))
        own = self._groups.setdefault(genotype.phase_set, len(self._groups))
        self._group.append(HAPLOID if genotype.is_haploid else own)
        self._text_start.append(len(self._text))
        self._text += edit.bases.encode()

    def carried(self, counts: collections.Counter[str]) -> Carried:
        """Return the alleles in order, each once, and count those whose bases are known."""
        length = np.diff(np.array(self._text_start, np.int64), append=len(self._text))
        rows = Carried(
            start=np.array(self._start, np.int64),
            end=np.array(self._end, np.int64),
            copy=np.array(self._copy, np.int8),
            group=np.array(self._group, np.int32),
            is_usable=np.ones(len(length), bool),
            text=bytes(self._text),
            text_start=np.array(self._text_start, np.int64),
            text_length=length,
        )
        rows = _without_doubles(_chosen(rows, np.lexsort((rows.end, rows.start))))
        is_known = _is_known(rows)
        usable = np.flatnonzero(rows.is_usable & is_known)
        conflicts = in_conflict(*(column[usable] for column in (rows.start, rows.end, rows.copy, rows.group)))
        is_usable = np.zeros_like(is_known)
        is_usable[usable] = ~conflicts
        counts[CONFLICT] += int(is_known.sum() - is_usable.sum())
        for number, copy in enumerate(COPIES):
            counts[copy] += int((is_usable & (rows.copy == number)).sum())
        return dataclasses.replace(rows, is_usable=is_usable)


def _is_known(rows: Carried) -> Bool[np.ndarray, " alleles"]:
    letters = np.frombuffer(rows.text + b"\0", np.uint8)
    is_known: Bool[np.ndarray, " alleles"] = (rows.text_length != 1) | (
        letters[rows.text_start] != ord(UNKNOWN)
    )
    return is_known


def _chosen(rows: Carried, numbers: Int64[np.ndarray, " chosen"]) -> Carried:
    columns = ("start", "end", "copy", "group", "is_usable", "text_start", "text_length")
    return dataclasses.replace(rows, **{name: getattr(rows, name)[numbers] for name in columns})


def _without_doubles(rows: Carried) -> Carried:
    """Return sorted alleles each once; one that the file has twice, with other genotypes, is of no use."""
    copy, is_usable, is_kept = rows.copy.copy(), rows.is_usable.copy(), np.ones(len(rows.start), bool)
    is_same_place = (np.diff(rows.start) == 0) & (np.diff(rows.end) == 0)
    first_of: dict[tuple[int, int, str], int] = {}
    for number in np.union1d(np.flatnonzero(is_same_place), np.flatnonzero(is_same_place) + 1).tolist():
        first = first_of.setdefault(
            (int(rows.start[number]), int(rows.end[number]), rows.bases(number)), number
        )
        if first != number:
            is_kept[number] = False
            is_alike = rows.copy[first] == rows.copy[number]
            if rows.copy[first] != BOTH:
                is_alike &= rows.group[first] == rows.group[number]
            if not is_alike:
                copy[first], is_usable[first] = UNPHASED, False
    return _chosen(dataclasses.replace(rows, copy=copy, is_usable=is_usable), np.flatnonzero(is_kept))


def _count_groups(rows: Carried) -> int:
    return len(np.unique(rows.group[(rows.copy == FIRST) | (rows.copy == SECOND)]))


def _texts(rows: Carried) -> bytes:
    """Return the new bases in the order of the alleles, whatever the order of the file's records."""
    places = concatenated_ranges(rows.text_start, rows.text_start + rows.text_length)
    letters = np.frombuffer(rows.text + b"\0", np.uint8)
    return bytes(letters[places])


def _digest(contigs: Mapping[str, Carried]) -> str:
    digest = hashlib.sha256()
    for name in sorted(contigs):
        rows = contigs[name]
        columns = (rows.start, rows.end, rows.copy, rows.group, rows.is_usable, rows.text_length)
        digest.update(f"{name}\n{len(rows.start)}\n".encode())
        for column in columns:
            digest.update(column.tobytes())
        digest.update(_texts(rows))
    return digest.hexdigest()[:_DIGITS]
