"""Genes, and which of them a window or a variant concerns (MODEL_SPEC section 6).

The annotation is a handful of columns in file order. Queries go through indexes that are built
per chromosome when first asked for, so that a run pays for the chromosomes it visits.
All coordinates are 0-based and half-open; only the readers know of 1-based ones.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Int64

from vep_cli.genome.interval import Interval
from vep_cli.genome.splice_sites import KnownSpliceSites, sites_of_edges
from vep_cli.genome.variant import Variant

_GENE_STRIDE = 1 << 40
"""More than any coordinate, so that (gene, position) fits one sortable integer."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Gene:
    """One gene of the annotation.

    Attributes:
        gene_id: As the file has it, version included, for instance 'ENSG00000012048.25'.
        name: Symbol, for instance 'BRCA1'; '' where the file gives none.
        gene_type: Biotype, for instance 'protein_coding'; '' where the file gives none.
        chromosome: Contig name.
        start: 0-based first base.
        end: 0-based base after the last one.
        strand: '+', '-' or '.'.
    """

    gene_id: str
    name: str
    gene_type: str
    chromosome: str
    start: int
    end: int
    strand: str

    @property
    def is_protein_coding(self) -> bool:
        """Whether the splice-junction scorer considers the gene."""
        return self.gene_type == "protein_coding"

    @property
    def interval(self) -> Interval:
        """The gene body with its strand."""
        return Interval(chromosome=self.chromosome, start=self.start, end=self.end, strand=self.strand)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class GeneSpans:
    """Some genes, each with disjoint stretches of the genome.

    Attributes:
        genes: The genes; one may have no stretch at all.
        gene_of_span: Index into `genes` of each stretch, ascending.
        start: 0-based first base of each stretch, ascending within a gene.
        end: 0-based base after the last one.
    """

    genes: tuple[Gene, ...]
    gene_of_span: Int64[np.ndarray, " spans"]
    start: Int64[np.ndarray, " spans"]
    end: Int64[np.ndarray, " spans"]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Annotation:
    """All genes, transcripts and exons of one annotation file.

    Attributes:
        genes: In file order.
        transcript_gene: Index into `genes` of each transcript; transcripts are in file order.
        transcript_start_site: 0-based TSS of each transcript as the official selection has it:
            the start on '+' and '.', the exclusive end on '-'.
        exon_transcript: Index of each exon's transcript, ascending.
        exon_start: 0-based first base of each exon.
        exon_end: 0-based base after the last one.
        listed_splice_sites: Sites that take the place of those between the exons.
        lift: Moves bases of the reference to where the genes' coordinates have them, without those that
            are nowhere; None where the coordinates are the reference's.
    """

    genes: tuple[Gene, ...]
    transcript_gene: Int64[np.ndarray, " transcripts"]
    transcript_start_site: Int64[np.ndarray, " transcripts"]
    exon_transcript: Int64[np.ndarray, " exons"]
    exon_start: Int64[np.ndarray, " exons"]
    exon_end: Int64[np.ndarray, " exons"]
    listed_splice_sites: KnownSpliceSites | None = None
    lift: Callable[[Int64[np.ndarray, " bases"]], Int64[np.ndarray, " placed"]] | None = None

    @functools.cached_property
    def chromosomes(self) -> tuple[str, ...]:
        """Contig names in order of first appearance."""
        return tuple(dict.fromkeys(gene.chromosome for gene in self.genes))

    def with_chromosome_names(self, names: Mapping[str, str]) -> "Annotation":
        """Return the annotation with the genes' contigs renamed; names that `names` lacks stay."""
        genes = tuple(
            dataclasses.replace(gene, chromosome=names.get(gene.chromosome, gene.chromosome))
            for gene in self.genes
        )
        return dataclasses.replace(self, genes=genes)

    def with_splice_sites(self, sites: KnownSpliceSites) -> "Annotation":
        """Return the annotation with other splice sites than those between the exons."""
        return dataclasses.replace(self, listed_splice_sites=sites)

    def placed(self, bases: Int64[np.ndarray, " bases"]) -> Int64[np.ndarray, " placed"]:
        """Return where bases of the reference lie in the genes' coordinates, less those that are nowhere."""
        return bases if self.lift is None else self.lift(bases)

    def near(self, interval: Interval) -> "Annotation":
        """Return the genes of which a base lies in `interval`, whole, and nothing else."""
        index = self._gene_indexes.get(interval.chromosome)
        chosen = np.zeros(len(self.genes), bool)
        if index is not None:
            chosen[index.gene[(index.start < interval.end) & (interval.start < index.end)]] = True
        number = np.cumsum(chosen) - 1
        transcripts = np.flatnonzero(chosen[self.transcript_gene])
        exons = concatenated_ranges(self._first_exon[transcripts], self._first_exon[transcripts + 1])
        counts = self._first_exon[transcripts + 1] - self._first_exon[transcripts]
        return dataclasses.replace(
            self,
            genes=tuple(self.genes[gene] for gene in np.flatnonzero(chosen)),
            transcript_gene=number[self.transcript_gene[transcripts]],
            transcript_start_site=self.transcript_start_site[transcripts],
            exon_transcript=np.repeat(np.arange(len(transcripts)), counts),
            exon_start=self.exon_start[exons],
            exon_end=self.exon_end[exons],
        )

    @functools.cached_property
    def splice_sites(self) -> KnownSpliceSites:
        """The sites that are listed; otherwise the edges of the gaps between the exons of each transcript.

        Transcripts of every type count; those of genes without a strand have no sites.
        """
        return self._sites_between_exons() if self.listed_splice_sites is None else self.listed_splice_sites

    def genes_with_tss_in(self, interval: Interval) -> GeneSpans:
        """Return the genes that start in `interval` and their exons there (the exon-mask rule).

        A gene counts when the TSS of any of its transcripts, of whatever type, lies in
        [start, end); its stretches are the union of the exons of those transcripts only, clipped
        to the interval. Genes come in the order of their first such transcript in the file.
        """
        transcripts = self._transcripts_with_tss_in(interval)
        chosen, first, gene_of_transcript = np.unique(
            self.transcript_gene[transcripts], return_index=True, return_inverse=True
        )
        order = np.argsort(first)
        rank = np.argsort(order)
        exons = concatenated_ranges(self._first_exon[transcripts], self._first_exon[transcripts + 1])
        exon_counts = self._first_exon[transcripts + 1] - self._first_exon[transcripts]
        merged = _merged(
            np.repeat(rank[gene_of_transcript], exon_counts),
            np.maximum(self.exon_start[exons], interval.start),
            np.minimum(self.exon_end[exons], interval.end),
        )
        return GeneSpans(
            genes=tuple(self.genes[gene] for gene in chosen[order]),
            gene_of_span=merged[0],
            start=merged[1],
            end=merged[2],
        )

    def genes_overlapping(self, variant: Variant) -> tuple[Gene, ...]:
        """Return the genes whose body the longer allele touches, in file order (the body rule)."""
        index = self._gene_indexes.get(variant.chromosome)
        if index is None:
            return ()
        last = max(variant.end, variant.start + len(variant.alternate_bases))
        from_gene = np.searchsorted(index.start, variant.start - index.longest, side="right")
        to_gene = np.searchsorted(index.start, last, side="left")
        nearby = index.gene[from_gene:to_gene]
        touching = nearby[index.end[from_gene:to_gene] > variant.start]
        return tuple(self.genes[gene] for gene in np.sort(touching))

    def _sites_between_exons(self) -> KnownSpliceSites:
        transcript, start, end = _merged(self.exon_transcript, self.exon_start, self.exon_end)
        gene = self.transcript_gene[transcript]
        strand = np.array([one.strand for one in self.genes], "U1")[gene]
        is_left = np.append(transcript[1:] == transcript[:-1], False)[: len(transcript)] & (strand != ".")
        left, right = np.flatnonzero(is_left), np.flatnonzero(is_left) + 1
        edges = np.concatenate([left, right])
        return sites_of_edges(
            self.chromosomes,
            self._gene_chromosome[gene[edges]],
            np.concatenate([end[left] - 1, start[right]]),
            is_forward=strand[edges] == "+",
            is_start=np.arange(len(edges)) < len(left),
        )

    def _transcripts_with_tss_in(self, interval: Interval) -> Int64[np.ndarray, " chosen"]:
        index = self._transcript_indexes.get(interval.chromosome)
        if index is None:
            return np.zeros(0, np.int64)
        start_sites, transcripts = index
        first, last = np.searchsorted(start_sites, [interval.start, interval.end], side="left")
        return np.sort(transcripts[first:last])

    @functools.cached_property
    def _first_exon(self) -> Int64[np.ndarray, " transcripts_and_one"]:
        """Offset of each transcript's exons, and the number of all exons."""
        transcripts = np.arange(len(self.transcript_gene) + 1)
        return np.searchsorted(self.exon_transcript, transcripts).astype(np.int64)

    @functools.cached_property
    def _gene_chromosome(self) -> Int64[np.ndarray, " genes"]:
        """Index into `chromosomes` of each gene."""
        number = {name: place for place, name in enumerate(self.chromosomes)}
        return np.array([number[gene.chromosome] for gene in self.genes], np.int64)

    @functools.cached_property
    def _gene_indexes(self) -> dict[str, "_GeneIndex"]:
        start = np.array([gene.start for gene in self.genes], np.int64)
        end = np.array([gene.end for gene in self.genes], np.int64)
        groups = _groups(self._gene_chromosome, start, len(self.chromosomes))
        return {
            name: _GeneIndex(
                gene=genes, start=start[genes], end=end[genes], longest=int((end - start)[genes].max())
            )
            for name, genes in zip(self.chromosomes, groups, strict=True)
        }

    @functools.cached_property
    def _transcript_indexes(
        self,
    ) -> dict[str, tuple[Int64[np.ndarray, " here"], Int64[np.ndarray, " here"]]]:
        """Per chromosome: the transcription start sites, ascending, and their transcripts."""
        chromosome = self._gene_chromosome[self.transcript_gene]
        groups = _groups(chromosome, self.transcript_start_site, len(self.chromosomes))
        return {
            name: (self.transcript_start_site[transcripts], transcripts)
            for name, transcripts in zip(self.chromosomes, groups, strict=True)
        }


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class _GeneIndex:
    """One chromosome's genes by start; `longest` bounds how far left of a point a gene can begin."""

    gene: Int64[np.ndarray, " genes"]
    start: Int64[np.ndarray, " genes"]
    end: Int64[np.ndarray, " genes"]
    longest: int


