"""What `vep score` says of alleles that are not plain, through the real command."""

import math
import pathlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import pytest
from toy_inputs import Run, WholeNetwork, assert_refused, vcf

from vep_cli import pipeline
from vep_cli.model.output_type import OutputType
from vep_cli.model.weights_folder import WeightsFolder

ATAC = ("--modality", "ATAC")


@pytest.fixture
def source(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "in.vcf"
    # chr2 is 6000 times C: C>CC is a duplication that moves to its first base, whose window reaches
    # 2048 of 4096 bases before the contig; C>G at 3000 is plain, and CC>CG there is C>G at 3001.
    path.write_text(vcf("chr2 3000 . C G,CC", "chr2 3000 . CC CG"))
    return path


def flags_of(line: str) -> list[str]:
    fields = dict(field.partition("=")[::2] for field in line.split("\t")[7].split(";"))
    return fields.get("VE_FLAG", "").split(",")


def records(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


@pytest.mark.usefixtures("counting_network")
def test_flags_are_written_and_counted_in_one_line(score_toy: Run, source: pathlib.Path) -> None:
    done = score_toy(source, *ATAC)
    duplication = "NORMALIZED&TANDEM_DUPLICATION&CONTIG_EDGE&MANY_N"
    assert [flags_of(line) for line in records(done.stdout)] == [[".", duplication], ["NORMALIZED"]]
    summary = done.stderr.partition("vep: 2 records, 3 ALT alleles: 3 scored\n")[2]
    assert summary == "vep:   flags: 2 NORMALIZED, 1 TANDEM_DUPLICATION, 1 CONTIG_EDGE, 1 MANY_N\n"


@pytest.mark.usefixtures("counting_network")
def test_as_written_alleles_stay_where_they_are(score_toy: Run, source: pathlib.Path) -> None:
    done = score_toy(source, *ATAC, "--alleles", "as-written")
    first, second = records(done.stdout)
    assert flags_of(first) == [".", "TANDEM_DUPLICATION"]
    assert "VE_FLAG" not in second


@pytest.fixture
def network_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the pipeline run a network that predicts one number everywhere."""

    def network(value: float) -> WholeNetwork:
        def predict(sequences: Iterable[str]) -> Iterator[dict[OutputType, Any]]:
            for bases in sequences:
                yield {OutputType.ATAC: np.full((len(bases), 2), value, np.float32)}

        return WholeNetwork(predict)

    return lambda value: monkeypatch.setattr(pipeline, "Predictor", lambda *_, **__: network(value))


@pytest.mark.parametrize(
    ("value", "status"), [(1.0, "PASS"), (math.nan, "NOT_FINITE"), (math.inf, "NOT_FINITE")]
)
def test_predictions_that_are_not_finite_are_no_scores(
    score_toy: Run, network_of: Callable[[float], None], value: float, status: str
) -> None:
    network_of(value)
    done = score_toy("-", *ATAC, "--strict", stdin=vcf("chr2 3000 . C G,A").encode())
    (record,) = records(done.stdout)
    assert f"VE_STATUS={status},{status}" in record
    assert ("VE_ATAC" in record) == (status == "PASS")
    assert done.status == (status != "PASS")
    assert ("2 NOT_FINITE: the network's prediction is not finite" in done.stderr) == (status != "PASS")


@pytest.mark.usefixtures("counting_network")
@pytest.mark.parametrize("strict", [(), ("--strict",)])
def test_blank_lines_are_left_out_and_told(score_toy: Run, strict: tuple[str, ...]) -> None:
    text = vcf("chr2 3000 . C G") + "\n  \n"
    first = text.count("\n") - 1
    done = score_toy("-", *ATAC, *strict, stdin=text.encode())
    assert done.status == 0
    assert done.stdout.count("\nchr2\t3000\t") == len(records(done.stdout)) == 1
    assert not done.stdout.endswith("\n\n")
    assert done.stderr.count("is blank") == 1
    assert (
        f"vep: warning: standard input:{first}: the line is blank: blank lines are left out\n" in done.stderr
    )
    assert "vep: 1 record, 1 ALT allele: 1 scored (blank lines left out: 2)\n" in done.stderr


def test_same_weights_twice_are_misuse(
    score_toy: Run, toy_weights: WeightsFolder, source: pathlib.Path
) -> None:
    twice = ("--weights", toy_weights.path, "--weights", toy_weights.path)
    assert_refused(score_toy(source, *twice), 2, "given twice")


def test_file_for_weights_is_told(score_toy: Run, source: pathlib.Path) -> None:
    assert_refused(score_toy(source, "--weights", source), 1, "a file, not a weights folder")
