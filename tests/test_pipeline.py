"""The whole run through the toy network, against files kept in `tests/data`.

The files are the program's own output, looked through by hand when they were made: they hold still
what is written and how. What the numbers ought to be, the scorers' and the network's tests say.
To make them anew after a change that is meant: VEP_WRITE_GOLDEN=1 pytest tests/test_pipeline.py
"""

import dataclasses
import io
import os
import pathlib
import re

import numpy as np
import pandas as pd
import pytest
from toy_inputs import CONTIGS, WINDOW, CountingNetwork, Run, ToyGenome, vcf

from vep_cli import pipeline
from vep_cli.errors import UsageError
from vep_cli.genome.registry import Genome
from vep_cli.model.output_type import OutputType
from vep_cli.model.tracks import TrackTable
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.settings import ScoreSettings

DATA = pathlib.Path(__file__).parent / "data"
_FRACTION = re.compile(r"-?\d+(?:\.\d+)?e[-+]\d+|-?\d+\.\d+")
TOLERANCE = 1e-4
"""What may differ from processor to processor, relative and absolute."""

# Splice-site usage is rounded to 16 bits, and a bit may differ by more than that.
MODALITIES = ("ATAC", "CAGE", "RNA_SEQ", "CHIP_HISTONE", "SPLICE_SITES", "CONTACT_MAPS")
CHOICE = [word for name in MODALITIES for word in ("--modality", name)]


def golden_input() -> str:
    chromosome = CONTIGS["chr1"]

    def base(position: int, length: int = 1) -> str:
        return chromosome[position - 1 : position - 1 + length]

    def other(position: int) -> str:
        return "ACGT".replace(base(position), "")[0]

    return vcf(
        f"chr1 40 . {base(40)} {other(40)}",
        f"1 5300 snv {base(5300)} {other(5300)} 50 PASS DP=3;DB",
        f"chr1 6010 multi {base(6010)} {other(6010)},<DEL>,{base(6010)}GATTACA",
        f"chr1 6100 deletion {base(6100, 9)} {base(6100)} . q10 DP=7",
        "chr2 100 mismatch A C",
        "chr2 3000 star C *,A",
        "chr3 5 elsewhere A C",
        "chr2 not_a_number . C A",
    )


def assert_like_golden(name: str, text: str) -> None:
    """Compare with a file of `tests/data`: words and whole numbers exactly."""
    path = DATA / name
    if os.environ.get("VEP_WRITE_GOLDEN"):
        path.write_text(text)
    expected = path.read_text()
    assert _FRACTION.sub("#", text) == _FRACTION.sub("#", expected)
    found, wanted = ([float(number) for number in _FRACTION.findall(one)] for one in (text, expected))
    np.testing.assert_allclose(found, wanted, rtol=TOLERANCE, atol=TOLERANCE)


def without_provenance(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("##vep_cli"))


def test_golden_vcf(score_toy: Run) -> None:
    done = score_toy("-", *CHOICE, stdin=golden_input().encode())
    assert done.status == 0
    assert_like_golden("toy.scored.vcf", without_provenance(done.stdout))


