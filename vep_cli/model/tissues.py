"""From a tissue as users name it to the tracks that are of it.

A name is looked up first as an ontology CURIE, then as a biosample's name, then among synonyms
and GTEx's names. What is found brings its parts and kinds along: `liver` has the right lobe of
liver, under which the official track table keeps GTEx's liver samples; and so do tracks whose GTEx
tissue has the name, wherever a table keeps them. Cell lines are not part of the tissue that they
were taken from. A name that is not found is looked up without the 's' of a plural.
"""

import csv
import dataclasses
import difflib
import functools
import importlib.resources
import re
from collections.abc import Collection, Sequence

from vep_cli.errors import UsageError
from vep_cli.model.tracks import ORGANISMS, Track

# `Brain - Cortex` and `Brain_Cortex` are one name, `CD4+` and `CD4-` are not.
_SEPARATORS = re.compile(r"[^\w+]+|_+")
_MOST_SUGGESTIONS = 5


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Tissue:
    """A term of the vocabulary: a tissue, cell type or cell line.

    Attributes:
        curie: For instance 'UBERON:0002107'.
        name: The ontology's name.
        synonyms: Other names, GTEx's among them.
        parents: CURIEs of what it is a part or a kind of.
    """

    curie: str
    name: str
    synonyms: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TissueChoice:
    """What one `--tissue` was taken to mean.

    Attributes:
        query: As the user wrote it.
        curies: Those of the term, its parts and its kinds that have tracks, sorted.
        names: Their biosample names in the same order.
    """

    query: str
    curies: tuple[str, ...]
    names: tuple[str, ...]


