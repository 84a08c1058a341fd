"""The load benchmark on few records: what it makes is what it says, and what it measures is a run."""

import json
import pathlib

import load
import pytest
from click.testing import CliRunner

from vep_cli.genome.reference import Reference
from vep_cli.genome.vcf_reader import VcfReader

RECORDS = 200


def test_synthetic_input(tmp_path: pathlib.Path) -> None:
    fasta, variants = load.write_synthetic(tmp_path, RECORDS)
    with Reference(fasta) as reference, VcfReader(str(variants)) as reader:
        assert reference.lengths == {"chr1": load.CONTIG_LENGTH}
        records = list(reader)
    assert len(records) == RECORDS
    assert all(record.problem is None for record in records)
    positions = [record.position for record in records]
    assert positions == sorted(positions)


def test_first_records(tmp_path: pathlib.Path) -> None:
    _, variants = load.write_synthetic(tmp_path, RECORDS)
    some = tmp_path / "some.vcf"
    assert load.first_records(variants, 7, some) == RECORDS
    with VcfReader(str(some)) as reader, VcfReader(str(variants)) as whole:
        assert reader.header == whole.header
        assert len(list(reader)) == 7


@pytest.mark.parametrize("options", [(), ("--masks",), ("--suffix", ".tsv")])
def test_synthetic_run(tmp_path: pathlib.Path, options: tuple[str, ...]) -> None:
    path = tmp_path / "load.json"
    command = ["synthetic", "--records", str(RECORDS), "--modality", "ATAC", "--json", str(path), *options]
    ran = CliRunner().invoke(load.main, command, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    told = json.loads(path.read_text())
    assert told["records"] == RECORDS
    assert sum(told["statuses"].values()) >= RECORDS
    assert told["statuses"]["PASS"] > RECORDS // 2
    # At the first record, at each tenth, in the end.
    assert len(told["megabytes"]) == 1 + load.SAMPLES + 1
    assert min(told["megabytes"]) > 10
    assert told["records_per_second"] == pytest.approx((RECORDS - 1) / told["seconds"])
    assert f"{RECORDS} records" in ran.output
