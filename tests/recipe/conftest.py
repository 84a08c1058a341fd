"""Makes the modules of the recipe importable, as they are when one of them is run."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "weights" / "recipe"))
