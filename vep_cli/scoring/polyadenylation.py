"""Scores from shifts of RNA coverage between a gene's polyadenylation sites (MODEL_SPEC section 7).

After Borzoi's paQTL score (Linder et al., Nature Genetics 2025): for every way of splitting a
gene's sites into the first k and the rest, how much the ratio of coverage changes; the largest counts.
"""

import dataclasses
import math
from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float32, Int64

from vep_cli.errors import UsageError
from vep_cli.genome.annotation import Annotation, Gene
from vep_cli.genome.interval import Interval
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.genome.variant import Variant
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.scoring.aggregation import log_ratio, row_sums
from vep_cli.scoring.indel_alignment import gather, gather_aligned
from vep_cli.scoring.labels import labelled
from vep_cli.scoring.masks import bucket
from vep_cli.scoring.regions import row_regions
from vep_cli.scoring.scorer import Predictions, RowLabel, ScoreMasks, Scorer, Scores, Values
from vep_cli.scoring.spans import aligned_span_arrays

SITE_WINDOW = 400
"""Bases before a site, the site included, whose coverage counts for it."""

_LEAST_PART_INSIDE = 0.8

_NO_ROW = -1

_GeneSites = tuple[Gene, Int64[np.ndarray, " _"]]
"""A gene and its sites in the window."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PolyadenylationScorer(Scorer):
    """The largest shift of RNA coverage between the sites of a gene that the variant touches.

    Genes need two sites in the window, and most of their sites there. Tracks of both strands are scored.
    All genes are, where the official scorer has room for 22 (MODEL_SPEC section 7).
    The score is zero for equal alleles where the coverage of every site is positive, as the network's is.

    Attributes:
        sites: The sites of all genes.
    """

    sites: PolyadenylationSites

    name = "POLYADENYLATION"
    official_name = "PolyadenylationScorer()"
    output_type = OutputType.RNA_SEQ
    needs_annotation = True
    is_signed = False
    is_difference = True
    formula = (
        "max over k of |log2(mean(ALT / REF, first k sites) / mean(ALT / REF, other sites))|, of the "
        f"coverage in the {SITE_WINDOW} bp before each site of the gene; ALT is aligned to REF"
    )

    def masks(self, variant: Variant, interval: Interval, annotation: Annotation | None) -> ScoreMasks:
        """Return the windows of the sites of the genes that the variant touches.

        To the arrays of `spans.aligned_span_arrays`, whose rows are sites here, come the splits:
        `before` and `after` [splits, sites] are 1 at the sites on either side, and `row_of_split`
        [splits] and `row_of_site` [sites] are their genes, -1 for padding.

        Raises:
            UsageError: There is no annotation.
        """
        scored = self._scored(variant, interval, annotation)
        return ScoreMasks(
            arrays=_window_arrays(scored, variant, interval) | _split_arrays([len(s) for _, s in scored]),
            rows=_row_labels(scored, variant),
        )

    def rows(
        self, variant: Variant, interval: Interval, annotation: Annotation | None
    ) -> tuple[RowLabel, ...]:
        """See base class."""
        return _row_labels(self._scored(variant, interval, annotation), variant)

    def regions(self, masks: ScoreMasks, interval: Interval) -> tuple[tuple[Interval, ...], ...]:
        """See base class: the windows before the sites of the gene."""
        return row_regions(masks.arrays, masks.arrays["row_of_site"], interval, len(masks.rows))

    def compute(
        self, reference: Predictions, alternate: Predictions, masks: Mapping[str, Array]
    ) -> tuple[
        Float32[Array, "padded_rows tracks"],
        Float32[Array, "padded_rows tracks"],
        Float32[Array, "padded_rows tracks"],
    ]:
        """See base class; the aggregates are the coverage summed over the windows of a gene's sites."""
        before = gather(reference[self.output_type], masks["positions"])
        after = gather_aligned(
            alternate[self.output_type], masks["alternate_positions"], masks["inserted_positions"]
        )
        sites = len(masks["length"])
        reference_sum = row_sums(before, masks["row_of_block"], sites)
        alternate_sum = row_sums(after, masks["row_of_block"], sites)
        shift = _shifts(alternate_sum / reference_sum, masks["before"], masks["after"])
        # Each gene has a split, so that there never are more rows than splits.
        rows = jnp.arange(len(masks["row_of_split"]))
        score = jax.lax.map(
            lambda row: jnp.where((masks["row_of_split"] == row)[:, None], shift, 0).max(axis=0), rows
        )
        of_gene = (masks["row_of_site"] == rows[:, None]).astype(jnp.float32)
        return score, _product(of_gene, reference_sum), _product(of_gene, alternate_sum)

    def label(self, values: Values, rows: tuple[RowLabel, ...], tracks: tuple[Track, ...]) -> Scores:
        """See base class."""
        return labelled(self, values, rows, tracks)

    def _scored(
        self, variant: Variant, interval: Interval, annotation: Annotation | None
    ) -> list[_GeneSites]:
        if annotation is None:
            raise UsageError(f"{self.name} needs a gene annotation", remedy="give one with --gtf")
        candidates = [
            (gene, _sites_inside(annotation.placed(self.sites.of_gene(gene)), interval))
            for gene in annotation.genes_overlapping(variant)
        ]
        return [(gene, sites) for gene, sites in candidates if len(sites) > 1]


