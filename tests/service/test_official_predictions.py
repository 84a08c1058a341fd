"""What the unmodified official client makes of our predictions, on a network that counts bases."""

import dataclasses
import functools

import grpc
import numpy as np
import pytest
from alphagenome.data import genome, track_data
from alphagenome.models import dna_client
from alphagenome.models.dna_client import OutputType
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_inputs import BRAIN, CONTIGS, LIVER, ToyGenome, counting_predictor, toy_tracks
from toy_server import LENGTH, Serving, toy_serving
from toy_server import settings as server_settings

from vep_cli.model.tracks import TrackTable
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.service import preparation, tensors, track_replies
from vep_cli.service.predictions import in_company

EVERYTHING = list(OutputType)
HUMAN = TrackTable(tuple(toy_tracks())).where(lambda track: track.organism == "human")

# chr1 has 12,000 bases: 1,000 before it and 3,384 behind it are N.
INTERVAL = genome.Interval("chr1", -1000, LENGTH - 1000)
BASES = "N" * 1000 + CONTIGS["chr1"] + "N" * 3384


def occurrences(letter: str, bases: str, resolution: int = 1) -> np.ndarray:
    """Return how often a letter occurs in each bin."""
    is_letter = np.array([base == letter for base in bases], np.float32)
    return is_letter.reshape(-1, resolution).sum(axis=1)


def predicted(
    serving: Serving,
    interval: genome.Interval = INTERVAL,
    outputs: list[OutputType] = EVERYTHING,
    terms: list[str] | None = None,
) -> dna_client.Output:
    with serving.client() as client:
        return client.predict_interval(interval, requested_outputs=outputs, ontology_terms=terms)


def test_an_interval_with_all_outputs(counting: Serving) -> None:
    output = predicted(counting)
    # A track counts the letter of its column: the first of ATAC counts A, the second C; CHIP_TF's is C.
    np.testing.assert_array_equal(output.atac.values[:, 0], occurrences("A", BASES))
    np.testing.assert_array_equal(output.atac.values[:, 1], occurrences("C", BASES))
    np.testing.assert_array_equal(output.chip_tf.values[:, 0], occurrences("C", BASES, 128))
    assert (output.atac.resolution, output.chip_tf.resolution, output.contact_maps.resolution) == (
        1,
        128,
        2048,
    )
    assert output.atac.interval == INTERVAL
    assert list(output.atac.metadata["ontology_curie"]) == [LIVER[0], BRAIN[0]]
    assert list(output.rna_seq.strands) == ["+", "-"]
    # The four classes of splice sites count A, C, G and T.
    assert list(output.splice_sites.names) == ["donor", "acceptor", "donor", "acceptor"]
    np.testing.assert_array_equal(output.splice_sites.values[:, 3], occurrences("T", BASES))
    assert output.contact_maps.values.shape == (8, 8, 1)
    assert (len(output.splice_junctions), output.splice_junctions.num_tracks) == (0, 2)
    # The toy model has no such tracks.
    assert output.procap is None


def test_what_comes_is_what_was_described(counting: Serving) -> None:
    output = predicted(counting)
    with counting.client() as client:
        metadata = client.output_metadata()
    for kind in OutputType:
        described, found = metadata.get(kind), output.get(kind)
        assert (described is None) == (found is None)
        if found is not None:
            assert found.metadata.equals(described)


def test_tracks_of_a_term(counting: Serving) -> None:
    output = predicted(
        counting, outputs=[OutputType.ATAC, OutputType.CHIP_TF, OutputType.SPLICE_SITES], terms=[BRAIN[0]]
    )
    assert list(output.atac.metadata["biosample_name"]) == ["brain"]
    np.testing.assert_array_equal(output.atac.values[:, 0], occurrences("C", BASES))
    # There is no such track of brain; splice sites are of no tissue.
    assert output.chip_tf.values.shape == (128, 0)
    assert output.splice_sites.num_tracks == 4
    assert output.cage is None


