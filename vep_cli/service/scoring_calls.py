"""The calls that score: of a variant, of every change of a stretch, and of an interval."""

import dataclasses
import functools
from collections.abc import Iterator, Sequence

from alphagenome.protos.v1 import dna_model_pb2, dna_model_service_pb2

from vep_cli.errors import UsageError
from vep_cli.genome.interval import Interval
from vep_cli.genome.mutagenesis import single_base_variants
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, reverse_complement
from vep_cli.inference.devices import explained_memory_errors
from vep_cli.inference.interval_engine import IntervalWindow
from vep_cli.inference.jobs import Job, make_job
from vep_cli.model.strand import strand_partners
from vep_cli.scoring.interval_scorer import GeneIntervalScorer, IntervalScores
from vep_cli.scoring.scorer import Scorer, Scores
from vep_cli.service.call import Call, Work
from vep_cli.service.device_model import DeviceModel
from vep_cli.service.loaded_model import LoadedModel
from vep_cli.service.requests import bases_of, interval_of, located_interval, variant_of, window_of
from vep_cli.service.score_replies import (
    ScoreTable,
    empty_table,
    interval_replies,
    interval_table,
    variant_replies,
    variant_table,
)
from vep_cli.service.scorer_requests import AskedScorer, interval_scorers, usable, variant_scorers


def score_variant(
    request: dna_model_service_pb2.ScoreVariantRequest, model: LoadedModel, call: Call
) -> Iterator[dna_model_service_pb2.ScoreVariantResponse]:
    """Yield the scores of a variant, scorer by scorer.

    Raises:
        UsageError: The request cannot be answered.
    """
    interval = interval_of(request.interval, model)
    variant = variant_of(request.variant, interval, model)
    asked = variant_scorers(request.variant_scorers, model)
    _check_strands(interval, asked, model)
    key, work = _work(window_of(variant, interval, model), usable(asked), model)
    scores = call.result(key, work)
    tables = _tables(asked, scores, model, is_merged=request.merge_stranded_gene_tracks)
    yield from variant_replies(
        dna_model_service_pb2.ScoreVariantResponse, request.variant, tables, model.compression
    )


def score_mutagenesis(
    request: dna_model_service_pb2.ScoreIsmVariantRequest, model: LoadedModel, call: Call
) -> Iterator[dna_model_service_pb2.ScoreIsmVariantResponse]:
    """Yield the scores of every single-base change of a stretch, by position and by scorer.

    Raises:
        UsageError: The request cannot be answered.
    """
    interval = interval_of(request.interval, model)
    stretch = _stretch(request.ism_interval, interval, model)
    asked = variant_scorers(request.variant_scorers, model)
    _check_strands(interval, asked, model)
    background = bases_of(interval, model)
    if request.HasField("interval_variant"):
        own_variant = variant_of(request.interval_variant, interval, model)
        background = _with_background(background, own_variant, interval)
    own = background[stretch.start - interval.start : stretch.end - interval.start]
    variants = list(single_base_variants(stretch, own))
    scorers = usable(asked)
    works = (_work(_changed(one, interval, background), scorers, model) for one in variants)
    for variant, scores in zip(variants, call.results(works), strict=True):
        tables = _tables(asked, scores, model, is_merged=request.merge_stranded_gene_tracks)
        yield from variant_replies(
            dna_model_service_pb2.ScoreIsmVariantResponse,
            _message(variant, request),
            tables,
            model.compression,
        )


def score_interval(
    request: dna_model_service_pb2.ScoreIntervalRequest, model: LoadedModel, call: Call
) -> Iterator[dna_model_service_pb2.ScoreIntervalResponse]:
    """Yield the scores of an interval's genes, scorer by scorer.

    Raises:
        UsageError: The request cannot be answered.
    """
    interval = interval_of(request.interval, model)
    scorers = interval_scorers(request.interval_scorers, model)
    window = IntervalWindow(interval=interval, bases=bases_of(interval, model))
    found = call.result(
        (scorers, interval), functools.partial(_scored_interval, scorers=scorers, window=window)
    )
    by_scorer = {one.scorer: one for one in found}
    is_merged = request.merge_stranded_gene_tracks
    tables = (
        interval_table(by_scorer[one], is_merged=is_merged)
        if one in by_scorer
        else empty_table(model.tracks.by_output[one.requested_output], 1, is_merged=is_merged)
        for one in scorers
    )
    yield from interval_replies(
        dna_model_service_pb2.ScoreIntervalResponse, request.interval, tables, model.compression
    )


