"""Compare the network and the scores with numbers recorded from the official code; see benchmarks/README.md.

To compare more parts of an oracle, add a function that yields their groups to `PARTS`.
"""

import itertools
import pathlib
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import click
from parity_api import api_groups
from parity_checks import SPREAD, Check, Group, Outcome, Skipped, markdown_table, text_table
from parity_forward import forward_groups
from parity_oracle import Oracle, open_oracle
from parity_scorers import scorer_groups
from parity_scores import score_groups
from parity_unit import unit_groups

PARTS: Mapping[str, Sequence[Callable[[Oracle], Iterator[Group]]]] = {
    "unit": (unit_groups, scorer_groups),
    "forward": (forward_groups,),
    "scores": (score_groups,),
    "api": (api_groups,),
}
"""By the folder of the oracle that each part reads."""

_HEAD = """# Agreement with the official network and its scores

Generated; do not edit. Made with

    python benchmarks/parity.py --golden DIR --markdown docs/parity.md

from an oracle: numbers recorded from the official float32 code, full size, with made-up weights.
The maximum relative error is the largest absolute error over what the tolerance names: the standard
deviation of the recorded tensor, each recorded value, or the larger of the two (for counts in the
experiments' space, where undoing the compression multiplies a rounding error by the size of the count).
`X` is a sample of the positions of a tensor; `X__mean`, `X__std` and `X__sum` are over all of them,
`X__trace` is two tracks at all of them; errors of `X__mean`, `X__std` and `X__trace` are shares of the
deviation of `X`. `whole/X` is X as `network.predict` gives it in one call, without the stages between.

`unit/scorers` is each scorer on small made-up predictions; `scores/X` is all recommended scorers of one
variant from its bases on, alleles as written, rows by genes or introns and columns by tracks. A score that
compares alleles is a small difference of large numbers and errs as these do: it may be off by the tolerance's
share of 1, of the scores' deviation or of its own size, whichever is largest. `shared`, `largest` and
`listed_by_one` are the introns that both list, the largest change per gene and track, and the share that one
side alone lists, with the oracle's known splice sites and `without_known_sites`; `sites` is how many
polyadenylation sites a gene has and how far the nearest is. `others` are scorers that are not recommended
ones; a plain difference of sums may be off by that share of the sums. `official_fails` and
`has_numbers` stand where the official code fails and ours is to give numbers, or no row where there is
nothing to score: there is nothing to compare with.

`api/X` is what the official calls return for an interval on either strand, for both alleles of a variant,
for interval scorers and for in-silico mutagenesis: a sample of rows, the sum over all of them, and of
splice junctions how many there are and a sample of their ends and counts. `api/tables` is which columns of
a head are padding and which is read for which on the other strand. `refused` and `_agree` are yes or no:
that a call fails, that the genes or the changes are the same, in the same order.

"""


@click.command()
@click.option("--golden", required=True, type=click.Path(exists=True, path_type=pathlib.Path), help="Oracle.")
@click.option("--only", metavar="NAME", help="Part or group, such as unit, unit/gelu or forward/4096.")
@click.option("--markdown", type=click.Path(path_type=pathlib.Path), help="Also write a Markdown report.")
def main(golden: pathlib.Path, only: str | None, markdown: pathlib.Path | None) -> None:
    """Compare network and scores with an oracle; exit 1 if a tensor is further off than its tolerance."""
    outcomes: list[Outcome] = []
    for line in text_table(_keep(compare_all(open_oracle(golden), only), outcomes)):
        click.echo(line)
    checks = [outcome for outcome in outcomes if isinstance(outcome, Check)]
    if not checks:
        raise click.UsageError(f"nothing to compare in {golden}" + (f" under {only!r}" if only else ""))
    failed = sum(not check.passed for check in checks)
    click.echo(f"{len(checks)} tensors compared, {failed} failed, {len(outcomes) - len(checks)} skipped")
    if markdown is not None:
        markdown.write_text("\n".join(report(outcomes)) + "\n", encoding="utf-8")
    sys.exit(1 if failed else 0)


def compare_all(oracle: Oracle, only: str | None) -> Iterator[Outcome]:
    """Yield every comparison whose group is `only` or lies below it; None takes all."""
    for part, groups in PARTS.items():
        if not (oracle.path / part).is_dir():
            yield Skipped(tensor=part, reason="the oracle has no such folder")
            continue
        for group in itertools.chain.from_iterable(one(oracle) for one in groups):
            if only is None or f"{group.name}/".startswith(f"{only.rstrip('/')}/"):
                yield from group.run()


def report(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Yield the lines of the Markdown report: a summary of the groups, then every tensor."""
    known = list(outcomes)
    checks = [outcome for outcome in known if isinstance(outcome, Check)]
    sections = list(dict.fromkeys(_section(check) for check in checks))
    yield from _HEAD.splitlines()
    yield "| group | tensors | failed | largest error, of std | largest error, of its tolerance |"
    yield "|---|---|---|---|---|"
    for section in sections:
        own = [check for check in checks if _section(check) == section]
        failed = sum(not check.passed for check in own)
        by_spread = [check.max_relative for check in own if check.tolerance == SPREAD]
        of_spread = f"{max(by_spread):.1e}" if by_spread else "-"
        of_tolerance = max(check.share_of_tolerance for check in own)
        yield f"| {section} | {len(own)} | {failed} | {of_spread} | {of_tolerance:.0%} |"
    skipped = [outcome for outcome in known if isinstance(outcome, Skipped)]
    for reason in dict.fromkeys(outcome.reason for outcome in skipped):
        names = ", ".join(f"`{outcome.tensor}`" for outcome in skipped if outcome.reason == reason)
        yield f"\nNot compared: {names}, because {reason}."
    for section in sections:
        yield f"\n## {section}\n"
        yield from markdown_table([check for check in checks if _section(check) == section])


def _section(check: Check) -> str:
    part, group, *_ = check.tensor.split("/")
    return part if part == "unit" and group != "scorers" else f"{part}/{group}"


def _keep(outcomes: Iterable[Outcome], kept: list[Outcome]) -> Iterator[Outcome]:
    for outcome in outcomes:
        kept.append(outcome)
        yield outcome


if __name__ == "__main__":
    main()
