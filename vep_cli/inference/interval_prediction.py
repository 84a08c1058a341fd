"""Predictions of a stretch of the genome on either strand, without and with a variant (MODEL_SPEC section 5).

What comes out is in the order of the forward strand: bins ascend along the chromosome, and '+' tracks
are of the chromosome's '+' strand, whichever strand the network read.
"""

import dataclasses
from collections.abc import Mapping

import jax
import numpy as np
from jaxtyping import Float

from vep_cli.genome.annotation import Annotation
from vep_cli.genome.interval import Interval
from vep_cli.genome.window import Window, reverse_complement
from vep_cli.inference.contract import WholeSequences
from vep_cli.inference.forward_order import in_forward_order, junctions_in_forward_order
from vep_cli.inference.junction_list import JunctionList, list_junctions
from vep_cli.inference.junctions import mirrored_site_arrays, site_arrays
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable, junction_tissues
from vep_cli.scoring.scorer import Predictions
from vep_cli.scoring.splice_junctions import JunctionPredictions

_JUNCTIONS = OutputType.SPLICE_JUNCTIONS

_NONE = np.zeros(0, np.int64)

NO_GENES = Annotation(
    genes=(),
    transcript_gene=_NONE,
    transcript_start_site=_NONE,
    exon_transcript=_NONE,
    exon_start=_NONE,
    exon_end=_NONE,
)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class IntervalPrediction:
    """What the network says of one sequence.

    Attributes:
        interval: Where it lies; '-' where the network read the reverse complement.
        tracks: The track of each column, by output type; the tissues of splice junctions, whose strand is
            said to be '.', because each junction has its own.
        values: By output type but splice junctions, [bins, tracks]; contact maps [bins, bins, tracks].
        junctions: The splice junctions; None where they were not asked for.
    """

    interval: Interval
    tracks: Mapping[OutputType, tuple[Track, ...]]
    values: Mapping[OutputType, Float[np.ndarray, "*bins tracks"]]
    junctions: JunctionList | None

    def of(self, chosen: TrackTable) -> "IntervalPrediction":
        """Return what is said of some of the tracks; of splice junctions, of tissues with a track on '+'."""
        # By column: a track without a mean, which is then NaN, may not be equal to a copy of itself.
        wanted = {(track.output_type, track.index) for track in chosen}
        kept = {
            output: [place for place, track in enumerate(tracks) if (output, track.index) in wanted]
            for output, tracks in self.tracks.items()
        }
        junctions = self.junctions
        if junctions is not None:
            junctions = dataclasses.replace(junctions, counts=junctions.counts[:, kept[_JUNCTIONS]])
        return dataclasses.replace(
            self,
            tracks={output: tuple(self.tracks[output][place] for place in kept[output]) for output in kept},
            values={output: values[..., kept[output]] for output, values in self.values.items()},
            junctions=junctions,
        )


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class VariantPrediction:
    """What the network says of both alleles.

    Attributes:
        reference: With REF.
        alternate: With ALT. Behind an indel its bins are those of ALT's own bases; only its junctions
            lie where REF's do.
    """

    reference: IntervalPrediction
    alternate: IntervalPrediction


def predict_interval(
    predictor: WholeSequences, tracks: TrackTable, interval: Interval, bases: str
) -> IntervalPrediction:
    """Predict a stretch of the genome.

    Args:
        predictor: The network.
        tracks: What it predicts; for intervals on '-', of both strands (`strand.with_partners`).
        interval: On '-', the network reads the reverse complement.
        bases: The letters of the interval on the forward strand, as `Reference.fetch` gives them; of a
            length that the network takes.

    Raises:
        ValueError: The interval is on '-' and `tracks` are not of both strands.
    """
    is_backward = interval.strand == "-"
    (predictions,) = predictor.predict([reverse_complement(bases) if is_backward else bases])
    junctions = None
    if _JUNCTIONS in tracks.by_output:
        junctions = predictor.junctions_of_sequence(predictions[_JUNCTIONS])
    return _in_forward_order(predictions, junctions, tracks, interval)


def predict_variant(
    predictor: WholeSequences, tracks: TrackTable, window: Window, annotation: Annotation | None
) -> VariantPrediction:
    """Predict both alleles of a variant.

    Junctions are those between the sites of either allele and the known ones, inside the genes that the
    variant touches, or anywhere where it touches none. On '-' the genes are mirrored with the window,
    which the official code leaves undone.

    Args:
        predictor: The network.
        tracks: What it predicts; for windows on '-', of both strands (`strand.with_partners`).
        window: The variant and its window.
        annotation: Genes, and the known splice sites; None for neither.

    Raises:
        ValueError: The window is on '-' and `tracks` are not of both strands.
    """
    reference, alternate = predictor.predict([window.reference_bases, window.alternate_bases])
    junctions: tuple[JunctionPredictions | None, JunctionPredictions | None] = (None, None)
    if _JUNCTIONS in tracks.by_output:
        arrays = _arrays_to_predict(window, annotation)
        junctions = predictor.junctions(reference[_JUNCTIONS], alternate[_JUNCTIONS], arrays, max_sites=None)
    return VariantPrediction(
        reference=_in_forward_order(reference, junctions[0], tracks, window.interval),
        alternate=_in_forward_order(alternate, junctions[1], tracks, window.interval),
    )


def _arrays_to_predict(window: Window, annotation: Annotation | None) -> dict[str, np.ndarray]:
    arrays = site_arrays(window, annotation or NO_GENES)
    if not arrays["in_gene"].any():
        arrays["in_gene"] = np.ones_like(arrays["in_gene"])
    return mirrored_site_arrays(arrays) if window.interval.strand == "-" else arrays


def _in_forward_order(
    predictions: Predictions, junctions: JunctionPredictions | None, tracks: TrackTable, interval: Interval
) -> IntervalPrediction:
    if interval.strand == "-":
        predictions = in_forward_order(predictions, tracks.by_output)
    named = {output: its for output, its in tracks.by_output.items() if output is not _JUNCTIONS}
    values = {output: _columns(output, predictions[output], named[output]) for output in named}
    columns: dict[OutputType, tuple[Track, ...]] = dict(named)
    listed = None
    if junctions is not None:
        by_tissue = tracks.by_output[_JUNCTIONS]
        columns[_JUNCTIONS] = junction_tissues(by_tissue)
        listed = _listed(junctions, by_tissue, interval)
    return IntervalPrediction(interval=interval, tracks=columns, values=values, junctions=listed)


def _columns(
    output: OutputType, predicted: jax.Array | np.ndarray, tracks: tuple[Track, ...]
) -> Float[np.ndarray, "*bins tracks"]:
    # Splice sites come with all their classes, as they share one softmax.
    is_whole_head = output is OutputType.SPLICE_SITES
    return np.asarray(predicted)[..., [track.index for track in tracks] if is_whole_head else slice(None)]


def _listed(junctions: JunctionPredictions, tracks: tuple[Track, ...], interval: Interval) -> JunctionList:
    if interval.strand == "-":
        junctions = junctions_in_forward_order(junctions, tracks, interval.width)
    return list_junctions(np.asarray(junctions.sites), np.asarray(junctions.counts), interval)
