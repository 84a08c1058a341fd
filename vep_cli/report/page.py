"""The report as one HTML page: no other file, no network, all text of the scored file escaped.

The page is whole without its script, which only sorts and filters the tables. Its Content-Security-Policy
lets the browser load nothing and run nothing but exactly that script. There is no date in it: the same
file gives the same page.
"""

import importlib.resources

from vep_cli.report.cautions import notes, warnings
from vep_cli.report.markup import Markup, code_element, code_source, element, joined, void_element
from vep_cli.report.overview import flags_table, scorers_table, statuses_table
from vep_cli.report.scored_file import ScoredFile
from vep_cli.report.scorer_section import scorer_section
from vep_cli.report.summary import Summary
from vep_cli.report.wording import counted

_NOTICE = "Research use only; not for diagnosis."


def page(file: ScoredFile, summary: Summary) -> str:
    """Return the page.

    Args:
        file: The scored file; its records have been read.
        summary: What they were.
    """
    style, script = (_resource(name) for name in ("page.css", "page.js"))
    policy = (
        f"default-src 'none'; style-src {code_source(style)}; script-src {code_source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    head = element(
        "head",
        void_element("meta", charset="utf-8"),
        void_element("meta", http_equiv="Content-Security-Policy", content=policy),
        void_element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        void_element("meta", name="color-scheme", content="light dark"),
        void_element("meta", name="referrer", content="no-referrer"),
        element("title", f"Variant scores: {file.name}"),
        code_element("style", style),
    )
    body = element("body", *_content(file, summary), code_element("script", script))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en').html}\n"


def _content(file: ScoredFile, summary: Summary) -> tuple[Markup, ...]:
    scorers = summary.scorers
    sections = (
        scorer_section(scorer, number, lengths=file.lengths) for number, scorer in enumerate(scorers, start=1)
    )
    return (
        element("a", "Skip to the scores", class_="skip", href="#scores"),
        element("header", element("h1", "Variant scores"), element("p", file.name, class_="lead")),
        _warnings(file),
        element(
            "main",
            _figures(file, summary),
            statuses_table(summary),
            flags_table(summary),
            *(element("p", note, class_="soft") for note in notes(file, summary)),
            scorers_table(summary),
            _filter(summary),
            *sections,
            _provenance(file),
        ),
        element("footer", element("p", _NOTICE, class_="soft"), element("p", _made_by(file), class_="soft")),
    )


def _warnings(file: ScoredFile) -> Markup:
    items = (element("li", text) for text in (_NOTICE, *warnings(file)))
    return element("div", element("ul", *items), class_="warnings", role="note", aria_label="Warnings")


def _figures(file: ScoredFile, summary: Summary) -> Markup:
    figures = [("ALT alleles", summary.alleles), ("scored", summary.statuses["PASS"])]
    if not file.is_table:
        figures.insert(0, ("records", summary.records))
    if file.samples:
        figures.append(("samples", file.samples))
    pairs = (element("div", element("dt", label), element("dd", f"{count:,}")) for label, count in figures)
    return element("dl", *pairs, class_="figures")


def _filter(summary: Summary) -> Markup:
    """Return the fields that the script filters by, which it shows itself."""
    if not summary.scorers:
        return Markup("")
    scorers = (
        element("option", scorer.name, value=f"scorer-{number}")
        for number, scorer in enumerate(summary.scorers, start=1)
    )
    return element(
        "div",
        _field("Variant, gene, tissue, ...", void_element("input", type="search", id="filter-text")),
        _field(
            "Scores of",
            element("select", element("option", "all", value=""), *scorers, id="filter-scorer"),
        ),
        _field(
            "At least, either sign",
            void_element("input", type="number", min="0", step="any", id="filter-strength"),
        ),
        element("output", id="filter-found", aria_live="polite"),
        class_="filter",
        id="filter",
        role="search",
        aria_label="Filter the tables",
        hidden="",
    )


def _field(label: str, field: Markup) -> Markup:
    return element("label", label, field)


def _provenance(file: ScoredFile) -> Markup:
    heading = element("h2", "How the scores were made", id="provenance")
    if not file.provenance:
        said = "The file does not say. A VCF of vep score says it in its header."
        return element("section", heading, element("p", said))
    pairs = (
        joined(element("dt", name.replace("_", " ")), element("dd", value)) for name, value in file.provenance
    )
    return element("section", heading, element("dl", *pairs, class_="provenance"))


def _made_by(file: ScoredFile) -> str:
    samples = f" with {counted(file.samples, 'sample')}" if file.samples else ""
    return f"Report on {file.name}{samples}, made by vep report. The page loads nothing from the network."


def _resource(name: str) -> str:
    return importlib.resources.files("vep_cli.report").joinpath(name).read_text(encoding="utf-8")
