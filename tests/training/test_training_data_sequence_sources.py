"""Targets that are read from bases: motifs, contacts, splice networks, and models that teach."""

import dataclasses
import functools
import json
import pathlib

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError
from safetensors.numpy import save_file
from toy_pieces import MODEL, ToyStage, exon_source, toy_dataset, toy_tracks

from vep_cli.errors import UsageError, WeightsError
from vep_cli.model import parameters
from vep_cli.model.network import predict
from vep_cli.model.output_type import OutputType
from vep_cli.model.parameters import initialise
from vep_cli.model.tracks import TrackTable, write_tracks
from vep_cli.model.weights_folder import CARD, CONFIG, PARAMETERS, TRACKS, write_manifest
from vep_cli.training.augmentation import one_hot, reverse_complement
from vep_cli.training.pieces import encoded
from vep_cli.training.sources import network
from vep_cli.training.sources.contacts import ContactSettings, ContactSource, contact_map
from vep_cli.training.sources.motif import MotifSettings, MotifSource
from vep_cli.training.sources.motif_files import motif_named, read_motifs
from vep_cli.training.sources.network import NetworkSettings, NetworkTeacher
from vep_cli.training.sources.occupancy import occupancy, scan, shifted, smoothed
from vep_cli.training.sources.splice_model import SpliceModelSettings, SpliceModelSource
from vep_cli.training.sources.splice_network import CLASSES, Group, SpliceNetwork, fold_shapes

JASPAR = """\
>MA1 GAT
A [ 0 10 0 ]
C [ 0 0 0 ]
G [ 10 0 0 ]
T [ 0 0 10 ]
>MA2 half
A 5 0
C 5 0
G 0 20
T 0 0
"""

MEME = """\
MEME version 4

MOTIF MA1 GAT
letter-probability matrix: alength= 4 w= 3 nsites= 10 E= 0
 0.0 0.0 1.0 0.0
 1.0 0.0 0.0 0.0
 0.0 0.0 0.0 1.0
URL x
"""


def write(folder: pathlib.Path, text: str) -> pathlib.Path:
    path = folder / "motifs.txt"
    path.write_text(text)
    return path


def test_both_forms_give_the_same_motif(tmp_path: pathlib.Path) -> None:
    first, second = read_motifs(write(tmp_path, JASPAR))
    (same,) = read_motifs(write(tmp_path, MEME))
    assert np.array_equal(first.frequencies, same.frequencies)
    assert (first.identifier, first.name) == (same.identifier, same.name) == ("MA1", "GAT")
    assert second.frequencies.tolist() == [[0.5, 0.5, 0, 0], [0, 0, 1, 0]]
    assert motif_named([first, second], "ma2", tmp_path) is second


@pytest.mark.parametrize(
    "text", ["", ">MA1 GAT\nA 1 2\nC 1\nG 1 1\nT 1 1\n", ">MA1\nA 1\nC 1\n", "MOTIF x\n"]
)
def test_other_files_are_refused(tmp_path: pathlib.Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"motifs\.txt: the motifs cannot be read"):
        read_motifs(write(tmp_path, text))


def test_a_scan_scores_the_site_centred_on_each_base() -> None:
    log_odds = np.array([[1, 2, 3, 4], [10, 20, 30, 40], [100, 200, 300, 400]], float)
    # ACG: 1 + 20 + 300; CGN: 2 + 30 + 0.
    found = scan(encoded("ACGN"), log_odds)
    assert found.tolist() == [-np.inf, 321, 32, -np.inf]
    assert np.isneginf(scan(encoded("AC"), log_odds)).all()


def test_occupancy_is_a_half_at_the_threshold_on_the_strand_of_the_site(tmp_path: pathlib.Path) -> None:
    motif = read_motifs(write(tmp_path, JASPAR))[0]
    found = occupancy(encoded("CCGATCC"), motif, 1.0, 0.5)
    assert found[3] == pytest.approx([0.5, 0], abs=1e-3)
    other = occupancy(encoded("CCATCCC"), motif, 1.0, 0.5)
    assert other[3] == pytest.approx([0, 0.5], abs=1e-3)
    assert other[:, 0].max() < 1e-3


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60))
@settings(deadline=None)
def test_the_other_strand_has_the_sites_in_reverse(
    tmp_path_factory: pytest.TempPathFactory, codes: list[int]
) -> None:
    motif = read_motifs(write(tmp_path_factory.getbasetemp(), JASPAR))[0]
    bases = np.array(codes, np.uint8)
    forward = occupancy(bases, motif, 0.5, 1.0)
    backward = occupancy(np.ascontiguousarray(reverse_complement(bases)), motif, 0.5, 1.0)
    assert np.allclose(forward, backward[::-1, ::-1], atol=1e-6)


