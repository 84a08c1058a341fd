"""What a server refuses, and in which of gRPC's words."""

import threading
import time
from collections.abc import Callable

import grpc
import pytest
from alphagenome.data import genome
from alphagenome.models import dna_client, interval_scorers, variant_scorers
from alphagenome.protos.v1 import dna_model_pb2, dna_model_service_pb2, dna_model_service_pb2_grpc
from toy_inputs import ToyGenome, counting_predictor
from toy_server import LENGTH, LOCAL, Serving, settings, toy_serving, window_of

from vep_cli.errors import FastaError, WeightsError
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.service import preparation
from vep_cli.service.access import KEY_HEADER
from vep_cli.service.listening import Listening

GOOD = genome.Variant("chr2", 3001, "C", "A")
ATAC = variant_scorers.RECOMMENDED_VARIANT_SCORERS["ATAC"]
POLYADENYLATION = variant_scorers.RECOMMENDED_VARIANT_SCORERS["POLYADENYLATION"]
PROCAP = variant_scorers.RECOMMENDED_VARIANT_SCORERS["PROCAP"]
GENES = interval_scorers.GeneMaskScorer(
    requested_output=dna_client.OutputType.RNA_SEQ,
    width=2001,
    aggregation_type=interval_scorers.IntervalAggregationType.MEAN,
)
Request = dna_model_service_pb2.ScoreVariantRequest


def request(**changes: object) -> Request:
    """Return a request that is answered, but for the changes."""
    fields = {
        "interval": window_of(GOOD).to_proto(),
        "variant": GOOD.to_proto(),
        "variant_scorers": [ATAC.to_proto()],
    }
    return Request(**(fields | changes))


def scored(serving: Serving, asked: Request, *headers: tuple[str, str]) -> list[object]:
    """Send a request as a client does that checks nothing by itself."""
    with grpc.insecure_channel(serving.address) as channel:
        stub = dna_model_service_pb2_grpc.DnaModelServiceStub(channel)
        return list(stub.ScoreVariant(iter([asked]), metadata=headers, timeout=60))


def refusal(call: Callable[[], object]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return raised.value.code(), raised.value.details()


def interval(chromosome: str, start: int, end: int) -> dna_model_pb2.Interval:
    return dna_model_pb2.Interval(chromosome=chromosome, start=start, end=end)


def variant(position: int, reference: str, alternate: str) -> dna_model_pb2.Variant:
    return dna_model_pb2.Variant(
        chromosome="chr2", position=position, reference_bases=reference, alternate_bases=alternate
    )


def mask(output: str = "ATAC", **fields: object) -> dna_model_pb2.VariantScorer:
    number = dna_model_pb2.OutputType.Value(f"OUTPUT_TYPE_{output}")
    scorer = dna_model_pb2.CenterMaskScorer(requested_output=number, **fields)
    return dna_model_pb2.VariantScorer(center_mask=scorer)


def test_the_request_itself_is_answered(counting: Serving) -> None:
    assert len(scored(counting, request())) == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"interval": interval("chr9", 0, LENGTH)}, ("no contig 'chr9'", "it has chr1, chr2")),
        ({"interval": interval("chr2", 10, 5)}, ("ends before it starts",)),
        ({"interval": interval("chr2", 0, 1000)}, ("cannot read a sequence of 1000 bp", "multiple of 2048")),
        ({"interval": interval("chr2", 0, 65_536)}, ("65,536 base pairs", "at most 32,768")),
        ({"interval": interval("chr2", 6000, 6000 + LENGTH)}, ("lies outside chr2", "6,000")),
        ({"interval": interval("chr1", 0, LENGTH)}, ("chr2:3001:C>A does not lie in the interval",)),
        ({"variant": variant(3001, "G", "A")}, ("chr2:3001:G>A does not agree", "has C there", "--any-ref")),
        ({"variant": variant(3001, "C", "X")}, ("ALT is 'X'", "A, C, G, T and N")),
        ({"variant": variant(3001, "", "A")}, ("REF is ''", "base before it")),
        ({"organism": 10090}, ("human genome", "--organism mouse")),
        ({"organism": 7227}, ("organism 7227",)),
        ({"model_version": "FOLD_1"}, ("one model, toy 1, not FOLD_1",)),
        ({"variant_scorers": []}, ("0 scorers", "1 to 20")),
        ({"variant_scorers": [ATAC.to_proto()] * 21}, ("21 scorers", "1 to 20")),
        ({"variant_scorers": [dna_model_pb2.VariantScorer()]}, ("scorer without a kind",)),
        ({"variant_scorers": [mask(width=502, aggregation_type=1)]}, ("no width is named '502'",)),
        ({"variant_scorers": [mask(width=501)]}, ("no aggregation is named 'UNSPECIFIED'",)),
        ({"variant_scorers": [mask("CONTACT_MAPS", width=501, aggregation_type=1)]}, ("CONTACT_MAPS",)),
        ({"variant_scorers": [POLYADENYLATION.to_proto()]}, ("POLYADENYLATION needs a table", "--polya")),
        ({"variant_scorers": [PROCAP.to_proto()]}, ("PROCAP reads PROCAP, of which no track",)),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value[0][:20],
)
def test_what_cannot_be_answered_is_said_with_a_remedy(
    counting: Serving, changes: dict[str, object], words: tuple[str, ...]
) -> None:
    code, details = refusal(lambda: scored(counting, request(**changes)))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    for word in words:
        assert word in details
    assert "Traceback" not in details


