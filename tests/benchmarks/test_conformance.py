import json
import os
import pathlib
import shutil
import signal

import conformance
import pytest
from click.testing import CliRunner
from stubbed_run import Outcome

from vep_cli.statistics import Statistics

HEADER = "##fileformat=VCFv4.2\n##contig=<ID=1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
RECORD = "1\t5\trs1\tA\tC,<DEL>\t.\tPASS\tDP=3;DB\n"
WRITTEN = RECORD.replace("DB", "DB;VE_STATUS=PASS,SYMBOLIC")


@pytest.mark.parametrize(
    ("line", "written", "expected"),
    [
        (RECORD, WRITTEN, True),
        ("no record", "no record", True),
        (RECORD, RECORD.replace("DB", "DB;VE=C|x;VE_ATAC=1,.;VE_STATUS=PASS,SYMBOLIC"), True),
        (RECORD.replace("DP=3;DB", "."), RECORD.replace("DP=3;DB", "VE_STATUS=PASS,SYMBOLIC"), True),
        (RECORD.replace("DB", "DB;"), WRITTEN, True),
        (RECORD[:-1] + "\t0/1\n", WRITTEN[:-1] + "\t0/1\n", True),
        (RECORD, WRITTEN.replace("rs1", "rs2"), False),
        (RECORD, WRITTEN.replace("DP=3;", ""), False),
        (RECORD, WRITTEN.replace("DB", "DB;NEW=1"), False),
        (RECORD, WRITTEN.replace(",SYMBOLIC", ""), False),
        (RECORD, WRITTEN.replace("\n", "\r\n"), False),
        (RECORD, WRITTEN.replace("\n", "\t0/1\n"), False),
        (RECORD, RECORD.replace("DB", "DB;X=1"), False),
        ("1\t5\n", "1\t6\n", False),
    ],
)
def test_what_counts_as_kept(line: str, written: str, expected: bool) -> None:
    assert conformance.is_kept(line, written) == expected


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    texts = {
        "passed/good.vcf": HEADER + RECORD,
        "failed/bad.vcf": HEADER + RECORD + "bad\n" + RECORD,
        "failed/none.vcf": "",
        "other/notes.txt": "no VCF",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_folder_is_surveyed(folder: pathlib.Path) -> None:
    found = folder / "found.json"
    done = CliRunner().invoke(conformance.main, [str(folder), "--json", str(found)])
    assert done.exit_code == 0, done.output
    assert done.output.endswith("all: 0 with faults\nfailed: 2 reported\npassed: 1 accepted\n")
    rows = [
        (pathlib.Path(one["file"]).name, one["exit"], one["records"], one["written"], one["statuses"])
        for one in json.loads(found.read_text())
    ]
    assert rows == [
        ("bad.vcf", 0, 3, 3, {"PASS": 2, "SYMBOLIC": 2, "MALFORMED": 1}),
        ("none.vcf", 1, None, 0, {}),
        ("good.vcf", 0, 1, 1, {"PASS": 1, "SYMBOLIC": 1}),
    ]
    assert "4: not a VCF record" not in done.output
    assert "5: not a VCF record" in done.output


def kill(path: pathlib.Path) -> conformance.Finding:
    if "bad" in path.name:
        os.kill(os.getpid(), signal.SIGKILL)
    return conformance.Finding(file=str(path), exit=0)


def test_a_death_is_told_and_others_go_on(folder: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conformance, "survey", kill)
    monkeypatch.setenv("PYTHONPATH", str(pathlib.Path(__file__).parent))
    found = list(conformance.survey_all(conformance.files([folder])))
    assert [one.exit for one in found] == [conformance.DIED, 0, 0]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("DB", "DB;VE_STATUS=PASS,SYMBOLIC", ""),
        ("rs1\tA\tC,<DEL>\t.\tPASS\tDP=3;DB", "rs2\tA\tC,<DEL>\t.\tPASS\tDP=3;DB", "changed: '1"),
        (RECORD, "", "1 records in, 0 out"),
        ("##contig", "##other", "a line of the header is changed"),
    ],
)
def test_fidelity(
    folder: pathlib.Path, before: str, after: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (HEADER + RECORD).replace(before, after)
    done = Outcome(statistics=Statistics(), output=text, error=None)
    monkeypatch.setattr(conformance.stubbed_run, "run", lambda _: done)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    differences = "; ".join(conformance.fidelity(folder / "passed" / "good.vcf"))
    assert differences.startswith(found)
    assert bool(differences) == bool(found)
