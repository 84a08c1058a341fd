"""Kill a run by SIGKILL at random moments, resume it as often, and compare with a run in peace.

python benchmarks/kill.py --kills 50
"""

import argparse
import collections
import dataclasses
import json
import multiprocessing
import os
import pathlib
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable

ROOT = pathlib.Path(__file__).parents[1]
MOMENTS = ("as it starts", "as it scores", "as the file is made")
LOOK_EVERY = 0.002
_CONTEXT = multiprocessing.get_context("forkserver")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kill:
    """One process and its end.

    Attributes:
        moment: When it was to be killed, one of MOMENTS.
        was_killed: False where it ended before.
        journal_bytes: What it left of a journal.
        files: The other files that it left.
    """

    moment: str
    was_killed: bool
    journal_bytes: int
    files: tuple[str, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Run:
    """What is run, again and again.

    Attributes:
        arguments: Of `vep score`, but for the output.
        name: The output's name.
        seconds: How long a run in peace takes to begin its journal.
        journal_bytes: How long its journal gets.
    """

    arguments: tuple[str, ...]
    name: str
    seconds: float = 0.0
    journal_bytes: int = 0


def main() -> int:
    """Run the benchmark; return 1 where a byte differs."""
    asked = _arguments()
    # What every child would import is imported once, by the process that they are forked from.
    _CONTEXT.set_forkserver_preload(["vep_cli.pipeline", "vep_cli.cli.score", "vep_cli.cli.report"])
    chance, kills, same = random.Random(asked.seed), list[Kill](), list[bool]()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VEP_CACHE_DIR"] = folder + "/cache"
        peace = pathlib.Path(folder, "peace")
        run = _in_peace(_run(asked), peace)
        print(f"begins to score after {run.seconds:.1f} s, journal of {run.journal_bytes} bytes", flush=True)
        while (left := asked.kills - sum(kill.was_killed for kill in kills)) > 0:
            cut = pathlib.Path(folder, f"cut{len(same)}")
            kills += _one_round(run, cut, chance, left)
            same.append(_files(cut) == _files(peace))
    _report(kills, same)
    if asked.json:
        asked.json.write_text(json.dumps([dataclasses.asdict(kill) for kill in kills], indent=2) + "\n")
    return 0 if all(same) else 1


def _report(kills: list[Kill], same: list[bool]) -> None:
    killed = [kill for kill in kills if kill.was_killed]
    print(f"{len(killed)} kills in {len(same)} runs; {sum(same)} of {len(same)} end as the run in peace did")
    for moment, count in collections.Counter(kill.moment for kill in killed).items():
        print(f"  {count} {moment}")
    print(f"  {sum(kill.journal_bytes > 0 for kill in killed)} left a journal")
    print(f"  {sum(bool(kill.files) for kill in killed)} left the output or a part of it beside the journal")


def _one_round(run: Run, folder: pathlib.Path, chance: random.Random, most: int) -> list[Kill]:
    """Kill one run until it ends by itself, or has been killed so often; then let it end."""
    folder.mkdir()
    kills: list[Kill] = []
    while sum(kill.was_killed for kill in kills) < most:
        kills.append(_killed(run, folder, chance))
        print(f"  {kills[-1]}", flush=True)
        if not kills[-1].was_killed:
            return kills
    _start(run, folder).join()
    return kills


def _killed(run: Run, folder: pathlib.Path, chance: random.Random) -> Kill:
    moment = chance.choices(MOMENTS, weights=(1, 4, 2))[0]
    is_time = _trigger(run, folder, chance, moment)
    child = _start(run, folder)
    while child.is_alive() and not is_time():
        time.sleep(LOOK_EVERY)
    child.kill()
    child.join()
    left = _files(folder)
    journal = left.pop(f"{run.name}.journal", b"")
    return Kill(
        moment=moment,
        was_killed=child.exitcode == -signal.SIGKILL,
        journal_bytes=len(journal),
        files=tuple(left),
    )


def _trigger(run: Run, folder: pathlib.Path, chance: random.Random, moment: str) -> Callable[[], bool]:
    """Return what tells, asked often, when to kill."""
    if moment == MOMENTS[0]:
        end = time.monotonic() + chance.uniform(0, run.seconds)
        return lambda: time.monotonic() > end
    if moment == MOMENTS[1]:
        size = _journal_size(run, folder) + chance.randrange(run.journal_bytes // 8)
        return lambda: _journal_size(run, folder) > size
    wait = chance.uniform(0, 0.05)

    def is_being_made() -> bool:
        if len(os.listdir(folder)) < 2:
            return False
        time.sleep(wait)
        return True

    # What an earlier process left of the file would be taken for what this one makes.
    (folder / f".{run.name}.part").unlink(missing_ok=True)
    return is_being_made


def _start(run: Run, folder: pathlib.Path) -> multiprocessing.process.BaseProcess:
    output = ("--resume", "-o", str(folder / run.name))
    child = _CONTEXT.Process(target=_score, args=((*run.arguments, *output),))
    child.start()
    return child


def _score(arguments: tuple[str, ...]) -> None:
    from vep_cli.cli import main as vep

    sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - until the process ends
    sys.exit(vep(arguments))


def _in_peace(run: Run, folder: pathlib.Path) -> Run:
    """Score, and return how that went; first once more, for what is compiled once."""
    folder.mkdir()
    _start(run, folder).join()
    child, begun, seconds, size = _start(run, folder), time.monotonic(), 0.0, 0
    while child.is_alive():
        size = max(size, _journal_size(run, folder))
        seconds = seconds or (time.monotonic() - begun if size else 0.0)
        time.sleep(LOOK_EVERY)
    if child.exitcode != 0:
        sys.exit("the run in peace fails: give arguments of vep score behind --")
    return dataclasses.replace(run, seconds=seconds, journal_bytes=size)


def _journal_size(run: Run, folder: pathlib.Path) -> int:
    try:
        return (folder / f"{run.name}.journal").stat().st_size
    except FileNotFoundError:
        return 0


def _files(folder: pathlib.Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _run(asked: argparse.Namespace) -> Run:
    return Run(arguments=("score", str(asked.input), *asked.options), name=asked.output)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--input", type=pathlib.Path, default=ROOT / "examples" / "demo.vcf")
    parser.add_argument("--output", default="out.vcf.gz", help="name of the output, which says its format")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", type=pathlib.Path, help="write every kill there")
    parser.add_argument("options", nargs="*", default=["--window", "4096"], help="of vep score, behind --")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