def test_smoothing_sums_gaussians_and_shifting_fills_with_nothing() -> None:
    values = np.zeros(41, np.float32)
    values[[20, 22]] = [1, 0.5]
    expected = np.exp(-0.5 * ((np.arange(41) - 20) / 3) ** 2) + 0.5 * np.exp(
        -0.5 * ((np.arange(41) - 22) / 3) ** 2
    )
    reach = slice(12, 31)  # within four standard deviations of both
    assert smoothed(values, 3)[reach] == pytest.approx(expected[reach], rel=1e-5)
    assert smoothed(values, 0) is values
    row = np.arange(1, 5, dtype=np.float32)
    assert shifted(row, 1).tolist() == [0, 1, 2, 3]
    assert shifted(row, -3).tolist() == [4, 0, 0, 0]
    assert shifted(row, 0).tolist() == row.tolist()


def test_a_promoter_motif_starts_transcription_downstream_on_its_own_strand(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path, JASPAR)
    source = MotifSource(
        MotifSettings(
            motifs=path, motif="GAT", output=OutputType.CAGE, footprint=2, offset=5, threshold=0.5, value=8.0
        ),
        toy_tracks(),
    )
    bases = encoded("C" * 20 + "GAT" + "C" * 20)
    profiles = source.profiles(bases)
    assert profiles.argmax(axis=0)[0] == 21 + 5
    assert 7 < profiles.max() <= 8
    mirrored = source.profiles(np.ascontiguousarray(reverse_complement(bases)))
    assert np.allclose(mirrored[::-1, ::-1], profiles, atol=1e-4)
    columns, values = source.targets(profiles, "human")
    assert columns.tolist() == [0, 1, 2]
    assert np.allclose(values[:, 2], profiles.sum(axis=1))


SETTINGS = ContactSettings(motifs=pathlib.Path("x"), loop=1.0, domain=0.5, insulation=0.25)


def test_convergent_sites_make_a_loop_and_a_domain() -> None:
    anchors = np.zeros((6, 2), np.float32)
    anchors[1, 0] = anchors[4, 1] = 1  # > in bin 1, < in bin 4
    found = contact_map(anchors, SETTINGS)
    assert np.array_equal(found, found.T)
    assert found[1, 4] == 1.5  # loop and domain
    assert found[2, 3] == found[1, 2] == found[3, 4] == 0.5  # domain
    assert found[0, 1] == found[4, 5] == 0
    assert found[0, 2] == found[3, 5] == -0.25  # across one site
    assert found[0, 5] == -0.25  # across two, which insulate no more than one
    assert not np.diagonal(found).any()


def test_divergent_and_distant_sites_make_no_loop() -> None:
    anchors = np.zeros((6, 2), np.float32)
    anchors[1, 1] = anchors[4, 0] = 1  # < in bin 1, > in bin 4
    assert contact_map(anchors, SETTINGS).max() == 0
    near = ContactSettings(motifs=pathlib.Path("x"), longest_loop=2 * 2048)
    anchors = np.zeros((6, 2), np.float32)
    anchors[1, 0] = anchors[4, 1] = 1
    assert contact_map(anchors, near).max() == 0


@given(st.integers(0, 10**6))
def test_the_other_strand_has_the_flipped_map(seed: int) -> None:
    generator = np.random.default_rng(seed)
    anchors = (generator.random((8, 2)) * (generator.random((8, 2)) < 0.4)).astype(np.float32)
    turned = contact_map(np.ascontiguousarray(anchors[::-1, ::-1]), SETTINGS)
    assert np.allclose(turned, contact_map(anchors, SETTINGS)[::-1, ::-1], atol=1e-6)


def test_contact_targets_are_unknown_where_most_bases_are(tmp_path: pathlib.Path) -> None:
    source = ContactSource(ContactSettings(motifs=write(tmp_path, MEME)), toy_tracks())
    profiles = np.zeros((4 * 2048, 2), np.float32)
    profiles[2048 : 2048 + 1100] = np.nan
    profiles[6000, 0] = np.nan
    columns, values = source.targets(profiles, "human")
    assert values.shape == (4, 4, len(columns)) == (4, 4, 3)
    assert np.isnan(values[1]).all()
    assert np.isnan(values[:, 1]).all()
    assert np.isfinite(values[[0, 2, 3]][:, [0, 2, 3]]).all()


