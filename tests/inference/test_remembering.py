"""What is not computed again, and that no number depends on it."""

import dataclasses
import gc
import itertools
import weakref
from typing import Any

import jax
import numpy as np
import pytest
from toy_inputs import CountingNetwork, ToyGenome
from toy_windows import human_tracks

from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval
from vep_cli.genome.mutagenesis import mutagenesis_windows
from vep_cli.genome.placement import snapped
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import Window, build_window
from vep_cli.inference.engine import Engine
from vep_cli.inference.predictor import Predictor
from vep_cli.inference.remembering import RememberingNetwork
from vep_cli.model.output_type import OutputType
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.scoring.catalogue import recommended
from vep_cli.scoring.scorer import Scorer, Scores

LONGER = 16_384
"""Two of the decoder's tiles."""


def usable(*outputs: OutputType) -> list[Scorer]:
    found = human_tracks(*outputs).by_output
    return [scorer for scorer in recommended("human") if scorer.output_type in found]


def snapped_window(
    reference: Reference, chromosome: str, position: int, after: str, width: int = 4096
) -> Window:
    before = reference.fetch(Interval(chromosome=chromosome, start=position - 1, end=position))
    variant = Variant(chromosome=chromosome, position=position, reference_bases=before, alternate_bases=after)
    return build_window(variant, snapped(width).interval(variant), reference)


@pytest.fixture
def neighbours(toy_genome: ToyGenome) -> list[Window]:
    """Return windows round chr1:6100, which all begin at 4096: 6100 - 2048 = 4052 and the like."""
    with Reference(toy_genome.fasta) as reference:
        return [
            snapped_window(reference, "chr1", position, after)
            for position in (5300, 6010, 6100, 6300)
            for after in ("AA", "CC")
        ]


def counting_engine(networks: int = 1) -> tuple[Engine, list[CountingNetwork]]:
    tracks = human_tracks(OutputType.ATAC)
    counting = [CountingNetwork(tracks) for _ in range(networks)]
    return Engine(counting, usable(OutputType.ATAC), tracks, None), counting


@pytest.mark.parametrize("size", [1, 2, 3, 8])
def test_reference_of_a_shared_window_is_predicted_once_however_it_is_handed_over(
    neighbours: list[Window], size: int
) -> None:
    assert {window.interval.start for window in neighbours} == {4096}
    engine, (network,) = counting_engine()
    scored = [
        scores
        for first in range(0, len(neighbours), size)
        for scores in engine.score(neighbours[first : first + size])
    ]
    assert len(scored) == len(neighbours)
    assert network.sequences == [
        neighbours[0].reference_bases,
        *(window.alternate_bases for window in neighbours),
    ]


def test_mutagenesis_predicts_reference_once(toy_genome: ToyGenome) -> None:
    engine, (network,) = counting_engine()
    window = Interval(chromosome="chr1", start=4096, end=8192)
    with Reference(toy_genome.fasta) as reference:
        changes = list(
            mutagenesis_windows(Interval(chromosome="chr1", start=6000, end=6004), window, reference)
        )
    for change in changes:
        next(engine.score([change]))
    # Four bases have three changes each.
    assert len(network.sequences) == 1 + 4 * 3


def test_one_haplotype_in_two_records_is_predicted_once(neighbours: list[Window]) -> None:
    engine, (network,) = counting_engine()
    (first,) = engine.score(neighbours[:1])
    (second,) = engine.score(neighbours[:1])
    assert len(network.sequences) == 2
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.raw, other.raw)


def test_another_window_or_forgetting_makes_it_predict_anew(neighbours: list[Window]) -> None:
    engine, (network,) = counting_engine()
    here = neighbours[0]
    elsewhere = dataclasses.replace(here, reference_bases=here.reference_bases[::-1])
    for window in (here, elsewhere, here):
        list(engine.score([window]))
    assert network.sequences[::2] == [
        here.reference_bases,
        elsewhere.reference_bases,
        here.reference_bases,
    ]
    engine.forget()
    list(engine.score([here]))
    assert len(network.sequences) == 4 * 2


def test_models_of_an_ensemble_keep_nothing_between_calls(neighbours: list[Window]) -> None:
    engine, networks = counting_engine(2)
    for first in (0, 4):
        list(engine.score(neighbours[first : first + 4]))
    # One REF and four ALTs per call.
    assert [len(network.sequences) for network in networks] == [10, 10]


class Activations:
    """What a network keeps of an allele; it counts how many there are."""


class Recording:
    """A network that says what was asked of it, and how much of its own was alive when it was."""

    def __init__(self) -> None:
        self.reads: list[list[int]] = []
        self.alive_before: list[int] = []
        self._taken_in: list[weakref.ref[Activations]] = []

    def reference(self, bases: str) -> Activations:
        del bases
        gc.collect()
        self.alive_before.append(sum(one() is not None for one in self._taken_in))
        taken_in = Activations()
        self._taken_in.append(weakref.ref(taken_in))
        return taken_in

    def alternate(self, reference: Activations, bases: str) -> Activations:
        assert isinstance(reference, Activations)
        return self.reference(bases)

    def read(self, allele: Activations, is_read: np.ndarray) -> dict[OutputType, Any]:
        assert isinstance(allele, Activations)
        self.reads.append(np.flatnonzero(is_read).tolist())
        return {OutputType.ATAC: len(self.reads)}

    def junctions(self, *_: object) -> Any:  # noqa: ANN401 - it returns nothing
        raise AssertionError("nothing here predicts junctions")


