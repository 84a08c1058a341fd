import importlib.util
from typing import Any

import pytest

from vep_cli.errors import UsageError
from vep_cli.genome.vcf_record import parse_record
from vep_cli.plot.saving import check_dots, check_format, check_matplotlib, default_name


@pytest.mark.parametrize(("path", "form"), [("a.png", "png"), ("b/c.d.SVG", "svg"), ("x.pdf", "pdf")])
def test_the_ending_says_the_format(path: str, form: str) -> None:
    assert check_format(path) == form


@pytest.mark.parametrize("path", ["a.jpg", "png", "-", "a.png.gz", ""])
def test_other_endings(path: str) -> None:
    with pytest.raises(UsageError, match=r"\.png, \.svg, \.pdf"):
        check_format(path)


def test_without_matplotlib_there_is_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    check_matplotlib()
    find = importlib.util.find_spec

    def find_others(name: str, *rest: Any) -> Any:  # noqa: ANN401
        return None if name == "matplotlib" else find(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", find_others)
    with pytest.raises(UsageError, match="matplotlib") as caught:
        check_matplotlib()
    assert caught.value.remedy == "pip install 'vep-cli[plot]'"


def test_size() -> None:
    check_dots(180.0, 250.0, 1200)
    with pytest.raises(UsageError, match="180 by 2500 mm"):
        check_dots(180.0, 2500.0, 600)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("chr6 32039081 . C G", "chr6-32039081-C-G.png"),
        (f"chr6 5 . {'ACGT' * 4} A", "chr6-5-16bp-A.png"),
        ("HLA*01:01/../x 7 . C <DEL>", "HLA_01_01_.._x-7-C-_DEL_.png"),
    ],
)
def test_default_name(line: str, name: str) -> None:
    record = parse_record("\t".join([*line.split(" "), ".", ".", "."]), 1)
    assert default_name(record) == name
