import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", str(ROOT / "examples" / "demo.scored.vcf")],
        ["completion", "fish"],
        ["genome", "list"],
        ["tracks"],
    ],
    ids=lambda words: words[0],
)
def test_commands_that_need_no_network_import_no_jax(arguments: list[str]) -> None:
    program = (
        "import sys; from vep_cli.cli import main; status = main(sys.argv[1:]); "
        "print('jax' in sys.modules, file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "False"
    assert done.stdout