def _shifts(
    ratio: Float32[Array, "sites tracks"],
    before: Float32[Array, "splits sites"],
    after: Float32[Array, "splits sites"],
) -> Float32[Array, "splits tracks"]:
    """Return how much ALT to REF differs, as |log2|, between the means over both sides of each split."""
    # As the official scorer has it: a site without coverage counts as one that ALT lost.
    defined = jnp.where(jnp.isfinite(ratio), ratio, 0)
    # Means of ones, which equal alleles give, are exactly 1 only if divided after the sum.
    mean_before = _product(before, defined) / before.sum(axis=1, keepdims=True)
    mean_after = _product(after, defined) / after.sum(axis=1, keepdims=True)
    shift = jnp.abs(log_ratio(mean_before, mean_after)) / math.log(2)
    return jnp.where(jnp.isfinite(shift), shift, 0)


def _product(
    left: Float32[Array, "rows places"], right: Float32[Array, "places tracks"]
) -> Float32[Array, "rows tracks"]:
    return jnp.matmul(left, right, precision=jax.lax.Precision.HIGHEST)


def _sites_inside(sites: Int64[np.ndarray, " sites"], interval: Interval) -> Int64[np.ndarray, " inside"]:
    """Return the sites in the window; none where too many of the gene's lie beyond either end."""
    behind_start = sites >= interval.start
    # A site is one base, whose exclusive end must lie before the window's.
    before_end = sites + 1 < interval.end
    if len(sites) == 0 or min(behind_start.mean(), before_end.mean()) < _LEAST_PART_INSIDE:
        return sites[:0]
    return sites[behind_start & before_end]


def _row_labels(scored: list[_GeneSites], variant: Variant) -> tuple[RowLabel, ...]:
    return tuple(_row_label(gene, sites, variant) for gene, sites in scored)


def _row_label(gene: Gene, sites: Int64[np.ndarray, " sites"], variant: Variant) -> RowLabel:
    # As the official tables have it: from a 0-based site to a 1-based position.
    distance = int(np.abs(sites - variant.position).min())
    return RowLabel(gene=gene, polyadenylation_site_count=len(sites), polyadenylation_distance=distance)


def _window_arrays(scored: list[_GeneSites], variant: Variant, interval: Interval) -> dict[str, np.ndarray]:
    site = np.concatenate([np.zeros(0, np.int64), *(sites for _, sites in scored)])
    is_forward = np.repeat([gene.strand == "+" for gene, _ in scored], [len(sites) for _, sites in scored])
    start = np.where(is_forward, site + 1 - SITE_WINDOW, site)
    return aligned_span_arrays(
        np.arange(len(site)),
        np.maximum(start, interval.start),
        np.minimum(start + SITE_WINDOW, interval.end),
        row_count=len(site),
        variant=variant,
        interval=interval,
    )


def _split_arrays(site_counts: list[int]) -> dict[str, np.ndarray]:
    """Return the splits of each gene's sites, in the order of the table, into the first k and the rest."""
    sites = bucket(sum(site_counts), smallest=16)
    splits = sum(count - 1 for count in site_counts)
    before, after = np.zeros((2, bucket(splits, smallest=16), sites), np.float32)
    row_of_split = np.full(len(before), _NO_ROW, np.int32)
    row_of_site = np.full(sites, _NO_ROW, np.int32)
    split = first = 0
    for row, count in enumerate(site_counts):
        row_of_site[first : first + count] = row
        for k in range(1, count):
            before[split, first : first + k] = 1
            after[split, first + k : first + count] = 1
            row_of_split[split] = row
            split += 1
        first += count
    return {"before": before, "after": after, "row_of_split": row_of_split, "row_of_site": row_of_site}
