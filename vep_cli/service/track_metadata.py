"""What the protocol says of tracks, in the same words in every reply that has a column for each."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from alphagenome.protos.v1 import dna_model_pb2, dna_model_service_pb2

from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable, one_strand
from vep_cli.service.protocol import OUTPUT_NUMBERS, STRAND_NUMBERS, ontology_term


def track_message(track: Track) -> dna_model_pb2.TrackMetadata:
    """Return what there is to say of a track; what it does not have is left out."""
    fields: dict[str, Any] = {
        "assay": track.assay_title or None,
        "gtex_tissue": track.gtex_tissue or None,
        "transcription_factor_code": track.transcription_factor or None,
        "histone_mark_code": track.histone_mark or None,
        "data_source": track.data_source or None,
        "endedness": _endedness(track),
        "genetically_modified": _genetically_modified(track),
        "nonzero_mean": None if math.isnan(track.nonzero_mean) else track.nonzero_mean,
    }
    return dna_model_pb2.TrackMetadata(
        name=track.name,
        strand=STRAND_NUMBERS[track.strand],
        ontology_term=ontology_term(track.ontology_curie),
        biosample=_biosample(track),
        **fields,
    )


def junction_message(tissue: Track) -> dna_model_pb2.JunctionMetadata:
    """Return what there is to say of a tissue whose splice junctions are predicted."""
    return dna_model_pb2.JunctionMetadata(
        name=tissue.name,
        ontology_term=ontology_term(tissue.ontology_curie),
        biosample=_biosample(tissue),
        assay=tissue.assay_title or None,
        gtex_tissue=tissue.gtex_tissue or None,
        data_source=tissue.data_source or None,
    )


def metadata_replies(tracks: TrackTable) -> Iterator[dna_model_service_pb2.MetadataResponse]:
    """Yield a reply for each output type of some tracks: the tracks in the order of the columns."""
    for output, own in tracks.by_output.items():
        message = _of_output(output, own)
        yield dna_model_service_pb2.MetadataResponse(output_metadata=[message])


def _of_output(output: OutputType, tracks: Iterable[Track]) -> dna_model_pb2.OutputMetadata:
    number = OUTPUT_NUMBERS[output]
    if output is OutputType.SPLICE_JUNCTIONS:
        tissues = one_strand(tuple(tracks))
        junctions = dna_model_pb2.JunctionsMetadata(metadata=map(junction_message, tissues))
        return dna_model_pb2.OutputMetadata(output_type=number, junctions=junctions)
    messages = dna_model_pb2.TracksMetadata(metadata=map(track_message, tracks))
    return dna_model_pb2.OutputMetadata(output_type=number, tracks=messages)


def _biosample(track: Track) -> dna_model_pb2.Biosample | None:
    if not track.biosample_name and not track.biosample_type:
        return None
    return dna_model_pb2.Biosample(
        name=track.biosample_name,
        type=_number(dna_model_pb2.BiosampleType, "BIOSAMPLE_TYPE_", track.biosample_type) or 0,
        stage=track.biosample_life_stage or None,
    )


def _endedness(track: Track) -> int | None:
    return _number(dna_model_pb2.Endedness, "ENDEDNESS_", track.endedness)


def _genetically_modified(track: Track) -> bool | None:
    return {"True": True, "False": False}.get(track.genetically_modified)


def _number(kinds: Any, prefix: str, word: str) -> int | None:  # noqa: ANN401 - an enum of the protocol
    """Return the protocol's number for a word of a track table, None where the protocol does not have it."""
    name = f"{prefix}{word.upper()}"
    return int(kinds.Value(name)) if word and name in kinds.keys() else None  # noqa: SIM118
