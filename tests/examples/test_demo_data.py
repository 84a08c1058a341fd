"""The shipped example is what its README says: real coordinates, consistent with one another."""

import collections
import gzip
import itertools
import pathlib
import re
from collections.abc import Iterator

import cyvcf2
import pyfaidx
import pysam
import pytest

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
FASTA = EXAMPLES / "genome" / "demo.fa.gz"
PIECE = (31_850_000, 33_850_000)
BASES = set("ACGT")

Intron = tuple[int, int, str]


@pytest.fixture(scope="module")
def sequence() -> str:
    with pysam.FastaFile(str(FASTA)) as fasta:
        return str(fasta.fetch("chr6"))


@pytest.fixture(scope="module")
def features() -> list[list[str]]:
    with gzip.open(EXAMPLES / "genome" / "demo.gtf.gz", "rt") as lines:
        return [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]


@pytest.fixture(scope="module")
def records() -> list[cyvcf2.Variant]:
    return list(cyvcf2.VCF(str(EXAMPLES / "demo.vcf")))


def attribute(feature: list[str], name: str) -> str:
    found = re.search(rf'{name} "([^"]*)"', feature[8])
    assert found is not None
    return found[1]


def introns(features: list[list[str]]) -> Iterator[Intron]:
    """Yield 0-based half-open introns and their strand, transcript by transcript."""
    exons = collections.defaultdict(list)
    for feature in features:
        if feature[2] == "exon":
            key = attribute(feature, "transcript_id"), feature[6]
            exons[key].append((int(feature[3]) - 1, int(feature[4])))
    for (_, strand), parts in exons.items():
        parts.sort()
        for (_, end), (start, _) in itertools.pairwise(parts):
            yield end, start, strand


def is_plain(record: cyvcf2.Variant) -> bool:
    return all(set(allele) <= BASES for allele in record.ALT)


def test_sequence_is_the_piece_at_its_place(sequence: str) -> None:
    start, end = PIECE
    assert len(sequence) == end
    assert set(sequence[:start]) == {"N"}
    assert set(sequence[start:]) == BASES


def test_indexes_agree_with_each_other(sequence: str) -> None:
    # pysam goes through .fai and .gzi, pyfaidx through .fai and its own block reader.
    with pyfaidx.Fasta(str(FASTA), rebuild=False) as fasta:
        for start in (31_849_990, 32_039_070, 33_849_980):
            assert fasta["chr6"][start : start + 20].seq == sequence[start : start + 20]


def test_files_stay_small() -> None:
    assert sum(path.stat().st_size for path in EXAMPLES.rglob("*") if path.is_file()) < 1_000_000


def test_annotation_is_sorted_and_inside_the_piece(features: list[list[str]]) -> None:
    starts = [int(feature[3]) for feature in features]
    assert starts == sorted(starts)
    assert {feature[0] for feature in features} == {"chr6"}
    assert starts[0] > PIECE[0]
    assert max(int(feature[4]) for feature in features) <= PIECE[1]


def test_every_transcript_has_a_gene_that_holds_it(features: list[list[str]]) -> None:
    genes = {attribute(feature, "gene_id"): feature for feature in features if feature[2] == "gene"}
    for feature in features:
        gene = genes[attribute(feature, "gene_id")]
        assert gene[6] == feature[6]
        assert int(gene[3]) <= int(feature[3]) <= int(feature[4]) <= int(gene[4])


def test_genes_of_both_strands_and_several_kinds(features: list[list[str]]) -> None:
    coding = [
        (attribute(feature, "gene_name"), feature[6])
        for feature in features
        if feature[2] == "gene" and attribute(feature, "gene_type") == "protein_coding"
    ]
    assert collections.Counter(strand for _, strand in coding) == {"+": 28, "-": 43}
    assert {("CYP21A2", "+"), ("TNXB", "-"), ("HLA-DRB1", "-"), ("SYNGAP1", "+")} <= set(coding)
    kinds = {attribute(feature, "gene_type") for feature in features}
    assert {"protein_coding", "lncRNA", "unprocessed_pseudogene"} <= kinds


def test_introns_begin_and_end_as_introns_do(features: list[list[str]], sequence: str) -> None:
    # On '-' the intron GT...AG reads CT...AC on the strand that the FASTA has.
    ends = {"+": "GTAG", "-": "CTAC"}
    found = list(introns(features))
    canonical = sum(
        sequence[start : start + 2] + sequence[end - 2 : end] == ends[strand] for start, end, strand in found
    )
    assert len(found) > 1000
    assert canonical / len(found) > 0.98


def test_reference_bases_agree(records: list[cyvcf2.Variant], sequence: str) -> None:
    for record in records:
        start = record.POS - 1
        assert sequence[start : start + len(record.REF)] == record.REF, record.ID


def test_records_are_sorted_and_left_aligned(records: list[cyvcf2.Variant]) -> None:
    positions = [record.POS for record in records]
    assert positions == sorted(positions)
    for record in records:
        if is_plain(record) and len(record.REF) != len(record.ALT[0]):
            # An indel can move left exactly when both alleles end in the same base.
            assert record.REF[-1] != record.ALT[0][-1], record.ID


def test_every_kind_of_record_is_there(records: list[cyvcf2.Variant]) -> None:
    plain = [record for record in records if is_plain(record)]
    changes = [len(record.ALT[0]) - len(record.REF) for record in plain if len(record.ALT) == 1]
    assert sum(change > 0 for change in changes) >= 3
    assert sum(change < 0 for change in changes) >= 3
    assert len({change for change in changes if change}) >= 6
    assert any(len(record.REF) == len(record.ALT[0]) > 1 for record in plain)
    assert any(len(record.ALT) > 1 for record in plain)
    assert any("<DEL>" in record.ALT for record in records)
    assert any("*" in record.ALT for record in records)
    assert any(min(record.POS - PIECE[0], PIECE[1] - record.POS) < 50 for record in records)
    assert {record.FILTER for record in records} == {None, "LowQual", "SegDup"}
    assert {len(record.genotypes) for record in records} == {3}


def test_splice_variant_is_thirteen_bases_before_exon_three(
    records: list[cyvcf2.Variant], features: list[list[str]]
) -> None:
    (variant,) = (record for record in records if record.ID == "rs6467")
    (exon,) = (
        feature
        for feature in features
        if feature[2] == "exon"
        and attribute(feature, "transcript_id") == "NM_000500"
        and "exon_number 3;" in feature[8]
    )
    assert (variant.REF, variant.ALT) == ("C", ["A", "G"])
    # c.293 is the exon's first base, and c.293-13 lies 13 before it.
    assert int(exon[3]) - 13 == variant.POS
