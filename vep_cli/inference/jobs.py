"""What has to be known of a window before the device can score it: host work, done ahead of the device."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.lifted_annotation import lifted
from vep_cli.genome.window import Window
from vep_cli.inference.junctions import mirrored_site_arrays, site_arrays
from vep_cli.inference.reads import Reads, reads_of
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.scorer import ScoreMasks, Scorer


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A window and what each scorer needs to score it.

    Attributes:
        window: The window.
        masks: Of each scorer, in the scorers' order.
        sites: From `junctions.site_arrays`, as the network reads the window; None without splice junctions.
        reads: Which parts of the window the scorers read.
    """

    window: Window
    masks: tuple[ScoreMasks, ...]
    sites: Mapping[str, np.ndarray] | None
    reads: Reads

    @property
    def reference_key(self) -> tuple[object, str]:
        """Equal for windows that share REF; the sequence too, as the variant's REF is written into it."""
        return self.window.interval, self.window.reference_bases

    @property
    def nbytes(self) -> int:
        """Memory that the job holds, about."""
        sites = self.sites or {}
        arrays = [sites, *(mask.arrays for mask in self.masks)]
        bases = len(self.window.reference_bases) + len(self.window.alternate_bases)
        return bases + sum(array.nbytes for one in arrays for array in one.values())

    @property
    def is_read(self) -> bool:
        """Whether any scorer has anything to say about the window."""
        return any(mask.rows for mask in self.masks)


def make_job(window: Window, scorers: Sequence[Scorer], annotation: Annotation | None) -> Job:
    """Return the job of a window.

    Args:
        window: The window.
        scorers: Those that will score it.
        annotation: Genes, for the scorers that need them.

    Raises:
        UsageError: A scorer needs genes, and there are none.
    """
    if annotation is not None and window.coordinates is not None:
        annotation = lifted(annotation, window.coordinates, window.interval)
    masks = tuple(scorer.masks(window.variant, window.interval, annotation) for scorer in scorers)
    with_junctions = any(
        scorer.output_type is OutputType.SPLICE_JUNCTIONS and mask.rows
        for scorer, mask in zip(scorers, masks, strict=True)
    )
    sites = _sites(window, annotation) if with_junctions and annotation else None
    reads = reads_of(scorers, masks, sites, window.interval.width)
    return Job(window=window, masks=masks, sites=sites, reads=reads)


def _sites(window: Window, annotation: Annotation) -> dict[str, np.ndarray]:
    """Return the arrays for the sequences as the network reads them."""
    arrays = site_arrays(window, annotation)
    if window.interval.strand != "-":
        return arrays
    # Sites are looked for where the genes would lie on '+': the official scores do not mirror the genes.
    return {**mirrored_site_arrays(arrays), "in_gene": arrays["in_gene"]}
