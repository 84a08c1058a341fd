import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from toy_inputs import toy_tracks

from vep_cli.genome.interval import Interval
from vep_cli.inference.junction_list import JunctionList
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import Track, TrackTable
from vep_cli.plot.content import Arcs, ContactChange, Signal
from vep_cli.plot.panels import (
    LEAST_PROBABILITY,
    MAX_ARCS,
    MAX_CHANGED_ARCS,
    chosen_arcs,
    contact_change,
    make_panel,
    make_signal,
)
from vep_cli.plot.prediction import Pair, ShownPrediction

SHOWN = Interval(chromosome="chr1", start=1000, end=2000)
HUMAN = TrackTable(tuple(toy_tracks())).where(lambda track: track.organism == "human")


def floats(*values: float) -> np.ndarray:
    return np.array(values, np.float32)


class TestSignal:
    def test_a_column_has_the_largest_of_its_bins(self) -> None:
        signal = make_signal(
            floats(1, 5, 2, 2, 3), floats(1, 1, 2, 9, 3), np.array([10, 11, 12, 13, 14, 15]), columns=3
        )
        assert signal.edges.tolist() == [10, 12, 14, 15]
        assert signal.reference.tolist() == [5, 2, 3]
        assert signal.alternate.tolist() == [1, 9, 3]
        assert signal.difference.tolist() == [-4, 7, 0]

    def test_few_bins_are_drawn_as_they_are(self) -> None:
        signal = make_signal(floats(1, 2), floats(2, 1), np.array([0, 128, 256]), columns=2)
        assert (signal.edges.tolist(), signal.reference.tolist()) == ([0, 128, 256], [1, 2])
        assert signal.difference.tolist() == [1, -1]

    def test_what_is_not_finite_is_left_out_where_there_is_something_else(self) -> None:
        signal = make_signal(floats(np.nan, 1, np.nan, np.nan), floats(2, 2, 2, 2), np.arange(5), columns=2)
        np.testing.assert_array_equal(signal.reference, floats(1, np.nan))
        np.testing.assert_array_equal(signal.difference, floats(1, np.nan))

    @settings(deadline=None)
    @given(
        values=arrays(
            np.float32, st.tuples(st.just(2), st.integers(1, 60)), elements=st.floats(0, 99, width=32)
        ),
        columns=st.integers(1, 20),
    )
    def test_no_peak_and_no_change_is_lost(self, values: np.ndarray, columns: int) -> None:
        reference, alternate = values
        signal = make_signal(reference, alternate, np.arange(len(reference) + 1), columns)
        assert len(signal.reference) <= columns
        assert len(signal.edges) == len(signal.reference) + 1
        assert (signal.edges[0], signal.edges[-1]) == (0, len(reference))
        assert signal.reference.max() == reference.max()
        assert signal.alternate.max() == alternate.max()
        assert np.abs(signal.difference).max() == np.abs(alternate - reference).max()


class TestArcs:
    def arcs(self, *junctions: tuple[int, int, float, float]) -> Arcs:
        start, end, before, after = (np.array(column) for column in zip(*junctions, strict=True))
        return chosen_arcs(start, end, floats(*before), floats(*after), SHOWN)

    def test_strongest_first_by_whichever_allele_has_more(self) -> None:
        arcs = self.arcs((1100, 1200, 1, 1), (1300, 1400, 2, 5), (1500, 1600, 4, 0))
        assert arcs.start.tolist() == [1300, 1500, 1100]
        assert arcs.is_changed.tolist() == [True, True, False]

    def test_one_end_in_what_is_shown_suffices(self) -> None:
        arcs = self.arcs((0, 1100, 4, 4), (1900, 9000, 3, 3), (0, 9000, 2, 2), (0, 999, 1, 1))
        assert arcs.end.tolist() == [1100, 9000]

    def test_weak_ones_are_left_out(self) -> None:
        assert self.arcs((1100, 1200, 100, 100), (1300, 1400, 1.9, 1.9)).start.tolist() == [1100]

    def test_those_that_change_most_are_drawn_besides(self) -> None:
        strong = [(1100 + number, 1200, 50.0, 50.0) for number in range(MAX_ARCS + 5)]
        weak = [(1300 + number, 1500, 5.0 + number, 20.0) for number in range(MAX_CHANGED_ARCS + 1)]
        arcs = self.arcs(*weak, *strong)
        assert arcs.start.tolist()[:MAX_ARCS] == [1100 + number for number in range(MAX_ARCS)]
        # The last of them changes least.
        assert arcs.start.tolist()[MAX_ARCS:] == [1300 + number for number in range(MAX_CHANGED_ARCS)]

    def test_none(self) -> None:
        none = np.zeros(0, np.int64)
        assert len(chosen_arcs(none, none, floats(), floats(), SHOWN).start) == 0
        assert len(self.arcs((1100, 1200, 0, 0)).start) == 0


