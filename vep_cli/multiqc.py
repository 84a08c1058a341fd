"""Summaries for MultiQC, which puts the samples of a project on one page.

A file whose name ends in `_mqc.json` is MultiQC's custom content, found by itself, of one plot or table;
files of one `id` are put together (https://docs.seqera.io/multiqc/custom_content).
"""

import html
from collections.abc import Mapping
from typing import Any

from vep_cli.genome.alleles import REASONS, AlleleStatus
from vep_cli.statistics import Statistics
from vep_cli.summaries import Summary

ALLELES, GENERAL = ".alleles_mqc.json", ".general_mqc.json"
"""What the names of the two files end in."""

COLOURS: Mapping[AlleleStatus, str] = {
    AlleleStatus.PASS: "#3b7ea1",
    # Of data that are wrong: warm. Of alleles that are not scored by their nature: grey.
    AlleleStatus.REF_MISMATCH: "#d55e00",
    AlleleStatus.UNKNOWN_CONTIG: "#e69f00",
    AlleleStatus.OFF_CONTIG: "#b2182b",
    AlleleStatus.NOT_FINITE: "#cc79a7",
    AlleleStatus.MALFORMED: "#67001f",
    AlleleStatus.SYMBOLIC: "#4d4d4d",
    AlleleStatus.SPANNING_DELETION: "#666666",
    AlleleStatus.BREAKEND: "#7f7f7f",
    AlleleStatus.MISSING_ALT: "#8c8c8c",
    AlleleStatus.DUPLICATE_OF_REF: "#999999",
    AlleleStatus.NON_ACGT: "#a6a6a6",
    AlleleStatus.REF_N: "#b3b3b3",
    AlleleStatus.TOO_LONG: "#c4c4c4",
    AlleleStatus.NO_SCORE: "#d9d9d9",
}

_HEADERS = {
    "records": {
        "title": "Records",
        "description": "Records of the input",
        "format": "{:,d}",
        "scale": "Greys",
    },
    "alleles": {"title": "Alleles", "description": "ALT alleles", "format": "{:,d}", "scale": "Blues"},
    "percent_scored": {
        "title": "Scored",
        "description": "ALT alleles that have scores",
        "suffix": "%",
        "min": 0,
        "max": 100,
        "format": "{:,.1f}",
        "scale": "RdYlGn",
    },
    "bad_data": {
        "title": "Bad data",
        "description": "ALT alleles that wrong data kept from a score, such as a REF of another genome build",
        "format": "{:,d}",
        "scale": "OrRd",
    },
}


def multiqc_documents(sample: str, summary: Summary) -> dict[str, dict[str, Any]]:
    """Return the two files of a sample by what their names end in.

    Args:
        sample: Its name on the page.
        summary: What became of its alleles.
    """
    statistics = summary.statistics
    return {ALLELES: _bar_graph(sample, statistics), GENERAL: _general_statistics(sample, statistics)}


def _bar_graph(sample: str, statistics: Statistics) -> dict[str, Any]:
    # Markdown, in which <DEL> of a reason would be a tag.
    reasons = "\n".join(f"- `{status}`: {html.escape(REASONS[status])}" for status in AlleleStatus)
    return {
        "id": "vep_cli",
        "section_name": "vep-cli",
        "description": "What became of every ALT allele. Research use only; not for diagnosis.",
        "helptext": reasons,
        "plot_type": "bargraph",
        "pconfig": {"id": "vep_cli_alleles", "title": "vep-cli: alleles by status", "ylab": "ALT alleles"},
        "categories": {status.value: {"name": status.value, "color": COLOURS[status]} for status in COLOURS},
        "data": {sample: {status.value: statistics.statuses[status] for status in COLOURS}},
    }


def _general_statistics(sample: str, statistics: Statistics) -> dict[str, Any]:
    row: dict[str, float] = {"records": statistics.records, "alleles": statistics.alleles}
    if statistics.alleles:
        row["percent_scored"] = 100 * statistics.scored / statistics.alleles
    row["bad_data"] = statistics.bad_data
    return {
        "id": "vep_cli_general",
        "plot_type": "generalstats",
        "namespace": "vep-cli",
        "headers": [{name: header} for name, header in _HEADERS.items()],
        "data": {sample: row},
    }
