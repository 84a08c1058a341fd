import json

import breakdown
import pytest
from click.testing import CliRunner

ARGUMENTS = ["--length", "4096", "--repeats", "1", "--choice", "contact"]


def test_parts_of_a_small_window_add_up() -> None:
    ran = CliRunner().invoke(breakdown.main, [*ARGUMENTS, "--json"], catch_exceptions=False)
    for seconds in json.loads(ran.stdout).values():
        # Contacts read no base; without genes of interest there are no junctions.
        assert seconds.keys() >= {"encoder", "transformer", "heads of bins", "scorers", breakdown.REST}
        assert min(seconds.values()) >= 0


def test_the_table_has_every_part(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = dict.fromkeys((*breakdown.PARTS.values(), breakdown.REST), 0.25)
    monkeypatch.setattr(breakdown, "parts", lambda *_: (spent, spent))
    ran = CliRunner().invoke(breakdown.main, ARGUMENTS, catch_exceptions=False)
    header, *rows, together = ran.stdout.splitlines()
    assert [row[:30].strip() for row in rows] == list(spent)
    assert together.split() == ["together", f"{0.25 * len(spent):.3f}", f"{0.25 * len(spent):.3f}"]
    assert header.startswith("part")
