"""A program of its own that renders a BCF file as VCF text: `python bcf_text.py PATH [REGION...]`.

`vcf_lines` runs it by its path, because htslib ends the process that it is in on some damaged files.
"""

import sys
from collections.abc import Iterator

import cyvcf2


def main(path: str, *regions: str) -> None:
    """Write the file's text to standard output.

    Args:
        path: The file.
        regions: Write the records that overlap one of these, in the file's order and without a base in
            common; none for all records.

    Raises:
        Exception: A record cannot be decoded; cyvcf2 raises no other class.
    """
    variants = cyvcf2.VCF(path)
    writer = cyvcf2.Writer("-", variants, mode="w")
    writer.write_header()
    for variant in _overlapping(variants, regions) if regions else variants:
        if writer.write_record(variant) != 0:
            raise ValueError("a record cannot be written as text")
    writer.close()


def _overlapping(variants: cyvcf2.VCF, regions: tuple[str, ...]) -> Iterator[cyvcf2.Variant]:
    contig, end = "", 0
    for region in regions:
        name, _, span = region.rpartition(":")
        behind = end if name == contig else 0
        for variant in variants(region):
            # What begins before the last region's end was in that one already.
            if behind < variant.POS:
                yield variant
        contig, end = name, int(span.partition("-")[2])


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:
        sys.exit(str(error))