NETWORK = SpliceNetwork(
    channels=3,
    norm_epsilon=0.001,
    groups=(Group(units=1, taps=3, dilation=1), Group(units=2, taps=5, dilation=2)),
    folds=("a.safetensors", "b.safetensors"),
)


def write_networks(folder: pathlib.Path) -> list[dict[str, np.ndarray]]:
    folder.mkdir()
    generator = np.random.default_rng(2)
    folds = []
    for name in NETWORK.folds:
        shapes = sorted(fold_shapes(NETWORK).items())
        fold = {key: generator.normal(size=shape).astype(np.float32) for key, shape in shapes}
        fold = {key: np.abs(value) if "variance" in key else value for key, value in fold.items()}
        save_file(fold, folder / name)
        folds.append(fold)
    document = {
        "format": "dilated-splice-network",
        "channels": 3,
        "norm_epsilon": 0.001,
        "classes": list(CLASSES),
        "groups": [
            {"units": one.units, "taps": one.taps, "dilation": one.dilation} for one in NETWORK.groups
        ],
        "folds": list(NETWORK.folds),
    }
    folder.joinpath("config.json").write_text(json.dumps(document))
    return folds


def by_hand(fold: dict[str, np.ndarray], sequence: np.ndarray) -> np.ndarray:
    """Return a network's probabilities by loops over bases and taps, without a padded edge in them."""

    def convolved(rows: np.ndarray, name: str, dilation: int) -> np.ndarray:
        kernel, bias = fold[f"{name}.kernel"], fold[f"{name}.bias"]
        out = np.tile(bias, (len(rows), 1)).astype(float)
        for tap in range(len(kernel)):
            offset = (tap - len(kernel) // 2) * dilation
            for place in range(len(rows)):
                if 0 <= place + offset < len(rows):
                    out[place] += rows[place + offset] @ kernel[tap]
        return out

    hidden = convolved(sequence, "stem", 1)
    skip = convolved(hidden, "skip_0", 1)
    for number, group in enumerate(NETWORK.groups, 1):
        for unit in range(1, group.units + 1):
            name = f"group_{number}.unit_{unit}"
            rows = hidden
            for half in (1, 2):
                scale, offset, mean, variance = (
                    fold[f"{name}.norm_{half}.{key}"] for key in ("scale", "offset", "mean", "variance")
                )
                rows = np.maximum((rows - mean) / np.sqrt(variance + 0.001) * scale + offset, 0)
                rows = convolved(rows, f"{name}.conv_{half}", group.dilation)
            hidden = hidden + rows
        skip = skip + convolved(hidden, f"skip_{number}", 1)
    logits = convolved(skip, "output", 1)[NETWORK.context : len(sequence) - NETWORK.context]
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def test_the_splice_networks_are_averaged_on_both_strands_in_chunks(tmp_path: pathlib.Path) -> None:
    folds = write_networks(tmp_path / "n")
    # Two convolutions per unit, half of the reach on either side: (3 - 1) * 1 + 2 * (5 - 1) * 2.
    assert NETWORK.context == 18
    source = SpliceModelSource(SpliceModelSettings(weights=tmp_path / "n", chunk=10))
    bases = np.random.default_rng(0).integers(0, 5, 27, np.uint8)
    found = source.profiles(bases)
    unknown = np.full(18, 4, np.uint8)

    def mean(codes: np.ndarray) -> np.ndarray:
        padded = one_hot(np.concatenate([unknown, codes, unknown]))
        return np.mean([by_hand(fold, padded) for fold in folds], axis=0)

    acceptor, donor = CLASSES.index("acceptor"), CLASSES.index("donor")
    expected = np.concatenate(
        [mean(bases)[:, [donor, acceptor]], mean(reverse_complement(bases))[::-1, [donor, acceptor]]], axis=1
    )
    expected /= np.maximum(expected.sum(axis=1, keepdims=True), 1)
    assert np.allclose(found[:, :4], expected, atol=1e-5)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-6)
    assert (found >= -1e-6).all()
    turned = source.profiles(np.ascontiguousarray(reverse_complement(bases)))
    assert np.allclose(turned[::-1, [2, 3, 0, 1, 4]], found, atol=1e-5)