def test_messages_have_a_size(counting: Serving) -> None:
    huge = variant(3001, "C", "A" * (5 << 20))
    code, _ = refusal(lambda: scored(counting, request(variant=huge)))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_contigs_go_by_other_names_too(counting: Serving) -> None:
    asked = request(interval=interval("2", 0, LENGTH))
    (answer,) = scored(counting, asked)
    # The variant is told as the client wrote it.
    assert answer.output.variant_data.metadata.variant == GOOD.to_proto()


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"ism_interval": interval("chr2", 100, 110)}, None),
        ({"ism_interval": interval("chr2", 100, 201)}, ("101 bases to change", "at most 100")),
        ({"ism_interval": interval("chr1", 100, 110)}, ("does not lie inside",)),
        (
            {"ism_interval": interval("chr2", 100, 110), "interval_variant": variant(3001, "CC", "C")},
            ("moves the bases behind it", "substitution"),
        ),
    ],
    ids=["good", "long", "elsewhere", "indel"],
)
def test_stretches_that_cannot_be_changed(
    counting: Serving, own: dict[str, object], words: tuple[str, ...] | None
) -> None:
    asked = dna_model_service_pb2.ScoreIsmVariantRequest(
        interval=interval("chr2", 0, LENGTH), variant_scorers=[ATAC.to_proto()], **own
    )
    with grpc.insecure_channel(counting.address) as channel:
        stub = dna_model_service_pb2_grpc.DnaModelServiceStub(channel)
        if words is None:
            assert len(list(stub.ScoreIsmVariant(iter([asked]), timeout=60))) == 30
            return
        code, details = refusal(lambda: list(stub.ScoreIsmVariant(iter([asked]), timeout=60)))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    for word in words:
        assert word in details


def test_an_unknown_ontology_term(counting: Serving) -> None:
    asked = {"requested_outputs": [dna_client.OutputType.ATAC], "ontology_terms": ["CL:0000084"]}
    with counting.client() as client:
        code, details = refusal(lambda: client.predict_interval(window_of(GOOD), **asked))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "CL:0000084" in details
    assert "output_metadata()" in details


@pytest.fixture
def another(
    toy_genome: ToyGenome, toy_weights: WeightsFolder, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., object]:
    """Serve with other choices than the usual ones."""
    monkeypatch.setattr(preparation, "Predictor", counting_predictor)

    def serve(listening: Listening = LOCAL, **choices: object) -> object:
        return toy_serving(settings(toy_genome, toy_weights.path, **choices), listening)

    return serve


def test_only_who_has_a_key_is_answered(another: Callable[..., object]) -> None:
    locked = Listening(host="127.0.0.1", port=0, keys=(b"first", b"second"))
    with another(locked) as serving:
        for key in ("first", "second"):
            assert scored(serving, request(), (KEY_HEADER, key))
        for headers in ([], [(KEY_HEADER, "third")], [(KEY_HEADER, "")], [("authorization", "first")]):
            code, details = refusal(lambda headers=headers: scored(serving, request(), *headers))
            assert code is grpc.StatusCode.UNAUTHENTICATED
            assert KEY_HEADER in details
            assert "first" not in details
        with serving.client((KEY_HEADER, "wrong")) as client:
            assert refusal(client.output_metadata)[0] is grpc.StatusCode.UNAUTHENTICATED


def test_any_ref_is_scored_where_that_was_asked_for(another: Callable[..., object]) -> None:
    with another(Listening(host="127.0.0.1", port=0, is_any_ref=True)) as serving, serving.client() as client:
        change = genome.Variant("chr2", 3001, "G", "A")
        scorer = variant_scorers.CenterMaskScorer(
            requested_output=dna_client.OutputType.ATAC,
            width=501,
            aggregation_type=variant_scorers.AggregationType.DIFF_SUM,
        )
        (scores,) = client.score_variant(window_of(change), change, [scorer])
    # REF's G takes the place of the reference's C: brain, which counts C, sees no change; liver counts one A.
    assert scores.X.tolist() == [[1, 0]]