def test_junctions_of_a_term(counting: Serving) -> None:
    output = predicted(counting, outputs=[OutputType.SPLICE_JUNCTIONS, OutputType.ATAC], terms=[BRAIN[0]])
    assert list(output.splice_junctions.metadata["biosample_name"]) == ["brain"]
    none = predicted(counting, outputs=[OutputType.CAGE, OutputType.CONTACT_MAPS], terms=[LIVER[0]])
    assert none.splice_junctions is None
    assert none.contact_maps.num_tracks == 1


def test_an_output_without_tracks_of_the_term_has_no_columns(counting: Serving) -> None:
    output = predicted(counting, outputs=[OutputType.CONTACT_MAPS, OutputType.ATAC], terms=[BRAIN[0]])
    assert isinstance(output.contact_maps, track_data.TrackData)
    assert output.contact_maps.values.shape == (8, 8, 0)
    assert output.contact_maps.interval == INTERVAL


def test_an_interval_on_the_other_strand(counting: Serving) -> None:
    backward = INTERVAL.copy()
    backward.strand = "-"
    output = predicted(counting, backward)
    # Of the reverse complement the network's A is T of '+'; its '-' tracks, which count C, are '+' ones.
    np.testing.assert_array_equal(output.atac.values[:, 0], occurrences("T", BASES))
    np.testing.assert_array_equal(output.rna_seq.values[:, 0], occurrences("G", BASES))
    np.testing.assert_array_equal(output.rna_seq.values[:, 1], occurrences("T", BASES))
    np.testing.assert_array_equal(output.chip_tf.values[:, 0], occurrences("G", BASES, 128))
    # A cut lies between two bases, and is counted at the one to its right.
    np.testing.assert_array_equal(output.dnase.values[:, 0], [0, *occurrences("G", BASES)[:-1]])
    assert list(output.rna_seq.strands) == ["+", "-"]
    assert output.atac.interval == backward


def test_both_alleles_of_a_deletion(counting: Serving) -> None:
    start = 6000
    reference = CONTIGS["chr1"][start : start + 8]
    variant = genome.Variant("chr1", start + 1, reference, reference[0])
    with counting.client() as client:
        output = client.predict_variant(
            INTERVAL, variant, requested_outputs=[OutputType.ATAC, OutputType.CHIP_TF], ontology_terms=None
        )
    # ALT's bins are of its own bases: behind the deletion they are 7 bases further left.
    kept = 1000 + start + 1
    alternate = BASES[:kept] + BASES[kept + 7 :] + "N" * 7
    for side, bases in ((output.reference, BASES), (output.alternate, alternate)):
        np.testing.assert_array_equal(side.atac.values[:, 0], occurrences("A", bases))
        np.testing.assert_array_equal(side.chip_tf.values[:, 0], occurrences("C", bases, 128))
        assert side.atac.interval == INTERVAL
    assert list(output.alternate.atac.names) == list(output.reference.atac.names)


def test_a_sequence_of_no_place(counting: Serving) -> None:
    bases = ("ACGTN" * LENGTH)[:LENGTH]
    with counting.client() as client:
        output = client.predict_sequence(bases, requested_outputs=EVERYTHING, ontology_terms=[LIVER[0]])
        placed = client.predict_sequence(
            bases, requested_outputs=[OutputType.ATAC], ontology_terms=None, interval=INTERVAL
        )
    np.testing.assert_array_equal(output.atac.values[:, 0], occurrences("A", bases))
    np.testing.assert_array_equal(output.chip_tf.values[:, 0], occurrences("C", bases, 128))
    assert output.atac.interval is None
    assert output.splice_junctions.interval is None
    assert placed.atac.interval == INTERVAL


def test_the_clients_name_of_a_contig_comes_back(counting: Serving) -> None:
    written = genome.Interval("1", 2000, 2000 + LENGTH)
    output = predicted(counting, written, [OutputType.ATAC, OutputType.SPLICE_JUNCTIONS])
    assert output.atac.interval == written
    assert output.splice_junctions.interval == written
    bases = CONTIGS["chr1"][2000:] + "N" * (LENGTH - 10_000)
    np.testing.assert_array_equal(output.atac.values[:, 0], occurrences("A", bases))


