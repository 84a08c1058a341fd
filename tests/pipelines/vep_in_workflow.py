"""`vep` for workflows under test: counts bases in the place of the network, and is killed in each shard.

    python vep_in_workflow.py ARGUMENT...

The first call for a shard is killed by SIGKILL behind its first record, and leaves a file that says so. In a
folder with a file `all`, all of its process group is killed then, the workflow manager too.
"""

import os
import pathlib
import signal
import subprocess
import sys

CHILD = pathlib.Path(__file__).parents[1] / "scoring_child.py"


def step(arguments: list[str]) -> str:
    """Return where the call is to kill itself; see scoring_child.py."""
    if "--shard" not in arguments:
        return ""
    mark = pathlib.Path(f"killed-{arguments[arguments.index('--shard') + 1].replace('/', '-of-')}")
    if mark.exists():
        return ""
    mark.touch()
    return "after:vep_cli.journal.journal:Journal.add"


if __name__ == "__main__":
    words = sys.argv[1:]
    ended = subprocess.run([sys.executable, str(CHILD), "0", step(words), *words], check=False)
    if ended.returncode == -signal.SIGKILL:
        os.killpg(0, signal.SIGKILL) if pathlib.Path("all").exists() else os.kill(os.getpid(), signal.SIGKILL)
    sys.exit(ended.returncode)
