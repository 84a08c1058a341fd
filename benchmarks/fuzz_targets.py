"""What is fuzzed: each reader of files that others made, and the one promise that all of them give.

Whatever the bytes are, a reader returns or raises a `VepError`. Inputs are files that are right but for
a few edits, because random bytes reach no parser's depth.
"""

import contextlib
import dataclasses
import gzip
import pathlib
import shutil
from collections.abc import Callable, Mapping

import cyvcf2
import jax
import pysam
import stubbed_run
from hypothesis import strategies as st

from vep_cli.errors import VepError
from vep_cli.genome.bed import parse_region, read_bed
from vep_cli.genome.gff3 import read_gff3
from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.polyadenylation import read_polyadenylation_sites
from vep_cli.genome.reference import Reference
from vep_cli.genome.splice_site_table import read_splice_sites
from vep_cli.genome.variant_text import parse_variant
from vep_cli.model import parameters
from vep_cli.model.config import ModelConfig
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, write_tracks
from vep_cli.model.weights_folder import (
    CARD,
    CONFIG,
    MANIFEST,
    PARAMETERS,
    TRACKS,
    open_weights,
    write_manifest,
)

VCF = b"""##fileformat=VCFv4.3
##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##contig=<ID=chr1,length=4000>
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2
chr1\t1000\trs1\tA\tC,<DEL>\t9.5\tPASS\tDP=3;AF=0.5,0.25\tGT\t0/1\t./.
1\t1001\t.\tCAAC\tC,*\t.\tq10\tVE_STATUS=PASS\tGT\t0/1\t1|1
chr1\t3999\t.\tA\tA[chr1:7[,.C,N\t.\t.\t.\tGT\t.\t.
chr1\t2\t.\tC\tCACACA\t.\t.\tDP=1\tGT\t0\t1
"""
GTF = b"""#!genome-build x
chr1\ttoy\tgene\t1001\t1800\t.\t+\t.\tgene_id "G1.2"; gene_name "ABC"; gene_type "lncRNA";
chr1\ttoy\ttranscript\t1001\t1800\t.\t+\t.\tgene_id "G1.2"; transcript_id "T1";
chr1\ttoy\texon\t1001\t1200\t.\t+\t.\tgene_id "G1.2"; transcript_id "T1"; exon_number 1
chr1\ttoy\texon\t1601\t1800\t.\t+\t.\tgene_id "G1.2"; transcript_id "T1"; exon_number 2
2\ttoy\texon\t11\t50\t.\t-\t.\tgene_id "G2"; transcript_id "T2"; gene_biotype "protein_coding"
"""
GFF3 = b"""##gff-version 3
chr1\ttoy\tgene\t1001\t1800\t.\t+\t.\tID=gene:G1;Name=A%20B;biotype=lncRNA;gene_id=G1
chr1\ttoy\tmRNA\t1001\t1800\t.\t+\t.\tID=t1;Parent=gene:G1
chr1\ttoy\texon\t1001\t1200\t.\t+\t.\tParent=t1
chr1\ttoy\texon\t1601\t1800\t.\t+\t.\tID=e2;Parent=t1,t2
chr1\ttoy\tncRNA\t1001\t1700\t.\t?\t.\tID=t2;Parent=gene:G1
##FASTA
>chr1
"""
SPLICE_SITES = (
    b"Chromosome\tStart\tEnd\tStrand\tliver\tbrain\nchr1\t1200\t1600\t+\t3\t0\nchr1\t50\t90\t-\t0\t\n"
)
POLYADENYLATION = b"Start\tpas_strand\tgene_id\tx\n1700\t+\tG1.2\t0\n90\t-\tG2\t1\n"
BED = b"track name=x\nchr1\t100\t200\tname\t0\t+\nchr1 5 9\n#c\n\nchr1:1,001-2,000\nchr6:32039081:C:G\n"

_WORDS = st.sampled_from(
    [
        *(
            b"",
            b"0",
            b"-1",
            b"1e9",
            b"nan",
            b"inf",
            b"99999999999999999999",
            b"9" * 400,
            b"9" * 5000,
            b"0x1F",
        ),
        *(b".", b"*", b"+", b"?", b"<", b"<>", b"[", b"%", b"%zz", b"=", b";", b",", b"|", b'"', b"#", b"##"),
        *(
            b"\0",
            b"\xff",
            b"\xc3",
            "\u0663\u2028\u00b2".encode(),
            b"\r",
            b"\n",
            b"\t",
            b" ",
            b"\x1f\x8b",
            b"[[[",
        ),
        *(b"null", b"true", b"{}", b"[]", b"1.5", b'{"a":', b"\\u0000", b"A" * 70_000, b"ID=t1;Parent=t1"),
    ]
)
_BREAKS = b'\t\n ;,=:"'


@dataclasses.dataclass(frozen=True, kw_only=True)
class Target:
    """One reader.

    Attributes:
        seeds: Files that it reads.
        read: Reads the file of a path.
        first: Only this many bytes at the beginning are edited.
        turn: Inputs before the next target has its turn; fewer for one that takes long.
    """

    seeds: tuple[bytes, ...]
    read: Callable[[pathlib.Path], object]
    first: int = 1 << 20
    turn: int = 50


def survives(target: Target, content: bytes, scratch: pathlib.Path) -> bool:
    """Return whether a reader accepts a file; it does, or says why not.

    Args:
        target: The reader.
        content: The file.
        scratch: A folder for it.

    Raises:
        Exception: Anything but a `VepError` is what fuzzing looks for.
    """
    path = scratch / "input"
    path.write_bytes(content)
    try:
        target.read(path)
    except VepError:
        return False
    return True


