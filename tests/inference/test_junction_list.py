import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vep_cli.genome.interval import Interval
from vep_cli.inference.junction_list import list_junctions

INTERVAL = Interval(chromosome="chr1", start=1000, end=1100)


def test_introns_on_paper() -> None:
    # On '+' donors 10 and 30, acceptors 20 and 31: 10 joins both, 30 and 31 have no base between them but
    # 31 itself, [31, 31), and 20 lies before 30. On '-' the donor 50 is right of the acceptor 40.
    sites = np.array([[10, 30], [20, 31], [50, -1], [40, -1]], np.int32)
    counts = np.arange(2 * 2 * 4, dtype=np.float32).reshape(2, 2, 4)
    found = list_junctions(sites, counts, INTERVAL)
    assert found.start.tolist() == [1011, 1011, 1041]
    assert found.end.tolist() == [1020, 1031, 1050]
    assert found.is_forward.tolist() == [True, True, False]
    # counts[donor, acceptor]: tissues 0 and 1 are of '+', 2 and 3 of '-'.
    assert found.counts.tolist() == [[0, 1], [4, 5], [2, 3]]
    assert len(found) == 3


def test_no_intron_begins_at_or_before_the_chromosomes_first_base() -> None:
    # Donors at chromosome positions -2, -1 and 0 give introns from -1, 0 and 1.
    interval = Interval(chromosome="chr1", start=-5, end=95)
    sites = np.array([[3, 4, 5], [50, -1, -1], [-1] * 3, [-1] * 3], np.int32)
    found = list_junctions(sites, np.zeros((3, 3, 2), np.float32), interval)
    assert (found.start.tolist(), found.end.tolist()) == ([1], [45])


SITES = st.lists(st.integers(0, 99), unique=True, min_size=4, max_size=4)


@given(lists=st.tuples(SITES, SITES, SITES, SITES))
def test_every_pair_in_order_is_listed_once(lists: tuple[list[int], ...]) -> None:
    sites = np.array(lists, np.int32)
    counts = np.random.default_rng(0).random((4, 4, 2), np.float32)
    found = list_junctions(sites, counts, INTERVAL)
    expected = sum(d + 1 < a for d in lists[0] for a in lists[1])
    expected += sum(a + 1 < d for d in lists[2] for a in lists[3])
    assert len(found) == expected
    assert (found.end > found.start).all()
    assert found.is_forward.tolist() == sorted(found.is_forward.tolist(), reverse=True)
