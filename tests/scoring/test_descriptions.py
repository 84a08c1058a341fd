import pytest

from vep_cli.genome.polyadenylation import PolyadenylationSites
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.descriptions import kind, measured, needs
from vep_cli.scoring.scorer import Scorer
from vep_cli.scoring.spelling import parse_scorer

SITES = PolyadenylationSites(start={})
ALL = recommended("human", polyadenylation_sites=SITES)


def named(name: str) -> Scorer:
    return parse_scorer(name, polyadenylation_sites=SITES)


def test_each_recommended_scorer_measures_something_of_its_own() -> None:
    assert len({measured(scorer) for scorer in ALL}) == len(ALL) == 19
    assert all(("change" in measured(s) or "shift" in measured(s)) is s.is_difference for s in ALL)


def test_kind_and_needs() -> None:
    assert [kind(named(name)) for name in ("ATAC", "CONTACT_MAPS", "RNA_SEQ_ACTIVE")] == [
        "signed",
        "magnitude",
        "level",
    ]
    assert needs(named("ATAC")) == "nothing"
    assert needs(named("SPLICE_SITES")) == "--gtf"
    assert needs(named("POLYADENYLATION")) == "--gtf --polya"


def test_others_have_no_description() -> None:
    with pytest.raises(KeyError):
        measured(named("ATAC:2001:DIFF_MEAN"))