@st.composite
def contents(draw: st.DrawFn, target: Target) -> bytes:
    """Draw a file that is a seed but for some edits, and may be compressed, or cut in the middle of it."""
    seed = draw(st.sampled_from(target.seeds))
    content, rest = bytearray(seed[: target.first]), seed[target.first :]
    for _ in range(draw(st.integers(0, 3))):
        _edit(draw, content)
    whole = bytes(content) + rest
    if draw(st.integers(0, 9)) == 0:
        whole = gzip.compress(whole, mtime=0)
        whole = whole[: draw(st.integers(0, len(whole)))] + draw(st.sampled_from([b"", b"", b"x"]))
    return whole


def _edit(draw: st.DrawFn, content: bytearray) -> None:
    """Replace, leave out or repeat a word or any stretch, or change a bit."""
    start = draw(st.integers(0, len(content)))
    if draw(st.booleans()):
        while start > 0 and content[start - 1] not in _BREAKS:
            start -= 1
        end = start
        while end < len(content) and content[end] not in _BREAKS:
            end += 1
    else:
        end = min(len(content), start + draw(st.integers(0, 60)))
    match draw(st.integers(0, 4)):
        case 0:
            del content[start:end]
        case 1:
            content[start:start] = content[start:end]
        case 2 if start < len(content):
            content[start] ^= 1 << draw(st.integers(0, 7))
        case 3:
            content[start:end] = draw(st.binary(max_size=8))
        case _:
            content[start:end] = draw(_WORDS)


def targets(scratch: pathlib.Path) -> Mapping[str, Target]:
    """Return every target by name.

    Args:
        scratch: A folder for the files that the readers need beside the fuzzed one.
    """
    return {
        **_variants(scratch),
        "gtf": Target(seeds=(GTF,), read=read_gtf),
        "gff3": Target(seeds=(GFF3,), read=read_gff3),
        "splice sites": Target(seeds=(SPLICE_SITES,), read=lambda path: read_splice_sites([path])),
        "polyadenylation": Target(seeds=(POLYADENYLATION,), read=read_polyadenylation_sites),
        "bed": Target(seeds=(BED,), read=_read_intervals),
        **_weights(scratch),
    }


def _variants(scratch: pathlib.Path) -> dict[str, Target]:
    """Return the targets of VCF and BCF: read, checked against a genome, written, and all of it again."""
    fasta = scratch / "genome.fa"
    fasta.write_text(">chr1\n" + "ACACACGTTN" * 400 + "\n")
    pysam.faidx(str(fasta))

    def read(path: pathlib.Path) -> None:
        with Reference(fasta) as reference:
            done = stubbed_run.run(path, reference)
            if done.error is not None:
                raise done.error
            assert done.statistics.alleles == done.statistics.statuses.total()
            again = path.with_name("again")
            again.write_bytes(done.output.encode("utf-8", "surrogateescape"))
            assert stubbed_run.run(again, reference).output == done.output

    text = (VCF, VCF.replace(b"\n", b"\r\n"))
    # A BCF takes a process to decode.
    return {
        "vcf": Target(seeds=text, read=read),
        "bcf": Target(seeds=(_bcf(scratch),), read=read, turn=5),
    }


def _bcf(scratch: pathlib.Path) -> bytes:
    plain, binary = scratch / "seed.vcf", scratch / "seed.bcf"
    # Only what the header declares can be in a BCF.
    plain.write_bytes(b"".join(line for line in VCF.splitlines(keepends=True) if b"q10" not in line))
    variants = cyvcf2.VCF(str(plain))
    writer = cyvcf2.Writer(str(binary), variants, mode="wb")
    for variant in variants:
        writer.write_record(variant)
    writer.close()
    return gzip.decompress(binary.read_bytes())


def _read_intervals(path: pathlib.Path) -> None:
    for line in read_bed(str(path)):
        assert (line.interval is None) == (line.problem is not None)
    for text in path.read_text("utf-8", "replace").splitlines():
        for parse in (parse_region, parse_variant):
            with contextlib.suppress(VepError):
                parse(text)


def _weights(scratch: pathlib.Path) -> dict[str, Target]:
    """Return the targets of a weights folder: each of its files edited, and the others whole."""
    folder = scratch / "weights"
    folder.mkdir()
    config = ModelConfig.toy()
    params = parameters.initialise(config, jax.random.key(1))
    parameters.save(folder / PARAMETERS, params)
    (folder / CONFIG).write_text(config.to_json())
    (folder / CARD).write_text("x\n")
    track = Track(organism="human", output_type=OutputType.ATAC, index=0, name="a track")
    write_tracks(folder / TRACKS, [track, dataclasses.replace(track, index=1, strand="+", nonzero_mean=0.5)])
    said = {"name": "toy", "version": "1", "licence": "x", "trained": False, "parameter_count": 9}
    write_manifest(folder, **said)

    def reader(name: str) -> Callable[[pathlib.Path], object]:
        copy = scratch / f"edited {name}"
        shutil.copytree(folder, copy)

        def read(path: pathlib.Path) -> None:
            shutil.copyfile(path, copy / name)
            if name != MANIFEST:
                write_manifest(copy, **said)
            opened = open_weights(copy)
            parameters.check_file(opened.parameters_path, opened.config)
            parameters.load(opened.parameters_path, opened.config)

        return read

    header = 8 + int.from_bytes((folder / PARAMETERS).read_bytes()[:8], "little")
    return {
        f"weights {name}": Target(seeds=((folder / name).read_bytes(),), read=reader(name), first=first)
        for name, first in ((MANIFEST, 1 << 20), (CONFIG, 1 << 20), (TRACKS, 1 << 20), (PARAMETERS, header))
    }
