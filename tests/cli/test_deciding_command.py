import shlex

import click
import pytest

from vep_cli.cli.deciding_command import deciding_command
from vep_cli.cli.score import score


@pytest.mark.parametrize(
    ("given", "deciding"),
    [
        ("in.vcf -o out.vcf --tissue liver", "in.vcf --tissue liver"),
        ("in.vcf --output=out.vcf --tissue=liver", "in.vcf --tissue=liver"),
        ("-oout.vcf in.vcf", "in.vcf"),
        ("-qo out.vcf in.vcf", "in.vcf"),
        ("in.vcf --resume --shard 1/3 --devices 2 --strict -q", "in.vcf"),
        ("--debug - --tissue -o", "- --tissue -o"),  # a value that looks like an option
        ("'a b.vcf' --min-score 0.5 --track '* b'", "'a b.vcf' --min-score 0.5 --track '* b'"),
        ("in.vcf --regions chr1 --regions chr2", "in.vcf --regions chr1 --regions chr2"),
    ],
)
def test_what_decides_nothing_is_left_out(given: str, deciding: str) -> None:
    parent = click.Context(click.Group("vep", params=[click.Option(["--debug"], is_flag=True)]))
    context = click.Context(score, parent=parent)
    assert deciding_command(f"vep score {given}", context) == f"vep score {deciding}"
    assert shlex.split(deciding)
