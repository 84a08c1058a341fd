"""Several weights folders used together."""

import pathlib
from collections.abc import Sequence

from vep_cli.errors import UsageError, WeightsError
from vep_cli.model.weights_folder import WeightsFolder, open_weights


def open_ensemble(paths: Sequence[pathlib.Path]) -> tuple[WeightsFolder, ...]:
    """Open weights folders that are to answer as one.

    Args:
        paths: At least one folder.

    Raises:
        UsageError: The same weights are given twice.
        WeightsError: A folder cannot be opened, or predicts other tracks than the first.
    """
    folders = tuple(open_weights(path) for path in paths)
    for number, folder in enumerate(folders):
        first = folders[0]
        if any(folder.sha256 == other.sha256 for other in folders[:number]):
            raise UsageError(
                "the same weights are given twice", path=folder.path, remedy="give each --weights once"
            )
        if not _answers_alike(folder, first):
            raise WeightsError(
                f"an ensemble needs models of the same tracks; {first.path} has others",
                path=folder.path,
                remedy="give --weights folders that were made with the same metadata",
            )
    return folders


def _answers_alike(one: WeightsFolder, other: WeightsFolder) -> bool:
    # Track means scale the predictions of each model by itself and may differ.
    def names(folder: WeightsFolder) -> list[tuple[str, ...]]:
        return [(t.organism, t.output_type, str(t.index), t.name, t.strand) for t in folder.tracks]

    return one.config.max_length == other.config.max_length and names(one) == names(other)