@functools.cache
def vocabulary() -> tuple[Tissue, ...]:
    """Return the terms that come with the package (`tissues.tsv`)."""
    text = importlib.resources.files(__package__).joinpath("tissues.tsv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter="\t")
    return tuple(
        Tissue(
            curie=row["curie"],
            name=row["name"],
            synonyms=_split(row["synonyms"]),
            parents=_split(row["parents"]),
        )
        for row in rows
    )


def resolve_tissue(query: str, tracks: Collection[Track], terms: Sequence[Tissue]) -> TissueChoice:
    """Return what a tissue's name means among `tracks`.

    Args:
        query: A name, synonym, CURIE or GTEx tissue; case, punctuation and '_' do not matter.
        tracks: The tracks that there are.
        terms: The vocabulary.

    Raises:
        UsageError: The name is unknown, means several unrelated terms, or has no track; the remedy
            names what it is a part or a kind of, or is spelt like, and has tracks.
    """
    biosamples = {track.ontology_curie: track for track in tracks if track.ontology_curie}
    found = _find(query, tracks, terms)
    roots = _without_descendants(found, terms)
    if len(roots) > 1:
        raise UsageError(
            f"the tissue {query!r} means several: {', '.join(_describe(roots, biosamples, terms))}",
            remedy="name one of them, or give its ontology identifier",
        )
    of_gtex = _gtex_curies({query} | _names(roots, terms), tracks)
    chosen = sorted((_descendants(roots, terms) | of_gtex) & biosamples.keys())
    if not chosen:
        problem = "none of the tracks to choose from is of the" if found else "unknown"
        raise UsageError(f"{problem} tissue {query!r}", remedy=_suggestion(query, found, biosamples, terms))
    names = tuple(biosamples[curie].biosample_name for curie in chosen)
    return TissueChoice(query=query, curies=tuple(chosen), names=names)


def listing(organism: str) -> str:
    """Return the command that lists the tracks of an organism."""
    return "vep tracks" if organism == ORGANISMS[0] else f"vep tracks --organism {organism}"


def _find(query: str, tracks: Collection[Track], terms: Sequence[Tissue]) -> set[str]:
    """Return the CURIEs that the name stands for, as it is written or else without the 's' of a plural."""
    wanted = _normalise(query)
    return _find_name(wanted, tracks, terms) or _find_name(wanted.removesuffix("s"), tracks, terms)


def _find_name(wanted: str, tracks: Collection[Track], terms: Sequence[Tissue]) -> set[str]:
    """Return the CURIEs of a normalised name, from the first of three ways that finds any."""
    if not wanted:
        return set()
    ways = (
        [(curie, (curie,)) for curie in _curies(tracks, terms)],
        [(track.ontology_curie, (track.biosample_name,)) for track in tracks]
        + [(term.curie, (term.name,)) for term in terms],
        [(track.ontology_curie, (track.gtex_tissue,)) for track in tracks]
        + [(term.curie, term.synonyms) for term in terms],
    )
    for way in ways:
        found = {curie for curie, names in way if curie and wanted in map(_normalise, names)}
        if found:
            return found
    return set()


def _curies(tracks: Collection[Track], terms: Sequence[Tissue]) -> set[str]:
    return {track.ontology_curie for track in tracks} | {term.curie for term in terms}


def _names(curies: set[str], terms: Sequence[Tissue]) -> set[str]:
    return {term.name for term in terms if term.curie in curies}


def _gtex_curies(names: set[str], tracks: Collection[Track]) -> set[str]:
    wanted = {_normalise(name) for name in names}
    return {track.ontology_curie for track in tracks if _normalise(track.gtex_tissue) in wanted - {""}}


def _descendants(roots: set[str], terms: Sequence[Tissue]) -> set[str]:
    """Return the terms and all that are parts or kinds of them, at any depth."""
    found = set(roots)
    while more := {term.curie for term in terms if found.intersection(term.parents)} - found:
        found |= more
    return found


def _without_descendants(found: set[str], terms: Sequence[Tissue]) -> set[str]:
    return {
        curie
        for curie in found
        if not any(curie in _descendants({other}, terms) for other in found - {curie})
    }


def _describe(curies: set[str], biosamples: dict[str, Track], terms: Sequence[Tissue]) -> list[str]:
    names = {term.curie: term.name for term in terms}
    names |= {curie: track.biosample_name for curie, track in biosamples.items()}
    return [f"{names[curie]} ({curie})" for curie in sorted(curies)]


def _suggestion(query: str, found: set[str], biosamples: dict[str, Track], terms: Sequence[Tissue]) -> str:
    """Return a remedy: what the tissue is a part or a kind of, and what is spelt in part or nearly so."""
    organism = next((track.organism for track in biosamples.values()), ORGANISMS[0])
    available = _with_tracks(biosamples, terms)
    above = [name for curie, name in available.items() if found & _descendants({curie}, terms)]
    spellings = {_normalise(name): name for name in available.values()}
    for term in terms:
        if term.curie in available:
            spellings |= {_normalise(synonym): available[term.curie] for synonym in term.synonyms}
    wanted = _normalise(query)
    keys = [
        *sorted((key for key in spellings if _has_words(wanted, key)), key=len, reverse=True),
        *sorted((key for key in spellings if wanted and f" {wanted}" in f" {key}"), key=len),
        *difflib.get_close_matches(wanted, spellings, n=3),
    ]
    nearest = list(dict.fromkeys([*above, *(spellings[key] for key in keys)]))[:_MOST_SUGGESTIONS]
    command = f"list them: {listing(organism)}"
    return f"did you mean {' or '.join(nearest)}? ({command})" if nearest else command


def _with_tracks(biosamples: dict[str, Track], terms: Sequence[Tissue]) -> dict[str, str]:
    """Return the name of each term that has tracks, be it of its parts and kinds alone."""
    parents = {term.curie: term.parents for term in terms}
    has_tracks: set[str] = set()
    waiting = list(biosamples)
    while waiting:
        curie = waiting.pop()
        if curie not in has_tracks:
            has_tracks.add(curie)
            waiting += parents.get(curie, ())
    names = {term.curie: term.name for term in terms if term.curie in has_tracks}
    return names | {curie: track.biosample_name for curie, track in biosamples.items()}


def _has_words(text: str, words: str) -> bool:
    return bool(words) and f" {words} " in f" {text} "


def _normalise(name: str) -> str:
    return _SEPARATORS.sub(" ", name.casefold()).strip()


def _split(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)