def test_genes_are_needed_for_scores_of_genes(another: Callable[..., object]) -> None:
    rna = variant_scorers.RECOMMENDED_VARIANT_SCORERS["RNA_SEQ"]
    with another(gtf=None) as serving, serving.client() as client:
        refusals = [
            refusal(lambda: client.score_interval(window_of(GOOD), [GENES])),
            refusal(lambda: client.score_variant(window_of(GOOD), GOOD, [rna])),
        ]
    for code, details in refusals:
        assert code is grpc.StatusCode.INVALID_ARGUMENT
        assert "--gtf" in details


def test_the_other_strand_needs_tracks_of_both(another: Callable[..., object], counting: Serving) -> None:
    rna, backward = variant_scorers.RECOMMENDED_VARIANT_SCORERS["RNA_SEQ"], window_of(GOOD)
    backward.strand = "-"
    asked = request(interval=backward.to_proto(), variant_scorers=[rna.to_proto()])
    assert len(scored(counting, asked)) == 1
    with another(strands=("+",)) as serving:
        code, details = refusal(lambda: scored(serving, asked))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "RNA_SEQ needs tracks of both strands" in details


def test_one_call_too_many_is_told_to_try_again(another: Callable[..., object]) -> None:
    with another(Listening(host="127.0.0.1", port=0, calls=1)) as serving:
        begun, go_on = threading.Event(), threading.Event()

        def work(_: object) -> None:
            begun.set()
            go_on.wait(60)

        serving.model.queue.submit("busy", work)
        begun.wait(60)
        answers: list[object] = []
        first = threading.Thread(target=lambda: answers.extend(scored(serving, request())))
        first.start()
        while not serving.model.queue.waiting:
            time.sleep(0.01)
        code, _ = refusal(lambda: scored(serving, request()))
        go_on.set()
        first.join(60)
    # The official client tries again upon this one.
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert len(answers) == 1


def _quickly(serving: Serving) -> list[object]:
    with grpc.insecure_channel(serving.address) as channel:
        stub = dna_model_service_pb2_grpc.DnaModelServiceStub(channel)
        return list(stub.ScoreVariant(iter([request()]), timeout=0.2))


def test_what_nobody_waits_for_any_more_is_not_computed(another: Callable[..., object]) -> None:
    with another() as serving:
        begun, go_on = threading.Event(), threading.Event()

        def work(_: object) -> None:
            begun.set()
            go_on.wait(60)

        serving.model.queue.submit("busy", work)
        begun.wait(60)
        del serving.network.sequences[:]
        code, _ = refusal(lambda: _quickly(serving))
        assert code is grpc.StatusCode.DEADLINE_EXCEEDED
        # The server learns of it a moment later than the client.
        deadline = time.monotonic() + 60
        while serving.model.queue.waiting and time.monotonic() < deadline:
            time.sleep(0.01)
        go_on.set()
        serving.model.queue.submit("after", lambda _: None).result(60)
        assert serving.network.sequences == []


def test_what_is_being_answered_is_finished_at_the_end(another: Callable[..., object]) -> None:
    answers: list[object] = []
    begun, go_on = threading.Event(), threading.Event()

    def work(_: object) -> None:
        begun.set()
        go_on.wait(60)

    with another() as serving:
        serving.model.queue.submit("busy", work)
        begun.wait(60)
        caller = threading.Thread(target=lambda: answers.extend(scored(serving, request())))
        caller.start()
        while not serving.model.queue.waiting:
            time.sleep(0.01)
        threading.Timer(0.2, go_on.set).start()
    caller.join(60)
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (AttributeError("a fault"), grpc.StatusCode.INTERNAL, "internal error: AttributeError"),
        (MemoryError(), grpc.StatusCode.FAILED_PRECONDITION, "out of memory"),
        (FastaError("chr2 cannot be read", remedy="index it"), grpc.StatusCode.DATA_LOSS, "index it"),
        (WeightsError("damaged"), grpc.StatusCode.INTERNAL, "damaged"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_fails_here_is_told_without_a_traceback(
    another: Callable[..., object],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    code: grpc.StatusCode,
    words: str,
) -> None:
    def fail(tracks: object) -> None:
        del tracks
        raise error

    with another() as serving:
        monkeypatch.setattr(serving.network, "narrowed", fail)
        found, details = refusal(lambda: scored(serving, request()))
        assert found is code
        assert words in details
        assert "Traceback" not in details
        # The server goes on.
        monkeypatch.undo()
        assert len(scored(serving, request())) == 1
