"""Scores as the protocol sends them: a message for each scorer, and behind it the pieces of its numbers."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from alphagenome.protos.v1 import dna_model_pb2
from jaxtyping import Float

from vep_cli.model.tracks import Track, junction_tissues
from vep_cli.scoring.interval_scorer import IntervalScores
from vep_cli.scoring.scorer import RowLabel, Scorer, Scores
from vep_cli.service.protocol import STRAND_NUMBERS
from vep_cli.service.stranded_tracks import merge
from vep_cli.service.tensors import Compression, pack
from vep_cli.service.track_metadata import track_message


@dataclasses.dataclass(frozen=True, kw_only=True)
class ScoreTable:
    """What one scorer says.

    Attributes:
        values: The scores, and behind them their quantiles, if there are any.
        rows: What each row is about.
        tracks: What each column is about.
    """

    values: Float[np.ndarray, "layers rows columns"]
    rows: tuple[RowLabel, ...]
    tracks: tuple[Track, ...]

    def merged(self) -> "ScoreTable":
        """Return the table with one column for the tracks of both strands; its rows are genes."""
        values, tracks = merge(self.values, self.rows, self.tracks)
        return dataclasses.replace(self, values=values, tracks=tracks)


def variant_table(scores: Scores, *, is_merged: bool) -> ScoreTable:
    """Return the table of a variant scorer's answer.

    Args:
        scores: The answer.
        is_merged: Whether scores of genes have one column for both strands.
    """
    layers = [scores.raw] if scores.quantile is None else [scores.raw, scores.quantile]
    # As in the table of scores, there is no -0.
    table = ScoreTable(values=np.stack(layers) + np.float32(0), rows=scores.rows, tracks=scores.tracks)
    return table.merged() if is_merged and scores.scorer.needs_annotation else table


def interval_table(scores: IntervalScores, *, is_merged: bool) -> ScoreTable:
    """Return the table of an interval scorer's answer."""
    table = ScoreTable(values=scores.raw[None], rows=scores.rows, tracks=scores.tracks)
    return table.merged() if is_merged else table


def empty_table(
    tracks: Sequence[Track], layers: int, *, is_merged: bool, scorer: Scorer | None = None
) -> ScoreTable:
    """Return the table of a scorer that has nothing to say.

    Args:
        tracks: What it reads.
        layers: 2 where other scorers have quantiles, else 1.
        is_merged: Whether scores of genes have one column for both strands.
        scorer: The variant scorer; None for an interval scorer.
    """
    is_of_junctions = scorer is not None and scorer.name == "SPLICE_JUNCTIONS"
    columns = junction_tissues(tracks) if is_of_junctions else tuple(tracks)
    table = ScoreTable(values=np.zeros((layers, 0, len(columns)), np.float32), rows=(), tracks=columns)
    return table.merged() if is_merged and (scorer is None or scorer.needs_annotation) else table


def variant_replies(
    response: Any,  # noqa: ANN401 - a class of messages
    variant: dna_model_pb2.Variant,
    tables: Iterable[ScoreTable],
    compression: Compression,
) -> Iterator[Any]:
    """Yield the messages about one variant.

    Args:
        response: The message of the call.
        variant: As the client wrote it, by which it knows the answer.
        tables: One for each scorer of the request.
        compression: Of the numbers.
    """
    for table in tables:
        values, chunks = pack(table.values, compression)
        metadata = dna_model_pb2.VariantMetadata(
            variant=variant,
            track_metadata=map(track_message, table.tracks),
            gene_metadata=_gene_messages(table.rows),
        )
        data = dna_model_pb2.VariantData(values=values, metadata=metadata)
        yield response(output=dna_model_pb2.ScoreVariantOutput(variant_data=data))
        yield from (response(tensor_chunk=chunk) for chunk in chunks)


def interval_replies(
    response: Any,  # noqa: ANN401 - a class of messages
    interval: dna_model_pb2.Interval,
    tables: Iterable[ScoreTable],
    compression: Compression,
) -> Iterator[Any]:
    """Yield the messages about one interval; see `variant_replies`."""
    for table in tables:
        values, chunks = pack(table.values, compression)
        metadata = dna_model_pb2.IntervalMetadata(
            interval=interval,
            track_metadata=map(track_message, table.tracks),
            gene_metadata=_gene_messages(table.rows),
        )
        data = dna_model_pb2.IntervalData(values=values, metadata=metadata)
        yield response(output=dna_model_pb2.ScoreIntervalOutput(interval_data=data))
        yield from (response(tensor_chunk=chunk) for chunk in chunks)


def _gene_messages(rows: Sequence[RowLabel]) -> Iterator[dna_model_pb2.GeneScorerMetadata]:
    """Yield what each row is about; nothing where rows are not of genes."""
    for row in rows:
        if row.gene is None:
            continue
        gene, junction = row.gene, row.junction
        yield dna_model_pb2.GeneScorerMetadata(
            gene_id=gene.gene_id.partition(".")[0],
            name=gene.name or None,
            strand=STRAND_NUMBERS[gene.strand],
            type=gene.gene_type or None,
            junction_start=junction.start if junction else None,
            junction_end=junction.end if junction else None,
        )
