"""What is asked for, in our own types; whatever cannot be answered is refused here, with a remedy.

Used by every call, so that they all understand the same words in the same way. Everything raises
`UsageError`, which the service answers with INVALID_ARGUMENT.
"""

import dataclasses
from collections.abc import Sequence

from alphagenome.protos.v1 import dna_model_pb2

from vep_cli.errors import UsageError
from vep_cli.genome.contigs import find_contig
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, build_window
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable
from vep_cli.service.loaded_model import LoadedModel
from vep_cli.service.protocol import ORGANISMS, OUTPUTS, STRANDS, curie_of

_LETTERS = frozenset("ACGTN")
_KNOWN = frozenset("ACGT")
_SHOWN = 40
"""Letters of an allele in a message."""


def check_model(organism: int, version: str, model: LoadedModel) -> None:
    """Reject another organism, or another model, than the one that is served.

    Args:
        organism: The protocol's number; 0 for none said.
        version: As the client names versions; '' for whichever there is.
        model: What is served.
    """
    if organism and ORGANISMS.get(organism) != model.organism:
        asked = ORGANISMS.get(organism, f"organism {organism}")
        raise UsageError(
            f"this server has the {model.organism} genome and its tracks, not those of {asked}",
            remedy=f"start another one with --organism {asked} and that genome",
        )
    manifest = model.weights.manifest
    if version and version.lower() not in (manifest.version.lower(), manifest.name.lower()):
        raise UsageError(
            f"this server has one model, {manifest.name} {manifest.version}, not {version}",
            remedy="leave model_version out, or start a server with other --weights",
        )


def interval_of(message: dna_model_pb2.Interval, model: LoadedModel) -> Interval:
    """Return what the network is to see, under the reference's name of its contig.

    It may reach past the ends of its contig, where there is N, but has to have a base of it.
    """
    interval = located_interval(message, model)
    check_length(interval.width, model)
    contig = Interval(
        chromosome=interval.chromosome, start=0, end=model.reference.lengths[interval.chromosome]
    )
    if not interval.overlaps(contig):
        raise UsageError(
            f"{interval} lies outside {contig.chromosome}, which has {contig.end:,} base pairs",
            remedy="choose an interval that has a part of it",
        )
    return interval


def located_interval(message: dna_model_pb2.Interval, model: LoadedModel) -> Interval:
    """Return an interval of any length, under the reference's name of its contig."""
    if message.end < message.start:
        raise UsageError(
            f"the interval {message.chromosome}:{message.start}-{message.end} ends before it starts",
            remedy="give the first base, 0-based, and behind the last",
        )
    return Interval(
        chromosome=_contig(message.chromosome, model),
        start=message.start,
        end=message.end,
        strand=STRANDS.get(message.strand, "."),
    )


def check_length(length: int, model: LoadedModel) -> None:
    """Reject a number of base pairs that the network does not take, or the server does not want."""
    model.weights.config.check_length(length)
    if length > model.limits.longest:
        raise UsageError(
            f"{length:,} base pairs are more than this server takes",
            remedy=f"choose at most {model.limits.longest:,}, or start it with a larger --longest",
        )


def sequence_of(bases: str, model: LoadedModel) -> str:
    """Return a sequence in upper case."""
    upper = bases.upper()
    check_length(len(upper), model)
    if not _LETTERS.issuperset(upper):
        others = "".join(sorted(set(upper) - _LETTERS))[:_SHOWN]
        raise UsageError(f"the sequence has other letters than A, C, G, T and N: {others!r}")
    return upper


def variant_of(message: dna_model_pb2.Variant, window: Interval, model: LoadedModel) -> Variant:
    """Return a variant, under the reference's name of its contig and spelt as all are that are scored.

    Args:
        message: As the client wrote it.
        window: What the network sees, in which the variant has to lie.
        model: What is served.
    """
    given = Variant(
        chromosome=_contig(message.chromosome, model),
        position=message.position,
        reference_bases=message.reference_bases.upper(),
        alternate_bases=message.alternate_bases.upper(),
    )
    _check_letters(given)
    if not window.contains(given.interval):
        raise UsageError(
            f"the variant {_shown(given)} does not lie in the interval {window}",
            remedy="choose an interval round it; positions of variants are 1-based, of intervals 0-based",
        )
    with model.reference.reading() as reference:
        if not _agrees(given, reference, model):
            return given
        spelt = model.spelling(given, reference)
    return spelt if window.contains(spelt.interval) else given


