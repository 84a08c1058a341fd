"""The readers of files that others made survive whatever is in them: a longer run of what the tests try.

    python benchmarks/fuzz.py --seconds 300

takes the targets of `fuzz_targets.py` in turn, says how many inputs each was given and how many of them
it read, and exits with 1 where anything but a `VepError` came out; the input is kept. With
`--coverage-guided TARGET` (`pip install atheris`) inputs go after code that none has reached yet.
"""

import collections
import gc
import json
import logging
import pathlib
import sys
import tempfile
import time
import traceback
import types
from collections.abc import Mapping

import click
from fuzz_targets import Target, contents, survives, targets
from hypothesis import HealthCheck, Phase, given, seed, settings


class _InputError(Exception):
    """A reader ended otherwise than it may."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.content = content


def turn(target: Target, number: int, scratch: pathlib.Path) -> collections.Counter[bool]:
    """Give a target some inputs, and return how many it accepted and refused.

    Args:
        target: The reader.
        number: Which inputs; the same number gives the same.
        scratch: A folder for them.

    Raises:
        _InputError: One of them made the reader fail.
    """
    outcomes: collections.Counter[bool] = collections.Counter()

    @seed(number)
    @settings(
        max_examples=target.turn,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(contents(target))
    def attempt(content: bytes) -> None:
        try:
            outcomes[survives(target, content, scratch)] += 1
        except Exception as error:
            raise _InputError(content) from error

    attempt()
    return outcomes


def fuzz(
    chosen: Mapping[str, Target], *, seconds: float, first: int, scratch: pathlib.Path
) -> tuple[dict[str, collections.Counter[bool]], dict[str, _InputError]]:
    """Give targets inputs in turn until the time is over, and leave out one that has failed.

    Returns:
        How many inputs each accepted and refused, and the failures.
    """
    outcomes = {name: collections.Counter[bool]() for name in chosen}
    failures: dict[str, _InputError] = {}
    end, number = time.monotonic() + seconds, first
    while time.monotonic() < end and len(failures) < len(chosen):
        for name in chosen.keys() - failures.keys():
            try:
                outcomes[name] += turn(chosen[name], number, scratch)
            except _InputError as failure:
                failures[name] = failure
        number += 1
    return outcomes, failures


def _guided(target: Target, scratch: pathlib.Path, seconds: int) -> None:
    """Run atheris, which ends the process."""
    import atheris

    corpus = scratch / "corpus"
    corpus.mkdir()
    for number, content in enumerate(target.seeds):
        (corpus / str(number)).write_bytes(content)
    for function in gc.get_objects():
        # All else, such as jax, would take minutes.
        if isinstance(function, types.FunctionType) and (function.__module__ or "").startswith("vep_cli."):
            atheris.instrument_func(function)
    arguments = [sys.argv[0], str(corpus), f"-max_total_time={seconds}", "-timeout=30", "-rss_limit_mb=4096"]
    atheris.Setup(arguments, lambda content: survives(target, content, scratch))
    atheris.Fuzz()


@click.command()
@click.option("--seconds", default=300, show_default=True, help="For how long, all targets together.")
@click.option("--target", "names", multiple=True, help="Only this target; may be repeated.")
@click.option("--seed", "first", default=0, show_default=True, help="Other inputs.")
@click.option("--coverage-guided", metavar="TARGET", help="Fuzz this one with atheris.")
@click.option(
    "--json", "json_path", type=click.Path(path_type=pathlib.Path), help="Write the counts as JSON."
)
def main(
    seconds: int,
    names: tuple[str, ...],
    first: int,
    coverage_guided: str | None,
    json_path: pathlib.Path | None,
) -> None:
    """Fuzz the readers."""
    logging.getLogger("vep_cli").addHandler(logging.NullHandler())
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        known = targets(scratch)
        if coverage_guided:
            _guided(known[coverage_guided], scratch, seconds)
        chosen = {name: known[name] for name in names or known}
        outcomes, failures = fuzz(chosen, seconds=seconds, first=first, scratch=scratch)
    for name, counts in outcomes.items():
        click.echo(f"{name}\t{counts.total()} inputs\t{counts[True]} read\t{counts[False]} refused")
    for name, failure in failures.items():
        traceback.print_exception(failure)
        kept = pathlib.Path(f"fuzz-{name.replace(' ', '-')}.input")
        kept.write_bytes(failure.content)
        click.echo(f"{name}: failed; the input is in {kept}", err=True)
    if json_path is not None:
        document = {
            name: {"read": counts[True], "refused": counts[False]} for name, counts in outcomes.items()
        }
        json_path.write_text(json.dumps(document, indent=1) + "\n")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
