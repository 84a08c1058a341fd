"""Scores from the counts of reads across each intron of a gene (MODEL_SPEC section 7)."""

import dataclasses
from collections.abc import Mapping
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Float16, Int

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.interval import Interval
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, junction_tissues
from vep_cli.scoring.aggregation import log_ratio
from vep_cli.scoring.masks import bucket
from vep_cli.scoring.scorer import Predictions, RowLabel, ScoreMasks, Scorer, Scores, Values
from vep_cli.scoring.spans import gene_bodies

MAX_SITES = 256
"""Sites of each list that count; the network predicts junctions between more."""

_PSEUDOCOUNT = 1e-7

_STRANDS = "+-"

_NO_INTRON = -1


class JunctionPredictions(NamedTuple):
    """Junctions of one allele, between sites that REF and ALT share.

    Attributes:
        sites: Bases from the window's start, ascending, padded with -1; the lists are donors and
            acceptors on '+', donors and acceptors on '-'. ALT's are those of REF.
        counts: By donor, acceptor and tissue, all tissues for '+' and then all for '-'. ALT's come
            from embeddings aligned to REF.
    """

    sites: Int[Array, "4 sites"]
    counts: Float[Array, "sites sites columns"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class SpliceJunctionScorer(Scorer):
    """The change of the introns that change most in a gene that the variant touches.

    For each protein-coding gene and tissue, the intron strictly inside the gene, on its strand, whose
    log count changes most; each such intron is a row, with its change in every tissue.
    """

    name = "SPLICE_JUNCTIONS"
    official_name = "SpliceJunctionScorer()"
    output_type = OutputType.SPLICE_JUNCTIONS
    needs_annotation = True
    is_signed = False
    is_difference = True
    formula = (
        f"|ln((ALT + {_PSEUDOCOUNT}) / (REF + {_PSEUDOCOUNT}))|, of the reads across the gene's introns that "
        "change most in some tissue; ALT is aligned to REF"
    )

    def masks(self, variant: Variant, interval: Interval, annotation: Annotation | None) -> ScoreMasks:
        """Return the genes; which introns become rows is known only once they are predicted.

        Arrays: `gene_start` and `gene_end` [genes], on the chromosome and equal for padding;
        `gene_strand` [genes], 0 for '+' and 1 for '-'; `window_start` [1]. `rows` has one label per gene.

        Raises:
            UsageError: There is no annotation.
        """
        genes = self._genes(variant, annotation)
        return ScoreMasks(arrays=_gene_arrays(genes, interval), rows=_labels(genes))

    def rows(
        self, variant: Variant, interval: Interval, annotation: Annotation | None
    ) -> tuple[RowLabel, ...]:
        """See base class."""
        del interval
        return _labels(self._genes(variant, annotation))

    def regions(self, masks: ScoreMasks, interval: Interval) -> tuple[tuple[Interval, ...], ...]:
        """See base class: what of the gene's body is in the window."""
        bodies = gene_bodies(tuple(row.gene for row in masks.rows if row.gene), interval)
        spans = zip(bodies.start.tolist(), bodies.end.tolist(), strict=True)
        return tuple(
            (Interval(chromosome=interval.chromosome, start=start, end=end),) if start < end else ()
            for start, end in spans
        )

    def compute(self, reference: Predictions, alternate: Predictions, masks: Mapping[str, Array]) -> Values:
        """Return (change, REF count, ALT count) [genes x tissues, tissues], and the introns of these rows.

        The row of a gene and a tissue is the gene's intron that changes most in that tissue. The introns
        are [genes x tissues, 2], first base and base after the last on the chromosome, -1 for none.
        """
        before, after = reference[self.output_type], alternate[self.output_type]
        counts = _by_strand(before.counts), _by_strand(after.counts)
        change = _log_change(*counts)
        # No gene begins before base 0, so that -1 is inside none.
        introns = _introns(before.sites[:, :MAX_SITES], masks["window_start"])

        def rows_of_gene(gene: Int[Array, ""]) -> Values:
            strand = masks["gene_strand"][gene]
            start, end = introns[strand, :, :, 0], introns[strand, :, :, 1]
            inside = (masks["gene_start"][gene] < start) & (end < masks["gene_end"][gene])
            donor, acceptor, is_found = _most_changed(change[:, :, strand], inside)
            intron = jnp.where(is_found[:, None], introns[strand, donor, acceptor], _NO_INTRON)
            values = (matrix[donor, acceptor, strand] for matrix in (change, *counts))
            return *(matrix.astype(jnp.float32) for matrix in values), intron

        by_gene = jax.lax.map(rows_of_gene, jnp.arange(len(masks["gene_start"])))
        return tuple(values.reshape(-1, values.shape[-1]) for values in by_gene)

    def label(self, values: Values, rows: tuple[RowLabel, ...], tracks: tuple[Track, ...]) -> Scores:
        """See base class; each intron of a gene becomes one row, in the order of their starts.

        The columns are tissues: their tracks on '+', said to be of either strand, stand for both.
        """
        tissues = junction_tissues(tracks)
        introns = np.asarray(values[3]).reshape(-1, len(tissues), 2)
        places: list[int] = []
        labels: list[RowLabel] = []
        for number, row in enumerate(rows):
            found, first_tissue = np.unique(introns[number], axis=0, return_index=True)
            is_intron = found[:, 0] != _NO_INTRON
            places += (number * len(tissues) + first_tissue[is_intron]).tolist()
            labels += [_with_junction(row, start, end) for start, end in found[is_intron].tolist()]
        raw, reference, alternate = (np.asarray(value)[places] for value in values[:3])
        return Scores(
            scorer=self, rows=tuple(labels), tracks=tissues, raw=raw, reference=reference, alternate=alternate
        )

    def _genes(self, variant: Variant, annotation: Annotation | None) -> tuple[Gene, ...]:
        if annotation is None:
            raise UsageError(f"{self.name} needs a gene annotation", remedy="give one with --gtf")
        return tuple(
            gene
            for gene in annotation.genes_overlapping(variant)
            if gene.is_protein_coding and gene.strand in _STRANDS
        )


def _labels(genes: tuple[Gene, ...]) -> tuple[RowLabel, ...]:
    return tuple(RowLabel(gene=gene) for gene in genes)


def _gene_arrays(genes: tuple[Gene, ...], interval: Interval) -> dict[str, np.ndarray]:
    start, end, strand = np.zeros((3, bucket(len(genes), smallest=4)), np.int32)
    start[: len(genes)] = [gene.start for gene in genes]
    end[: len(genes)] = [gene.end for gene in genes]
    strand[: len(genes)] = [_STRANDS.index(gene.strand) for gene in genes]
    return {
        "gene_start": start,
        "gene_end": end,
        "gene_strand": strand,
        "window_start": np.array([interval.start], np.int32),
    }


def _with_junction(row: RowLabel, start: int, end: int) -> RowLabel:
    gene = row.gene
    if gene is None:
        raise ValueError("the junctions' rows are labelled with their genes")
    junction = Interval(chromosome=gene.chromosome, start=start, end=end, strand=gene.strand)
    return RowLabel(gene=gene, junction=junction)


def _by_strand(counts: Float[Array, "all all columns"]) -> Float[Array, "sites sites 2 tissues"]:
    counted = counts[:MAX_SITES, :MAX_SITES]
    return counted.reshape(*counted.shape[:2], 2, -1)


def _log_change(
    reference: Float[Array, "*shape"], alternate: Float[Array, "*shape"]
) -> Float16[Array, "*shape"]:
    """Return |ln(ALT / REF)| with pseudocounts, rounded to float16 as the official scores are."""
    counts = (values.astype(jnp.float32) + _PSEUDOCOUNT for values in (alternate, reference))
    return jnp.abs(log_ratio(*counts).astype(jnp.float16))


def _introns(sites: Int[Array, "4 sites"], window_start: Int[Array, "1"]) -> Int[Array, "2 sites sites 2"]:
    """Return (start, end) on the chromosome by strand, donor and acceptor; `_NO_INTRON` where none is."""
    donor, acceptor = sites[0::2, :, None], sites[1::2, None, :]
    # On '+' the donor is the base before the intron and the acceptor the one behind it; on '-' they swap.
    is_forward = (jnp.arange(2) == 0)[:, None, None]
    start = jnp.where(is_forward, donor, acceptor) + 1
    end = jnp.where(is_forward, acceptor, donor)
    is_intron = (donor >= 0) & (acceptor >= 0) & (start < end)
    intron = jnp.stack([start, end], axis=-1) + window_start
    return jnp.where(is_intron[..., None], intron, _NO_INTRON)


def _most_changed(
    change: Float16[Array, "sites sites tissues"], is_candidate: Bool[Array, "sites sites"]
) -> tuple[Int[Array, " tissues"], Int[Array, " tissues"], Bool[Array, " tissues"]]:
    """Return (donor, acceptor) that change most in each tissue, the first on ties, and whether any does."""
    sites = change.shape[0]
    flat = jnp.where(is_candidate[:, :, None], change, -1).reshape(sites * sites, -1)
    place = flat.argmax(axis=0)
    return place // sites, place % sites, jnp.broadcast_to(is_candidate.any(), place.shape)
