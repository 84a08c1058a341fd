"""The records of a variant file that overlap regions, found by its index and not by reading all of it."""

import dataclasses
import gzip
import itertools
import os
import pathlib
import re
from collections.abc import Generator, Iterable, Iterator, Sequence

import pysam

from vep_cli.errors import BedError, UsageError, VcfError
from vep_cli.genome.bed import STANDARD_STREAM, read_bed
from vep_cli.genome.contigs import find_contig
from vep_cli.genome.interval import Interval
from vep_cli.genome.vcf_lines import rendered, text_lines
from vep_cli.genome.vcf_source import Source

_REGION = re.compile(r"(?P<contig>.+?)(?::(?P<start>\d{1,18})(?P<range>-(?P<end>\d{0,18}))?)?")
_END = (1 << 31) - 1
"""Where htslib's positions end."""
_BCF = b"BCF"
_INDEX_SUFFIXES = (".csi", ".tbi")
"""In the order in which htslib looks for them."""
_CONTIG_LINE = re.compile(r"##contig=<(?:.*,)?ID=([^,>]+)")


def parse_regions(texts: Iterable[str]) -> list[Interval]:
    """Return regions written as bcftools has them: `chr1`, `chr1:1001`, `chr1:1001-2000`, `chr1:1001-`.

    Args:
        texts: Each is one, or several with commas between them; positions are 1-based, both ends included.

    Raises:
        UsageError: One is none.
    """
    return [_parse(text) for several in texts for text in several.split(",")]


def read_regions(path: pathlib.Path) -> list[Interval]:
    """Return the intervals of a BED file.

    Raises:
        BedError: It cannot be read, or a line has no interval.
    """
    regions = []
    for line in read_bed(str(path)):
        if line.interval is None:
            raise BedError(line.problem or "no interval", path=path, line=line.line_number)
        regions.append(line.interval)
    return regions


def chosen_regions(texts: Sequence[str], bed: pathlib.Path | None) -> list[Interval] | None:
    """Return what of the input was asked for; None for all of it.

    Args:
        texts: As `parse_regions` takes them.
        bed: A BED file, or None.

    Raises:
        UsageError: A text is no region.
        BedError: The file cannot be read, or a line has no interval.
    """
    if not texts and bed is None:
        return None
    return parse_regions(texts) + (read_regions(bed) if bed is not None else [])


def check_indexed(source: str) -> None:
    """Refuse to look for regions in what cannot be asked for them; what is not there passes.

    Args:
        source: The path, or '-'.

    Raises:
        UsageError: It is a stream, or it has no index.
    """
    if source != STANDARD_STREAM and not os.path.exists(source):
        return
    if not os.path.isfile(source):
        raise UsageError(
            "regions are found by a file's index, which a stream has not",
            path=source,
            remedy="let bcftools choose: bcftools view -r chr1:1-1000 FILE | vep score -",
        )
    if not is_indexed(source):
        raise UsageError(
            "regions are found by a file's index, and there is none",
            path=source,
            remedy="tabix -p vcf FILE.vcf.gz, or bcftools index FILE.bcf; bgzip a plain VCF first",
        )


def is_indexed(source: str) -> bool:
    """Return whether a file has an index, so that regions of it can be read."""
    return _index(source) is not None


def widened(regions: Iterable[Interval], room: int) -> list[Interval]:
    """Return regions with `room` bases more at either end, as far as a contig can reach."""
    return [
        dataclasses.replace(one, start=max(0, one.start - room), end=min(one.end + room, _END))
        for one in regions
    ]


def lines_in_regions(source: str, regions: Sequence[Interval]) -> Generator[str, None, None]:
    """Yield the header of an indexed file and the records that overlap a region, each once, in file order.

    What a record reaches over is what the index says, as for bcftools: the bases of REF, or up to INFO's
    END.

    Args:
        source: A bgzipped VCF or a BCF.
        regions: In any order; contigs by any of their names.

    Raises:
        VcfError: The file or its index is damaged.
        OSError: They cannot be read.
    """
    is_bcf = _is_bcf(source)
    with pathlib.Path(source).open("rb") as raw:
        lines = rendered(source) if is_bcf else text_lines(Source(raw, is_ours=False), source)
        header = list(_header(lines))
    yield from header
    yield from (_of_bcf if is_bcf else _of_vcf)(source, regions, header)


def in_file_order(regions: Iterable[Interval], contigs: Sequence[str]) -> list[Interval]:
    """Return regions that share no base and cover the same, in the order and with the names of `contigs`.

    Args:
        regions: Those of other contigs are left out: there is no record.
        contigs: The file's.
    """
    order = {name: number for number, name in enumerate(contigs)}
    known = [(find_contig(one.chromosome, order), one.start, one.end) for one in regions]
    joined: list[Interval] = []
    for name, start, end in sorted(
        ((name, start, end) for name, start, end in known if name is not None),
        key=lambda region: (order[region[0]], *region[1:]),
    ):
        last = joined[-1] if joined else None
        if last is not None and last.chromosome == name and start <= last.end:
            start, end = last.start, max(end, last.end)
            joined.pop()
        joined.append(Interval(chromosome=name, start=start, end=end))
    return joined


def _parse(text: str) -> Interval:
    found = _REGION.fullmatch(text.strip())
    start = int(found["start"]) if found and found["start"] else 1
    end = _END
    if found and found["start"]:
        end = int(found["end"] or _END) if found["range"] else start
    if found is None or not 1 <= start <= end <= _END:
        raise UsageError(
            f"{text!r} is no region", remedy="write chr1, chr1:1001, chr1:1001-2000 or chr1:1001-"
        )
    return Interval(chromosome=found["contig"], start=start - 1, end=end)


def _index(source: str) -> str | None:
    return next((source + suffix for suffix in _INDEX_SUFFIXES if os.path.exists(source + suffix)), None)


def _is_bcf(source: str) -> bool:
    with gzip.open(source) as content:
        return content.read(len(_BCF)) == _BCF


def _header(lines: Generator[str, None, None]) -> Iterator[str]:
    try:
        for line in lines:
            yield line
            if not line.startswith("##"):
                return
    finally:
        lines.close()


def _of_bcf(source: str, regions: Iterable[Interval], header: Iterable[str]) -> Iterator[str]:
    contigs = [found[1] for line in header if (found := _CONTIG_LINE.match(line))]
    wanted = in_file_order(regions, contigs)
    if wanted:
        lines = rendered(source, *(f"{one.chromosome}:{one.start + 1}-{one.end}" for one in wanted))
        yield from itertools.dropwhile(lambda line: line.startswith("#"), lines)


def _of_vcf(source: str, regions: Iterable[Interval], header: Sequence[str]) -> Iterator[str]:
    ending = "\r\n" if header and header[-1].endswith("\r\n") else "\n"  # htslib takes it off
    try:
        # Latin-1 has a letter for every byte, so that none is lost.
        with pysam.TabixFile(source, index=_index(source), encoding="latin-1") as table:
            last = Interval(chromosome="", start=0, end=0)
            for region in in_file_order(regions, table.contigs):
                behind = last.end if last.chromosome == region.chromosome else 0
                for line in table.fetch(region.chromosome, region.start, region.end):
                    # What begins before the last region's end was in that one already.
                    if int(line.split("\t", 2)[1]) > behind:
                        yield line.encode("latin-1").decode("utf-8", "surrogateescape") + ending
                last = region
    except ValueError as error:
        raise VcfError(
            f"its index cannot be used: {error}", path=source, remedy="index it again: tabix -f -p vcf"
        ) from error