def test_damaged_networks_are_refused(tmp_path: pathlib.Path) -> None:
    write_networks(tmp_path / "n")
    with pytest.raises(WeightsError, match="cannot be read"):
        SpliceModelSource(SpliceModelSettings(weights=tmp_path / "nowhere"))
    config = tmp_path / "n" / "config.json"
    text = config.read_text()
    for other in (text.replace("dilated", "other"), text.replace("channels", "width"), "{"):
        config.write_text(other)
        with pytest.raises(WeightsError, match=r"config\.json: the splice networks cannot be read"):
            SpliceModelSource(SpliceModelSettings(weights=tmp_path / "n"))
    config.write_text(text)
    save_file({"stem.kernel": np.zeros((1, 4, 2), np.float32)}, tmp_path / "n" / "b.safetensors")
    with pytest.raises(
        WeightsError, match=r"has the shape \(1, 4, 2\), expected \(1, 4, 3\)|has the shape None"
    ):
        SpliceModelSource(SpliceModelSettings(weights=tmp_path / "n"))


def write_weights(folder: pathlib.Path, seed: int) -> pathlib.Path:
    folder.mkdir()
    folder.joinpath(CONFIG).write_text(MODEL.to_json())
    folder.joinpath(CARD).write_text("A toy.\n")
    write_tracks(folder / TRACKS, toy_tracks())
    parameters.save(folder / PARAMETERS, initialise(MODEL, jax.random.key(seed)))
    write_manifest(folder, name="toy", version="1", licence="none", trained=False, parameter_count=1)
    return folder


def test_a_student_is_taught_the_mean_of_its_teachers_on_the_windows_themselves(
    tmp_path: pathlib.Path,
) -> None:
    folders = [str(write_weights(tmp_path / name, seed)) for seed, name in enumerate("ab")]
    source = {"kind": "network", "weights": folders, "outputs": ["CHIP_TF"]}
    dataset = toy_dataset(tmp_path, source, exon_source())
    batch = dataset.batch(ToyStage(window=2048), 0)
    assert dataset.outputs == {OutputType.CHIP_TF, OutputType.RNA_SEQ}
    run = jax.jit(functools.partial(predict, config=MODEL, outputs=frozenset({OutputType.CHIP_TF})))
    means = {OutputType.CHIP_TF: toy_tracks().nonzero_means(OutputType.CHIP_TF, 4)}
    predictions = [
        run(
            parameters.with_track_means(initialise(MODEL, jax.random.key(seed)), means),
            jax.numpy.asarray(batch.sequence),
            jax.numpy.zeros(2, int),
        )[OutputType.CHIP_TF]
        for seed in range(2)
    ]
    taught = np.asarray(batch.targets[OutputType.CHIP_TF])
    assert np.allclose(taught[..., :3], (predictions[0] + predictions[1])[..., :3] / 2, rtol=1e-5)
    assert np.isnan(taught[..., 3]).all()  # padding


def test_teachers_teach_the_tracks_that_all_have_by_name_and_strand(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Teachers that predict the number of a column teach which columns of theirs were read."""

    def numbers(
        params: object, sequence: jax.Array, organism_index: jax.Array
    ) -> dict[OutputType, jax.Array]:
        columns = jax.numpy.arange(4.0)
        return {OutputType.ATAC: jax.numpy.broadcast_to(columns, (*sequence.shape[:2], 4))}

    monkeypatch.setattr(network, "_program", lambda config, outputs: numbers)
    folder = write_weights(tmp_path / "a", 0)
    # The student has them in another order, and one that the teacher has not.
    own = [track for track in toy_tracks() if track.output_type is OutputType.ATAC]
    reordered = [dataclasses.replace(track, index=3 - track.index) for track in own]
    table = TrackTable((*reordered, dataclasses.replace(own[0], index=0, name="other")))
    teacher = NetworkTeacher(NetworkSettings(weights=(folder,), outputs=(OutputType.ATAC,)), table, MODEL)
    columns, values = teacher.targets(np.zeros((1, 5, 4), np.float32), "human")[OutputType.ATAC]
    assert sorted(zip(columns.tolist(), values[0, 0].tolist(), strict=True)) == [(1, 2), (2, 1), (3, 0)]
    mouse, none = teacher.targets(np.zeros((1, 5, 4), np.float32), "mouse")[OutputType.ATAC]
    assert (len(mouse), none.shape) == (0, (1, 5, 0))


def test_heads_that_a_teacher_lacks_or_cannot_teach_are_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ValueError, match="junctions cannot be taught"):
        NetworkSettings(weights=(tmp_path,), outputs=(OutputType.SPLICE_JUNCTIONS,))
    with pytest.raises(TypeCheckError):
        NetworkSettings(weights=tmp_path)  # type: ignore[arg-type]
