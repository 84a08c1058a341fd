"""Which calibration a run's quantiles are from, and what is to be said of it."""

import pathlib
from collections.abc import Sequence

from vep_cli.errors import UsageError, WeightsError
from vep_cli.model.weights_folder import CALIBRATION, WeightsFolder, check_file
from vep_cli.scoring.calibration import Calibration, MadeOf
from vep_cli.scoring.calibration_file import read_calibration
from vep_cli.settings import ScoreSettings

NOT_OF_ENSEMBLES = "quantiles are left out: a calibration is of one model, not of several together"


def choose_calibration(weights: Sequence[WeightsFolder], given: pathlib.Path | None) -> Calibration | None:
    """Return the calibration that was given, else that of the weights folder, or None.

    Args:
        weights: The models; several together have no calibration.
        given: A calibration's file, if the user named one.

    Raises:
        UsageError: One was given for several models.
        WeightsError: It is damaged, or was made with other weights.
    """
    if len(weights) > 1:
        if given is not None:
            raise UsageError(NOT_OF_ENSEMBLES, remedy="give one --weights, or no --calibration")
        return None
    path = given or weights[0].calibration_path
    if path is None:
        return None
    if given is None:
        check_file(weights[0].path, weights[0].manifest, CALIBRATION)
    calibration = read_calibration(path)
    if calibration.made_of.weights_sha256 != weights[0].sha256:
        raise WeightsError(
            f"the calibration was made with other weights, {calibration.made_of.run.get('weights', '')}",
            path=path,
            remedy=f"{weights[0].path} needs its own: vep calibrate",
        )
    return calibration


def calibration_warning(calibration: Calibration | None, settings: ScoreSettings) -> str | None:
    """Return what every user of the quantiles has to be told, or None.

    Quantiles are given all the same: they are then ranks among scores that came about otherwise.
    """
    if calibration is None:
        return None
    made_of = calibration.made_of
    if made_of.organism != settings.genome.organism:
        return f"there are no quantiles: the calibration is of {made_of.organism} tracks"
    differences = [
        f"{name} {theirs}, this run has {ours}"
        for name, theirs, ours in _compared(made_of, settings)
        if theirs != ours
    ]
    if not differences:
        return None
    return f"the quantiles are approximate: the calibration was made with {'; '.join(differences)}"


def _compared(made_of: MadeOf, settings: ScoreSettings) -> list[tuple[str, str, str]]:
    return [
        ("window", f"{made_of.window} bp", f"{settings.window} bp"),
        ("windows", made_of.run.get("window_mode", "centered"), settings.window_mode),
        ("precision", made_of.precision, settings.precision),
    ]