def tokens(*numbers: int, length: int = LONGER // 128) -> np.ndarray:
    is_read = np.zeros(length, bool)
    is_read[list(numbers)] = True
    return is_read


def test_what_was_decoded_is_not_decoded_again() -> None:
    recording = Recording()
    network = RememberingNetwork(recording)
    reference = network.reference("A" * LONGER)
    # 128 tokens, in two tiles of 64.
    answers = [network.read(reference, is_read) for is_read in (tokens(3), tokens(5, 63), tokens(64))]
    assert recording.reads == [list(range(64)), list(range(64, 128))]
    assert [answer[OutputType.ATAC] for answer in answers] == [1, 1, 2]
    # The last answer is kept, not every one.
    network.read(reference, tokens(3))
    assert recording.reads[2:] == [list(range(64))]
    network.read(reference, tokens())
    assert len(recording.reads) == 3
    network.read(network.reference("C" * LONGER), tokens(3))
    assert recording.reads[3:] == [list(range(64))]


def test_there_is_never_more_than_one_reference_and_one_alternate() -> None:
    recording = Recording()
    network = RememberingNetwork(recording)
    for bases in ("AA", "CC", "AA"):
        for alternate in ("GG", "TT", "GA"):
            network.alternate(network.reference(bases), alternate)
    # Nothing before a REF; REF alone before an ALT.
    assert recording.alive_before == [0, 1, 1, 1] * 3
    network.forget()
    recording.reference("")
    assert recording.alive_before[-1] == 0


def test_alternates_are_of_their_own_reference() -> None:
    recording = Recording()
    network = RememberingNetwork(recording)
    first = network.reference("AA")
    one = network.alternate(first, "GG")
    assert network.alternate(first, "GG") is one
    second = network.reference("CC")
    assert network.alternate(second, "GG") is not one
    assert len(recording.alive_before) == 4


@dataclasses.dataclass(frozen=True)
class Counted:
    """A predictor, and how often it took in a REF or an ALT: each is one run of the transformer."""

    predictor: Predictor
    calls: list[str]

    def reference(self, bases: str) -> Any:  # noqa: ANN401 - the predictor's own
        self.calls.append("reference")
        return self.predictor.reference(bases)

    def alternate(self, reference: Any, bases: str) -> Any:  # noqa: ANN401 - the predictor's own
        self.calls.append("alternate")
        return self.predictor.alternate(reference, bases)

    def read(self, allele: Any, is_read: np.ndarray) -> Any:  # noqa: ANN401 - the predictor's own
        self.calls.append("read")
        return self.predictor.read(allele, is_read)

    @property
    def junctions(self) -> Any:  # noqa: ANN401 - the predictor's own
        return self.predictor.junctions


@pytest.fixture(scope="module")
def calls() -> list[str]:
    return []


@pytest.fixture(scope="module")
def real_engine(toy_weights: WeightsFolder, toy_genome: ToyGenome, calls: list[str]) -> Engine:
    tracks = human_tracks()
    device = jax.local_devices(backend="cpu")[0]
    network = Counted(Predictor(toy_weights, tracks, organism="human", device=device), calls)
    return Engine([network], usable(), tracks, read_gtf(toy_genome.gtf))


@pytest.fixture(scope="module")
def in_one_window(toy_genome: ToyGenome) -> list[Window]:
    """Return snapped windows of two tiles that begin at -2048, the first and the last of one haplotype."""
    with Reference(toy_genome.fasta) as reference:
        windows = [
            snapped_window(reference, "chr1", position, after, LONGER)
            for position, after in ((5300, "A"), (5300, "TGG"), (6100, "C"), (6400, "G"))
        ]
    return [*windows, windows[-1]]


def assert_same(found: tuple[Scores, ...], expected: tuple[Scores, ...]) -> None:
    assert [one.scorer for one in found] == [one.scorer for one in expected]
    for one, other in zip(found, expected, strict=True):
        for name in ("raw", "reference", "alternate"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), one.scorer.name)


@pytest.fixture(scope="module")
def alone(real_engine: Engine, in_one_window: list[Window]) -> list[tuple[Scores, ...]]:
    """Return the scores of each window with nothing kept of another."""
    scores: list[tuple[Scores, ...]] = []
    for window in in_one_window:
        real_engine.forget()
        scores += real_engine.score([window])
    return scores


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (3, 4, 0, 2, 1), (2, 1, 4, 3, 0)])
def test_scores_are_the_same_bits_whatever_is_kept(
    real_engine: Engine,
    in_one_window: list[Window],
    alone: list[tuple[Scores, ...]],
    calls: list[str],
    order: tuple[int, ...],
    size: int,
) -> None:
    assert {window.interval.start for window in in_one_window} == {-2048}
    real_engine.forget()
    calls.clear()
    for first in range(0, len(order), size):
        chosen = order[first : first + size]
        found = list(real_engine.score([in_one_window[number] for number in chosen]))
        for number, scores in zip(chosen, found, strict=True):
            assert_same(scores, alone[number])
    assert calls.count("reference") == 1
    # The two spellings of one haplotype, where they follow one another, are predicted once.
    sequences = [in_one_window[number].alternate_bases for number in order]
    different = 1 + sum(one != other for one, other in itertools.pairwise(sequences))
    assert calls.count("alternate") == different


def test_reference_is_decoded_again_only_where_something_else_is_read(
    real_engine: Engine, in_one_window: list[Window], calls: list[str]
) -> None:
    real_engine.forget()
    list(real_engine.score(in_one_window[:1]))
    calls.clear()
    # Both tiles were read for the genes' exons.
    list(real_engine.score(in_one_window[2:3]))
    assert calls == ["alternate", "read"]
