"""The scorers that a request names, as ours.

Each is written out as the official tables spell it and read by `scoring.spelling`, which knows what a
scorer takes; so a call, the command line and the tables mean the same by the same words.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from alphagenome.protos.v1 import dna_model_pb2

from vep_cli.errors import UsageError
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.choice import choose_scorers
from vep_cli.scoring.interval_scorer import GeneIntervalScorer, IntervalAggregation
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.spelling import parse_scorer
from vep_cli.service.loaded_model import LoadedModel
from vep_cli.service.protocol import OUTPUTS

_NO_SITES = PolyadenylationSites(start={})


@dataclasses.dataclass(frozen=True, kw_only=True)
class AskedScorer:
    """A scorer of a request.

    Attributes:
        scorer: The scorer.
        obstacle: Why this server cannot use it; None where it can.
    """

    scorer: Scorer
    obstacle: UsageError | None


def variant_scorers(
    messages: Sequence[dna_model_pb2.VariantScorer], model: LoadedModel
) -> tuple[AskedScorer, ...]:
    """Return the scorers of a request, in its order.

    The official client asks for all recommended ones unless told otherwise. Those that this server has no
    data for are refused only where nothing else is asked for; else they have nothing to say.

    Raises:
        UsageError: There is no such scorer, there are too many, or none can be used.
    """
    _check_number(len(messages), model)
    asked = tuple(_asked(_spelt(message), model) for message in messages)
    obstacles = [one.obstacle for one in asked if one.obstacle is not None]
    if len(obstacles) == len(asked):
        raise obstacles[0]
    return asked


def interval_scorers(
    messages: Sequence[dna_model_pb2.IntervalScorer], model: LoadedModel
) -> tuple[GeneIntervalScorer, ...]:
    """Return the interval scorers of a request, in its order.

    Raises:
        UsageError: There is no such scorer, there are too many, or one cannot be used.
    """
    _check_number(len(messages), model)
    if model.annotation is None:
        raise UsageError(
            "interval scores are of genes, and this server has none", remedy="start it with --gtf"
        )
    return tuple(_interval_scorer(message, model) for message in messages)


def usable(asked: Sequence[AskedScorer]) -> tuple[Scorer, ...]:
    """Return each scorer that can be used, once."""
    return tuple(dict.fromkeys(one.scorer for one in asked if one.obstacle is None))


def _check_number(number: int, model: LoadedModel) -> None:
    if not 1 <= number <= model.limits.scorers:
        raise UsageError(f"{number} scorers are asked for", remedy=f"ask for 1 to {model.limits.scorers}")


def _asked(text: str, model: LoadedModel) -> AskedScorer:
    sites = model.polyadenylation_sites
    scorer = parse_scorer(text, polyadenylation_sites=sites or _NO_SITES)
    try:
        choose_scorers(
            model.organism,
            outputs=frozenset(model.tracks.by_output),
            has_annotation=model.annotation is not None,
            polyadenylation_sites=sites,
            names=[text],
        )
    except UsageError as obstacle:
        return AskedScorer(scorer=scorer, obstacle=obstacle)
    return AskedScorer(scorer=scorer, obstacle=None)


def _interval_scorer(message: dna_model_pb2.IntervalScorer, model: LoadedModel) -> GeneIntervalScorer:
    if message.WhichOneof("scorer") != "gene_mask":
        raise UsageError("the request has an interval scorer without a kind", remedy="update vep-cli")
    own = message.gene_mask
    output = _output(own.requested_output)
    if output not in model.tracks.by_output:
        raise UsageError(
            f"this server predicts no {output}", remedy=f"choose from {', '.join(model.tracks.by_output)}"
        )
    try:
        return GeneIntervalScorer(
            requested_output=output,
            width=_width(own),
            aggregation=IntervalAggregation(
                _word(dna_model_pb2.IntervalAggregationType, own.aggregation_type)
            ),
        )
    except ValueError as error:
        raise UsageError(f"there is no such interval scorer: {error}") from error


def _spelt(message: dna_model_pb2.VariantScorer) -> str:
    """Return the official spelling of a scorer."""
    kind = message.WhichOneof("scorer")
    if kind is None:
        raise UsageError("the request has a scorer without a kind", remedy="update vep-cli")
    return _SPELLINGS[kind](getattr(message, kind))


def _center_mask(own: dna_model_pb2.CenterMaskScorer) -> str:
    return (
        f"CenterMaskScorer(requested_output={_output(own.requested_output)}, width={_width(own)}, "
        f"aggregation_type={_word(dna_model_pb2.AggregationType, own.aggregation_type)})"
    )


def _splicing(own: dna_model_pb2.GeneMaskSplicingScorer) -> str:
    return f"GeneMaskSplicingScorer(requested_output={_output(own.requested_output)}, width={_width(own)})"


_SPELLINGS: Mapping[str, Callable[[Any], str]] = {
    "center_mask": _center_mask,
    "gene_mask": lambda own: f"GeneMaskLFCScorer(requested_output={_output(own.requested_output)})",
    "gene_mask_active": lambda own: f"GeneMaskActiveScorer(requested_output={_output(own.requested_output)})",
    "gene_mask_splicing": _splicing,
    "pa_qtl": lambda _: "PolyadenylationScorer()",
    "splice_junction": lambda _: "SpliceJunctionScorer()",
    "contact_map": lambda _: "ContactMapScorer()",
}


def _output(number: int) -> OutputType:
    if number not in OUTPUTS:
        raise UsageError(
            f"a scorer reads the output type {number}, which there is not", remedy="name another"
        )
    return OUTPUTS[number]


def _width(own: Any) -> int | None:  # noqa: ANN401 - whichever message has a width
    return int(own.width) if own.HasField("width") else None


def _word(kinds: Any, number: int) -> str:  # noqa: ANN401 - an enum of the protocol
    """Return the last part of an enum's name: what stands before it is the same for all."""
    prefix = {
        dna_model_pb2.AggregationType: "AGGREGATION_TYPE_",
        dna_model_pb2.IntervalAggregationType: "INTERVAL_AGGREGATION_TYPE_",
    }[kinds]
    try:
        return str(kinds.Name(number)).removeprefix(prefix)
    except ValueError:
        return str(number)
