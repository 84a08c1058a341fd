import re

from toy_inputs import Run

from vep_cli.scoring.aggregation import Aggregation
from vep_cli.scoring.spelling import WIDTHS


def listed(run: Run, *arguments: str) -> list[dict[str, str]]:
    done = run("scorers", *arguments)
    assert (done.status, done.stderr) == (0, "")
    header, *rows = (line.split("\t") for line in done.stdout.splitlines())
    assert header == ["scorer", "output_type", "kind", "needs", "measures", "formula", "official_name"]
    return [dict(zip(header, row, strict=True)) for row in rows]


def test_human_has_nineteen_and_ours_and_mouse_no_polyadenylation(run: Run) -> None:
    human, mouse = listed(run), listed(run, "--organism", "mouse")
    assert len(human) == 20
    assert human[-1]["scorer"] == "SPLICE_SITES_LOG"
    assert [row for row in human if row["scorer"] != "POLYADENYLATION"] == mouse


def test_what_is_said_of_a_scorer(run: Run) -> None:
    rows = {row["scorer"]: row for row in listed(run)}
    assert all(value for row in rows.values() for value in row.values())
    polyadenylation = rows["POLYADENYLATION"]
    assert (polyadenylation["output_type"], polyadenylation["kind"]) == ("RNA_SEQ", "magnitude")
    assert polyadenylation["needs"] == "--gtf --polya"
    assert rows["ATAC_ACTIVE"]["kind"] == "level"
    assert rows["CONTACT_MAPS"]["official_name"] == "ContactMapScorer()"


def test_help_names_every_width_and_aggregation(run: Run) -> None:
    text = run("scorers", "--help").stdout
    for word in (*WIDTHS, *Aggregation):
        assert re.search(rf"\b{word}\b", text), word