@given(chosen=st.sets(st.integers(0, len(HUMAN.tracks) - 1), min_size=1))
@settings(max_examples=50)
def test_some_tracks_more_are_read_than_are_asked_for(chosen: set[int]) -> None:
    asked = TrackTable(tuple(HUMAN.tracks[place] for place in sorted(chosen)))
    read = in_company(asked, HUMAN)
    assert set(asked) <= set(read)
    assert read.by_output.keys() == asked.by_output.keys()
    for output, tracks in read.by_output.items():
        if output in ("SPLICE_SITES", "SPLICE_JUNCTIONS"):
            assert tracks == asked.by_output[output]
        else:
            assert len(tracks) in (1, 2, 4, len(HUMAN.by_output[output]))
            assert len(tracks) < 2 * len(asked.by_output[output])


def test_other_tracks_that_were_read_are_not_sent() -> None:
    # Of 5 tracks 3 are asked for: 4 are predicted, in the order of the table.
    five = TrackTable(tuple(dataclasses.replace(HUMAN.tracks[0], index=index) for index in range(5)))
    asked = TrackTable((five.tracks[1], five.tracks[3], five.tracks[4]))
    assert [track.index for track in in_company(asked, five)] == [0, 1, 3, 4]
    assert in_company(five, five) == five


@pytest.mark.parametrize("compression", list(tensors.Compression))
def test_numbers_in_many_pieces(
    counting: Serving, monkeypatch: pytest.MonkeyPatch, compression: tensors.Compression
) -> None:
    # Of 16,384 bins of two tracks, 131,072 bytes, each piece has 4,000 but the last.
    pieces = functools.partial(tensors.pack, bytes_per_chunk=4000)
    monkeypatch.setattr(track_replies, "pack", lambda values, _: pieces(values, compression))
    output = predicted(counting, outputs=[OutputType.ATAC, OutputType.RNA_SEQ])
    np.testing.assert_array_equal(output.atac.values[:, 1], occurrences("C", BASES))
    np.testing.assert_array_equal(output.rna_seq.values[:, 0], occurrences("A", BASES))


@pytest.mark.parametrize(
    ("interval", "outputs", "terms", "words"),
    [
        (genome.Interval("chr9", 0, LENGTH), EVERYTHING, None, "no contig 'chr9'"),
        (genome.Interval("chr1", 0, 131_072), EVERYTHING, None, "131,072 base pairs are more than"),
        (genome.Interval("chr1", 12_000, 12_000 + LENGTH), EVERYTHING, None, "lies outside chr1"),
        (INTERVAL, [], None, "no output type is asked for"),
        (INTERVAL, [OutputType.PROCAP], None, "choose from ATAC"),
        (INTERVAL, [OutputType.CONTACT_MAPS], [BRAIN[0]], "none of the tracks of CONTACT_MAPS"),
        (INTERVAL, EVERYTHING, ["UBERON:0000001"], "UBERON:0000001"),
    ],
)
def test_what_cannot_be_predicted_is_refused(
    counting: Serving,
    interval: genome.Interval,
    outputs: list[OutputType],
    terms: list[str] | None,
    words: str,
) -> None:
    with pytest.raises(grpc.RpcError) as raised:
        predicted(counting, interval, outputs, terms)
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert words in raised.value.details()


def test_a_variant_has_to_lie_in_the_interval(counting: Serving) -> None:
    far = genome.Variant("chr2", 10, "C", "A")
    with (
        counting.client() as client,
        pytest.raises(grpc.RpcError, match="does not lie in the interval") as raised,
    ):
        client.predict_variant(INTERVAL, far, requested_outputs=[OutputType.ATAC], ontology_terms=None)
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_one_strand_alone_cannot_be_turned_round(
    toy_genome: ToyGenome, toy_weights: WeightsFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparation, "Predictor", counting_predictor)
    backward = INTERVAL.copy()
    backward.strand = "-"
    with toy_serving(server_settings(toy_genome, toy_weights.path, strands=("+",))) as serving:
        forward = predicted(serving, outputs=[OutputType.RNA_SEQ])
        with pytest.raises(grpc.RpcError, match="not every track on both strands") as raised:
            predicted(serving, backward, [OutputType.RNA_SEQ])
    assert list(forward.rna_seq.strands) == ["+"]
    assert raised.value.code() is grpc.StatusCode.INVALID_ARGUMENT
