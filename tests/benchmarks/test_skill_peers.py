"""Scores of other programs, read beside those of the model."""

import pathlib

import click
import numpy as np
import pytest
from click.testing import CliRunner
from skill_peers import as_vcf, main, peer_scores
from skill_variants import read_assayed

TABLE = """#CHROM	POS	REF	ALT	consequence	class
chr1	20	A	C	Splice region	FUNC
chr1	10	A	G	Splice region	LOF
chr1	30	A	G	Splice region	INT
chr1	40	A	G	Missense	LOF
"""

# Two genes overlap at position 20: the largest change of either counts.
FIELDS = {
    10: "SpliceAI=G|GENE|0.10|0.00|0.00|0.91|1|2|3|4",
    20: "SpliceAI=C|GENE|0.02|0.00|0.00|0.01|1|2|3|4,C|OTHER|0.00|0.30|.|.|1|2|3|4",
}


@pytest.fixture
def table(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "assay.tsv"
    path.write_text(TABLE)
    return path


def scored(table: pathlib.Path, fields: dict[int, str]) -> pathlib.Path:
    text = CliRunner().invoke(main, [str(table)], catch_exceptions=False).stdout
    about = '##INFO=<ID=SpliceAI,Number=.,Type=String,Description="Format: ALLELE|SYMBOL|...">\n#CHROM'
    lines = text.replace("#CHROM", about).splitlines()
    lines = [
        line if line[0] == "#" else line[:-1] + fields.get(int(line.split("\t")[1]), ".") for line in lines
    ]
    path = table.with_suffix(".vcf")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_the_largest_change_is_the_score_in_the_order_of_the_table(table: pathlib.Path) -> None:
    found = peer_scores(scored(table, FIELDS), read_assayed(table))
    np.testing.assert_allclose(found, [0.30, 0.91])


def test_only_examined_variants_go_to_the_peer_sorted(table: pathlib.Path) -> None:
    lines = as_vcf(read_assayed(table)).splitlines()
    assert [line.split("\t")[:5] for line in lines if line[0] != "#"] == [
        ["chr1", "10", ".", "A", "G"],
        ["chr1", "20", ".", "A", "C"],
    ]


def test_a_variant_without_score_is_named(table: pathlib.Path) -> None:
    path = scored(table, {10: FIELDS[10], 20: "SpliceAI=C|GENE|.|.|.|.|.|.|.|."})
    with pytest.raises(click.UsageError, match=r"no SpliceAI score of chr1:20:.* and 0 more"):
        peer_scores(path, read_assayed(table))