class TestContacts:
    def change(
        self, start: int, shown: tuple[int, int], bins: int, contig_length: int = 10**9
    ) -> ContactChange:
        reference = np.zeros((bins, bins), np.float32)
        interval = Interval(chromosome="chr1", start=shown[0], end=shown[1])
        alternate = np.arange(bins * bins, dtype=np.float32).reshape(bins, bins)
        return contact_change(reference, alternate, start, interval, contig_length)

    def test_a_small_window_is_shown_whole(self) -> None:
        change = self.change(0, (2048, 4096), 3)
        assert (change.start, change.end) == (0, 3 * 2048)
        assert change.difference.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]

    def test_128_bins_round_what_is_shown(self) -> None:
        # Bins 300 and 301; 63 to the left of them, 237 to 364.
        change = self.change(2048, (301 * 2048 + 5, 303 * 2048), 512)
        assert (change.start, change.end) == (2048 * 238, 2048 * 366)
        assert change.difference[0, 0] == 237 * 512 + 237

    def test_more_where_more_is_shown(self) -> None:
        change = self.change(0, (0, 200 * 2048), 512)
        assert (change.start, change.end) == (0, 200 * 2048)

    def test_not_beyond_the_contig(self) -> None:
        change = self.change(-10 * 2048, (0, 2048), 512, contig_length=300 * 2048 + 1)
        assert (change.start, change.end) == (0, 128 * 2048)
        change = self.change(0, (299 * 2048, 300 * 2048), 512, contig_length=300 * 2048 + 1)
        assert (change.start, change.end) == (173 * 2048, 301 * 2048)


def track(output: OutputType, strand: str, name: str = "liver") -> Track:
    return next(
        one
        for one in HUMAN
        if one.output_type is output and one.strand == strand and name in (one.biosample_name, one.name)
    )


def predicted(junctions: tuple[JunctionList, JunctionList] | None = None) -> ShownPrediction:
    """Each track of an output is its number in the head, of REF, and one more of ALT."""
    pairs = {}
    for output, its in HUMAN.by_output.items():
        if output is not OutputType.SPLICE_JUNCTIONS:
            shape = (2, 2, len(its)) if output is OutputType.CONTACT_MAPS else (8, len(its))
            numbers = np.broadcast_to(np.arange(len(its), dtype=np.float32), shape)
            pairs[output] = Pair(start=1000, reference=numbers, alternate=numbers + 1)
    return ShownPrediction(pairs=pairs, junctions=junctions)


class TestPanel:
    def test_a_track_has_its_own_column(self) -> None:
        panel = make_panel(track(OutputType.RNA_SEQ, "-"), HUMAN, predicted(), SHOWN, 10**6)
        assert isinstance(panel.drawn, Signal)
        assert (panel.drawn.reference.tolist(), panel.drawn.alternate.tolist()) == ([1.0] * 8, [2.0] * 8)
        assert (panel.drawn.edges.tolist(), panel.drawn.least_top) == (list(range(1000, 1009)), 0)

    def test_bins_are_as_wide_as_they_are(self) -> None:
        panel = make_panel(track(OutputType.CHIP_TF, "."), HUMAN, predicted(), SHOWN, 10**6)
        assert isinstance(panel.drawn, Signal)
        assert panel.drawn.edges.tolist() == [1000 + 128 * bin_ for bin_ in range(9)]

    def test_probabilities_have_a_least_scale(self) -> None:
        panel = make_panel(track(OutputType.SPLICE_SITES, "-", "donor"), HUMAN, predicted(), SHOWN, 10**6)
        assert isinstance(panel.drawn, Signal)
        assert (panel.drawn.reference[0], panel.drawn.least_top) == (2, LEAST_PROBABILITY)

    def test_contacts(self) -> None:
        panel = make_panel(track(OutputType.CONTACT_MAPS, "."), HUMAN, predicted(), SHOWN, 10**6)
        assert isinstance(panel.drawn, ContactChange)
        assert panel.drawn.difference.tolist() == [[1, 1], [1, 1]]

    @pytest.mark.parametrize(("tissue", "expected"), [("liver", (3, 5)), ("brain", (4, 6))])
    def test_junctions_are_of_their_tissue(self, tissue: str, expected: tuple[float, float]) -> None:
        before, after = (
            JunctionList(
                start=np.array([1100]),
                end=np.array([1200]),
                is_forward=np.array([False]),
                counts=np.array([counts], np.float32),
            )
            for counts in ([3, 4], [5, 6])
        )
        chosen = track(OutputType.SPLICE_JUNCTIONS, "+", tissue)
        panel = make_panel(chosen, HUMAN, predicted((before, after)), SHOWN, 10**6)
        assert isinstance(panel.drawn, Arcs)
        assert (panel.drawn.reference[0], panel.drawn.alternate[0]) == expected
