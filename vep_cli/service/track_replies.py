"""Predictions as the protocol sends them: a message for each output type, and behind it its numbers."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from alphagenome.protos import tensor_pb2
from alphagenome.protos.v1 import dna_model_pb2
from jaxtyping import Float

from vep_cli.inference.interval_prediction import IntervalPrediction
from vep_cli.inference.junction_list import JunctionList
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track
from vep_cli.service.protocol import OUTPUT_NUMBERS, STRAND_NUMBERS
from vep_cli.service.tensors import Compression, pack
from vep_cli.service.track_metadata import junction_message, track_message


class OutputReply(NamedTuple):
    """What is sent of one output type.

    Attributes:
        output: The message that describes it.
        chunks: The pieces of its numbers, to be sent behind it, in order.
    """

    output: dna_model_pb2.Output
    chunks: Iterator[tensor_pb2.TensorChunk]


def output_replies(
    prediction: IntervalPrediction,
    outputs: Iterable[OutputType],
    place: dna_model_pb2.Interval | None,
    compression: Compression,
) -> Iterator[OutputReply]:
    """Yield what is sent of a prediction, output type by output type.

    Args:
        prediction: What was predicted.
        outputs: Those to send. Of one whose tracks are all of other tissues than were asked for, there are
            bins and no column, as the official service says it.
        place: The interval as the client wrote it, by which it knows the answer; None for a sequence that
            is of no place.
        compression: Of the numbers.
    """
    for output in outputs:
        tracks = prediction.tracks.get(output, ())
        if output is not OutputType.SPLICE_JUNCTIONS:
            values = prediction.values.get(output)
            if values is None:
                values = _without_columns(prediction.interval.width, output)
            yield _of_tracks(output, tracks, values, place, compression)
        elif prediction.junctions is None:
            yield _of_junctions((), _NO_JUNCTIONS, place, compression)
        else:
            yield _of_junctions(tracks, prediction.junctions, place, compression)


_NO_JUNCTIONS = JunctionList(
    start=np.zeros(0, np.int64),
    end=np.zeros(0, np.int64),
    is_forward=np.zeros(0, bool),
    counts=np.zeros((0, 0), np.float32),
)


def _without_columns(width: int, output: OutputType) -> Float[np.ndarray, "*bins 0"]:
    bins = width // output.resolution
    shape = (bins, bins, 0) if output is OutputType.CONTACT_MAPS else (bins, 0)
    return np.zeros(shape, np.float32)


def _of_tracks(
    output: OutputType,
    tracks: Sequence[Track],
    values: Float[np.ndarray, "*bins tracks"],
    place: dna_model_pb2.Interval | None,
    compression: Compression,
) -> OutputReply:
    tensor, chunks = pack(values, compression)
    data = dna_model_pb2.TrackData(
        values=tensor,
        metadata=map(track_message, tracks),
        resolution=output.resolution,
        interval=place,
    )
    return OutputReply(dna_model_pb2.Output(output_type=OUTPUT_NUMBERS[output], track_data=data), chunks)


def _of_junctions(
    tissues: Sequence[Track],
    junctions: JunctionList,
    place: dna_model_pb2.Interval | None,
    compression: Compression,
) -> OutputReply:
    tensor, chunks = pack(junctions.counts, compression)
    data = dna_model_pb2.JunctionData(
        values=tensor,
        metadata=map(junction_message, tissues),
        junctions=_introns(junctions, "" if place is None else place.chromosome),
        interval=place,
    )
    number = OUTPUT_NUMBERS[OutputType.SPLICE_JUNCTIONS]
    return OutputReply(dna_model_pb2.Output(output_type=number, junction_data=data), chunks)


def _introns(junctions: JunctionList, chromosome: str) -> Iterator[dna_model_pb2.Interval]:
    rows = zip(junctions.start.tolist(), junctions.end.tolist(), junctions.is_forward.tolist(), strict=True)
    for start, end, is_forward in rows:
        strand = STRAND_NUMBERS["+" if is_forward else "-"]
        yield dna_model_pb2.Interval(chromosome=chromosome, start=start, end=end, strand=strand)