def window_of(variant: Variant, interval: Interval, model: LoadedModel) -> Window:
    """Return the sequences with REF and with ALT."""
    with model.reference.reading() as reference:
        return build_window(variant, interval, reference)


def bases_of(interval: Interval, model: LoadedModel) -> str:
    """Return the bases of an interval on the forward strand, N outside its contig."""
    with model.reference.reading() as reference:
        return reference.fetch(interval)


def outputs_of(numbers: Sequence[int], model: LoadedModel) -> tuple[OutputType, ...]:
    """Return the output types asked for that there are, in the order of `OutputType`.

    Clients ask for all that the protocol knows; one that this model lacks is refused only where nothing
    else is asked for.
    """
    unknown = [number for number in numbers if number not in OUTPUTS]
    if unknown:
        raise UsageError(f"the protocol has no output type {unknown[0]}", remedy="update vep-cli")
    asked = {OUTPUTS[number] for number in numbers}
    if not asked:
        raise UsageError("no output type is asked for", remedy="name some in requested_outputs")
    found = tuple(output for output in model.tracks.by_output if output in asked)
    if not found:
        raise UsageError(
            f"this server predicts no {', '.join(sorted(asked))}",
            remedy=f"choose from {', '.join(model.tracks.by_output)}",
        )
    return found


def tracks_of(
    outputs: Sequence[int], terms: Sequence[dna_model_pb2.OntologyTerm], model: LoadedModel
) -> TrackTable:
    """Return the tracks of some outputs and ontology terms.

    A track is of a term if its own identifier is that one; parts and kinds of the term are not looked
    for. Without terms, all tracks are; with some, those that are of no tissue at all, the splice sites,
    are not left out.

    Args:
        outputs: The protocol's numbers.
        terms: Ontology terms.
        model: What is served.
    """
    found = outputs_of(outputs, model)
    curies = _curies(terms, model)
    chosen = model.tracks.where(
        lambda track: track.output_type in found and (not terms or track.ontology_curie in curies | {""})
    )
    if not chosen.tracks:
        raise UsageError(
            f"none of the tracks of {', '.join(found)} is of {', '.join(sorted(curies))}",
            remedy="see what there is: output_metadata()",
        )
    return chosen


def _curies(terms: Sequence[dna_model_pb2.OntologyTerm], model: LoadedModel) -> frozenset[str]:
    if len(terms) > model.limits.terms:
        raise UsageError(
            f"{len(terms):,} ontology terms are asked for", remedy=f"ask for {model.limits.terms:,} at most"
        )
    curies = frozenset(map(curie_of, terms))
    unknown = curies - {track.ontology_curie for track in model.tracks}
    if unknown:
        raise UsageError(
            f"no track is of the ontology term {', '.join(sorted(unknown))}",
            remedy="see what there is: output_metadata(), or vep tracks",
        )
    return curies


def _contig(name: str, model: LoadedModel) -> str:
    contig = find_contig(name, model.reference.lengths)
    if contig is None:
        some = ", ".join(list(model.reference.lengths)[:3])
        raise UsageError(f"the reference has no contig {name!r}", remedy=f"it has {some} and so on")
    return contig


def _check_letters(variant: Variant) -> None:
    for kind, bases in (("REF", variant.reference_bases), ("ALT", variant.alternate_bases)):
        if not bases or not _LETTERS.issuperset(bases):
            raise UsageError(
                f"the variant's {kind} is {bases[:_SHOWN]!r}",
                remedy="write alleles with A, C, G, T and N, and an indel with the base before it",
            )


def _agrees(variant: Variant, reference: Reference, model: LoadedModel) -> bool:
    """Return whether REF is what the reference has there and all letters are known."""
    bases = reference.fetch(variant.interval)
    if bases != variant.reference_bases and model.is_reference_checked:
        raise UsageError(
            f"the variant {_shown(variant)} does not agree with the reference, which has "
            f"{bases[:_SHOWN]} there",
            remedy="is it of another genome build? A server started with --any-ref scores it all the same",
        )
    known = _KNOWN.issuperset(variant.reference_bases + variant.alternate_bases)
    return known and bases == variant.reference_bases


def _shown(variant: Variant) -> str:
    alleles = (variant.reference_bases, variant.alternate_bases)
    reference, alternate = (f"{one[:_SHOWN]}..." if len(one) > _SHOWN else one for one in alleles)
    return str(dataclasses.replace(variant, reference_bases=reference, alternate_bases=alternate))
