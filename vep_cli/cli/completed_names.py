"""What a shell offers for the options whose values are names; nothing here may take time."""

import re
from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem

from vep_cli.errors import VepError
from vep_cli.genome.registry import load_registry

_NOT_OF_A_WORD = re.compile(r"[^\w+]+")
"""What a shell would have to quote. A tissue's name means the same with '_' in its place."""


def tissues(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the names and synonyms of tissues that begin so, each as one word."""
    del context, parameter
    # Imported here because it imports numpy, which `--help` must not wait for.
    from vep_cli.model.tissues import vocabulary

    names = (_word(name) for term in vocabulary() for name in (term.name, *term.synonyms))
    return _beginning(_word(incomplete), names)


def modalities(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the kinds of track that begin so."""
    del context, parameter
    from vep_cli.model.output_type import OutputType

    return _beginning(incomplete.replace("-", "_"), OutputType)


def genomes(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return the registered genomes that begin so; none where the list is damaged."""
    del context, parameter
    try:
        return _beginning(incomplete, load_registry().genomes)
    except VepError:
        return []


def files(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem[str]]:
    """Let the shell offer files: for options that take one, or '-'."""
    del context, parameter
    return [CompletionItem(incomplete, type="file")]


def _word(name: str) -> str:
    return _NOT_OF_A_WORD.sub("_", name).lstrip("_")


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    wanted = incomplete.casefold()
    return sorted({str(name) for name in names if name.casefold().startswith(wanted)}, key=str.casefold)