def _work(window: Window, scorers: tuple[Scorer, ...], model: LoadedModel) -> tuple[object, Work]:
    """Return what scoring a window takes of a device, and the key that it shares with others like it."""
    job = make_job(window, scorers, model.annotation)
    return (scorers, job.reference_key), functools.partial(_scored, scorers=scorers, job=job)


def _scored(device: DeviceModel, scorers: tuple[Scorer, ...], job: Job) -> tuple[Scores, ...]:
    with explained_memory_errors():
        (scores,) = device.engine(scorers).score_jobs([job])
    return scores


def _scored_interval(
    device: DeviceModel, scorers: tuple[GeneIntervalScorer, ...], window: IntervalWindow
) -> tuple[IntervalScores, ...]:
    with explained_memory_errors():
        (scores,) = device.interval_engine(tuple(dict.fromkeys(scorers))).score([window])
    return scores


def _tables(
    asked: Sequence[AskedScorer], scores: Sequence[Scores], model: LoadedModel, *, is_merged: bool
) -> Iterator[ScoreTable]:
    """Yield a table for each scorer that was asked for, whether or not it has anything to say."""
    by_scorer = {one.scorer: one for one in scores}
    layers = 2 if any(one.quantile is not None for one in scores) else 1
    for one in asked:
        if one.scorer in by_scorer:
            yield variant_table(by_scorer[one.scorer], is_merged=is_merged)
        else:
            tracks = model.tracks.by_output.get(one.scorer.output_type, ())
            yield empty_table(tracks, layers, is_merged=is_merged, scorer=one.scorer)


def _check_strands(interval: Interval, asked: Sequence[AskedScorer], model: LoadedModel) -> None:
    """Reject an interval on '-' whose '+' tracks are read from '-' tracks that are not served."""
    if interval.strand != "-":
        return
    for output in {one.scorer.output_type for one in asked if one.obstacle is None}:
        try:
            strand_partners([track.strand for track in model.tracks.by_output[output]])
        except ValueError as error:
            raise UsageError(
                f"{interval} is on '-', for which {output} needs tracks of both strands",
                remedy="score it on '+', or start the server without --strand",
            ) from error


def _stretch(message: dna_model_pb2.Interval, window: Interval, model: LoadedModel) -> Interval:
    stretch = located_interval(message, model)
    if stretch.strand == "-":
        raise UsageError(f"{stretch} is on '-'", remedy="change the bases of the '+' strand")
    if not window.contains(stretch):
        raise UsageError(
            f"{stretch} does not lie inside the interval {window}", remedy="choose an interval round it"
        )
    if stretch.width > model.limits.mutated:
        raise UsageError(
            f"{stretch} has {stretch.width:,} bases to change",
            remedy=f"change at most {model.limits.mutated} at a time",
        )
    return stretch


def _with_background(bases: str, variant: Variant, interval: Interval) -> str:
    """Return the bases of an interval with a variant that leaves all others where they are."""
    if variant.length_change:
        raise UsageError(
            f"interval_variant {variant} moves the bases behind it, away from their places on the reference",
            remedy="give a substitution",
        )
    first, last = variant.start - interval.start, variant.end - interval.start
    return bases[:first] + variant.alternate_bases + bases[last:]


def _changed(variant: Variant, interval: Interval, background: str) -> Window:
    place = variant.start - interval.start
    changed = background[:place] + variant.alternate_bases + background[place + 1 :]
    both = (background, changed)
    if interval.strand == "-":
        both = (reverse_complement(background), reverse_complement(changed))
    return Window(variant=variant, interval=interval, reference_bases=both[0], alternate_bases=both[1])


def _message(
    variant: Variant, request: dna_model_service_pb2.ScoreIsmVariantRequest
) -> dna_model_pb2.Variant:
    """Return a change under the client's name of the contig."""
    return dna_model_pb2.Variant(
        **dataclasses.asdict(dataclasses.replace(variant, chromosome=request.ism_interval.chromosome))
    )