def test_golden_tsv(score_toy: Run, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "out.tsv"
    done = score_toy("-", "-o", path, *CHOICE, stdin=golden_input().encode())
    assert done.status == 0
    assert_like_golden("toy.scored.tsv", path.read_text())


def test_vcf_and_tsv_tell_the_same(score_toy: Run) -> None:
    lines = (DATA / "toy.scored.vcf").read_text().splitlines()
    table = pd.read_csv(io.StringIO((DATA / "toy.scored.tsv").read_text()), sep="\t")
    atac = table[(table.output_type == "ATAC") & table.variant_scorer.str.contains("DIFF", na=False)]
    strongest = atac.groupby("variant_id").raw_score.agg(lambda scores: max(scores, key=abs))
    told = [
        float(value)
        for line in lines
        if "VE_ATAC=" in line and not line.startswith("#")
        for value in line.split("VE_ATAC=")[1].split(";")[0].split(",")
        if value != "."
    ]
    np.testing.assert_allclose(sorted(told), sorted(strongest), rtol=TOLERANCE)
    assert len(told) == 6


def test_header_says_how_the_scores_came_about(
    score_toy: Run, toy_genome: ToyGenome, toy_weights: WeightsFolder
) -> None:
    stdout = score_toy("-", "--tissue", "liver", "--modality", "ATAC", stdin=vcf().encode()).stdout
    said = dict(
        line.removeprefix("##vep_cli_").split("=", 1)
        for line in stdout.splitlines()
        if line.startswith("##vep_cli_")
    )
    assert said["weights"] == f"toy 1 sha256:{toy_weights.sha256}"
    assert said["reference"] == str(toy_genome.fasta)
    assert said["annotation"] == str(toy_genome.gtf)
    assert said["window"] == str(WINDOW)
    assert said["tissues"] == "liver: UBERON:0002107 liver"
    assert said["command"].endswith("- --tissue liver --modality ATAC")
    assert "RANDOM NUMBERS" in said["warning"]
    assert "Research use only" in said["notice"]


def settings(genome: ToyGenome, weights: WeightsFolder, **changes: object) -> ScoreSettings:
    described = Genome(name="", fasta=genome.fasta, gtf=genome.gtf, organism="human", source="test")
    fields: dict[str, object] = {
        "source": "-",
        "output": "-",
        "genome": described,
        "weights": (weights.path,),
        "window": WINDOW,
    }
    return ScoreSettings(**{**fields, **changes})  # type: ignore[arg-type]


def test_what_tracks_were_learnt_from_is_in_the_header(
    toy_genome: ToyGenome, toy_weights: WeightsFolder
) -> None:
    prepared = pipeline.prepare(settings(toy_genome, toy_weights, modalities=("ATAC", "CAGE")))
    assert "supervision" not in dict(pipeline.provenance(prepared))
    learnt_from = {OutputType.ATAC: "labels:REMO", OutputType.CAGE: "mechanistic"}
    tracks = TrackTable(
        tuple(
            dataclasses.replace(track, supervision=learnt_from[track.output_type])
            for track in prepared.selection.tracks
        )
    )
    selection = dataclasses.replace(prepared.selection, tracks=tracks)
    said = pipeline.provenance(dataclasses.replace(prepared, selection=selection))
    assert dict(said)["supervision"] == "ATAC labels:REMO, CAGE mechanistic"
    warnings = [text for name, text in said if name == "warning"]
    assert any(text.startswith("tracks of CAGE follow rules that someone wrote down") for text in warnings)


def test_preparation_predicts_what_a_scorer_reads(toy_genome: ToyGenome, toy_weights: WeightsFolder) -> None:
    prepared = pipeline.prepare(settings(toy_genome, toy_weights, tissues=("brain",)))
    # Splice sites are of no tissue, and stay.
    splicing = {OutputType.SPLICE_SITES, OutputType.SPLICE_JUNCTIONS}
    assert set(prepared.selection.tracks.by_output) == {OutputType.ATAC, *splicing}
    assert {scorer.name for scorer in prepared.choice.scorers} == {"ATAC", "ATAC_ACTIVE", *splicing}
    assert prepared.choice.left_out == {}


@pytest.mark.parametrize(
    "changes", [{"window": 5000}, {"output": "x.txt"}, {"tissues": ("nowhere",)}, {"modalities": ("x",)}]
)
def test_preparation_refuses_before_any_file_is_read(
    toy_genome: ToyGenome, toy_weights: WeightsFolder, changes: dict[str, object]
) -> None:
    with pytest.raises(UsageError):
        pipeline.prepare(settings(toy_genome, toy_weights, **changes))


def test_counts_go_up_record_by_record(
    toy_genome: ToyGenome, toy_weights: WeightsFolder, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make(weights: WeightsFolder, tracks: object, **_: object) -> CountingNetwork:
        return CountingNetwork(tracks)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "Predictor", make)
    monkeypatch.setenv("VEP_CACHE_DIR", str(tmp_path))
    source = tmp_path / "in.vcf"
    source.write_text(golden_input())
    asked = settings(toy_genome, toy_weights, source=str(source), output=str(tmp_path / "out.vcf"))
    seen: list[tuple[int, int]] = []
    statistics = pipeline.run(
        pipeline.prepare(asked), after_record=lambda counts: seen.append((counts.records, counts.alleles))
    )
    assert seen == [(1, 1), (2, 2), (3, 5), (4, 6), (5, 7), (6, 9), (7, 10), (8, 11)]
    assert (statistics.scored, statistics.bad_data) == (6, 3)
