"""What MultiQC is given of a sample."""

import collections
import json

from vep_cli.genome.alleles import AlleleStatus
from vep_cli.multiqc import ALLELES, COLOURS, GENERAL, multiqc_documents
from vep_cli.statistics import BAD_DATA, Statistics
from vep_cli.summaries import Summary


def summary(records: int, **statuses: int) -> Summary:
    counts = collections.Counter({AlleleStatus(name): number for name, number in statuses.items()})
    statistics = Statistics(records=records, alleles=counts.total(), statuses=counts)
    return Summary(statistics=statistics, seconds=1.0, run=())


def test_bar_graph() -> None:
    graph = multiqc_documents("one", summary(5, PASS=6, REF_MISMATCH=2))[ALLELES]
    assert {name: count for name, count in graph["data"]["one"].items() if count} == {
        "PASS": 6,
        "REF_MISMATCH": 2,
    }
    assert list(graph["categories"]) == list(graph["data"]["one"])
    assert graph["plot_type"] == "bargraph"
    # Of several samples, MultiQC keeps one file's categories: they are the same in all.
    assert multiqc_documents("two", summary(0))[ALLELES]["categories"] == graph["categories"]


def test_every_status_has_its_own_colour_and_bad_data_stand_together() -> None:
    assert set(COLOURS) == set(AlleleStatus)
    assert len(set(COLOURS.values())) == len(AlleleStatus)
    assert set(list(COLOURS)[1 : 1 + len(BAD_DATA)]) == BAD_DATA
    for status, colour in COLOURS.items():
        red, green, blue = colour[1:3], colour[3:5], colour[5:]
        is_grey = red == green == blue
        assert is_grey == (status is not AlleleStatus.PASS and status not in BAD_DATA)


def test_general_statistics() -> None:
    general = multiqc_documents("one", summary(5, PASS=6, REF_MISMATCH=2))[GENERAL]
    assert general["data"] == {"one": {"records": 5, "alleles": 8, "percent_scored": 75.0, "bad_data": 2}}
    assert [name for header in general["headers"] for name in header] == list(general["data"]["one"])
    assert general["plot_type"] == "generalstats"


def test_nothing_at_all_has_no_percentage() -> None:
    general = multiqc_documents("none", summary(0))[GENERAL]
    assert general["data"] == {"none": {"records": 0, "alleles": 0, "bad_data": 0}}


def test_both_are_json_and_no_reason_is_a_tag() -> None:
    documents = multiqc_documents("one", summary(1, PASS=1))
    assert json.loads(json.dumps(documents)) == documents
    assert "`SYMBOLIC`: a symbolic allele such as &lt;DEL&gt;" in documents[ALLELES]["helptext"]
    assert "<" not in documents[ALLELES]["helptext"]
