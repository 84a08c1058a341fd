"""The same bytes, whatever the machine has to do at once; for shards see test_merge.py."""

import dataclasses
import pathlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy_inputs import WINDOW, ToyGenome, vcf

from vep_cli import pipeline
from vep_cli.genome.registry import Genome
from vep_cli.inference import parallel
from vep_cli.model.weights_folder import WeightsFolder
from vep_cli.settings import ScoreSettings

RECORDS = (
    *(f"chr2 {position} . C A,<DEL>,CGG" for position in (3000, 3000, 3001, 3200)),
    "chr2 x . C A",
    "chr9 5 . C A",
    *(f"chr2 {position} . C G,T" for position in (3100, 3101, 3102)),
)


@pytest.fixture
def asked(tmp_path: pathlib.Path, toy_genome: ToyGenome, toy_weights: WeightsFolder) -> ScoreSettings:
    source = tmp_path / "in.vcf"
    source.write_text(vcf(*RECORDS))
    return ScoreSettings(
        source=str(source),
        output=str(tmp_path / "out.tsv"),
        genome=Genome(name="", fasta=toy_genome.fasta, gtf=toy_genome.gtf, organism="human", source="test"),
        weights=(toy_weights.path,),
        modalities=("ATAC",),
        window=WINDOW,
    )


@pytest.mark.usefixtures("counting_network")
@given(
    devices=st.integers(1, 4),
    ahead=st.integers(1, 6),
    group=st.integers(1, 16),
    mode=st.sampled_from(["centered", "snapped"]),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_number_of_devices_and_depths_of_queues(
    asked: ScoreSettings,
    tmp_path: pathlib.Path,
    devices: int,
    ahead: int,
    group: int,
    mode: str,
) -> None:
    first, second = (
        {"output": str(tmp_path / name), "window_mode": mode} for name in ("one.tsv", "many.tsv")
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VEP_CACHE_DIR", str(tmp_path / "cache"))
        alone = pipeline.prepare(dataclasses.replace(asked, **first))
        pipeline.run(alone, after_record=lambda counts: None)
        patch.setattr(pipeline, "RECORDS_AHEAD", ahead)
        patch.setattr(parallel, "MAX_GROUP", group)
        many = pipeline.prepare(dataclasses.replace(asked, **second))
        many = dataclasses.replace(many, devices=many.devices * devices)
        counts = pipeline.run(many, after_record=lambda counts: None)
    assert counts.records == len(RECORDS)
    assert pathlib.Path(second["output"]).read_bytes() == pathlib.Path(first["output"]).read_bytes()
