"""Make a weights folder of a checkpoint and track metadata that the user has.

Everything is checked before anything is written; arrays pass through one at a time; the folder
appears under its name only when it is whole.
"""

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
from collections.abc import Iterator, Mapping

import numpy as np
from jaxtyping import Shaped

from vep_cli.errors import OutputError, UsageError
from vep_cli.model.config import ModelConfig
from vep_cli.model.official_metadata import read_metadata
from vep_cli.model.official_terms import LICENCE, TERMS_ADDRESS
from vep_cli.model.orbax_checkpoint import OrbaxCheckpoint
from vep_cli.model.parameters import leaf_name
from vep_cli.model.port_file import SUFFIX, PortFile
from vep_cli.model.safetensors_writer import write_safetensors
from vep_cli.model.shapes import Path, flatten, parameter_shapes
from vep_cli.model.stored_leaf import Checkpoint, StoredLeaf, check_layout
from vep_cli.model.tracks import TrackTable, write_tracks
from vep_cli.model.verification import verify_weights
from vep_cli.model.weights_folder import (
    CARD,
    CONFIG,
    PARAMETERS,
    TRACKS,
    WeightsFolder,
    open_weights,
    write_manifest,
)

CARD_TEXT = """\
# alphagenome {fold}, imported

| | |
|---|---|
| Model | AlphaGenome, Google DeepMind; Avsec et al. |
| Fold | {fold} |
| Imported from | {source}, stored as {dtype} |
| Licence | non-commercial; terms: {terms} |
| Output | the tracks of `tracks.tsv`, human and mouse |

Made by `vep weights import` of a checkpoint that its user obtained under the terms above. They
also bind what is computed with it; do not pass this folder on but under them.

For research use only; not for diagnosis.
"""

_FOLD = re.compile(r"(?<![a-z])(all[-_]folds|fold[-_][0-3])(?!\d)")


@dataclasses.dataclass(frozen=True, kw_only=True)
class ImportSettings:
    """What to import.

    Attributes:
        checkpoint: The official Orbax folder, or a `.safetensors` file of the PyTorch port.
        output: The weights folder to make.
        metadata: Track metadata files; none for those of the installed official package.
        dtype: One of `safetensors_writer.DTYPES`.
        fold: Which of the official checkpoints it is; None for what its path says.
    """

    checkpoint: pathlib.Path
    output: pathlib.Path
    metadata: tuple[pathlib.Path, ...] = ()
    dtype: str = "float32"
    fold: str | None = None


def import_weights(settings: ImportSettings, config: ModelConfig) -> WeightsFolder:
    """Write a weights folder and return it opened, every file verified.

    Args:
        settings: What to import.
        config: Sizes of the network that the checkpoint is of.

    Raises:
        UsageError: The output is there already, TensorStore is missing, or the metadata is not named.
        WeightsError: The checkpoint or the metadata is damaged or of another network.
        OutputError: The folder cannot be written.
    """
    if settings.output.exists():
        raise UsageError(
            "the output is there already", path=settings.output, remedy="remove it, or choose another -o"
        )
    checkpoint = open_checkpoint(settings.checkpoint)
    layout = checkpoint.layout(config)
    check_layout(checkpoint, layout)
    tracks = read_metadata(settings.metadata, config)
    with _appearing_whole(settings.output) as partial:
        _write_parameters(partial / PARAMETERS, checkpoint, layout, config, settings.dtype)
        _write_descriptions(partial, config, tracks, settings)
        verify_weights(partial)
    return open_weights(settings.output)


def open_checkpoint(path: pathlib.Path) -> Checkpoint:
    """Return the checkpoint at a path: a file of the PyTorch port by its suffix, else an Orbax folder."""
    return PortFile(file=path) if path.suffix == SUFFIX else OrbaxCheckpoint(folder=path)


def fold_name(settings: ImportSettings) -> str:
    """Return the fold that was given, else the one that the checkpoint's path names, else 'unknown'."""
    if settings.fold is not None:
        return settings.fold
    # Kaggle has it in the folder's name, Hugging Face in that of a folder above.
    found = _FOLD.findall(str(settings.checkpoint.absolute()).lower())
    return found[-1].replace("-", "_") if found else "unknown"


def _write_parameters(
    path: pathlib.Path,
    checkpoint: Checkpoint,
    layout: Mapping[Path, StoredLeaf],
    config: ModelConfig,
    dtype: str,
) -> None:
    shapes = flatten(parameter_shapes(config))

    def arrays() -> Iterator[tuple[str, Shaped[np.ndarray, "..."]]]:
        for keys, shape in shapes.items():
            leaf = layout[keys]
            yield leaf_name(keys), leaf.to_ours(checkpoint.read(leaf.name), shape)

    write_safetensors(path, {leaf_name(keys): shape for keys, shape in shapes.items()}, arrays(), dtype)


def _write_descriptions(
    folder: pathlib.Path, config: ModelConfig, tracks: TrackTable, settings: ImportSettings
) -> None:
    """Write what a weights folder has beside its parameters; the manifest, which hashes them, last."""
    fold = fold_name(settings)
    card = CARD_TEXT.format(
        fold=fold, source=settings.checkpoint.name, dtype=settings.dtype, terms=TERMS_ADDRESS
    )
    (folder / CONFIG).write_text(config.to_json(), encoding="utf-8")
    (folder / CARD).write_text(card, encoding="utf-8")
    write_tracks(folder / TRACKS, tracks)
    write_manifest(
        folder,
        name="alphagenome",
        version=fold,
        licence=LICENCE,
        trained=True,
        parameter_count=sum(int(np.prod(shape)) for shape in flatten(parameter_shapes(config)).values()),
    )


@contextlib.contextmanager
def _appearing_whole(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """Give a hidden folder beside `folder` that takes its name at the end, or goes away on any error."""
    partial = folder.absolute().with_name(f".{folder.name}.{os.getpid()}.partial")
    # A killed process of this number may have left one.
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir(parents=True)
        yield partial
        partial.rename(folder)
    except OSError as error:
        raise OutputError(
            f"the weights folder cannot be written: {error.strerror}",
            path=folder,
            remedy="check that there is room, and that its parent can be written",
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
