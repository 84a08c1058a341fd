"""The section of one scorer: its pictures, its consequences, its table of the strongest scores."""

from collections.abc import Mapping

from vep_cli.report.markup import Markup, element
from vep_cli.report.overview import consequences_table
from vep_cli.report.plots import histogram_plot, places_plot
from vep_cli.report.score_table import score_table
from vep_cli.report.summary import ScorerSummary
from vep_cli.report.wording import counted


def scorer_section(scorer: ScorerSummary, number: int, *, lengths: Mapping[str, int]) -> Markup:
    """Return the section.

    Args:
        scorer: What the scorer said; of at least one allele.
        number: The section's; elements are named by it, and never by what a file says.
        lengths: Bases of each contig, where they are known.
    """
    rows = scorer.strongest.rows()
    of_all = scorer.histogram.count
    caption = (
        f"All {counted(of_all, 'allele')} with a score, the strongest first"
        if len(rows) == of_all
        else f"The {len(rows):,} strongest of {counted(of_all, 'allele')}, the strongest first"
    )
    reads = "" if scorer.modality == scorer.name else f" It reads {scorer.modality}."
    kind = (
        "Positive: more in ALT than in REF."
        if scorer.is_signed
        else "The size of a change in whichever direction."
    )
    name = f"scorer-{number}"
    return element(
        "section",
        element("h2", scorer.name),
        element("p", f"{kind}{reads}", class_="soft"),
        _pictures(scorer, lengths),
        consequences_table(scorer),
        element(
            "div",
            score_table(rows, is_signed=scorer.is_signed, caption=caption, identifier=f"{name}-table"),
            class_="wide",
            role="region",
            aria_label=f"Strongest scores of {scorer.name}",
            tabindex="0",
        ),
        id=name,
        data_scorer=name,
    )


def _pictures(scorer: ScorerSummary, lengths: Mapping[str, int]) -> Markup:
    is_signed = scorer.is_signed
    histogram = histogram_plot(
        scorer.histogram,
        is_signed=is_signed,
        label=f"Histogram of the {scorer.name} scores of {counted(scorer.histogram.count, 'allele')}",
    )
    figures = [_figure(histogram, "Distribution: the strongest score of each allele")]
    places = scorer.places.places()
    if places:
        caption = "Along the chromosomes: the strongest score of each stretch"
        if scorer.places.left_out:
            caption += f"; {counted(scorer.places.left_out, 'allele')} on further contigs not drawn"
        label = f"Strongest {scorer.name} scores along the chromosomes"
        figures.append(_figure(places_plot(places, lengths, is_signed=is_signed, label=label), caption))
    return element("div", *figures, class_="plots")


def _figure(picture: Markup, caption: str) -> Markup:
    return element("figure", picture, element("figcaption", caption))
