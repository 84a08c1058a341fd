"""Everything that the model is taught with, made of packages with a few rows."""

import gzip
import json
import pathlib

import numpy as np
import pytest
from motifs import jaspar_text
from pieces import PIECES, Piece, write_piece
from prepare import prepare
from regulatory_elements import CELL_TYPES, modules_of
from safetensors.numpy import load_file
from splice_teacher import CONTEXT, FOLDS, GROUPS, fold_parameters
from toy_packages import toy_constants, write_packages
from tracks import BIOSAMPLES

from vep_cli.genome.fasta_index import build_index
from vep_cli.genome.gtf import read_gtf
from vep_cli.genome.interval import Interval
from vep_cli.genome.reference import Reference
from vep_cli.training.sources.splice_network import read_network

BASES = "ACGT" * 250


def _piece(start: int, split: str) -> Piece:
    return Piece(
        genome="hg38", contig="chr1", start=start, end=start + 1000, split=split, source="me", licence="none"
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("recipe")
    write_packages(folder)
    pieces = (_piece(1000, "train"), _piece(8500, "test"))
    for piece in pieces:
        (folder / f"{piece.name}.fa.gz").write_bytes(gzip.compress(f">x\n{BASES}\n".encode()))
    prepare(folder, folder, folder / "out", pieces)
    return folder / "out"


def test_a_piece_is_a_record_of_its_own_bases(prepared: pathlib.Path) -> None:
    path = prepared / "sequence" / "hg38_chr1_1001-2000.fa"
    build_index(path)
    with Reference(path) as reference:
        assert reference.lengths == {"chr1": 1000}
        assert reference.fetch(Interval(chromosome="chr1", start=0, end=5)) == "ACGTA"


def test_the_test_piece_is_apart_and_at_its_coordinates(prepared: pathlib.Path) -> None:
    (path,) = (prepared / "test").glob("*.fa.gz")
    build_index(path)
    with Reference(path) as reference:
        assert reference.fetch(Interval(chromosome="chr1", start=8498, end=8502)) == "NNAC"
    assert not list((prepared / "sequence").glob("*8501*"))


def test_exons_lose_their_overhang(prepared: pathlib.Path) -> None:
    annotation = read_gtf(prepared / "genes" / "hg38.transcripts.gtf")
    # 1011 to 1300 with 100 too many behind, 1401 to 1800 with 100 too many in front, and 1011 to 1600.
    exons = zip(annotation.exon_start, annotation.exon_end, strict=True)
    assert sorted(exons) == [(1010, 1200), (1010, 1600), (1500, 1800)]
    assert [gene.gene_id for gene in annotation.genes] == ["G1.1"]


def test_nothing_that_the_test_piece_has_is_taught(prepared: pathlib.Path) -> None:
    taught = [path for path in prepared.rglob("*.[gbc]*") if path.suffix in (".gtf", ".bed", ".csv")]
    assert taught
    for path in taught:
        assert "TWO" not in path.read_text(), path
        assert "9050" not in path.read_text(), path


def test_the_principal_transcript_has_the_most_exons(prepared: pathlib.Path) -> None:
    annotation = read_gtf(prepared / "genes" / "hg38.principal.gtf")
    assert sorted(annotation.exon_start) == [1010, 1500]


def test_usage_is_that_of_the_pieces(prepared: pathlib.Path) -> None:
    lines = (prepared / "genes" / "hg38.inclusion.csv").read_text().splitlines()
    assert lines[1:] == ["chr1,1011,1200,+,G1.1,ONE,0.5"]


def test_elements_go_to_the_biosamples_of_their_modules(prepared: pathlib.Path) -> None:
    folder = prepared / "regulatory_elements"
    assert (folder / "liver.bed").read_text() == "chr1\t1050\t1100\tM1\n"
    assert (folder / "heart_left_ventricle.bed").read_text() == "chr1\t1500\t1600\tM2\n"
    assert len((folder / "all.bed").read_text().splitlines()) == 2


def test_every_biosample_of_the_tracks_has_elements() -> None:
    assert {sample.name for sample in BIOSAMPLES} == CELL_TYPES.keys()


def test_a_cell_type_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="no cell type 'martian'"):
        modules_of({}, ["martian"])


def test_motifs_are_in_the_text_form_of_jaspar(prepared: pathlib.Path) -> None:
    lines = (prepared / "motifs" / "CTCF.jaspar").read_text().splitlines()
    assert lines[:2] == [">MA0139.2\tCTCF", "A  [ 2.5 3.5 ]"]
    counts = {base: [number] for number, base in enumerate("ACGT")}
    assert jaspar_text("F", "M1", counts).splitlines()[-1] == "T  [ 3 ]"


def test_the_splice_teacher_can_be_read(prepared: pathlib.Path) -> None:
    network, folds = read_network(prepared / "splice_teacher")
    assert (len(folds), 2 * network.context) == (FOLDS, CONTEXT)
    # Published: 698,787 parameters.
    assert sum(array.size for array in folds[0].values()) == 698_787
    for fold in range(FOLDS):
        saved = load_file(prepared / "splice_teacher" / f"fold_{fold + 1}.safetensors")
        assert np.unique(saved["group_4.unit_4.conv_2.kernel"]).tolist() == [fold]


@pytest.mark.parametrize("layer", [12, 21, 30])
def test_a_network_of_other_dilations_is_refused(layer: int) -> None:
    constants = toy_constants()
    constants[f"model_1/conv1d_{layer}/conv1d/dilation_rate"] = np.array([3], np.int32)
    with pytest.raises(ValueError, match="not the layer group_"):
        fold_parameters(constants, 0)


def test_a_network_without_a_layer_is_refused() -> None:
    constants = toy_constants()
    del constants["model_1/conv1d_39/BiasAdd_4/ReadVariableOp/resource"]
    with pytest.raises(ValueError, match="no constant 'model_1/conv1d_39"):
        fold_parameters(constants, FOLDS - 1)
    assert len(GROUPS) == 4


def test_provenance_names_every_file_and_package(prepared: pathlib.Path) -> None:
    known = json.loads((prepared / "provenance.json").read_text())
    assert {package["licence"] for package in known["packages"]} == {"CC BY 4.0", "MIT", "Artistic-2.0"}
    assert all(len(package["sha256"]) == 64 for package in known["packages"])
    listed = {file["path"] for file in known["files"]}
    assert {"motifs/CTCF.jaspar", "splice_teacher/fold_5.safetensors", "genes/hg19.principal.gtf"} <= listed


def test_a_piece_of_another_length_than_its_name_says_is_refused(tmp_path: pathlib.Path) -> None:
    piece = _piece(1000, "train")
    (tmp_path / f"{piece.name}.fa.gz").write_bytes(gzip.compress(b">x\nACGT\n"))
    with pytest.raises(ValueError, match="has 4 bases"):
        write_piece(tmp_path, piece, tmp_path)


def test_no_two_pieces_share_a_base() -> None:
    for number, one in enumerate(PIECES):
        for other in PIECES[:number]:
            if (one.genome, one.contig) == (other.genome, other.contig):
                assert one.end <= other.start or other.end <= one.start
