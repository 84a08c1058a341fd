"""Findings as one JSON object, for machines; docs/check.md lists the keys."""

import dataclasses
import json
from typing import Any

from vep_cli.check.estimate import Estimate
from vep_cli.check.inspection import Findings
from vep_cli.check.observers import REMEMBERED_ALLELES, Examples

FORMAT_VERSION = 1
"""Grows when a key changes its meaning or goes; new keys may come without it."""


def findings_json(findings: Findings, estimate: Estimate | None) -> str:
    """Return the object as indented text with an end of line.

    Args:
        findings: What was found.
        estimate: What a run would take, if that was asked for.
    """
    document = {
        "format_version": FORMAT_VERSION,
        "input": findings.source,
        "reference": findings.fasta,
        **_counts(findings),
        "contigs": [
            {"name": name, "reference_name": spelling, "records": findings.contigs.records[name]}
            for name, spelling in findings.contigs.spellings.items()
        ],
        "records_of_further_contigs": findings.contigs.unnamed_records,
        "ref": {
            "compared": findings.agreement.compared,
            "mismatched": findings.agreement.mismatched,
            "swapped_alleles": findings.agreement.swapped,
        },
        "build": {
            "input": findings.stated_build.name if findings.stated_build else None,
            "evidence": findings.stated_build.evidence if findings.stated_build else None,
            "reference": findings.reference_build,
        },
        "steps_back": _examples(findings.order.steps_back),
        "repeats": {
            "as_written": _examples(findings.repeats.written),
            "in_another_spelling": _examples(findings.repeats.respelt),
            "alleles_remembered": REMEMBERED_ALLELES,
        },
        "windows": findings.sharing.windows.total(),
        "genes": _genes(findings) if findings.has_genes else None,
        "estimate": dataclasses.asdict(estimate) if estimate else None,
    }
    return _readable(json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False)) + "\n"


def _counts(findings: Findings) -> dict[str, Any]:
    statistics = findings.statistics
    return {
        **statistics.to_json(),
        "scored": statistics.scored,
        "scored_at_most": findings.is_bound,
        "bad_data": statistics.bad_data,
        "blank_lines": statistics.blank_lines,
        "malformed": _examples(findings.malformed),
    }


def _genes(findings: Findings) -> dict[str, int]:
    return {"alleles": findings.sharing.alleles_in_genes, "genes": len(findings.sharing.genes)}


def _examples(examples: Examples) -> dict[str, Any]:
    return {
        "count": examples.count,
        "first": [{"line": line, "what": what} for line, what in examples.lines],
    }


def _readable(text: str) -> str:
    """Return a text whose bytes were no UTF-8, as far as they are; JSON has no other text."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
