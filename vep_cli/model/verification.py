"""Check a weights folder as a whole: every file's hash, and every array's name, shape and type."""

import math
import pathlib

from vep_cli.errors import WeightsError
from vep_cli.model.leaves import safetensors_leaves
from vep_cli.model.parameters import check_file as check_parameters
from vep_cli.model.weights_folder import CALIBRATION, FILES, WeightsFolder, check_file, open_weights


def verify_weights(path: pathlib.Path) -> WeightsFolder:
    """Return the opened folder after checking all that can be checked.

    Raises:
        WeightsError: A file is missing, damaged or edited, an array is not one of the network's, or the
            manifest counts other parameters than there are.
    """
    opened = open_weights(path)
    for name in (*FILES, *({CALIBRATION} & opened.manifest.sha256.keys())):
        check_file(path, opened.manifest, name)
    check_parameters(opened.parameters_path, opened.config)
    found = sum(math.prod(leaf.shape) for leaf in safetensors_leaves(opened.parameters_path).values())
    if found != opened.manifest.parameter_count:
        raise WeightsError(
            f"the weights have {found:,} parameters, the manifest says {opened.manifest.parameter_count:,}",
            path=path,
            remedy="get the folder again",
        )
    return opened
