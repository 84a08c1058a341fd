"""Scorers as users spell them.

ATAC_ACTIVE                              a recommended scorer, or one of our own, in any case
ATAC:2001:DIFF_MEAN                      a centre mask of one's own: output, width, aggregation
ATAC:width=none:aggregation=L2_DIFF      the same with the parts named; each may be left out
CenterMaskScorer(requested_output=ATAC, width=501, aggregation_type=DIFF_LOG2_SUM)
                                         the spelling of the official tables
"""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from vep_cli.errors import UsageError
from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.model.output_type import OutputType
from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.catalogue import OWN, recommended
from vep_cli.scoring.center_mask import NOT_A_LINE_OF_BINS, RECOMMENDED_WIDTH, CenterMaskScorer
from vep_cli.scoring.contact_map import ContactMapScorer
from vep_cli.scoring.gene_mask import GeneMaskScorer, GeneStatistic
from vep_cli.scoring.polyadenylation import PolyadenylationScorer
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.splice_junctions import SpliceJunctionScorer
from vep_cli.scoring.splicing import SPLICE_OUTPUTS, GeneMaskSplicingScorer

Chosen = TypeVar("Chosen")

Arguments = Mapping[str, str]
"""What stands between the parentheses of an official spelling, by name."""

WIDTHS: Mapping[str, int | None] = {
    "501": 501,
    "2001": 2001,
    "10001": 10_001,
    "100001": 100_001,
    "200001": 200_001,
    "none": None,
}
"""Widths of a centre mask that can be asked for, as the official scorer has them, in base pairs."""

_SPLICING_WIDTHS = {"None": None, "101": 101, "1001": 1001, "10001": 10_001}
_DEFAULT_WIDTH = 501

CENTER_OUTPUTS = {output.value: output for output in OutputType if output not in NOT_A_LINE_OF_BINS}
"""What a centre mask can read, by name."""

_BASE_PAIR_OUTPUTS = {name: output for name, output in CENTER_OUTPUTS.items() if output.resolution == 1}
_SPLICE_OUTPUTS = {output.value: output for output in SPLICE_OUTPUTS}
_AGGREGATIONS = {aggregation.value: aggregation for aggregation in Aggregation}


def parse_scorer(text: str, *, polyadenylation_sites: PolyadenylationSites) -> Scorer:
    """Return the scorer of that spelling.

    Args:
        text: One of the forms above; spaces round its parts do not count.
        polyadenylation_sites: For POLYADENYLATION.

    Raises:
        UsageError: There is no such scorer, output, width or aggregation (names the nearest).
    """
    text = text.strip()
    own = {scorer.official_name: scorer for scorer in OWN}
    if text in own:
        return own[text]
    if "(" in text:
        return _official(text, polyadenylation_sites)
    if ":" in text:
        return _center_mask(text)
    scorers = (*recommended("human", polyadenylation_sites=polyadenylation_sites), *OWN)
    return _choose("scorer", text, {scorer.name: scorer for scorer in scorers})


def _center_mask(text: str) -> Scorer:
    output_name, *rest = (part.strip() for part in text.split(":"))
    output = _choose("output of a centre mask", output_name, CENTER_OUTPUTS)
    parts = _named_parts(rest, text)
    usual_width = RECOMMENDED_WIDTH.get(output, _DEFAULT_WIDTH)
    width = parts.get("width", str(usual_width))
    aggregation = parts.get("aggregation", Aggregation.DIFF_LOG2_SUM.value)
    return CenterMaskScorer(
        requested_output=output,
        width=_choose("width", width, WIDTHS),
        aggregation=_choose("aggregation", aggregation, _AGGREGATIONS),
    )


def _named_parts(parts: Sequence[str], text: str) -> dict[str, str]:
    """Return what follows the output, by name; a part without one is told by its look."""
    named: dict[str, str] = {}
    for part in parts:
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals:
            name, value = ("width" if part.isdigit() or part.lower() == "none" else "aggregation"), part
        name = _choose("part of a centre mask", name, {"width": "width", "aggregation": "aggregation"})
        if name in named:
            raise UsageError(f"{text!r} has two parts for the {name}", remedy="leave one out")
        named[name] = value
    return named


def _official(text: str, polyadenylation_sites: PolyadenylationSites) -> Scorer:
    match = re.fullmatch(r"(\w+)\s*\((.*)\)", text, re.DOTALL)
    if match is None:
        raise UsageError(
            f"{text!r} is no spelling of a scorer", remedy="write it like ContactMapScorer(), quoted"
        )
    takes, make = _choose("scorer", match[1], _FAMILIES)
    pairs = [part.partition("=") for part in match[2].split(",") if part.strip()]
    arguments = {name.strip(): value.strip() for name, _, value in pairs}
    if sorted(name.strip() for name, _, _ in pairs) != sorted(takes):
        raise UsageError(
            f"{text!r} does not have what the scorer takes",
            remedy=f"write it as {match[1]}({', '.join(f'{name}=...' for name in takes)})",
        )
    return make(arguments, polyadenylation_sites)


def _official_center_mask(arguments: Arguments, _: PolyadenylationSites) -> Scorer:
    return CenterMaskScorer(
        requested_output=_choose("output of a centre mask", arguments["requested_output"], CENTER_OUTPUTS),
        width=_choose("width", arguments["width"], WIDTHS),
        aggregation=_choose("aggregation", arguments["aggregation_type"], _AGGREGATIONS),
    )


def _gene_mask(statistic: GeneStatistic) -> Callable[[Arguments, PolyadenylationSites], Scorer]:
    def make(arguments: Arguments, _: PolyadenylationSites) -> Scorer:
        output = _choose("output of a gene mask", arguments["requested_output"], _BASE_PAIR_OUTPUTS)
        return GeneMaskScorer(requested_output=output, statistic=statistic)

    return make


def _splicing(arguments: Arguments, _: PolyadenylationSites) -> Scorer:
    # The official scorer takes a width and ignores it.
    _choose("width", arguments["width"], _SPLICING_WIDTHS)
    output = _choose("output of a splicing score", arguments["requested_output"], _SPLICE_OUTPUTS)
    return GeneMaskSplicingScorer(requested_output=output)


_FAMILIES: Mapping[str, tuple[tuple[str, ...], Callable[[Arguments, PolyadenylationSites], Scorer]]] = {
    "CenterMaskScorer": (("requested_output", "width", "aggregation_type"), _official_center_mask),
    "ContactMapScorer": ((), lambda _, __: ContactMapScorer()),
    "GeneMaskLFCScorer": (("requested_output",), _gene_mask(GeneStatistic.LFC)),
    "GeneMaskActiveScorer": (("requested_output",), _gene_mask(GeneStatistic.ACTIVE)),
    "GeneMaskSplicingScorer": (("requested_output", "width"), _splicing),
    "PolyadenylationScorer": ((), lambda _, sites: PolyadenylationScorer(sites=sites)),
    "SpliceJunctionScorer": ((), lambda _, __: SpliceJunctionScorer()),
}
"""What each official scorer takes, and how it is made."""


def _choose(kind: str, given: str, choices: Mapping[str, Chosen]) -> Chosen:
    wanted = given.strip().upper().replace("-", "_").replace(" ", "_")
    by_name = {name.upper(): name for name in choices}
    if wanted in by_name:
        return choices[by_name[wanted]]
    near = [by_name[name] for name in difflib.get_close_matches(wanted, by_name, n=3)]
    remedy = f"did you mean {', '.join(near)}?" if near else f"choose from {', '.join(choices)}"
    raise UsageError(f"no {kind} is named {given!r}", remedy=remedy)
