"""Reference genomes that `vep genome fetch` knows how to download.

Both come from one GENCODE release folder each, so that the sequence and the annotation
spell chromosomes alike and one checksum file covers both. The human release is v46, the
annotation AlphaGenome's scorers use; the primary assembly of GRCh38 is the same sequence
in p13 (the model's reference) and p14 (v46's), since patches only add contigs. The mouse
release is vM23 on GRCm38.p6 (MODEL_SPEC section 4: the default references).
"""

import dataclasses

from vep_cli.errors import UsageError


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GenomeSource:
    """One publisher's folder with a FASTA, a GTF and their checksums.

    Attributes:
        name: Name the genome is registered under.
        organism: 'human' or 'mouse'.
        folder_url: Address of the folder, without a slash at the end.
        fasta_name: File name of the sequence there, gzip-compressed.
        gtf_name: File name of the gene annotation there, gzip-compressed.
        checksums_name: File name of the MD5 sums there, in the format of `md5sum`.
    """

    name: str
    organism: str
    folder_url: str
    fasta_name: str
    gtf_name: str
    checksums_name: str = "MD5SUMS"

    def url(self, file_name: str) -> str:
        """Return the address of a file in the folder."""
        return f"{self.folder_url.rstrip('/')}/{file_name}"


_GENCODE = "https://ftp.ebi.ac.uk/pub/databases/gencode"

GENOME_SOURCES = {
    "hg38": GenomeSource(
        name="hg38",
        organism="human",
        folder_url=f"{_GENCODE}/Gencode_human/release_46",
        fasta_name="GRCh38.primary_assembly.genome.fa.gz",
        gtf_name="gencode.v46.annotation.gtf.gz",
    ),
    "mm10": GenomeSource(
        name="mm10",
        organism="mouse",
        folder_url=f"{_GENCODE}/Gencode_mouse/release_M23",
        fasta_name="GRCm38.primary_assembly.genome.fa.gz",
        gtf_name="gencode.vM23.annotation.gtf.gz",
    ),
}
"""Sources by genome name."""


def genome_source(name: str, *, mirror: str | None = None) -> GenomeSource:
    """Return the source of a genome, read from a mirror's folder where one is given.

    Args:
        name: A key of `GENOME_SOURCES`.
        mirror: Address of a folder with the same three files, or None for the publisher's.

    Raises:
        UsageError: No source has this name.
    """
    if name not in GENOME_SOURCES:
        raise UsageError(
            f"no download is known for genome {name!r}",
            remedy=f"fetch one of {', '.join(GENOME_SOURCES)}, or register your own files: "
            f"vep genome add {name} --fasta FILE --gtf FILE",
        )
    source = GENOME_SOURCES[name]
    return source if mirror is None else dataclasses.replace(source, folder_url=mirror)