def concatenated_ranges(
    start: Int64[np.ndarray, " ranges"], end: Int64[np.ndarray, " ranges"]
) -> Int64[np.ndarray, " positions"]:
    """Return start[0], ..., end[0]-1, start[1], ..., end[1]-1 and so on."""
    length = end - start
    offset = np.cumsum(length) - length
    return np.repeat(start - offset, length) + np.arange(length.sum())


def _groups(
    group: Int64[np.ndarray, " items"], key: Int64[np.ndarray, " items"], count: int
) -> list[Int64[np.ndarray, " _"]]:
    """Return the items of each group 0..count-1, sorted by key."""
    order = np.lexsort((key, group))
    # Split at no place, it would be one group; without genes there is none.
    return np.split(order, np.searchsorted(group[order], np.arange(1, count)))[:count]


def _merged(
    owner: Int64[np.ndarray, " exons"], start: Int64[np.ndarray, " exons"], end: Int64[np.ndarray, " exons"]
) -> tuple[Int64[np.ndarray, " spans"], Int64[np.ndarray, " spans"], Int64[np.ndarray, " spans"]]:
    """Return (owner, start, end) of the union of the exons of each gene or transcript.

    Exons that end before they start go.
    """
    real = start < end
    order = np.lexsort((start[real], owner[real]))
    owner, start, end = owner[real][order], start[real][order], end[real][order]
    reach = np.maximum.accumulate(owner * _GENE_STRIDE + end)
    begins = np.ones(len(owner), bool)
    begins[1:] = owner[1:] * _GENE_STRIDE + start[1:] > reach[:-1]
    ends = np.append(begins[1:], True)[: len(owner)]
    return owner[begins], start[begins], reach[ends] - owner[ends] * _GENE_STRIDE
