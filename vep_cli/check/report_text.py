"""Findings for people: a paragraph for each thing that was looked at."""

from collections.abc import Iterable, Iterator, Sequence

from vep_cli.check.estimate import Estimate
from vep_cli.check.inspection import Findings
from vep_cli.check.observers import REMEMBERED_ALLELES, Examples, shortened
from vep_cli.statistics import counted

_WIDTH = 10
"""Columns of the headings."""

_MOST_NAMES = 12
"""Names that are written out of one kind."""

_MOST_LINES = 5
"""Lines that are named of one kind; JSON has more."""

_NOT_ESTIMATED = "not estimated; --estimate runs the network on a variant or two"


def findings_text(findings: Findings, estimate: Estimate | None) -> str:
    """Return the findings as text.

    Args:
        findings: What was found.
        estimate: What a run would take, if that was asked for.
    """
    paragraphs = {
        "alleles": _alleles(findings),
        "lines": _examples(findings.malformed, "not a VCF record"),
        "contigs": _contigs(findings),
        "REF": _reference(findings),
        "build": _build(findings),
        "order": _order(findings),
        "repeats": _repeats(findings),
        "windows": _windows(findings),
        "genes": _genes(findings),
        "time": _time(estimate) if estimate else [_NOT_ESTIMATED],
    }
    lines = [f"{findings.source}, against {findings.fasta}"]
    for heading, paragraph in paragraphs.items():
        for number, line in enumerate(paragraph):
            lines.append(f"  {'' if number else heading:<{_WIDTH}}{line}")
    return "".join(f"{_printable(line)}\n" for line in lines)


def _alleles(findings: Findings) -> Iterator[str]:
    yield from (line.removeprefix("  ") for line in findings.statistics.lines())
    if findings.is_bound:
        yield "SPLICE_JUNCTIONS scores where the network finds an intron: fewer may be scored"


def _contigs(findings: Findings) -> Iterator[str]:
    contigs = findings.contigs
    if contigs.direct:
        yield f"as in the reference: {_listed(contigs.direct)}"
    if contigs.renamed:
        renamed = [f"{name} is {other}" for name, other in contigs.renamed.items()]
        yield f"of another name in the reference: {_listed(renamed)}"
    if contigs.unknown:
        named = [f"{name} ({counted(contigs.records[name], 'record')})" for name in contigs.unknown]
        yield f"NOT in the reference: {_listed(named)}"
    if contigs.unnamed_records:
        yield f"further contigs, not looked at: {counted(contigs.unnamed_records, 'record')}"


def _reference(findings: Findings) -> Iterator[str]:
    agreement = findings.agreement
    agreeing = agreement.compared - agreement.mismatched
    yield f"agrees with the reference sequence in {agreeing} of {counted(agreement.compared, 'record')}"
    if agreement.swapped:
        yield f"{agreement.swapped} of the others have the reference's bases as ALT: REF and ALT swapped?"
    if agreement.compared and agreement.is_of_another_build:
        yield "most differ: the input is of another genome build; --genome and --fasta choose a reference"


def _build(findings: Findings) -> Iterator[str]:
    stated = findings.stated_build
    said = f"{stated.name}, by {stated.evidence}" if stated else "not known by its header"
    yield f"of the input: {said}"
    yield f"of the reference: {findings.reference_build or 'not known by the lengths of its contigs'}"
    if findings.is_of_other_build:
        yield "THEY DIFFER: choose a reference of the input's build, or lift the input over"


def _order(findings: Findings) -> Iterator[str]:
    if not findings.order.steps_back.count:
        yield "sorted"
    yield from _examples(findings.order.steps_back, "out of order")


def _repeats(findings: Findings) -> Iterator[str]:
    repeats = findings.repeats
    if not repeats.written.count + repeats.respelt.count:
        yield "none"
    yield from _examples(repeats.written, "an allele again")
    yield from _examples(repeats.respelt, "an allele again in another spelling")
    if findings.statistics.alleles > REMEMBERED_ALLELES:
        yield f"looked for among the last {REMEMBERED_ALLELES:,} alleles"


def _windows(findings: Findings) -> Iterator[str]:
    windows, alleles = findings.sharing.windows.total(), findings.sharing.alleles.total()
    shared = alleles - windows
    yield f"{windows} for {counted(alleles, 'allele')}; REF is computed once for {shared} that share one"


def _genes(findings: Findings) -> Iterator[str]:
    sharing = findings.sharing
    if findings.has_genes:
        yield f"{counted(sharing.alleles_in_genes, 'allele')} in {counted(len(sharing.genes), 'gene')}"
    else:
        yield "none given (--gtf)"


def _time(estimate: Estimate) -> Iterator[str]:
    number = f"{estimate.device_count} devices" if estimate.device_count > 1 else "device"
    yield f"about {_duration(estimate.total_seconds)} on {number} {estimate.device}"
    for kind, one in estimate.kinds.items():
        times = f"{one.seconds:.3g} s, {one.shared_seconds:.3g} s if REF is shared"
        yield f"for the {kind} {shortened(one.variant, 60)}: {times}"
    memory = f"{estimate.memory_bytes / 1e9:.1f} GB of memory"
    if estimate.device_memory_bytes is not None:
        memory += f", {estimate.device_memory_bytes / 1e9:.1f} GB on the device"
    yield memory


def _duration(seconds: float) -> str:
    minutes, hours = round(seconds / 60), seconds / 3600
    if minutes < 2:
        return f"{max(1, round(seconds))} s"
    return f"{minutes} minutes" if hours < 2 else f"{hours:.1f} hours"


def _examples(examples: Examples, what: str) -> Iterator[str]:
    if examples.count:
        yield f"{examples.count} {what}:"
        yield from (f"  line {line}: {said}" for line, said in examples.lines[:_MOST_LINES])
    if examples.count > _MOST_LINES:
        yield f"  and {examples.count - _MOST_LINES} more"


def _listed(names: Sequence[str]) -> str:
    more = [f"and {len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES else []
    return ", ".join([*(shortened(name, 60) for name in names[:_MOST_NAMES]), *more])


def _printable(text: Iterable[str]) -> str:
    """Return the text without what a name in a damaged file could do to a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
