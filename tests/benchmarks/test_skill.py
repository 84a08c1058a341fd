"""The evaluation of a model from end to end, on the toy genome with toy weights and toy networks."""

import json
import pathlib

import click
import numpy as np
import pytest
import skill
import skill_peers
import skill_sanity
import skill_tracks
from click.testing import CliRunner
from safetensors.numpy import save_file
from skill_genes import Gene, read_genes
from skill_models import Network, Teacher
from skill_report import cell, markdown, site_skill
from skill_sanity import expectation
from skill_variants import REACH
from toy_inputs import CONTIGS, WINDOW, ToyGenome

from vep_cli.genome.fasta_index import build_index
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.genome.variant import Variant
from vep_cli.genome.window import reverse_complement
from vep_cli.model.one_hot import letters_of, one_hot
from vep_cli.model.output_type import OutputType
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.training.sources.motif_files import read_motifs
from vep_cli.training.sources.splice_network import (
    Group,
    SpliceNetwork,
    fold_shapes,
    read_network,
    splice_probabilities,
)

PIECE = Interval(chromosome="chr1", start=0, end=12_000)

TABLE = """gene_id,chr,strand,start,end,jn_start,jn_end
PLUS,chr1,+,4001,7000,"5400","6001"
MINUS,chr1,-,4501,7500,"5900","6501"
"""

GROUPS = ({"units": 1, "taps": 3, "dilation": 2}, {"units": 1, "taps": 3, "dilation": 5})
NETWORK = SpliceNetwork(
    channels=4,
    norm_epsilon=0.001,
    groups=tuple(Group(**group) for group in GROUPS),
    folds=("fold_1.safetensors",),
)
CONTEXT = 14
"""Each unit has two convolutions that reach one dilation to either side: 2 * (2 + 5)."""

MOTIF = "CCACTAGGTGGCA"


