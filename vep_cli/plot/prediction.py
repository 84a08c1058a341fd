"""Predictions of both alleles for a figure: of what is shown and no more, with ALT laid on REF.

ALT is lined up with REF as the gene scorers do it (`scoring.indel_alignment`, MODEL_SPEC section 5).
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.window import Window
from vep_cli.inference.contract import Network
from vep_cli.inference.interval_prediction import NO_GENES
from vep_cli.inference.junction_list import JunctionList, list_junctions
from vep_cli.inference.junctions import site_arrays
from vep_cli.model.config import TOKEN_SIZE
from vep_cli.model.output_type import OutputType
from vep_cli.model.stretches import take
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.scoring.indel_alignment import alternate_positions, gather_aligned, inserted_positions
from vep_cli.scoring.masks import NOWHERE
from vep_cli.scoring.scorer import Predictions


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """What is predicted of REF and of ALT, at the same places of the reference sequence.

    Attributes:
        start: First base of the first bin, on the chromosome.
        reference: [bins, tracks]; contact maps [bins, bins, tracks].
        alternate: The same of ALT.
    """

    start: int
    reference: Float[np.ndarray, "*bins tracks"]
    alternate: Float[np.ndarray, "*bins tracks"]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class ShownPrediction:
    """What the network says of what is shown.

    Attributes:
        pairs: By output type, but of splice junctions. Contact maps are of the whole window, and ALT's are
            not aligned.
        junctions: The splice junctions of REF and of ALT, the same ones in the same order; None where none
            were asked for.
    """

    pairs: Mapping[OutputType, Pair]
    junctions: tuple[JunctionList, JunctionList] | None


def predict_shown(
    network: Network, tracks: TrackTable, window: Window, shown: Interval, annotation: Annotation | None
) -> ShownPrediction:
    """Predict both alleles where they are shown.

    Splice junctions are those between the sites of either allele and the known ones, within the genes that
    the variant touches, or within what is shown where it touches none.

    Args:
        network: The network.
        tracks: What it predicts; of splice junctions, both strands.
        window: The variant and its window, not on '-'.
        shown: A part of the window.
        annotation: Genes, and the known splice sites; None for neither.
    """
    places = np.arange(shown.start, shown.end) - window.interval.start
    sites = (
        _site_arrays(window, places, annotation) if OutputType.SPLICE_JUNCTIONS in tracks.by_output else None
    )
    reference = network.reference(window.reference_bases)
    alternate = network.alternate(reference, window.alternate_bases)
    read, read_of_alternate = _tokens_to_read(window, places, sites)
    before = _on_device(network.read(reference, read))
    after = _on_device(network.read(alternate, read_of_alternate))
    return ShownPrediction(
        pairs={
            output: _pair(output, its_tracks, before[output], after[output], window, places)
            for output, its_tracks in tracks.by_output.items()
            if output is not OutputType.SPLICE_JUNCTIONS
        },
        junctions=None if sites is None else _junctions(network, before, after, sites, window),
    )


def _on_device(predictions: Predictions) -> Predictions:
    on_device: Predictions = jax.tree.map(jnp.asarray, dict(predictions))
    return on_device


def _site_arrays(
    window: Window, places: Int[np.ndarray, " bases"], annotation: Annotation | None
) -> dict[str, np.ndarray]:
    arrays = site_arrays(window, annotation or NO_GENES)
    if not arrays["in_gene"].any():
        arrays["in_gene"] = np.isin(np.arange(window.interval.width), places)
    return arrays


def _tokens_to_read(
    window: Window, places: Int[np.ndarray, " bases"], sites: Mapping[str, np.ndarray] | None
) -> tuple[Bool[np.ndarray, " tokens"], Bool[np.ndarray, " tokens"]]:
    """Return which tokens are read of REF and of ALT."""
    read = places if sites is None else np.union1d(places, np.flatnonzero(sites["in_gene"]))
    compared = alternate_positions(read, window.variant, window.interval)
    inserted = inserted_positions(window.variant, window.interval)
    width = window.interval.width
    return _tokens(read, width), _tokens(np.concatenate([compared, inserted]), width)


def _tokens(positions: Int[np.ndarray, " positions"], width: int) -> Bool[np.ndarray, " tokens"]:
    tokens = np.zeros(width // TOKEN_SIZE, bool)
    tokens[positions[positions != NOWHERE] // TOKEN_SIZE] = True
    return tokens


def _pair(
    output: OutputType,
    tracks: tuple[Track, ...],
    before: Any,  # noqa: ANN401 - arrays or stretches
    after: Any,  # noqa: ANN401
    window: Window,
    places: Int[np.ndarray, " bases"],
) -> Pair:
    if output is OutputType.CONTACT_MAPS:
        return Pair(start=window.interval.start, reference=_array(before), alternate=_array(after))
    if output.resolution > 1:
        return _binned(_array(before), _array(after), window, places, output.resolution)
    compared = alternate_positions(places, window.variant, window.interval)
    inserted = inserted_positions(window.variant, window.interval)
    # Splice sites come with all their classes, as they share one softmax.
    columns = [track.index for track in tracks] if output is OutputType.SPLICE_SITES else slice(None)
    return Pair(
        start=window.interval.start + int(places[0]),
        reference=_array(take(before, jnp.asarray(places)))[:, columns],
        alternate=_array(gather_aligned(after, jnp.asarray(compared), jnp.asarray(inserted)))[:, columns],
    )


def _binned(
    before: Float[np.ndarray, "bins tracks"],
    after: Float[np.ndarray, "bins tracks"],
    window: Window,
    places: Int[np.ndarray, " bases"],
    resolution: int,
) -> Pair:
    """Return the bins of what is shown; ALT's is the mean over the bases of REF's bin that ALT has, too."""
    first, last = places[0] // resolution, places[-1] // resolution + 1
    bases = np.arange(first * resolution, last * resolution)
    compared = alternate_positions(bases, window.variant, window.interval)
    is_there = compared != NOWHERE
    values = after[np.where(is_there, compared, 0) // resolution] * is_there[:, None]
    sums = values.reshape(-1, resolution, after.shape[1]).sum(axis=1)
    counts = is_there.reshape(-1, resolution).sum(axis=1)
    return Pair(
        start=window.interval.start + int(first) * resolution,
        reference=before[first:last],
        alternate=sums / np.maximum(counts, 1)[:, None],
    )


def _junctions(
    network: Network, before: Predictions, after: Predictions, sites: dict[str, np.ndarray], window: Window
) -> tuple[JunctionList, JunctionList]:
    """Return the junctions of REF and of ALT; those of which ALT deletes a splice site have no reads in ALT.

    The network does not know that: it is given zeros where there is no base, and makes something of them.
    """
    output = OutputType.SPLICE_JUNCTIONS
    reference, alternate = (
        list_junctions(np.asarray(one.sites), _array(one.counts), window.interval)
        for one in network.junctions(before[output], after[output], sites)
    )
    ends = np.stack([alternate.start - 1, alternate.end]) - window.interval.start
    is_deleted = (sites["alternate_positions"][ends] == NOWHERE).any(axis=0)
    counts = np.where(is_deleted[:, None], np.float32(0), alternate.counts)
    return reference, dataclasses.replace(alternate, counts=counts)


def _array(values: Any) -> Float[np.ndarray, "..."]:  # noqa: ANN401 - jax's or numpy's
    return np.asarray(values, np.float32)