@pytest.fixture
def junctions(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "junctions.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def genes(junctions: pathlib.Path) -> tuple[Gene, ...]:
    return read_genes(junctions, PIECE)


@pytest.fixture
def variants(tmp_path: pathlib.Path) -> pathlib.Path:
    lines = ["#CHROM\tPOS\tREF\tALT\tconsequence\tclass"]
    for number, position in enumerate((5399, 5403, 6010, 6050)):
        reference = CONTIGS["chr1"][position - 1]
        alternate = "A" if reference != "A" else "C"
        kind = "LOF" if number < 2 else "FUNC"
        lines.append(f"chr1\t{position}\t{reference}\t{alternate}\tSplice region\t{kind}")
    path = tmp_path / "variants.tsv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def teacher(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "teacher"
    folder.mkdir()
    document = {
        "format": "dilated-splice-network",
        "channels": 4,
        "norm_epsilon": 0.001,
        "context": 28,
        "alphabet": "ACGT",
        "classes": ["neither", "acceptor", "donor"],
        "groups": GROUPS,
        "folds": ["fold_1.safetensors"],
    }
    (folder / "config.json").write_text(json.dumps(document))
    generator = np.random.default_rng(4)
    arrays = {
        name: 0.2 * np.abs(generator.normal(size=shape)).astype(np.float32)
        for name, shape in fold_shapes(NETWORK).items()
    }
    save_file(arrays, folder / "fold_1.safetensors")
    return folder


def test_the_teacher_sees_nothing_outside_the_gene(
    teacher: pathlib.Path, genes: tuple[Gene, ...], toy_genome: ToyGenome
) -> None:
    network, (fold,) = read_network(teacher)
    with Reference(toy_genome.fasta) as reference:
        model = Teacher(teacher, reference)
        for gene in genes:
            body = CONTIGS["chr1"][gene.interval.start : gene.interval.end]
            is_backward = gene.interval.strand == "-"
            bases = "N" * CONTEXT + (reverse_complement(body) if is_backward else body) + "N" * CONTEXT
            # The network reads a whole number of tens of bases.
            padded = bases + "N" * (-len(bases) % network.length_unit)
            expected = np.asarray(splice_probabilities(network, fold, one_hot(letters_of(padded))))
            expected = expected[: len(body), 1:]
            found = model.of_gene(gene)
            np.testing.assert_allclose(found, expected[::-1] if is_backward else expected, atol=1e-6)


def test_a_substitution_reaches_as_far_as_the_teacher_sees(
    teacher: pathlib.Path, genes: tuple[Gene, ...], toy_genome: ToyGenome
) -> None:
    variant = _substitution(5450)
    with Reference(toy_genome.fasta) as reference:
        model = Teacher(teacher, reference)
        for gene in genes:
            before, after = model.of_alleles(gene, variant)
            first = variant.start - REACH - gene.interval.start
            np.testing.assert_array_equal(before, model.of_gene(gene)[first : first + 2 * REACH + 1])
            changed = np.flatnonzero(np.abs(after - before).max(axis=1) > 1e-6) - REACH
            assert (changed.min(), changed.max()) == (-CONTEXT, CONTEXT)


def test_our_network_is_read_on_the_strand_of_the_gene(
    toy_weights: WeightsFolder, genes: tuple[Gene, ...], toy_genome: ToyGenome
) -> None:
    with Reference(toy_genome.fasta) as reference:
        network = Network(toy_weights.path, reference, PIECE, WINDOW)
        for gene, columns in zip(genes, ([1, 0], [3, 2]), strict=True):
            # Base 5000 is predicted in the window of which bases 4096 to 6144 are the middle half.
            window = Interval(chromosome="chr1", start=3072, end=7168)
            (whole,) = network._predictor.predict([reference.fetch(window)])
            expected = np.asarray(whole[OutputType.SPLICE_SITES])[5000 - window.start, columns]
            found = network.of_gene(gene)
            assert found.shape == (gene.interval.width, 2)
            np.testing.assert_allclose(found[5000 - gene.interval.start], expected, atol=1e-6)
            before, after = network.of_alleles(gene, _substitution(5450))
            assert before.shape == after.shape == (2 * REACH + 1, 2)
            assert np.abs(before - after).max() > 0


def test_the_command_reports_every_model_and_baseline(
    toy_weights: WeightsFolder,
    teacher: pathlib.Path,
    junctions: pathlib.Path,
    variants: pathlib.Path,
    toy_genome: ToyGenome,
) -> None:
    paths = {
        "--weights": toy_weights.path,
        "--sequence": toy_genome.fasta,
        "--junctions": junctions,
        "--variants": variants,
        "--teacher": teacher,
    }
    words = [word for name, path in paths.items() for word in (name, str(path))]
    words += ["--piece", "chr1:1-12000", "--gene", "PLUS", "--window", str(WINDOW), "--json"]
    scored = toy_weights.path.parent / "peer.vcf"
    unscored = skill_peers.as_vcf(skill.read_assayed(variants))
    scored.write_text(unscored.replace("\t.\t.\t.\n", "\t.\t.\tSpliceAI=N|GENE|0.2|0|0|0\n"))
    words += ["--peer", "SpliceAI", str(scored)]
    done = CliRunner().invoke(skill.main, words, catch_exceptions=False)
    found = json.loads(done.stdout)
    assert [(row["model"], row["kind"], row["sites"]) for row in found["sites"]] == [
        (model, kind, 2) for model in ("model", "teacher") for kind in ("acceptor", "donor")
    ]
    assert [row["model"] for row in found["variants"]] == [
        *("model", "model", "teacher", "teacher", "SpliceAI", "distance")
    ]
    # The same score for all.
    assert found["variants"][-2]["auroc"] == 0.5
    # Damaging ones are 1 and 3 bases from a site, harmless ones 9 and 49.
    assert found["variants"][-1]["auroc"] == 1.0


def test_a_gene_that_is_not_on_the_piece_is_named(junctions: pathlib.Path) -> None:
    with pytest.raises(click.UsageError, match="no gene X that lies wholly in chr1"):
        skill.examine(junctions, None, PIECE, "X")


def test_tables_have_a_row_for_each_thing_measured() -> None:
    labels = np.array([[True, False], [False, True], [False, False]])
    rows = site_skill("model", labels, labels.astype(float))
    lines = markdown("Sites", rows).splitlines()
    assert lines[0] == "## Sites"
    assert lines[-1] == "| model | donor | 1 | 1.000 | 1.000 |"
    assert cell((0.5, 1.0)) == "0.500 to 1.000"
    assert markdown("Nothing", []) == ""


def test_effects_are_counted_by_their_sign() -> None:
    found = expectation("edit", "measure", [(1.0, 2.0), (1.0, 0.5), (1.0, 3.0), (1.0, 4.0)], np.less)
    assert (found.edits, found.as_expected, found.before, found.after) == (4, 0.75, 1.0, 2.5)


def test_the_best_sites_are_found_on_either_strand(tmp_path: pathlib.Path) -> None:
    motif_file = tmp_path / "m.jaspar"
    rows = {base: [10 * (base == letter) for letter in MOTIF] for base in "ACGT"}
    text = "\n".join(f"{base} [ {' '.join(map(str, row))} ]" for base, row in rows.items())
    motif_file.write_text(f">M1 CTCF\n{text}\n")
    bases = list("T" * 20_000)
    bases[3000 : 3000 + len(MOTIF)] = MOTIF
    bases[15_001 : 15_001 + len(MOTIF)] = reverse_complement(MOTIF)
    fasta = tmp_path / "a.fa"
    fasta.write_text(f">chr1\n{''.join(bases)}\n")
    build_index(fasta)
    (motif,) = read_motifs(motif_file)
    with Reference(fasta) as reference:
        piece = Interval(chromosome="chr1", start=1000, end=20_000)
        stretch = skill_sanity.Stretch(
            predictor=None,  # type: ignore[arg-type]  # nothing is predicted
            tracks={},
            reference=reference,
            piece=piece,
            window=4096,
        )
        assert sorted(skill_sanity.best_sites(stretch, motif, 2)) == [3000, 15_001]
        assert stretch.interval(1500).start == piece.start
        assert stretch.interval(19_999).end == piece.end


def test_targets_and_predictions_are_compared_in_bins_of_128() -> None:
    values = np.ones((256, 3), np.float32)
    assert skill_tracks.binned(OutputType.ATAC, values).tolist() == [[128] * 3] * 2
    assert skill_tracks.binned(OutputType.CHIP_TF, values).shape == (256, 3)
    contacts = np.arange(9.0).reshape(3, 3, 1)
    # Above the diagonal: 0 with 1, 0 with 2, 1 with 2.
    assert skill_tracks.binned(OutputType.CONTACT_MAPS, contacts).ravel().tolist() == [1, 2, 5]


def test_tracks_without_a_target_have_no_row(toy_weights: WeightsFolder) -> None:
    output = OutputType.ATAC
    width = toy_weights.config.head(output).width
    target = np.full((4, width), np.nan)
    track = toy_weights.tracks.by_output[output][0]
    target[:, track.index] = [1, 2, 3, np.nan]
    predicted = np.tile(np.array([2.0, 4.0, 6.0, 0.0])[:, None], width)
    windows = iter(
        [({output: predicted[:2]}, {output: target[:2]}), ({output: predicted[2:]}, {output: target[2:]})]
    )
    rows = skill_tracks.track_skill(toy_weights, *skill_tracks.joined(windows))
    assert {(row.output, row.bins) for row in rows} == {("ATAC", 3)}
    assert rows[0].pearson == pytest.approx(1)
    (short,) = skill_tracks.summary(rows)
    assert short.track == f"median of {len(rows)}"


def _substitution(position: int) -> Variant:
    reference = CONTIGS["chr1"][position - 1]
    alternate = "A" if reference != "A" else "G"
    return Variant(chromosome="chr1", position=position, reference_bases=reference, alternate_bases=alternate)
